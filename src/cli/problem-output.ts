// SPDX-License-Identifier: Apache-2.0
// How commands show problems: pictures of the source for people, one stable line of JSON for programs.

import type { Phase, Problem } from "../base/problem.ts";
import { renderProblem } from "../base/render-problem.ts";
import { placeOf } from "../base/span.ts";
import type { Failure } from "../contract/failure.ts";
import type { Terminal } from "./command.ts";

/** In the order in which a program passes them: the first with a problem is where it failed. */
const phases: readonly Phase[] = [
  "lexparse",
  "init",
  "interpolate",
  "scope",
  "unify",
  "graph",
  "stream",
  "interpret",
  "autoedge",
];

/** The line of JSON that `check` and `graph` print for each path. */
export interface PathResult {
  readonly path: string;
  readonly problems: readonly Problem[];
  /** Why the program could not be read at all. */
  readonly failure?: Failure;
  readonly vertices?: readonly string[];
  readonly edges?: readonly (readonly [string, string])[];
  readonly groups?: Readonly<Record<string, readonly string[]>>;
}

export function jsonOf(result: PathResult): string {
  const phase = phases.find((each) => result.problems.some((problem) => problem.phase === each));
  return JSON.stringify({
    version: 1,
    path: result.path,
    ok: result.problems.length === 0 && result.failure === undefined,
    ...(phase === undefined ? {} : { phase }),
    problems: jsonProblems(result),
    vertices: result.vertices ?? [],
    edges: result.edges ?? [],
    ...(Object.keys(result.groups ?? {}).length === 0 ? {} : { groups: result.groups }),
  });
}

interface JsonProblem {
  readonly code: string;
  readonly message: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly hint?: string;
}

/** A program that cannot be read has one problem, at its beginning. */
export function jsonProblems(result: Pick<PathResult, "path" | "problems" | "failure">): readonly JsonProblem[] {
  const problems = result.problems.map(({ code, at, message: { title, hint } }): JsonProblem => {
    const { line, column } = placeOf(at.file, at.start);
    return { code, message: title, file: at.file.path, line, column, ...(hint === undefined ? {} : { hint }) };
  });
  const { failure } = result;
  if (failure === undefined) return problems;
  return [...problems, { code: failure.code, message: failure.message, file: result.path, line: 1, column: 1 }];
}

/** Pictures of the problems, in the order of the text, and a count when there are several. */
export function showProblems(problems: readonly Problem[], terminal: Terminal): void {
  const sorted = [...problems].sort((a, b) => a.at.file.path.localeCompare(b.at.file.path) || a.at.start - b.at.start);
  for (const problem of sorted) terminal.stderr(`${renderProblem(problem, { colour: terminal.colour.stderr })}\n`);
  if (problems.length > 1) terminal.stderr(`${problems.length} problems.\n`);
}

export function showFailure(failure: Failure, terminal: Terminal): void {
  terminal.stderr(`mgmt: ${failure.message}\n${failure.hint === undefined ? "" : `  hint: ${failure.hint}\n`}`);
}
