// SPDX-License-Identifier: Apache-2.0
// Written by `npm run docs` from src/library; do not edit it.

import type { Outcome, Refusal } from "./outcome.js";
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
export declare class MgmtError extends Error {
    readonly name: string;
    /** Stable, kebab-case: that of the first problem or refusal. */
    readonly code: string;
    /** Made by the engine alone. */
    constructor(code: string, message: string, options?: {
        readonly cause?: unknown;
    });
}
/** The program is wrong: nothing was changed. `message` shows every place with its source line. */
export declare class ProgramError extends MgmtError {
    readonly name = "ProgramError";
    /** Every problem found. */
    readonly problems: readonly ProgramProblem[];
    /** Made by the engine alone. */
    constructor(problems: readonly ProgramProblem[], rendered: string);
}
/** The machine refused: some resource is not as declared, or the program could not be read at all. */
export declare class RefusedError extends MgmtError {
    readonly name = "RefusedError";
    /** What became of each resource; absent when it did not come to that. */
    readonly outcome: Outcome | undefined;
    /** Made by the engine alone. */
    constructor(refusal: Refusal, message: string, outcome?: Outcome, options?: {
        readonly cause?: unknown;
    });
}
