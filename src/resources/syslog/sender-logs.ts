// SPDX-License-Identifier: Apache-2.0
// What others have said, in a file for each of them: bounded in number, size and what waits to be written. Files are opened for
// each writing, so whoever removes one gets a new one.

import { Failure } from "../../contract/failure.ts";
import type { ResourceEnv } from "../../contract/resource.ts";
import type { LogMessage } from "../../protocols/syslog/message.ts";
import { renderTime } from "../../protocols/syslog/time.ts";
import { bytesOf } from "../../values/bytes.ts";
import { joinPath } from "../files/path.ts";

const mode = 0o600;
/** So long lines are gathered before they are written. */
const gatherMs = 200;
/** Of one sender, in characters; more than that is dropped while the disk does not follow. */
const mostWaiting = 256 * 1024;

interface Sender {
  readonly path: string;
  waiting: string;
  dropped: number;
  isWriting: boolean;
}

export class SenderLogs {
  readonly #directory: string;
  readonly #limit: number;
  readonly #most: number;
  readonly #env: ResourceEnv;
  readonly #senders = new Map<string, Sender>();
  /** Those of whom something waits to be written. */
  readonly #heard = new Set<Sender>();
  readonly #writing = new Set<Promise<void>>();
  /** What writing goes by: it outlives the signal of the resource, so that nothing that was heard is lost. */
  readonly #signal = new AbortController().signal;
  #cancelGathering: (() => void) | undefined;
  #trouble = "";
  #isFull = false;

  constructor(directory: string, limit: number, most: number, env: ResourceEnv) {
    this.#directory = directory;
    this.#limit = limit;
    this.#most = most;
    this.#env = env;
  }

  /** `sender` is a literal address. */
  add(sender: string, { severity, program, text }: LogMessage): void {
    const found = this.#senders.get(sender) ?? this.#begin(sender);
    if (found === undefined) return;
    const time = renderTime(this.#env.host.clock.now());
    const line = `${time} ${severity} ${program === "" ? "" : `${program}: `}${text}\n`;
    if (found.waiting.length + line.length > mostWaiting) {
      found.dropped += 1;
      return;
    }
    found.waiting += line;
    this.#heard.add(found);
    this.#gather();
  }

  /** Resolves when all that was heard has been written. */
  async end(): Promise<void> {
    do {
      this.#cancelGathering?.();
      this.#writeAll();
      await Promise.all(this.#writing);
    } while (this.#heard.size > 0);
  }

  #gather(): void {
    this.#cancelGathering ??= this.#env.host.clock.after(gatherMs, () => this.#writeAll());
  }

  #begin(sender: string): Sender | undefined {
    if (!/^[\da-zA-Z.:%_-]{1,80}$/.test(sender)) return undefined;
    if (this.#senders.size >= this.#most) {
      if (!this.#isFull) this.#env.say(`${sender} is one machine too many; what it says is not kept`, "stderr");
      this.#isFull = true;
      return undefined;
    }
    const begun: Sender = {
      path: joinPath(this.#directory, `${sender}.log`),
      waiting: "",
      dropped: 0,
      isWriting: false,
    };
    this.#senders.set(sender, begun);
    return begun;
  }

  #writeAll(): void {
    this.#cancelGathering = undefined;
    for (const sender of this.#heard) {
      if (sender.isWriting) continue;
      this.#heard.delete(sender);
      const work = this.#write(sender).finally(() => this.#writing.delete(work));
      this.#writing.add(work);
    }
  }

  async #write(sender: Sender): Promise<void> {
    const dropped = sender.dropped === 0 ? "" : `(${sender.dropped} more messages than could be written)\n`;
    const text = sender.waiting + dropped;
    sender.waiting = "";
    sender.dropped = 0;
    sender.isWriting = true;
    try {
      await this.#append(sender.path, bytesOf(text));
      this.#trouble = "";
    } catch (reason) {
      if (!(reason instanceof Failure)) throw reason;
      // Whoever is told that the disk is full need not be told at each line.
      if (reason.message !== this.#trouble) this.#env.say(reason.message, "stderr");
      this.#trouble = reason.message;
    } finally {
      sender.isWriting = false;
    }
    if (this.#heard.has(sender)) this.#gather();
  }

  async #append(path: string, bytes: Uint8Array): Promise<void> {
    const { files } = this.#env.host;
    using file = await files.grow(path, { mode, noLinksBelow: this.#directory }, this.#signal);
    await file.append(bytes);
    if (file.size > this.#limit / 2) await file.moveTo(`${path}.1`, { noLinksBelow: this.#directory }, this.#signal);
  }
}
