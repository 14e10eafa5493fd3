// SPDX-License-Identifier: Apache-2.0
// What distinguishes two collections of keyed things: the vertices of two graphs, or their edges.

export interface Difference<Item> {
  readonly added: readonly Item[];
  readonly changed: readonly { readonly before: Item; readonly after: Item }[];
  readonly removed: readonly Item[];
  /** How many are in both and the same. */
  readonly kept: number;
}

/** In the order of `after`, and of `before` for what is gone. */
export function differenceOf<Item>(
  before: ReadonlyMap<string, Item>,
  after: ReadonlyMap<string, Item>,
  isSame: (before: Item, after: Item) => boolean,
): Difference<Item> {
  const added: Item[] = [];
  const changed: { readonly before: Item; readonly after: Item }[] = [];
  const removed: Item[] = [];
  let kept = 0;
  for (const [key, item] of after) {
    const former = before.get(key);
    if (former === undefined) added.push(item);
    else if (former === item || isSame(former, item)) kept += 1;
    else changed.push({ before: former, after: item });
  }
  for (const [key, item] of before) if (!after.has(key)) removed.push(item);
  return { added, changed, removed, kept };
}
