// SPDX-License-Identifier: Apache-2.0
// A map from texts whose keys can be walked in order, from a prefix on.

export class SortedMap<Value> {
  readonly #values = new Map<string, Value>();
  readonly #keys: string[] = [];

  get size(): number {
    return this.#values.size;
  }

  get(key: string): Value | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: Value): void {
    if (!this.#values.has(key)) this.#keys.splice(this.#placeOf(key), 0, key);
    this.#values.set(key, value);
  }

  delete(key: string): void {
    if (this.#values.delete(key)) this.#keys.splice(this.#placeOf(key), 1);
  }

  clear(): void {
    this.#values.clear();
    this.#keys.length = 0;
  }

  /** In the order of the keys, as the next. The map must not change while it is walked. */
  *values(): Generator<Value, void, undefined> {
    for (const key of this.#keys) yield this.#values.get(key) as Value;
  }

  *from(prefix: string): Generator<readonly [key: string, value: Value], void, undefined> {
    for (let at = this.#placeOf(prefix); at < this.#keys.length; at += 1) {
      const key = this.#keys[at] as string;
      if (!key.startsWith(prefix)) return;
      yield [key, this.#values.get(key) as Value];
    }
  }

  /** Of the first key that is not before this one. */
  #placeOf(key: string): number {
    let [low, high] = [0, this.#keys.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#keys[middle] as string) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
