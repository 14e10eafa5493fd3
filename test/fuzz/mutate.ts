// SPDX-License-Identifier: Apache-2.0
// A text with a few of its bytes, words or lines changed; and the texts to begin with: every program of this repository.

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Chance } from "./chance.ts";

const words: readonly [string, ...string[]] = [
  ...([
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "?:",
    "<|>",
    "=>",
    "->",
    ",",
    ":",
    ";",
    "=",
    "+",
    "-",
    "*",
    "/",
    "==",
    ".",
  ] as const),
  ...["$", "\n", " ", "\t", '"', "\\", "#", "\r", "${", "if ", "else", "and ", "not ", " in ", "for ", "forkv ", "int"],
  ...["map", "struct", "func", "class ", "include ", "import ", " as ", "true", "panic", "collect ", "Meta:", "_", "é"],
  ...["$x", "1", "-1", "9223372036854775807", "0.5", '"a"', "Test", "test ", "\u0000", "\ud800", "\u{1f44d}"],
];

/** Sometimes with a part of `other`. */
export function mutated(text: string, other: string, chance: Chance): string {
  let changed = text;
  for (let count = 1 + chance.below(4); count > 0; count -= 1) changed = mutatedOnce(changed, other, chance);
  return changed;
}

function mutatedOnce(text: string, other: string, chance: Chance): string {
  const at = chance.below(text.length + 1);
  const length = 1 + chance.below(chance.oneIn(3) ? 40 : 4);
  const [before, after] = [text.slice(0, at), text.slice(at)];
  switch (chance.below(9)) {
    case 0:
      return before + after.slice(length);
    case 1:
      return before + after.slice(0, length) + after;
    case 2:
      return before + String.fromCharCode(chance.below(128)) + after.slice(1);
    case 3:
      return before + chance.pick(words) + after;
    case 4:
      return before + chance.pick(words) + after.slice(length);
    case 5: {
      const from = chance.below(other.length + 1);
      return before + other.slice(from, from + 10 * length) + after;
    }
    case 6:
      return withLines(text, (lines) => chance.shuffled(lines));
    case 7: {
      const gone = chance.below(text.split("\n").length);
      return withLines(text, (lines) => lines.filter((_, line) => line !== gone));
    }
    default: {
      // Another name or number in the place of one.
      const found = [...text.matchAll(/[a-z_0-9]+/g)];
      const one = chance.pick(found);
      const two = chance.pick(found);
      if (one === undefined || two === undefined) return text;
      return text.slice(0, one.index) + two[0] + text.slice(one.index + one[0].length);
    }
  }
}

function withLines(text: string, change: (lines: readonly string[]) => readonly string[]): string {
  return change(text.split("\n")).join("\n");
}

/** The sources of all golden cases, and the programs and modules that ship. */
export function programsOfThisRepository(): readonly string[] {
  const root = join(import.meta.dirname, "../..");
  const read = (path: string): string => readFileSync(join(root, path), "utf8");
  const golden = globSync("test/cases/**/*.md", { cwd: root })
    .toSorted()
    .flatMap((path) => [...read(path).matchAll(/^```mcl\n([^]*?)^```$/gm)].map(([, text = ""]) => text));
  const shipped = globSync("{examples,modules}/**/*.mcl", { cwd: root }).toSorted().map(read);
  return [...golden, ...shipped];
}
