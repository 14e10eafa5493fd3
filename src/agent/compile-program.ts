// SPDX-License-Identifier: Apache-2.0
// One program from what the command line names to a typed program, with every problem on the way.

import { type Problem, Problems } from "../base/problem.ts";
import type { Catalog } from "../contract/catalog.ts";
import { compile } from "../program/compile.ts";
import type { TypedProgram } from "../program/types/tree.ts";
import { type ProgramInput, readProgram } from "./program-input.ts";

export interface Compiled {
  readonly input: ProgramInput;
  /** Absent exactly when there are problems. */
  readonly program: TypedProgram | undefined;
  readonly problems: readonly Problem[];
}

/** Fails with a `Failure` only when the program cannot be read. */
export async function compileProgram(
  path: string,
  catalog: Catalog,
  context: Parameters<typeof readProgram>[1],
): Promise<Compiled> {
  const input = await readProgram(path, context);
  const problems = new Problems();
  const program = compile(input.source, catalog, problems);
  return { input, program, problems: problems.all };
}
