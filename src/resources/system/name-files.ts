// SPDX-License-Identifier: Apache-2.0
// The texts of /etc/hostname and /etc/machine-info. Pure.

import { addBlock } from "../text/block.ts";

/** The first line that is no comment; undefined when there is none. */
export function staticNameIn(text: string): string | undefined {
  return text
    .split("\n")
    .map((line) => line.trim())
    .find((line) => line !== "" && !line.startsWith("#"));
}

/** Undefined when there is none. The last assignment counts, as in a shell. */
export function prettyNameIn(text: string): string | undefined {
  const written = [...text.matchAll(assignment)].at(-1)?.[1]?.trim();
  return written === undefined || written === "" ? undefined : unquote(written);
}

/** Everything else in the text stays as it is. */
export function withPrettyName(text: string, name: string): string {
  const line = `PRETTY_HOSTNAME="${name.replace(/["\\$`]/g, "\\$&")}"`;
  const last = [...text.matchAll(assignment)].at(-1);
  if (last === undefined) return addBlock(text, [line]);
  return text.slice(0, last.index) + line + text.slice(last.index + last[0].length);
}

const assignment = /^[ \t]*PRETTY_HOSTNAME=([^\r\n]*)/gm;

function unquote(written: string): string {
  const single = /^'([^']*)'$/.exec(written)?.[1];
  if (single !== undefined) return single;
  const double = /^"((?:[^"\\]|\\.)*)"$/.exec(written)?.[1] ?? written;
  return double.replace(/\\(.)/g, "$1");
}
