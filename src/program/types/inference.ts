// SPDX-License-Identifier: Apache-2.0
// The state of one inference, and what every part of it does: keep a node until its type is known, expect a type,
// report a problem once. Knows no construct of the language.

import type { ProblemDefinition, Problems } from "../../base/problem.ts";
import type { Span } from "../../base/span.ts";
import type { Catalog } from "../../contract/catalog.ts";
import { sameType, type Type } from "../../values/type.ts";
import type * as Named from "../names/tree.ts";
import type { Frame } from "./frames.ts";
import { type MismatchFacts, typeMismatch } from "./problems.ts";
import type { Reason } from "./reason.ts";
import type * as Typed from "./tree.ts";
import { Solver } from "./unify.ts";

/** What has a type that is written in at the end. */
export type TypedNode = Typed.Expression | Typed.Bind | Typed.Parameter;

export interface Inference {
  readonly catalog: Catalog;
  readonly solver: Solver<Reason>;
  readonly problems: Problems;
  /** Places by code at which a problem was reported: instances of one function repeat its mistakes. */
  readonly reported: Set<string>;
  /** Nodes whose types may hold variables, inner ones first, with the frame they stand in. */
  readonly nodes: { readonly node: TypedNode; readonly frame: Frame }[];
  /** Annotated binds of plain variables: compared after solving. */
  readonly comparisons: { readonly bind: Named.Bind; readonly node: Typed.Bind; readonly frame: Frame }[];
  /** Calls of functions that always give the same value for the same arguments, by function, place and arguments. */
  readonly shared: Map<string, Typed.Bind>;
  /** The same by identity: these are no variables of the program. */
  readonly sharedCalls: Set<Typed.Bind>;
  readonly identities: Map<object, number>;
  /** Set for who wants to know the types of places, as an editor does: signatures of instances of functions. */
  readonly signatures: { readonly at: Span; readonly type: Type }[] | undefined;
  /** Set for who wants to know the types of what nothing uses, too: all definitions, by the scope that owns them. */
  readonly definitions: ReadonlyMap<Named.Scope, readonly Named.Definition[]> | undefined;
  /** How many variables are being inferred, each because the one before needs it. */
  depth: number;
  /** Counts what was met that may give another value each time. */
  impure: number;
  /** The call or include that was met last: where the stack ends, this is how deep it went. */
  latestCall: CallFact | undefined;
}

export function createInference(
  catalog: Catalog,
  problems: Problems,
  wanted: Partial<Pick<Inference, "signatures" | "definitions">> = {},
): Inference {
  return {
    signatures: wanted.signatures,
    definitions: wanted.definitions,
    catalog,
    solver: new Solver<Reason>(),
    problems,
    reported: new Set(),
    nodes: [],
    comparisons: [],
    shared: new Map(),
    sharedCalls: new Set(),
    identities: new Map(),
    depth: 0,
    impure: 0,
    latestCall: undefined,
  };
}

/** A call or include on the way to where a problem was found. */
export interface CallFact {
  readonly name: string;
  readonly at: Span;
}

/** Keeps the node, so that its type is closed and checked at the end. */
export function keep<Node extends TypedNode>(inference: Inference, frame: Frame, node: Node): Node {
  inference.nodes.push({ node, frame });
  return node;
}

/** Once for each code and place; `calls` tells how that place was reached. */
export function report<Facts extends { readonly calls: readonly CallFact[] }>(
  inference: Inference,
  frame: Frame,
  definition: ProblemDefinition<Facts>,
  at: Span,
  facts: Omit<Facts, "calls">,
): void {
  const key = `${definition.code} ${at.file.path}:${at.start}-${at.end}`;
  if (inference.reported.has(key)) return;
  inference.reported.add(key);
  // Together with the calls these are all the facts: TypeScript cannot see that about a generic Omit.
  inference.problems.report(definition, at, { ...facts, calls: callsOf(frame) } as unknown as Facts);
}

/** At most three: the innermost ones, from inside out. */
function callsOf(frame: Frame): readonly CallFact[] {
  const calls: CallFact[] = [];
  for (let origin = frame.madeBy; origin !== undefined && calls.length < 3; origin = origin.frame.madeBy) {
    calls.push({ name: origin.name, at: origin.at });
  }
  return calls;
}

/** The expression must have the type. False when it has not, which was then reported. */
export function expect(
  inference: Inference,
  frame: Frame,
  expected: Type,
  found: Typed.Expression,
  reason: Reason,
): boolean {
  const { solver } = inference;
  const mismatch = solver.unify(expected, found.type, reason);
  if (mismatch === undefined) return true;
  const outer = { expected: solver.resolve(expected), found: solver.resolve(found.type) };
  const inner = culprit(inference, { expected: outer.expected, node: found });
  report(inference, frame, typeMismatch, inner.node.at, {
    reason,
    expected: outer.expected,
    innerExpected: inner.node === found ? undefined : inner.expected,
    found: solver.resolve(inner.node.type),
    endless: mismatch.kind === "endless",
    since: [mismatch.leftSince, mismatch.rightSince].flatMap((since, index) =>
      since === undefined
        ? []
        : [{ reason: since, type: solver.resolve(index === 0 ? mismatch.left : mismatch.right) }],
    ),
    source: sourceOf(inference, inner.node),
    literal: inner.node.kind === "constant" ? textAt(inner.node.at) : undefined,
  });
  solver.spoil(expected);
  solver.spoil(found.type);
  return false;
}

interface Place {
  readonly expected: Type;
  readonly node: Typed.Expression;
}

/** The innermost literal part that cannot have its type: the item, not the list. */
function culprit(inference: Inference, place: Place): Place {
  const { expected, node } = place;
  const parts: Place[] = [];
  if (node.kind === "list" && expected.kind === "list") {
    parts.push(...node.items.map((item) => ({ expected: expected.element, node: item })));
  } else if (node.kind === "map" && expected.kind === "map") {
    for (const entry of node.entries) {
      parts.push({ expected: expected.key, node: entry.key }, { expected: expected.value, node: entry.value });
    }
  } else if (node.kind === "struct" && expected.kind === "struct" && sameNames(node, expected)) {
    for (const [index, field] of node.fields.entries()) {
      const type = expected.fields[index]?.type;
      if (type !== undefined) parts.push({ expected: type, node: field.value });
    }
  }
  const wrong = parts.find((part) => !mayBe(part.expected, inference.solver.resolve(part.node.type)));
  return wrong === undefined ? place : culprit(inference, wrong);
}

function sameNames(node: Typed.Struct, type: Extract<Type, { kind: "struct" }>): boolean {
  return (
    node.fields.length === type.fields.length &&
    node.fields.every((field, index) => field.name === type.fields[index]?.name)
  );
}

/** Whether the types agree where both are determined. Only for messages. */
function mayBe(left: Type, right: Type): boolean {
  if (left.kind === "variable" || right.kind === "variable") return true;
  if (left.kind === "list" && right.kind === "list") return mayBe(left.element, right.element);
  if (left.kind === "map" && right.kind === "map") return mayBe(left.key, right.key) && mayBe(left.value, right.value);
  return left.kind === right.kind && (left.kind === "struct" || left.kind === "func" || sameType(left, right));
}

/** Where the value of a variable was written. */
function sourceOf(inference: Inference, node: Typed.Expression): MismatchFacts["source"] {
  if (node.kind !== "reference" || node.to.kind !== "bind" || inference.sharedCalls.has(node.to)) return undefined;
  return { name: node.to.name, at: node.to.value.at };
}

/** What the program says there. */
export function textAt({ file, start, end }: Span): string {
  return file.text.slice(start, end);
}

/** A number for each object, to build keys from. */
export function identityOf(inference: Inference, object: object): number {
  const known = inference.identities.get(object) ?? inference.identities.size;
  inference.identities.set(object, known);
  return known;
}
