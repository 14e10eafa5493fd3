// SPDX-License-Identifier: Apache-2.0
// What is shown for the name under the pointer.

import type { Analysis } from "./analysis.ts";
import { describe, renderMarkdown } from "./describe.ts";
import type { Range } from "./lines.ts";

export interface Hover {
  readonly range: Range;
  readonly markdown: string;
}

export function hoverAt(analysis: Analysis, offset: number): Hover | undefined {
  const occurrence = analysis.occurrenceAt(offset);
  if (occurrence === undefined) return undefined;
  const description = describe(occurrence.meaning, occurrence.typedAt, analysis);
  return { range: analysis.lines.rangeOf(occurrence.at), markdown: renderMarkdown(description) };
}
