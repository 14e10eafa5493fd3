// SPDX-License-Identifier: Apache-2.0
// The errors that an embedding program can meet, each with the message that a person at a terminal would read.

import type { Outcome, Refusal } from "./outcome.ts";

/** One mistake in a program, in mcl or in the resources that TypeScript declares. */
export interface ProgramProblem {
  /** Stable; its page is below docs/reference/problems. */
  readonly code: string;
  /** One line: what is wrong. */
  readonly message: string;
  readonly file: string;
  /** From 1, as `column`. */
  readonly line: number;
  readonly column: number;
  /** What to do, when that can be told. */
  readonly hint: string | undefined;
}

/** What this package throws by itself. What your own functions and streams throw comes through as it is. */
export class MgmtError extends Error {
  override readonly name: string = "MgmtError";
  /** Stable, kebab-case: that of the first problem or refusal. */
  readonly code: string;

  /** Made by the engine alone. */
  constructor(code: string, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** The program is wrong: nothing was changed. `message` shows every place with its source line. */
export class ProgramError extends MgmtError {
  override readonly name = "ProgramError";
  /** Every problem found. */
  readonly problems: readonly ProgramProblem[];

  /** Made by the engine alone. */
  constructor(problems: readonly ProgramProblem[], rendered: string) {
    super(problems[0]?.code ?? "unknown", rendered.trimEnd());
    this.problems = problems;
  }
}

/** The machine refused: some resource is not as declared, or the program could not be read at all. */
export class RefusedError extends MgmtError {
  override readonly name = "RefusedError";
  /** What became of each resource; absent when it did not come to that. */
  readonly outcome: Outcome | undefined;

  /** Made by the engine alone. */
  constructor(refusal: Refusal, message: string, outcome?: Outcome, options?: { readonly cause?: unknown }) {
    super(refusal.code, message, options);
    this.outcome = outcome;
  }
}
