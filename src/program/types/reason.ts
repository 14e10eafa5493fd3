// SPDX-License-Identifier: Apache-2.0
// Why a place must have a certain type: facts that go with each constraint, so that a mismatch can be explained from
// where it came. No wording here.

import type { Span } from "../../base/span.ts";

/** `at` is the place that gives rise to the expectation. */
export type Reason = { readonly at: Span } & Because;

export type Because =
  /** A field of a kind. */
  | { readonly kind: "field"; readonly resource: string; readonly field: string }
  /** `what ?: …`, or the condition of an `if`. */
  | { readonly kind: "condition" }
  /** `Meta:noop` */
  | { readonly kind: "meta"; readonly parameter: string }
  /** `Meta => struct{…}` */
  | { readonly kind: "meta-struct" }
  | { readonly kind: "resource-name" }
  /** What stands behind `collect kind`. */
  | { readonly kind: "collected-names" }
  /** Items are like the first one, at `at`. */
  | { readonly kind: "items" }
  | { readonly kind: "keys" }
  | { readonly kind: "values" }
  /** The other branch is at `at`. */
  | { readonly kind: "branches" }
  /** What `<|>` falls back from is at `at`. */
  | { readonly kind: "fallback" }
  /** `$x int = …`, a parameter: `name` with its `$`. */
  | { readonly kind: "annotation"; readonly name: string }
  /** The declared result of a function. */
  | { readonly kind: "result"; readonly name: string | undefined }
  /** `index` from 0. `verb`: what a printf format says of it. */
  | {
      readonly kind: "argument";
      readonly shownAs: string;
      readonly index: number;
      readonly name: string | undefined;
      readonly verb: string | undefined;
    }
  /** The first operand is at `at`. */
  | { readonly kind: "operand"; readonly sign: string; readonly first: boolean }
  /** `a[b]`: `container` is a, else b. */
  | { readonly kind: "lookup"; readonly container: boolean }
  /** `x->f`, and what stands for it when there is no such field. */
  | { readonly kind: "struct-lookup"; readonly fallback: boolean }
  /** The right side of `in`. */
  | { readonly kind: "membership"; readonly needle: boolean }
  /** A variable inside a text. */
  | { readonly kind: "text" }
  /** What `for` or `forkv` goes through. */
  | { readonly kind: "loop"; readonly over: "list" | "map" }
  /** A variable that is called like a function. */
  | { readonly kind: "called" };
