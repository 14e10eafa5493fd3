// SPDX-License-Identifier: Apache-2.0
// Which calls of the program's functions are the same call. Knows nothing of what the functions do.

import { identityOf, type Inference } from "./inference.ts";
import type * as Typed from "./tree.ts";

/**
 * Equal for calls of one function in one place with arguments that are the same variables or scalars. Without it, a
 * function that calls another one twice, which calls another one twice, and so on, costs time beyond all bounds.
 */
export function sharingKey(
  inference: Inference,
  place: readonly object[],
  args: readonly Typed.Expression[],
): string | undefined {
  const parts = place.map((object) => String(identityOf(inference, object)));
  for (const argument of args) {
    const simple = origin(argument);
    if (simple.kind === "reference") parts.push(`$${identityOf(inference, simple.to)}`);
    else if (simple.kind !== "constant" || typeof simple.value === "object") return undefined;
    else parts.push(`${simple.type.kind} ${Object.is(simple.value, -0) ? "-0" : JSON.stringify(String(simple.value))}`);
  }
  return parts.join(" ");
}

/** What a variable that only stands for another one stands for. */
function origin(expression: Typed.Expression): Typed.Expression {
  let at = expression;
  while (at.kind === "reference" && at.to.kind === "bind" && isSimple(at.to.value)) at = at.to.value;
  return at;
}

/** Not worth sharing, and a part of a key by itself. */
export function isSimple({ kind }: Typed.Expression): boolean {
  return kind === "reference" || kind === "constant";
}
