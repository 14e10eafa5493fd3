// SPDX-License-Identifier: Apache-2.0
// Rows of bits, all of one length, and the part of each in which there are any. Knows nothing of what they stand for.

export class BitRows {
  readonly words: number;
  readonly #bits: Int32Array;
  /** Words of a row outside of these are 0; a row without bits has a first one after its last one. */
  readonly #first: Int32Array;
  readonly #last: Int32Array;

  constructor(rows: number, columns: number) {
    this.words = Math.ceil(columns / 32);
    this.#bits = new Int32Array(rows * this.words);
    this.#first = new Int32Array(rows).fill(this.words);
    this.#last = new Int32Array(rows).fill(-1);
  }

  word(row: number, word: number): number {
    return this.#bits[row * this.words + word] as number;
  }

  has(row: number, column: number): boolean {
    return (this.word(row, column >> 5) & (1 << column)) !== 0;
  }

  set(row: number, column: number): void {
    const word = column >> 5;
    const at = row * this.words + word;
    this.#bits[at] = (this.#bits[at] as number) | (1 << column);
    this.#widen(row, word, word);
  }

  unset(row: number, column: number): void {
    const at = row * this.words + (column >> 5);
    this.#bits[at] = (this.#bits[at] as number) & ~(1 << column);
  }

  /** Puts another row of the same into an empty one. */
  copy(row: number, fromRow: number): void {
    const [first, last] = [this.#first[fromRow] as number, this.#last[fromRow] as number];
    const from = fromRow * this.words;
    this.#bits.copyWithin(row * this.words + first, from + first, from + last + 1);
    this.#first[row] = first;
    this.#last[row] = last;
  }

  /** Puts what another row has, from this word on, into a row as well. Tells whether anything was new. */
  add(row: number, from: BitRows, fromRow: number, startWord: number): boolean {
    const first = Math.max(startWord, from.#first[fromRow] as number);
    const last = from.#last[fromRow] as number;
    const [into, source] = [this.#bits, from.#bits];
    const [at, sourceAt] = [row * this.words, fromRow * from.words];
    let added = 0;
    for (let word = first; word <= last; word += 1) {
      const former = into[at + word] as number;
      const fresh = (source[sourceAt + word] as number) & ~former;
      if (fresh === 0) continue;
      into[at + word] = former | fresh;
      added |= fresh;
    }
    if (added === 0) return false;
    this.#widen(row, first, last);
    return true;
  }

  /** Makes a row what two others have in common from this word on. Tells whether that is anything. */
  intersect(row: number, some: BitRows, someRow: number, other: BitRows, otherRow: number, startWord: number): boolean {
    const first = Math.max(startWord, some.#first[someRow] as number);
    const last = some.#last[someRow] as number;
    let common = 0;
    for (let word = first; word <= last; word += 1) {
      const both = some.word(someRow, word) & other.word(otherRow, word);
      this.#bits[row * this.words + word] = both;
      common |= both;
    }
    this.#first[row] = first;
    this.#last[row] = last;
    return common !== 0;
  }

  clear(row: number): void {
    const at = row * this.words;
    this.#bits.fill(0, at + (this.#first[row] as number), at + (this.#last[row] as number) + 1);
    this.#first[row] = this.words;
    this.#last[row] = -1;
  }

  #widen(row: number, first: number, last: number): void {
    if (first < (this.#first[row] as number)) this.#first[row] = first;
    if (last > (this.#last[row] as number)) this.#last[row] = last;
  }
}
