// SPDX-License-Identifier: Apache-2.0
// What the page of a problem tells beyond its message: written by hand, held to the compiler by a test.

export interface Explanation {
  /** What the problem is and why the language asks for it: one to three sentences. */
  readonly meaning: string;
  /** A program that has this problem alone. Absent where a text cannot have it, as the meaning then says. */
  readonly wrong?: Program;
  /** The same program as it was meant: has no problems. */
  readonly right?: Program;
}

/** The text of main.mcl, or several files by their paths. */
export type Program = string | Readonly<Record<string, string>>;

/** A program line by line. */
export function lines(...all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join("");
}

export type Explanations = Readonly<Record<string, Explanation>>;

export function filesOfProgram(program: Program): ReadonlyMap<string, string> {
  return new Map(Object.entries(typeof program === "string" ? { "main.mcl": program } : program));
}
