// SPDX-License-Identifier: Apache-2.0
// Variables that are made of variables that are made of variables: finds what a bind needs without a stack of calls as
// deep as the chain is long, which the runtime would not bear. Knows nothing of types.

import type * as Named from "../names/tree.ts";
import { type Frame, findOwner, instanceOf } from "./frames.ts";

export interface Declared {
  readonly frame: Frame;
  readonly declaration: Named.Bind | Named.Parameter;
}

/** All that the declaration needs and that has no node yet, each after what it needs itself; the declaration last. */
export function* inOrderOfNeed(start: Declared): Iterable<Declared> {
  const stack = [{ ...start, opened: false }];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    if (top.frame.nodes.has(top.declaration)) {
      stack.pop();
    } else if (top.opened) {
      stack.pop();
      yield top;
    } else {
      top.opened = true;
      for (const needed of neededBy(top)) {
        if (!needed.frame.nodes.has(needed.declaration)) stack.push({ ...needed, opened: false });
      }
    }
  }
}

/** What the value of a bind or the argument of a class refers to. */
function neededBy({ frame, declaration }: Declared): readonly Declared[] {
  const needed: Declared[] = [];
  const argument = frame.arguments.get(declaration);
  if (argument !== undefined) collect(argument.value, argument.frame, needed);
  else if (declaration.kind === "bind") collect(declaration.value, frame, needed);
  return needed;
}

function collect(expression: Named.Expression, frame: Frame, needed: Declared[]): void {
  if (expression.kind === "reference") {
    const declaration = expression.to;
    let from = frame;
    for (const step of expression.path) {
      if (findOwner(from, step.scope) === undefined) return;
      from = instanceOf(from, step);
    }
    // The parameters of a lambda get their frame when the lambda is reached.
    const home = findOwner(from, declaration.scope);
    if (home !== undefined && declaration.kind !== "loop-variable") needed.push({ frame: home, declaration });
    return;
  }
  for (const part of partsOf(expression)) collect(part, frame, needed);
}

function partsOf(expression: Named.Expression): readonly Named.Expression[] {
  switch (expression.kind) {
    case "literal":
    case "reference":
    case "broken":
      return [];
    case "list":
      return expression.items;
    case "map":
      return expression.entries.flatMap((entry) => [entry.key, entry.value]);
    case "struct":
      return expression.fields.map((field) => field.value);
    case "forced-text":
      return [expression.inner];
    case "call-builtin":
    case "call-function":
      return expression.args;
    case "call-value":
      return [expression.callee, ...expression.args];
    case "lambda":
      return [expression.body];
    case "if-expression":
      return [expression.condition, expression.then, expression.otherwise];
    case "except":
      return [expression.main, expression.fallback];
  }
}
