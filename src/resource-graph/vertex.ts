// SPDX-License-Identifier: Apache-2.0
// What the resource graph is made of: resources read against their kind's schema, and the edges between them.

import type { Span } from "../base/span.ts";
import type { Collected, StatementKey } from "../contract/declaration.ts";
import { type Meta, metaParameters } from "../contract/meta.ts";
import type { AnyWant, ResourceKind } from "../contract/resource.ts";
import { createGraph, type Graph } from "../graph/graph.ts";
import type { GraphDifference } from "./difference.ts";
import { sameWanted } from "./wanted.ts";

/** One resource. Never changes: a changed one is another vertex with the same key. */
export interface Vertex {
  /** Its identity in the graph: `reference`, and for hidden ones, of which several may share it, a number after it. */
  readonly key: string;
  readonly kind: ResourceKind;
  readonly name: string;
  /** `kind[name]` */
  readonly reference: string;
  /** Every field of the schema: the given value or the default. */
  readonly want: AnyWant;
  /** The fields that the program sets, in its order. */
  readonly given: readonly string[];
  readonly meta: Meta;
  readonly at: Span;
  /** The statement that put it out; of several the first. */
  readonly statement: StatementKey;
  /** Of what was collected. */
  readonly collected?: Collected;
  /** Those that run as a part of it, sorted by key; they are no vertices of the graph themselves. */
  readonly members: readonly Vertex[];
}

/** One sent value: from this key of the sender, into this field of the receiver. */
export interface Send {
  readonly key: string;
  readonly field: string;
  /** Keys of the members that send and receive, where it is not the vertex itself. */
  readonly sender?: string;
  readonly receiver?: string;
}

/** `from` comes first. There is one at the most between two vertices. */
export interface ResourceEdge {
  readonly from: string;
  readonly to: string;
  /** A change of `from` refreshes `to`. */
  readonly notify: boolean;
  readonly sends: readonly Send[];
  /** That of the edge, or of the resource that asked for it. */
  readonly at: Span;
  /** Absent: the program declares it. */
  readonly automatic?: AutomaticReason;
}

/** Why an edge is there that nobody wrote: `asker` `why` the other end. */
export interface AutomaticReason {
  readonly asker: "from" | "to";
  readonly why: string;
}

/** Never changes. Graphs that differ in values only share their `shape`. */
export interface ResourceGraph {
  readonly shape: Graph<ResourceEdge>;
  /** By their number in the shape. */
  readonly vertices: readonly Vertex[];
  /** Tells this graph from every other. */
  readonly identity: object;
  /** What distinguishes it from the graph before it, so that whoever has that one need not compare. */
  readonly since?: { readonly identity: object; readonly difference: GraphDifference };
}

export const emptyGraph: ResourceGraph = { shape: createGraph<ResourceEdge>([], []), vertices: [], identity: {} };

export function vertexOf(graph: ResourceGraph, key: string): Vertex | undefined {
  const number = graph.shape.numberOf.get(key);
  return number === undefined ? undefined : graph.vertices[number];
}

/** The name of an edge among the edges of a graph. */
export function edgeKey(edge: { readonly from: string; readonly to: string }): string {
  return `${edge.from.length}:${edge.from}>${edge.to}`;
}

export function sameEdge(left: ResourceEdge, right: ResourceEdge): boolean {
  return left.notify === right.notify && sameSends(left, right);
}

export function sameSends(left: ResourceEdge, right: ResourceEdge): boolean {
  return left.sends.length === right.sends.length && left.sends.every((send, at) => isSameSend(send, right.sends[at]));
}

function isSameSend(left: Send, right: Send | undefined): boolean {
  return (
    left.key === right?.key &&
    left.field === right.field &&
    left.sender === right.sender &&
    left.receiver === right.receiver
  );
}

/** The same resource: kind, fields, meta parameters, and members. Where it is written does not count. */
export function sameVertex(left: Vertex, right: Vertex): boolean {
  if (left === right) return true;
  return (
    left.kind === right.kind &&
    changedFields(left, right).length === 0 &&
    changedMeta(left, right).length === 0 &&
    left.members.length === right.members.length &&
    left.members.every((member, at) => {
      const other = right.members[at];
      return other !== undefined && member.key === other.key && sameVertex(member, other);
    })
  );
}

/** The vertex and all its members, theirs included. */
export function* withMembers(vertex: Vertex): Generator<Vertex, void, undefined> {
  yield vertex;
  for (const member of vertex.members) yield* withMembers(member);
}

/** The fields in which two vertices of one kind differ, in the order of the schema. */
export function changedFields(left: Vertex, right: Vertex): readonly string[] {
  if (left.want === right.want) return [];
  const { fields, unequalBy } = right.kind;
  return Object.keys(fields).filter(
    (name) => !sameWanted(left.want[name], right.want[name]) || (name === unequalBy && right.want[name] === true),
  );
}

/** The meta parameters in which two vertices differ; one that does nothing for their kind makes no difference. */
export function changedMeta(left: Vertex, right: Vertex): readonly (keyof Meta)[] {
  if (left.meta === right.meta) return [];
  return metaParameters
    .map(({ name }) => name)
    .filter((name) => !sameParameter(left.meta[name], right.meta[name]) && counts(name, right.kind));
}

function counts(name: keyof Meta, { edges, grouping, reversal }: ResourceKind): boolean {
  switch (name) {
    case "autoedge":
      return edges !== undefined;
    case "autogroup":
      return grouping !== undefined;
    case "reverse":
      return reversal !== undefined;
    default:
      return true;
  }
}

/** `sema` and `export` are sets. */
function sameParameter(left: Meta[keyof Meta], right: Meta[keyof Meta]): boolean {
  if (typeof left !== "object" || typeof right !== "object") return left === right;
  const items = new Set(left);
  return items.size === new Set(right).size && right.every((item) => items.has(item));
}
