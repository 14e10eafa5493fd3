// SPDX-License-Identifier: Apache-2.0
// Transfers under way, each on a socket of its own as TFTP wants it: runs the state machine of the protocol on the host's
// sockets and clock. Knows no resources.

import { Places } from "../../../base/places.ts";
import type { Clock } from "../../../contract/host.ts";
import type { Datagrams, Serving, SocketAddress } from "../../../contract/serving.ts";
import { toNetascii } from "../../../protocols/tftp/netascii.ts";
import { agreeOn, type Agreement } from "../../../protocols/tftp/options.ts";
import {
  dataHeadBytes,
  decodePacket,
  encodeBlocks,
  encodePacket,
  errorCodes,
  type Packet,
  type Request,
} from "../../../protocols/tftp/packet.ts";
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
  /** `into` as with an `OpenFile`. */
  read(at: number, length: number, into?: Uint8Array): Promise<Uint8Array>;
  release(): void;
}

export interface End {
  readonly failure: string | undefined;
  /** How many bytes it has; undefined: only that was told. */
  readonly sent: number | undefined;
}

export interface TransfersOptions {
  readonly serving: Serving;
  readonly clock: Clock;
  /** Where the answers come from. */
  readonly host: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Told when one has ended, with the reason when it was not good. */
  readonly onEnd: (file: string, to: SocketAddress, end: End) => void;
}

/** What fits into a frame of Ethernet with the headers of IP, UDP and TFTP. */
const largestBlock = 1468;
const largestWindow = 64;
const mostTransfers = 1000;
/** Read in one go: as much as comes without a hop to the thread pool, and is sent at once. */
const readBytes = 64 * 1024;
/** Of a content in the text mode, which has to be made as a whole. */
const longestText = 1024 * 1024;

export class Transfers {
  readonly #options: TransfersOptions;
  /** By client: one that asks again, because it has not heard us, is served already. */
  readonly #running = new Map<string, Running>();
  /** Whoever only begins transfers must not keep others from theirs. */
  readonly #places = new Places<Running>(mostTransfers, ({ heard }) => heard);

  constructor(options: TransfersOptions) {
    this.#options = options;
  }

  isServing(client: SocketAddress): boolean {
    return this.#running.has(keyOf(client));
  }

  /** Releases the content, at once or at the end. False: too many are under way, and get on. */
  async begin({ file, mode, options }: Request, given: Content, client: SocketAddress): Promise<boolean> {
    const { timeoutMs, onEnd } = this.#options;
    const key = keyOf(client);
    const content = mode === "netascii" ? await textContentOf(given) : given;
    const agreement = agreeOn(options, content.size, { largestBlock, largestWindow, timeoutMs });
    const ended = (failure: string | undefined, isSent: boolean): void => {
      this.#running.delete(key);
      this.#places.leave(running);
      content.release();
      onEnd(file, client, { failure, sent: isSent ? content.size : undefined });
    };
    const running = new Running(content, agreement, client, this.#options, ended);
    const loser = this.#places.take(running);
    if (loser === running) {
      content.release();
      return false;
    }
    loser?.giveUp();
    this.#running.set(key, running);
    await running.begin();
    return true;
  }
}

interface Read {
  readonly first: number;
  readonly last: number;
  readonly packets: Uint8Array;
}

class Running {
  readonly #content: Content;
  readonly #agreement: Agreement;
  readonly #client: SocketAddress;
  readonly #options: TransfersOptions;
  readonly #ended: (failure: string | undefined, isSent: boolean) => void;
  #socket: Datagrams | undefined;
  #transfer: Transfer | undefined;
  #cancelWait = (): void => {};
  /** When nothing was heard until then; undefined: no timer runs. */
  #due: number | undefined;
  #isOver = false;
  /** Reads one after the other, so that blocks leave in order. */
  #sending: Promise<void> = Promise.resolve();
  #reads = 0;
  /** Packets of the client. */
  heard = 0;
  /** What was read last, as packets one behind the other: more than one window, as the next one is asked for soon. */
  #read: Read = { first: 1, last: 0, packets: new Uint8Array() };

  constructor(
    content: Content,
    agreement: Agreement,
    client: SocketAddress,
    options: TransfersOptions,
    ended: (failure: string | undefined, isSent: boolean) => void,
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

  /** For another one, which may be alive. */
  giveUp(): void {
    this.#end("nothing was heard of it, and its place was needed");
  }

  readonly #stop = (): void => this.#end("the server was stopped");

  #receive(bytes: Uint8Array, from: SocketAddress): void {
    if (this.#transfer === undefined || this.#isOver) return;
    if (from.port !== this.#client.port || from.host !== this.#client.host) {
      // Somebody else who talks to this socket must not end the transfer (RFC 1350, section 4).
      const message = "this transfer is not yours";
      return this.#socket?.send(encodePacket({ type: "error", code: errorCodes.unknownTransfer, message }), from);
    }
    const packet = decodePacket(bytes);
    this.heard += 1;
    if (packet.type !== "malformed") this.#perform(stepTransfer(this.#transfer, { type: "packet", packet }));
  }

  #perform({ transfer, effects }: Next): void {
    this.#transfer = transfer;
    for (const effect of effects) this.#carryOut(effect);
    if (transfer.kind === "done") this.#end(undefined);
    else if (transfer.kind === "told") this.#end(undefined, "nothing");
    else if (transfer.kind === "failed") this.#end(transfer.why);
  }

  #carryOut(effect: Effect): void {
    switch (effect.do) {
      case "send":
        return this.#send(effect.packet);
      case "send-blocks":
        return this.#sendBlocks(effect.first, effect.last);
      case "wait":
        return this.#waitUntil(this.#options.clock.monotonicMs() + effect.ms);
    }
  }

  /** Each block is waited for anew: a timer that runs already looks again when it fires, instead of being set anew each time. */
  #waitUntil(due: number): void {
    const isEarlier = this.#due !== undefined && due < this.#due;
    if (this.#due !== undefined && !isEarlier) {
      this.#due = due;
      return;
    }
    this.#cancelWait();
    this.#due = due;
    this.#arm();
  }

  #arm(): void {
    const { clock } = this.#options;
    const due = this.#due ?? 0;
    this.#cancelWait = clock.after(Math.max(0, due - clock.monotonicMs()), () => {
      if (this.#transfer === undefined || this.#isOver) return;
      if ((this.#due ?? 0) > due) return this.#arm();
      this.#due = undefined;
      this.#perform(stepTransfer(this.#transfer, { type: "timeout" }));
    });
  }

  #sendBlocks(first: number, last: number): void {
    const isRead = first >= this.#read.first && last <= this.#read.last;
    if (isRead && this.#reads === 0) return this.#sendRead(first, last);
    this.#reads += 1;
    this.#sending = this.#sending.then(() => this.#readAndSend(first, last));
    return undefined;
  }

  /** What is in memory already. */
  #sendRead(first: number, last: number): void {
    const { first: from, packets } = this.#read;
    const packetBytes = this.#agreement.blockSize + dataHeadBytes;
    const wanted = packets.subarray((first - from) * packetBytes, (last + 1 - from) * packetBytes);
    if (!this.#isOver) this.#socket?.sendPieces(wanted, packetBytes, this.#client);
  }

  async #readAndSend(first: number, last: number): Promise<void> {
    try {
      if (this.#isOver) return;
      this.#read = await this.#readFrom(first, last);
      this.#sendRead(first, last);
    } catch (reason) {
      const message = "the file cannot be read any more";
      this.#send({ type: "error", code: errorCodes.undefined, message });
      this.#end(reason instanceof Error ? reason.message : message);
    } finally {
      this.#reads -= 1;
    }
  }

  /** Whole windows, as many as fit. What was sent must stay as it is, so the packets are new ones each time. */
  async #readFrom(first: number, last: number): Promise<Read> {
    const { size } = this.#content;
    const { blockSize, windowSize } = this.#agreement;
    const at = (first - 1) * blockSize;
    const windows = Math.max(1, Math.floor(readBytes / (windowSize * blockSize)));
    const asked = Math.max(windows * windowSize, last - first + 1);
    const length = Math.min(asked * blockSize, size - at);
    const isToEnd = at + length === size;
    const count = isToEnd ? Math.floor(length / blockSize) + 1 : asked;
    const packets = new Uint8Array(length + count * dataHeadBytes);
    const room = packets.subarray(count * dataHeadBytes);
    for (let filled = 0; filled < length; ) {
      const bytes = await this.#content.read(at + filled, length - filled, room.subarray(filled));
      if (bytes.length === 0) throw new Error("the file has become shorter");
      if (bytes.buffer !== packets.buffer) room.set(bytes, filled);
      filled += bytes.length;
    }
    encodeBlocks(packets, room, { first, count, blockSize });
    return { first, last: first + count - 1, packets };
  }

  #send(packet: Packet): void {
    this.#socket?.send(encodePacket(packet), this.#client);
  }

  #end(failure: string | undefined, sent: "all" | "nothing" = "all"): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelWait();
    this.#options.signal.removeEventListener("abort", this.#stop);
    this.#socket?.close();
    this.#ended(failure, failure === undefined && sent === "all");
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
