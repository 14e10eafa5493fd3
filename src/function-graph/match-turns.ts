// SPDX-License-Identifier: Apache-2.0
// Which turns of a loop over a list go on when the list has become another one, so that an item that comes or goes costs its own
// turn and not all that stand behind it. Pure.

import { identityOf, sameValue, StructValue, type Value } from "../values/value.ts";

/**
 * For each item, the place of the former item whose turn it takes over: that of an equal one, first of all at the same place;
 * else what stands at the same place, if nothing equal to that has gone elsewhere. Undefined: a new turn. No turn is given twice.
 */
export function matchTurns(former: readonly Value[], latter: readonly Value[]): readonly (number | undefined)[] {
  const least = Math.min(former.length, latter.length);
  let front = 0;
  while (front < least && isSame(former[front], latter[front])) front += 1;
  let back = 0;
  while (back < least - front && isSame(former[former.length - 1 - back], latter[latter.length - 1 - back])) back += 1;
  const matches: (number | undefined)[] = latter.map((_, at) => {
    if (at < front) return at;
    return at < latter.length - back ? undefined : at - latter.length + former.length;
  });
  matchBetween(
    former,
    latter,
    { from: front, formerTo: former.length - back, latterTo: latter.length - back },
    matches,
  );
  return matches;
}

function matchBetween(
  former: readonly Value[],
  latter: readonly Value[],
  { from, formerTo, latterTo }: { readonly from: number; readonly formerTo: number; readonly latterTo: number },
  matches: (number | undefined)[],
): void {
  const free = new Set<number>();
  for (let at = from; at < formerTo; at += 1) free.add(at);
  const take = (at: number, place: number): void => {
    matches[at] = place;
    free.delete(place);
  };
  for (let at = from; at < latterTo && free.size > 0; at += 1) {
    if (free.has(at) && isSame(former[at], latter[at])) take(at, at);
  }
  // Equal ones come together by a text; what has none stays where it is.
  const places = new Map<string, number[]>();
  for (const place of [...free].reverse()) {
    const identity = textOf(former[place]);
    if (identity === undefined) continue;
    const others = places.get(identity);
    if (others === undefined) places.set(identity, [place]);
    else others.push(place);
  }
  for (let at = from; at < latterTo && places.size > 0; at += 1) {
    if (matches[at] !== undefined) continue;
    const identity = textOf(latter[at]);
    const place = identity === undefined ? undefined : places.get(identity)?.pop();
    if (place !== undefined) take(at, place);
  }
  for (let at = from; at < latterTo && free.size > 0; at += 1) {
    if (matches[at] === undefined && free.has(at)) take(at, at);
  }
}

function isSame(left: Value | undefined, right: Value | undefined): boolean {
  return left !== undefined && right !== undefined && sameValue(left, right);
}

function textOf(value: Value | undefined): string | undefined {
  return value !== undefined && hasIdentity(value) ? identityOf(value) : undefined;
}

function hasIdentity(value: Value): boolean {
  return value instanceof StructValue ? value.values.every(hasIdentity) : typeof value !== "object";
}
