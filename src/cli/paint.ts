// SPDX-License-Identifier: Apache-2.0
// Colours of what is printed: the marks of steps, errors and hints. Knows where they stand in a line, and no command.

import { harmless } from "../base/terminal-cells.ts";

export const markColours = { "+": 32, "~": 33, "-": 31, "!": 36 } as const;
export const errorColour = 31;
const faint = 2;

export function paint(colour: number, text: string): string {
  return `\u001b[${colour}m${text}\u001b[0m`;
}

/** Lines about steps and failures, which may begin with a time. Nothing in them controls the terminal. */
export function paintLines(text: string, isColoured: boolean): string {
  const shown = harmless(text);
  return isColoured ? shown.split("\n").map(paintLine).join("\n") : shown;
}

const timeAtStart = /^ *(?:\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d /;

function paintLine(line: string): string {
  const time = timeAtStart.exec(line)?.[0] ?? "";
  const rest = line
    .slice(time.length)
    .replace(/^( *)([-+~!])(?= )/, (_, space: string, mark: keyof typeof markColours) => {
      return `${space}${paint(markColours[mark], mark)}`;
    })
    .replace(/^error(?=: )|\bhas failed\b/, (words) => paint(errorColour, words))
    .replace(/^ +hint:/, (word) => paint(faint, word));
  return `${time === "" ? "" : paint(faint, time)}${rest}`;
}
