// SPDX-License-Identifier: Apache-2.0
// Transfers under way, each on a socket of its own as TFTP wants it: runs the state machine of the protocol on the host's
// sockets and clock. Knows no resources.

import type { Clock } from "../../../contract/host.ts";
import type { Datagrams, Serving, SocketAddress } from "../../../contract/serving.ts";
import { toNetascii } from "../../../protocols/tftp/netascii.ts";
import { agreeOn, type Agreement } from "../../../protocols/tftp/options.ts";
import { decodePacket, encodePacket, errorCodes, type Packet, type Request } from "../../../protocols/tftp/packet.ts";
import {
  beginTransfer,
  type Effect,
  type Next,
  stepTransfer,
  type Transfer,
} from "../../../protocols/tftp/transfer.ts";

/** What is sent. */
export interface Content {
  readonly size: number;
  read(at: number, length: number): Promise<Uint8Array>;
  release(): void;
}

export interface TransfersOptions {
  readonly serving: Serving;
  readonly clock: Clock;
  /** Where the answers come from. */
  readonly host: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Told when one has ended, with the reason when it was not good. */
  readonly onEnd: (file: string, to: SocketAddress, size: number, failure: string | undefined) => void;
}

/** What fits into a frame of Ethernet with the headers of IP, UDP and TFTP. */
const largestBlock = 1468;
const largestWindow = 64;
const mostTransfers = 1000;
/** Of a content in the text mode, which has to be made as a whole. */
const longestText = 1024 * 1024;

export class Transfers {
  readonly #options: TransfersOptions;
  /** By client: one that asks again, because it has not heard us, is served already. */
  readonly #running = new Map<string, Running>();

  constructor(options: TransfersOptions) {
    this.#options = options;
  }

  isServing(client: SocketAddress): boolean {
    return this.#running.has(keyOf(client));
  }

  get isFull(): boolean {
    return this.#running.size >= mostTransfers;
  }

  /** Releases the content, at once or at the end. */
  async begin({ file, mode, options }: Request, given: Content, client: SocketAddress): Promise<void> {
    const { timeoutMs, onEnd } = this.#options;
    const key = keyOf(client);
    const content = mode === "netascii" ? await textContentOf(given) : given;
    const agreement = agreeOn(options, content.size, { largestBlock, largestWindow, timeoutMs });
    const ended = (failure: string | undefined): void => {
      this.#running.delete(key);
      content.release();
      onEnd(file, client, content.size, failure);
    };
    const running = new Running(content, agreement, client, this.#options, ended);
    this.#running.set(key, running);
    await running.begin();
  }
}

class Running {
  readonly #content: Content;
  readonly #agreement: Agreement;
  readonly #client: SocketAddress;
  readonly #options: TransfersOptions;
  readonly #ended: (failure: string | undefined) => void;
  #socket: Datagrams | undefined;
  #transfer: Transfer | undefined;
  #cancelWait = (): void => {};
  #isOver = false;
  /** Reads one after the other, so that blocks leave in order. */
  #sending: Promise<void> = Promise.resolve();

  constructor(
    content: Content,
    agreement: Agreement,
    client: SocketAddress,
    options: TransfersOptions,
    ended: (failure: string | undefined) => void,
  ) {
    this.#content = content;
    this.#agreement = agreement;
    this.#client = client;
    this.#options = options;
    this.#ended = ended;
  }

  async begin(): Promise<void> {
    const { serving, host, signal } = this.#options;
    try {
      this.#socket = await serving.datagrams({ host, port: 0 }, (bytes, from) => this.#receive(bytes, from), signal);
    } catch (reason) {
      return this.#end(reason instanceof Error ? reason.message : String(reason));
    }
    signal.addEventListener("abort", this.#stop, { once: true });
    this.#perform(beginTransfer(this.#content.size, this.#agreement));
  }

  readonly #stop = (): void => this.#end("the server was stopped");

  #receive(bytes: Uint8Array, from: SocketAddress): void {
    if (this.#transfer === undefined || this.#isOver) return;
    if (keyOf(from) !== keyOf(this.#client)) {
      // Somebody else who talks to this socket must not end the transfer (RFC 1350, section 4).
      const message = "this transfer is not yours";
      return this.#socket?.send(encodePacket({ type: "error", code: errorCodes.unknownTransfer, message }), from);
    }
    const packet = decodePacket(bytes);
    if (packet.type !== "malformed") this.#perform(stepTransfer(this.#transfer, { type: "packet", packet }));
  }

  #perform({ transfer, effects }: Next): void {
    this.#transfer = transfer;
    for (const effect of effects) this.#carryOut(effect);
    if (transfer.kind === "done") this.#end(undefined);
    else if (transfer.kind === "failed") this.#end(transfer.why);
  }

  #carryOut(effect: Effect): void {
    switch (effect.do) {
      case "send":
        return this.#send(effect.packet);
      case "send-blocks":
        this.#sending = this.#sending.then(() => this.#sendBlocks(effect.first, effect.last));
        return;
      case "wait":
        this.#cancelWait();
        this.#cancelWait = this.#options.clock.after(effect.ms, () => {
          if (this.#transfer !== undefined && !this.#isOver)
            this.#perform(stepTransfer(this.#transfer, { type: "timeout" }));
        });
    }
  }

  async #sendBlocks(first: number, last: number): Promise<void> {
    if (this.#isOver) return;
    const { blockSize } = this.#agreement;
    try {
      const bytes = await this.#content.read((first - 1) * blockSize, (last - first + 1) * blockSize);
      for (let block = first; block <= last && !this.#isOver; block += 1) {
        const part = bytes.subarray((block - first) * blockSize, (block - first + 1) * blockSize);
        this.#send({ type: "data", block: block & 0xffff, bytes: part });
      }
    } catch (reason) {
      const message = "the file cannot be read any more";
      this.#send({ type: "error", code: errorCodes.undefined, message });
      this.#end(reason instanceof Error ? reason.message : message);
    }
  }

  #send(packet: Packet): void {
    this.#socket?.send(encodePacket(packet), this.#client);
  }

  #end(failure: string | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelWait();
    this.#options.signal.removeEventListener("abort", this.#stop);
    this.#socket?.close();
    this.#ended(failure);
  }
}

async function textContentOf(content: Content): Promise<Content> {
  const text = toNetascii(await content.read(0, Math.min(content.size, longestText)));
  return {
    size: text.length,
    read: async (at, length) => text.subarray(at, at + length),
    release: () => content.release(),
  };
}

function keyOf({ host, port }: SocketAddress): string {
  return `${host} ${port}`;
}
