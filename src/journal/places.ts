// SPDX-License-Identifier: Apache-2.0
// Places as text, for many events of the same sources: the lines of a text are found once.

import type { SourceFile, Span } from "../base/span.ts";

const lineStarts = new WeakMap<SourceFile, readonly number[]>();
const known = new WeakMap<Span, string>();

/** The same as `renderPlace`, but its cost does not grow with the text. */
export function placeText(at: Span): string {
  const before = known.get(at);
  if (before !== undefined) return before;
  const { file, start } = at;
  const starts = startsOf(file);
  let low = 0;
  for (let high = starts.length; high - low > 1; ) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= start) low = middle;
    else high = middle;
  }
  const column = 1 + [...file.text.slice(starts[low], start)].length;
  const text = `${file.path}:${low + 1}:${column}`;
  known.set(at, text);
  return text;
}

function startsOf(file: SourceFile): readonly number[] {
  const before = lineStarts.get(file);
  if (before !== undefined) return before;
  const starts = [0];
  for (let at = file.text.indexOf("\n"); at !== -1; at = file.text.indexOf("\n", at + 1)) starts.push(at + 1);
  lineStarts.set(file, starts);
  return starts;
}
