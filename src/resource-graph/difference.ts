// SPDX-License-Identifier: Apache-2.0
// What distinguishes two resource graphs, and which fields of a changed resource are to blame.

import type { Meta } from "../contract/meta.ts";
import { differenceOf } from "../graph/difference.ts";
import {
  changedFields,
  changedMeta,
  edgeKey,
  type ResourceEdge,
  type ResourceGraph,
  sameEdge,
  sameVertex,
  type Vertex,
} from "./vertex.ts";

export interface VertexChange {
  readonly before: Vertex;
  readonly after: Vertex;
  readonly fields: readonly string[];
  readonly meta: readonly (keyof Meta)[];
}

export interface GraphDifference {
  readonly added: readonly Vertex[];
  readonly changed: readonly VertexChange[];
  readonly removed: readonly Vertex[];
  /** How many vertices are in both and the same. */
  readonly kept: number;
  readonly edges: {
    readonly added: readonly ResourceEdge[];
    readonly changed: readonly { readonly before: ResourceEdge; readonly after: ResourceEdge }[];
    readonly removed: readonly ResourceEdge[];
  };
}

/** Compares whole graphs; graphs of one shape by their vertices alone. */
export function differenceBetween(before: ResourceGraph, after: ResourceGraph): GraphDifference {
  const vertices = differenceOf(byKey(before), byKey(after), sameVertex);
  const edges =
    before.shape === after.shape
      ? { added: [], changed: [], removed: [] }
      : differenceOf(edgesByKey(before), edgesByKey(after), sameEdge);
  return {
    added: vertices.added,
    changed: vertices.changed.map(({ before: former, after: latter }) => changeOf(former, latter)),
    removed: vertices.removed,
    kept: vertices.kept,
    edges: { added: edges.added, changed: edges.changed, removed: edges.removed },
  };
}

export function changeOf(before: Vertex, after: Vertex): VertexChange {
  return { before, after, fields: changedFields(before, after), meta: changedMeta(before, after) };
}

function byKey(graph: ResourceGraph): ReadonlyMap<string, Vertex> {
  return new Map(graph.vertices.map((vertex) => [vertex.key, vertex]));
}

function edgesByKey(graph: ResourceGraph): ReadonlyMap<string, ResourceEdge> {
  return new Map(graph.shape.edges.map((edge) => [edgeKey(edge), edge]));
}
