// SPDX-License-Identifier: Apache-2.0
// Named tree → typed tree. Walks from what the program puts out: what nothing reaches is never typed, both branches of
// an `if` always are. Constraints are unified as they are met; the order only decides which of two places a mismatch
// is reported at. Reference: mcl language, 9.

import type { Problems } from "../../base/problem.ts";
import type { Catalog } from "../../contract/catalog.ts";
import type { NamedProgram, Scope } from "../names/tree.ts";
import { finishTypes } from "./finish.ts";
import { createFrame } from "./frames.ts";
import { createInference } from "./inference.ts";
import { inferStatements } from "./statements.ts";
import type { Activation, TypedProgram } from "./tree.ts";

/** Undefined when a problem was found. */
export function inferTypes(program: NamedProgram, catalog: Catalog, problems: Problems): TypedProgram | undefined {
  const inference = createInference(catalog, problems);
  const activation: Activation = { kind: "program", parent: undefined };
  const frame = createFrame({ parent: undefined, scopes: withParents(program.main.scope), activation });
  const statements = inferStatements(inference, frame, program.main.statements);
  finishTypes(inference);
  return inference.reported.size > 0 ? undefined : { activation, statements };
}

function withParents(scope: Scope): readonly Scope[] {
  return scope.parent === undefined ? [scope] : [scope, ...withParents(scope.parent)];
}
