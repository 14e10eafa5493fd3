// SPDX-License-Identifier: Apache-2.0
// Every problem of a program that is a text in memory: those of its text, else those that its first values bring.
// For the reference, which shows wrong programs with their messages, and for what holds it to them.

import { type Problem, Problems } from "../base/problem.ts";
import type { SourceFile } from "../base/span.ts";
import type { Catalog } from "../contract/catalog.ts";
import type { Host } from "../contract/host.ts";
import { compile } from "../program/compile.ts";
import { evaluateProgram } from "./evaluate-program.ts";

export interface Judging {
  readonly catalog: Catalog;
  readonly host: Host;
  readonly hostname: string;
}

/** Runs the functions of the program, and no resource. */
export async function judgeProgram(
  source: SourceFile,
  { catalog, host, hostname }: Judging,
  signal: AbortSignal,
): Promise<readonly Problem[]> {
  const problems = new Problems();
  const program = compile(source, catalog, problems);
  if (program === undefined) return problems.all;
  const options = { program, name: source.path, catalog, host, hostname, timeoutMs: 5000 };
  return (await evaluateProgram(options, signal)).problems;
}
