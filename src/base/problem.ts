// SPDX-License-Identifier: Apache-2.0
// Problems of the user's text: facts collected in a sink, worded by their definition, never thrown.

import type { Span } from "./span.ts";

/** The phase in which a program is rejected; stable words of the `--json` output. */
export type Phase =
  | "lexparse"
  | "init"
  | "interpolate"
  | "scope"
  | "unify"
  | "graph"
  | "stream"
  | "interpret"
  | "autoedge";

/** What a person reads of a problem. Sentences without a final newline; `hint` says what to do about it. */
export interface Message {
  /** One line: what is wrong, in the user's words. */
  readonly title: string;
  /** Short text under the caret: what was expected or found there. */
  readonly label?: string;
  /** Other places that take part, each with a short text. */
  readonly related?: readonly { readonly at: Span; readonly label: string }[];
  /** What to do, when we can tell. */
  readonly hint?: string;
}

/** One kind of problem. Each layer keeps all of its own, with their wording, in one file `problems.ts`. */
export interface ProblemDefinition<Facts> {
  /** Stable and documented, kebab-case: `unknown-field`. */
  readonly code: string;
  readonly phase: Phase;
  /** The only place with wording. */
  readonly describe: (facts: Facts) => Message;
}

/** One problem at one place. */
export interface Problem {
  readonly code: string;
  readonly phase: Phase;
  readonly at: Span;
  readonly message: Message;
}

/** Declares a kind of problem; `problems.report(definition, at, facts)` then makes one. */
export function defineProblem<Facts = void>(definition: ProblemDefinition<Facts>): ProblemDefinition<Facts> {
  return definition;
}

/** Collects the problems of one run. Later phases still run where they can, so a person sees them all at once. */
export class Problems {
  readonly #found: Problem[] = [];

  report<Facts>(definition: ProblemDefinition<Facts>, at: Span, facts: Facts): void {
    this.#found.push({ code: definition.code, phase: definition.phase, at, message: definition.describe(facts) });
  }

  /** Takes over a problem that another sink collected. */
  add(problem: Problem): void {
    this.#found.push(problem);
  }

  /** Takes over problems that another sink has collected. */
  adopt(problems: readonly Problem[]): void {
    this.#found.push(...problems);
  }

  /** Puts one problem in the place of all since `count` were there: it tells better what was meant. */
  replaceSince<Facts>(count: number, definition: ProblemDefinition<Facts>, at: Span, facts: Facts): void {
    this.#found.length = count;
    this.report(definition, at, facts);
  }

  /** Every problem, in the order found. */
  get all(): readonly Problem[] {
    return this.#found;
  }

  get any(): boolean {
    return this.#found.length > 0;
  }
}
