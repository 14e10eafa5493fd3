// SPDX-License-Identifier: Apache-2.0
// A parsed template, and the one error of templates. `at` and `end` are offsets into the source.

import type { GoInt } from "../value.ts";

export type Node =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "action"; readonly pipeline: Pipeline }
  | Branch
  | {
      readonly kind: "template";
      readonly at: number;
      readonly name: string;
      readonly data: Pipeline | undefined;
    }
  | { readonly kind: "break" }
  | { readonly kind: "continue" };

export interface Branch {
  readonly kind: "if" | "with" | "range";
  readonly at: number;
  readonly pipeline: Pipeline;
  readonly then: readonly Node[];
  readonly otherwise: readonly Node[];
}

export interface Pipeline {
  readonly at: number;
  /** One variable, or two for a range: index and element. */
  readonly variables: readonly string[];
  /** "declare" is `:=`, "assign" is `=`. */
  readonly binding: "declare" | "assign";
  readonly commands: readonly Command[];
}

/** The first operand may be a function, the others are its arguments. */
export interface Command {
  readonly at: number;
  readonly first: Operand;
  readonly more: readonly Operand[];
}

export type Operand = { readonly at: number; readonly end: number } & (
  | { readonly kind: "dot" }
  | { readonly kind: "nil" }
  | { readonly kind: "constant"; readonly value: boolean | string | GoInt | number }
  | { readonly kind: "function"; readonly name: string }
  | { readonly kind: "field"; readonly names: readonly string[] }
  | { readonly kind: "variable"; readonly name: string; readonly names: readonly string[] }
  | { readonly kind: "pipeline"; readonly pipeline: Pipeline; readonly names: readonly string[] }
);

/** The main template under the empty name, and those that it defines. */
export interface Template {
  readonly source: string;
  readonly bodies: ReadonlyMap<string, readonly Node[]>;
}

/** A template that is wrong, or cannot be carried out. The message is a sentence for the user. */
export class TemplateError extends Error {
  override readonly name = "TemplateError";
  readonly at: number;

  constructor(at: number, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.at = at;
  }
}
