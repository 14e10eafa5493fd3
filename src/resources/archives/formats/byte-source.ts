// SPDX-License-Identifier: Apache-2.0
// Bytes that come in pieces, taken in the amounts that a reader asks for.

import { damagedArchive } from "./member.ts";

export class ByteSource {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #piece: Uint8Array = new Uint8Array();

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** Some bytes, `most` at the most, valid until the next call; undefined at the end. */
  async some(most: number): Promise<Uint8Array | undefined> {
    while (this.#piece.length === 0) {
      const next = await this.#pieces.next();
      if (next.done === true) return undefined;
      this.#piece = next.value;
    }
    const taken = this.#piece.subarray(0, most);
    this.#piece = this.#piece.subarray(taken.length);
    return taken;
  }

  /** Exactly so many bytes; undefined at the end, if nothing is left. */
  async take(count: number): Promise<Uint8Array | undefined> {
    const taken = new Uint8Array(count);
    let filled = 0;
    while (filled < count) {
      const piece = await this.some(count - filled);
      if (piece === undefined && filled === 0) return undefined;
      if (piece === undefined) throw damagedArchive("it is cut off");
      taken.set(piece, filled);
      filled += piece.length;
    }
    return taken;
  }

  async skip(count: number): Promise<void> {
    for (let left = count; left > 0; ) {
      const piece = await this.some(left);
      if (piece === undefined) throw damagedArchive("it is cut off");
      left -= piece.length;
    }
  }

  /** Reads on to the end. */
  async drain(): Promise<void> {
    while ((await this.some(Number.POSITIVE_INFINITY)) !== undefined);
  }

  async close(): Promise<void> {
    await this.#pieces.return?.();
  }
}
