// SPDX-License-Identifier: Apache-2.0
// What no path can be, whatever disk it is on, and how a long text is shown. Whether a path must be absolute says its kind.

import type { WantProblem } from "../../contract/resource.ts";
import { byteLength } from "../../values/bytes.ts";

/** The kernel takes 4096 bytes with the one that ends it. */
const longestPathBytes = 4095;
/** Of the file systems in use. */
const longestPartBytes = 255;
const shownCharacters = 32;

/** By the names of the fields; what is not given is no problem. */
export function pathProblems(paths: Readonly<Record<string, string | readonly string[] | undefined>>): WantProblem[] {
  return Object.entries(paths).flatMap(([field, given]) => {
    const texts = given === undefined ? [] : typeof given === "string" ? [given] : given;
    return texts.flatMap((text) => problemOf(field, text) ?? []);
  });
}

function problemOf(field: string, path: string): WantProblem | undefined {
  if (path.includes("\0")) return { field, title: "a path has no null byte in it" };
  const part = path.split("/").find((each) => byteLength(each) > longestPartBytes);
  if (part !== undefined) {
    return {
      field,
      title: `a part of a path has ${longestPartBytes} bytes at most, but ${shortened(part)} has ${byteLength(part)}`,
    };
  }
  const length = byteLength(path);
  if (length <= longestPathBytes) return undefined;
  return { field, title: `a path has ${longestPathBytes} bytes at most, but ${shortened(path)} has ${length}` };
}

/** In quotation marks. */
export function shortened(text: string): string {
  return text.length <= shownCharacters ? `"${text}"` : `"${text.slice(0, shownCharacters)}…"`;
}
