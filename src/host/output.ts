// SPDX-License-Identifier: Apache-2.0
// What commands print, as it comes in pieces: the end of it within a limit, or its lines.

import { textOf } from "../values/bytes.ts";

/** A line longer than this many bytes is handed on in parts. */
const longestLine = 1024 * 1024;

/** Keeps the last bytes of what is added. */
export class Tail {
  readonly #limit: number;
  #pieces: Uint8Array[] = [];
  #total = 0;

  constructor(limitBytes: number) {
    this.#limit = limitBytes;
  }

  add(piece: Uint8Array): void {
    if (piece.length === 0) return;
    this.#pieces.push(piece);
    this.#total += piece.length;
    // Joined once in a while, so that many small pieces cost no more than their bytes.
    if (this.#total > 2 * this.#limit || this.#pieces.length > 10_000) {
      const kept = this.bytes();
      this.#pieces = [kept];
      this.#total = kept.length;
    }
  }

  bytes(): Uint8Array {
    const all = joined(this.#pieces);
    return all.length <= this.#limit ? all : all.slice(all.length - this.#limit);
  }
}

/** Cuts bytes into lines, without their newline. */
export class LineSplitter {
  #begun: Uint8Array[] = [];
  #length = 0;

  /** The lines that this piece completes. */
  add(piece: Uint8Array): string[] {
    const lines: string[] = [];
    let start = 0;
    for (let end = piece.indexOf(10); end !== -1; end = piece.indexOf(10, start)) {
      lines.push(this.#take(piece.subarray(start, end)));
      start = end + 1;
    }
    if (start < piece.length) {
      this.#begun.push(piece.subarray(start));
      this.#length += piece.length - start;
    }
    if (this.#length > longestLine) lines.push(this.#take(new Uint8Array()));
    return lines;
  }

  /** The last line, when it had no newline. */
  rest(): string[] {
    return this.#length === 0 ? [] : [this.#take(new Uint8Array())];
  }

  #take(end: Uint8Array): string {
    const line = textOf(this.#begun.length === 0 ? end : joined([...this.#begun, end]));
    this.#begun = [];
    this.#length = 0;
    return line;
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
