// SPDX-License-Identifier: Apache-2.0
// The resource graph as text: a picture for graphviz, and sorted lines for people and tests.

import { renderDot as renderPicture } from "../graph/dot.ts";
import { type ResourceGraph, type Vertex, vertexOf } from "./vertex.ts";

/** Edges that notify are bold, those that carry values say which; hidden resources are dashed. */
export function renderDot(graph: ResourceGraph, name: string): string {
  const edges = graph.shape.edges.map(({ from, to, notify, sends }) => {
    const label = sends.map(({ key, field }) => `${key} -> ${field}`).join("\n");
    return { from, to, bold: notify, ...(label === "" ? {} : { label }) };
  });
  return renderPicture({
    name,
    vertices: sortedVertices(graph).map(({ key, reference, meta }) => ({ key, label: reference, dashed: meta.hidden })),
    edges: edges.sort((left, right) => compareTexts(left.from, right.from) || compareTexts(left.to, right.to)),
  });
}

/** `Vertex: kind[name]` and `Edge: a -> b`, sorted, a line each. */
export function renderText(graph: ResourceGraph): string {
  const referenceOf = (key: string): string => vertexOf(graph, key)?.reference ?? key;
  const lines = [
    ...sortedVertices(graph).map(({ reference }) => `Vertex: ${reference}\n`),
    ...graph.shape.edges.map(({ from, to }) => `Edge: ${referenceOf(from)} -> ${referenceOf(to)}\n`).sort(compareTexts),
  ];
  return lines.join("");
}

function sortedVertices(graph: ResourceGraph): readonly Vertex[] {
  return [...graph.vertices].sort((left, right) => compareTexts(left.key, right.key));
}

function compareTexts(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
