// SPDX-License-Identifier: Apache-2.0
// The order of versions of rpm, `[epoch:]version[-release]`, which pacman has taken over with a small difference: runs
// of digits are newer than runs of letters, what stands between them does not count, `~` comes before the end and `^`
// after it but before anything else.

import { compareNumbers } from "./compare-debian.ts";

export function compareRpmVersions(left: string, right: string): number {
  return compareWhole(left, right, compareRpmPart);
}

/** Here a version without a release equals that with any. */
export function comparePacmanVersions(left: string, right: string): number {
  return compareWhole(left, right, comparePacmanPart);
}

function compareWhole(left: string, right: string, comparePart: (a: string, b: string) => number): number {
  const [a, b] = [partsOf(left), partsOf(right)];
  const order = compareNumbers(a.epoch, b.epoch) || comparePart(a.version, b.version);
  if (order !== 0 || a.release === undefined || b.release === undefined) return order;
  return comparePart(a.release, b.release);
}

function partsOf(text: string): { readonly epoch: string; readonly version: string; readonly release?: string } {
  const [, epoch = "", rest = text] = /^(\d*):(.*)$/s.exec(text) ?? [];
  const at = rest.lastIndexOf("-");
  return at === -1 ? { epoch, version: rest } : { epoch, version: rest.slice(0, at), release: rest.slice(at + 1) };
}

function compareRpmPart(left: string, right: string): number {
  let [a, b] = [left, right];
  for (;;) {
    a = a.replace(/^[^A-Za-z0-9~^]+/, "");
    b = b.replace(/^[^A-Za-z0-9~^]+/, "");
    if (a.startsWith("~") || b.startsWith("~")) {
      if (!a.startsWith("~")) return 1;
      if (!b.startsWith("~")) return -1;
    } else if (a.startsWith("^") || b.startsWith("^")) {
      if (a === "") return -1;
      if (b === "") return 1;
      if (!a.startsWith("^")) return 1;
      if (!b.startsWith("^")) return -1;
    } else {
      if (a === "" || b === "") return Math.sign(a.length - b.length);
      const [mine, theirs] = [runOf(a), runOf(b)];
      const order = compareRuns(mine, theirs);
      if (order !== 0) return order;
      a = a.slice(mine.length);
      b = b.slice(theirs.length);
      continue;
    }
    a = a.slice(1);
    b = b.slice(1);
  }
}

/** pacman gives weight to how many separators there are, and calls a rest of letters older: `1.0rc` before `1.0`. */
function comparePacmanPart(left: string, right: string): number {
  if (left === right) return 0;
  let [a, b] = [left, right];
  while (a !== "" && b !== "") {
    const [aGap, bGap] = [gapOf(a), gapOf(b)];
    a = a.slice(aGap);
    b = b.slice(bGap);
    if (a === "" || b === "") break;
    if (aGap !== bGap) return aGap < bGap ? -1 : 1;
    const [mine, theirs] = [runOf(a), runOf(b)];
    const order = compareRuns(mine, theirs);
    if (order !== 0) return order;
    a = a.slice(mine.length);
    b = b.slice(theirs.length);
  }
  if (a === "" && b === "") return 0;
  if ((a === "" && !/^[A-Za-z]/.test(b)) || /^[A-Za-z]/.test(a)) return -1;
  return 1;
}

function gapOf(text: string): number {
  return /^[^A-Za-z0-9]*/.exec(text)?.[0].length ?? 0;
}

function runOf(text: string): string {
  return /^(?:\d+|[A-Za-z]+)/.exec(text)?.[0] ?? "";
}

function compareRuns(left: string, right: string): number {
  const [isNumber, otherIsNumber] = [/^\d/.test(left), /^\d/.test(right)];
  if (isNumber !== otherIsNumber) return isNumber ? 1 : -1;
  if (isNumber) return compareNumbers(left, right);
  return left === right ? 0 : left < right ? -1 : 1;
}
