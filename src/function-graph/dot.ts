// SPDX-License-Identifier: Apache-2.0
// The picture of the living function graph.

import { renderPlace } from "../base/span.ts";
import { renderDot } from "../graph/dot.ts";
import type { Picture } from "../graph/picture.ts";
import { printBeginning } from "../values/print.ts";
import { Failed, type Node, type Result } from "./node.ts";

/** Longer values are cut in the picture. */
const shownCharacters = 40;

export function renderFunctionGraph(roots: readonly Node[], name: string): string {
  return renderDot(functionPicture(roots, name));
}

/**
 * Every living node that leads to one of these, with its present value. An arrow leads from a value to its reader, a
 * dashed one from an `if` or a loop to what it has brought to life.
 */
export function functionPicture(roots: readonly Node[], name: string): Picture {
  const numbers = new Map<Node, string>();
  const edges: { from: string; to: string; dashed?: boolean }[] = [];
  const numberOf = (node: Node): string => {
    const known = numbers.get(node);
    if (known !== undefined) return known;
    const number = String(numbers.size + 1);
    numbers.set(node, number);
    return number;
  };
  const work = [...roots].reverse();
  const seen = new Set<Node>();
  for (let node = work.pop(); node !== undefined; node = work.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    const to = numberOf(node);
    for (const input of node.inputs) {
      edges.push({ from: numberOf(input), to });
      work.push(input);
    }
    if (node.guard !== undefined && (node.observers > 0 || node.inputs.length === 0)) {
      edges.push({ from: numberOf(node.guard), to, dashed: true });
      work.push(node.guard);
    }
  }
  const vertices = [...numbers].map(([node, key]) => ({ key, label: labelOf(node), group: groupOf(node) }));
  return { name, vertices, edges };
}

/** Statements, constants and what changes look different. */
function groupOf(node: Node): string {
  return node.observers > 0 ? "statement" : node.isConstant ? "constant" : "function";
}

function labelOf(node: Node): string {
  const { label } = node.behaviour;
  if (node.observers > 0 && node.result === true) return label; // A statement: that it is there says nothing.
  return label === "constant" ? shown(node.result) : `${label}\n${shown(node.result)}`;
}

function shown(result: Result): string {
  if (result === undefined) return "…";
  if (result instanceof Failed) return `${result.failure.message} (${renderPlace(result.at)})`;
  const text = printBeginning(result, shownCharacters);
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text;
}
