// SPDX-License-Identifier: Apache-2.0
// The `mode` of a file as people write it: octal `0644`, or symbolic `u+x,go-w`, which is relative to the mode it has.

/** What a mode text asks for. */
export interface ModeWish {
  /** True when the result does not depend on the present mode. */
  readonly absolute: boolean;
  /** The twelve permission bits for a file that has `current` now. */
  from(current: number): number;
}

/** `wrong` is a sentence for the user. */
export function parseMode(text: string): ModeWish | { readonly wrong: string } {
  if (/^[0-9]+$/.test(text)) return parseOctal(text);
  const changes: ModeChange[] = [];
  for (const clause of text.split(",")) {
    const change = parseClause(clause);
    if ("wrong" in change) return change;
    changes.push(change);
  }
  return {
    absolute: false,
    from: (current) =>
      changes.reduce((mode, change) => (change.adds ? mode | change.bits : mode & ~change.bits), current),
  };
}

/** Four octal digits: `0644`, `4755`. */
export function renderMode(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}

interface ModeChange {
  readonly adds: boolean;
  readonly bits: number;
}

const shiftOf: Readonly<Record<string, number>> = { u: 6, g: 3, o: 0 };
const permissionOf: Readonly<Record<string, number>> = { r: 4, w: 2, x: 1 };
const setIdOf: Readonly<Record<string, number>> = { u: 0o4000, g: 0o2000, o: 0 };
const sticky = 0o1000;

function parseOctal(text: string): ModeWish | { readonly wrong: string } {
  if (!/^0*[0-7]{1,4}$/.test(text)) return { wrong: `"${text}" is no octal mode between 0000 and 7777` };
  const mode = Number.parseInt(text, 8);
  return { absolute: true, from: () => mode };
}

function parseClause(clause: string): ModeChange | { readonly wrong: string } {
  const match = /^([ugo]+)([+-])([rwxst]+)$/.exec(clause);
  if (match === null) {
    if (/^[ugo]+=/.test(clause))
      return { wrong: `"${clause}" sets with "=", but a symbolic mode can only add and take` };
    return { wrong: `"${clause}" is neither an octal mode nor a symbolic one` };
  }
  const [, who = "", operator, what = ""] = match;
  let bits = 0;
  for (const person of who) {
    for (const permission of what) {
      if (permission === "s") bits |= setIdOf[person] ?? 0;
      else if (permission === "t") bits |= sticky;
      else bits |= (permissionOf[permission] ?? 0) << (shiftOf[person] ?? 0);
    }
  }
  return { adds: operator === "+", bits };
}
