// SPDX-License-Identifier: Apache-2.0
// The messages in a stream (RFC 6587): each with its length before it, `12 <30>message`, or each a line. What a sender does is seen
// at each message.

import { longestMessage } from "./message.ts";

const newline = 0x0a;
const blank = 0x20;

/** Takes a stream in pieces, of any size. What is longer than a message may be is cut, and never kept. */
export class Frames {
  #kept = new Uint8Array(0);
  /** Bytes that belong to a message that was long enough; `line`: those up to the end of the line. */
  #skip: number | "line" = 0;

  /** The messages that are whole with these bytes. They are the caller's to keep. */
  push(bytes: Uint8Array): readonly Uint8Array[] {
    const all = new Uint8Array(this.#kept.length + bytes.length);
    all.set(this.#kept);
    all.set(bytes, this.#kept.length);
    const found: Uint8Array[] = [];
    let at = 0;
    while (at < all.length) {
      const next = this.#next(all, at, found);
      if (next === undefined) break;
      at = next;
    }
    this.#kept = all.slice(at);
    return found;
  }

  /** What came last, and was no whole line. */
  end(): readonly Uint8Array[] {
    const rest = this.#kept;
    this.#kept = new Uint8Array(0);
    return rest.length === 0 || this.#skip !== 0 ? [] : [rest];
  }

  /** Where to go on; undefined: more is needed. */
  #next(all: Uint8Array, at: number, found: Uint8Array[]): number | undefined {
    if (this.#skip === "line") {
      const end = all.indexOf(newline, at);
      if (end === -1) return all.length;
      this.#skip = 0;
      return end + 1;
    }
    if (this.#skip > 0) {
      const gone = Math.min(this.#skip, all.length - at);
      this.#skip -= gone;
      return at + gone;
    }
    const counted = lengthAt(all, at);
    if (counted === "more") return undefined;
    if (counted !== undefined) {
      const { from, length } = counted;
      const taken = Math.min(length, longestMessage);
      if (all.length - from < taken) return undefined;
      found.push(all.slice(from, from + taken));
      this.#skip = length - taken;
      return from + taken;
    }
    const end = all.indexOf(newline, at);
    if (end === -1 && all.length - at < longestMessage) return undefined;
    const whole = end === -1 || end - at > longestMessage ? at + longestMessage : end;
    found.push(all.slice(at, whole));
    if (whole !== end) this.#skip = "line";
    return whole === end ? end + 1 : whole;
  }
}

/** `12 <`: the length of the message. Undefined: it is a line. */
function lengthAt(
  bytes: Uint8Array,
  at: number,
): { readonly from: number; readonly length: number } | "more" | undefined {
  let length = 0;
  for (let place = at; place < at + 7; place += 1) {
    const byte = bytes[place];
    if (byte === undefined) return "more";
    if (byte === blank && place > at)
      return bytes[place + 1] === undefined
        ? "more"
        : bytes[place + 1] === 0x3c
          ? { from: place + 1, length }
          : undefined;
    if (byte < (place === at ? 0x31 : 0x30) || byte > 0x39) return undefined;
    length = length * 10 + (byte - 0x30);
  }
  return undefined;
}
