// SPDX-License-Identifier: Apache-2.0
// An `authorized_keys` file as text: which lines are about a key, and the text in which it is as it should be.

import { addBlock } from "../text/block.ts";
import { type KeyLine, parseKeyLine, renderKeyLine } from "./key-line.ts";

/** `others` are the lines that other resources keep: one person may have several lines with different options. */
export function withKey(text: string, wanted: KeyLine, others: ReadonlySet<string>): string {
  const line = renderKeyLine(wanted);
  const lines = linesOf(text);
  const mine = lines.filter((one) => isOf(wanted, one, others));
  const kept = mine.find((one) => textWithoutEnd(one) === line) ?? mine[0];
  if (kept === undefined) return addBlock(text, [line]);
  let done = false;
  return lines
    .map((one) => {
      if (!isOf(wanted, one, others)) return one;
      if (done || one !== kept) return "";
      done = true;
      return textWithoutEnd(one) === line ? one : line + (/\r?\n$/.exec(one)?.[0] ?? "");
    })
    .join("");
}

export function withoutKey(text: string, key: KeyLine, others: ReadonlySet<string>): string {
  return linesOf(text)
    .filter((one) => !isOf(key, one, others))
    .join("");
}

/** The lines about the key, those of other resources left out. */
export function linesOfKey(text: string, key: KeyLine, others: ReadonlySet<string>): readonly string[] {
  return linesOf(text)
    .filter((one) => isOf(key, one, others))
    .map(textWithoutEnd);
}

function isOf(key: KeyLine, line: string, others: ReadonlySet<string>): boolean {
  const parsed = parseKeyLine(line);
  if ("wrong" in parsed || parsed.key !== key.key) return false;
  return !others.has(renderKeyLine(parsed));
}

function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function textWithoutEnd(line: string): string {
  return line.replace(/\r?\n$/, "");
}
