// SPDX-License-Identifier: Apache-2.0
// The parameters of a function, a lambda or a class as declarations.

import type * as Syntax from "../../syntax/tree.ts";
import { annotationOf } from "./annotations.ts";
import type { Parameter, Scope } from "./tree.ts";

/** `scope` is the one that will own them. */
export function declareParameters(parameters: readonly Syntax.Parameter[], scope: Scope): readonly Parameter[] {
  return parameters.map(({ at, name, type }) => ({
    kind: "parameter",
    scope,
    name: name.text,
    at: { file: at.file, start: at.start, end: name.at.end },
    ...(type === undefined ? {} : { annotation: annotationOf(type) }),
  }));
}
