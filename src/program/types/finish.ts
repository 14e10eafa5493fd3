// SPDX-License-Identifier: Apache-2.0
// What follows when all constraints are solved: every node gets its closed type, and what is still open or refused by a
// function is reported. Reference: mcl language, 9.2, steps 3 and 4.

import { isHashable, sameType, type Type } from "../../values/type.ts";
import type { Frame } from "./frames.ts";
import { type Inference, report, type TypedNode } from "./inference.ts";
import { ambiguousType, refusedTypes, typeMismatch, typeTooDeep, unhashableKey } from "./problems.ts";
import type * as Typed from "./tree.ts";
import { partsOf } from "./unify.ts";

/** What goes through types and values recurses, and has stack for that; no program that people write comes near. */
export const deepestType = 500;

/** Inference gives out nodes before their types are known; here, and only here, the types are written in. */
type Writable<Node> = { -readonly [Key in keyof Node]: Node[Key] };

export function finishTypes(inference: Inference): void {
  const { solver } = inference;
  const open = new Set<number>();
  const depths = new Map<Type, number>();
  for (const { node, frame } of inference.nodes) {
    closeType(inference, node);
    if (depthOf(node.type, depths) > deepestType) {
      report(inference, frame, typeTooDeep, node.at, { deepest: deepestType });
      break; // All that is made of it is as deep.
    }
    const unsolved = solver.unsolvedIn(node.type);
    if (unsolved.length > 0) {
      for (const variable of unsolved) {
        if (open.has(variable.id)) continue;
        // One message for each unknown: what contains it is unknown for the same reason.
        open.add(variable.id);
        if (!solver.isPoison(variable)) reportOpen(inference, frame, node);
      }
    }
    if (node.kind === "call-builtin") checkCall(inference, frame, node);
    if (node.kind === "map") checkKeys(inference, frame, node);
  }
  for (const { bind, node, frame } of inference.comparisons) {
    const { annotation } = bind;
    if (annotation === undefined || !solver.isClosed(node.type) || sameType(annotation.type, node.type)) continue;
    report(inference, frame, typeMismatch, bind.value.at, {
      reason: { at: annotation.at, kind: "annotation", name: `$${bind.name}` },
      expected: annotation.type,
      innerExpected: undefined,
      found: node.type,
      endless: false,
      since: [],
      source: undefined,
      literal: undefined,
    });
  }
}

/** Each part is looked at once. */
function depthOf(type: Type, known: Map<Type, number>): number {
  const before = known.get(type);
  if (before !== undefined) return before;
  const parts = partsOf(type);
  if (parts.length === 0) return 0;
  const depth = 1 + Math.max(...parts.map((part) => depthOf(part, known)));
  known.set(type, depth);
  return depth;
}

function closeType(inference: Inference, node: TypedNode): void {
  if (node.kind === "lambda") {
    const lambda: Writable<Typed.Lambda> = node;
    lambda.type = inference.solver.resolveFunction(node.type);
    return;
  }
  const writable: Writable<Exclude<TypedNode, Typed.Lambda>> = node;
  writable.type = inference.solver.resolve(node.type);
  if (node.kind === "call-builtin") {
    const type = inference.solver.resolveFunction(node.solved.type);
    const call: Writable<Typed.CallBuiltin> = node;
    if (type !== node.solved.type) call.solved = { ...node.solved, type };
  }
}

/** Once for each variable, at the innermost node that has it. */
function reportOpen(inference: Inference, frame: Frame, node: TypedNode): void {
  report(inference, frame, ambiguousType, node.at, {
    what: node.kind,
    name: "name" in node ? node.name : node.kind === "reference" ? node.to.name : undefined,
    shownAs: node.kind === "call-builtin" ? node.shownAs : undefined,
    empty: (node.kind === "list" && node.items.length === 0) || (node.kind === "map" && node.entries.length === 0),
    type: node.type,
  });
}

function checkCall(inference: Inference, frame: Frame, call: Typed.CallBuiltin): void {
  if (!inference.solver.isClosed(call.solved.type) || inference.solver.isPoison(call.type)) return;
  const message = call.function.check?.(call.solved);
  if (message === undefined) return;
  report(inference, frame, refusedTypes, call.at, { shownAs: call.shownAs, message });
}

function checkKeys(inference: Inference, frame: Frame, { entries, type, at }: Typed.MapExpression): void {
  if (type.kind !== "map" || isHashable(type.key)) return;
  report(inference, frame, unhashableKey, entries[0]?.key.at ?? at, { type: type.key });
}
