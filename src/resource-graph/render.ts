// SPDX-License-Identifier: Apache-2.0
// The resource graph as a picture, in the language of graphviz or drawn, and as sorted lines for people and tests.

import { renderDot as renderPicture } from "../graph/dot.ts";
import type { Picture } from "../graph/picture.ts";
import { type ResourceGraph, type Vertex, vertexOf, withMembers } from "./vertex.ts";

export function renderDot(graph: ResourceGraph, name: string): string {
  return renderPicture(pictureOf(graph, name));
}

/** Edges that notify are bold, those that carry values say which; hidden resources are dashed. Members stand below. */
export function pictureOf(graph: ResourceGraph, name: string): Picture {
  const edges = graph.shape.edges.map(({ from, to, notify, sends }) => {
    const label = sends.map(({ key, field }) => `${key} -> ${field}`).join("\n");
    return { from, to, bold: notify, ...(label === "" ? {} : { label }) };
  });
  return {
    name,
    vertices: sortedVertices(graph).map((vertex) => ({
      key: vertex.key,
      label: labelOf(vertex),
      dashed: vertex.meta.hidden,
      group: vertex.kind.kind,
    })),
    edges: edges.sort((left, right) => compareTexts(left.from, right.from) || compareTexts(left.to, right.to)),
  };
}

function labelOf(vertex: Vertex): string {
  return Array.from(withMembers(vertex), ({ reference }) => reference).join("\n");
}

/** `Vertex: kind[name]`, `Member: a in b` and `Edge: a -> b`, sorted, a line each. */
export function renderText(graph: ResourceGraph): string {
  const referenceOf = (key: string): string => vertexOf(graph, key)?.reference ?? key;
  const lines = [
    ...sortedVertices(graph).map(({ reference }) => `Vertex: ${reference}\n`),
    ...graph.vertices.flatMap(memberLines).sort(compareTexts),
    ...graph.shape.edges.map(({ from, to }) => `Edge: ${referenceOf(from)} -> ${referenceOf(to)}\n`).sort(compareTexts),
  ];
  return lines.join("");
}

function memberLines({ reference, members }: Vertex): readonly string[] {
  return members.flatMap((member) => [`Member: ${member.reference} in ${reference}\n`, ...memberLines(member)]);
}

function sortedVertices(graph: ResourceGraph): readonly Vertex[] {
  return [...graph.vertices].sort((left, right) => compareTexts(left.key, right.key));
}

function compareTexts(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
