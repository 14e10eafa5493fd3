// SPDX-License-Identifier: Apache-2.0
// Problems as an editor marks them in one document.

import type { Problem } from "../base/problem.ts";
import type { Span } from "../base/span.ts";
import type { Analysis } from "./analysis.ts";
import type { Range } from "./lines.ts";

export interface Diagnostic {
  readonly range: Range;
  readonly severity: "error" | "warning";
  readonly code: string;
  readonly message: string;
  readonly related: readonly { readonly at: Span; readonly message: string }[];
}

/** A problem inside of a module is marked where it is imported. `ofValues`: those that its values have. */
export function diagnosticsOf(analysis: Analysis, ofValues: readonly Problem[] = []): readonly Diagnostic[] {
  const findings = [...analysis.findings, ...ofValues.map((problem) => ({ problem, isUnused: false }))];
  return findings.map(({ problem, isUnused }): Diagnostic => {
    const { related = [] } = problem.message;
    const others = related.map(({ at, label }) => ({ at, message: label }));
    const isHere = problem.at.file === analysis.source;
    const at = isHere ? problem.at : related.find((other) => other.at.file === analysis.source)?.at;
    return {
      range: visible(analysis, at),
      severity: isUnused ? "warning" : "error",
      code: problem.code,
      message: messageOf(problem, isUnused),
      related: isHere ? others : [{ at: problem.at, message: problem.message.title }, ...others],
    };
  });
}

/** A mark of no width is made one character wide, if there is one. */
function visible({ lines, source }: Analysis, at: Span | undefined): Range {
  const { start, end } = at ?? { start: 0, end: 0 };
  if (end > start) return lines.rangeOf({ start, end });
  return start > 0 && source.text[start - 1] !== "\n"
    ? lines.rangeOf({ start: start - 1, end: start })
    : lines.rangeOf({ start, end: Math.min(start + 1, source.text.length) });
}

function messageOf({ message: { title, label, hint } }: Problem, isUnused: boolean): string {
  const lines = [title];
  if (label !== undefined && label !== "") lines.push(label);
  if (hint !== undefined) lines.push(`hint: ${hint}`);
  if (isUnused) lines.push("Nothing includes the class that this stands in, so it does no harm yet.");
  return lines.join("\n");
}
