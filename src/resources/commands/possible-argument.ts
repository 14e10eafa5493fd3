// SPDX-License-Identifier: Apache-2.0
// What no program can be given as an argument or in its environment, whatever machine it runs on.

import type { WantProblem } from "../../contract/resource.ts";
import { byteLength } from "../../values/bytes.ts";

/** The kernel takes 128 KiB with the byte that ends it. */
const longestBytes = 128 * 1024 - 1;

/** By the names of the fields: texts that are one argument each, or a command in words. */
export function argumentProblems(texts: Readonly<Record<string, string | readonly string[]>>): WantProblem[] {
  return Object.entries(texts).flatMap(([field, given]) => {
    const list = typeof given === "string" ? [given] : given;
    return list.flatMap((text) => problemOf(field, text) ?? []);
  });
}

function problemOf(field: string, text: string): WantProblem | undefined {
  if (text.includes("\0")) return { field, title: "no program can be given a null byte" };
  const length = byteLength(text);
  if (length <= longestBytes) return undefined;
  return {
    field,
    title: `a program can be given ${longestBytes} bytes at once, and these are ${length}`,
    hint: "Let it read a file.",
  };
}
