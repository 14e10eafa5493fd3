// SPDX-License-Identifier: Apache-2.0
// Which statement of a block needs which: statements may stand in any order, but not in a circle. A statement counts as a
// whole: it needs what is used anywhere inside of it. Sees every body, and nothing but the text: names are found later.
// Reference: mcl language, 5.2, 5.3.

import type { Problems } from "../../base/problem.ts";
import type { Span } from "../../base/span.ts";
import { findCycles } from "../../graph/cycles.ts";
import { createGraph, type Graph, type Link } from "../../graph/graph.ts";
import type { Block, Include, Statement } from "../../syntax/tree.ts";
import { circle } from "../problems.ts";
import { type BlockDeclarations, declarationsOf } from "./block-declarations.ts";
import type { Strings } from "./strings.ts";
import {
  addUse,
  addUses,
  addUsesOfFunction,
  aliasName,
  className,
  functionName,
  type UsedName,
  type Uses,
  variableName,
} from "./uses.ts";
import { expressionsOf } from "./walk.ts";

/** What is known of a block before names are resolved. */
export interface BlockOutline {
  readonly declarations: BlockDeclarations;
  /** Its includes, each behind those that it needs; as good as possible when there is a circle. */
  readonly includes: readonly Include[];
}

/** Adds outlines of the body and of every block inside it; reports all circles and double definitions. */
export function outlineBlocks(
  body: readonly Statement[],
  outlines: Map<readonly Statement[], BlockOutline>,
  strings: Strings,
  problems: Problems,
): void {
  outlineBlock(body, { strings, problems, outlines });
}

interface Outlining {
  readonly strings: Strings;
  readonly problems: Problems;
  readonly outlines: Map<readonly Statement[], BlockOutline>;
}

/** Needs from the statement `from` what the statement `to` makes; both are numbers in the block. */
interface Need extends Link {
  readonly used: UsedName;
  readonly at: Span;
}

/** Returns what the block uses from outside. */
function outlineBlock(body: readonly Statement[], outlining: Outlining): Uses {
  const declarations = declarationsOf(body, outlining.problems);
  const makers = new Map<UsedName, number>();
  body.forEach((statement, number) => {
    const made = madeBy(statement);
    if (made !== undefined && !makers.has(made)) makers.set(made, number);
  });

  const outside: Uses = new Map();
  const needs: Need[] = [];
  let isInOrder = true; // As in nearly all programs: then nothing goes round.
  body.forEach((statement, number) => {
    usesOfStatement(statement, outlining).forEach((at, used) => {
      const maker = makers.get(used);
      if (maker !== undefined) {
        needs.push({ from: String(number), to: String(maker), used, at });
        if (maker >= number) isInOrder = false;
      } else if (!outside.has(used)) outside.set(used, at);
    });
  });

  const order = isInOrder ? body : orderOf(body, needs, declarations, outlining.problems);
  const includes = order.filter((statement) => statement.kind === "include");
  outlining.outlines.set(body, { declarations, includes });
  return outside;
}

/** The statements, each behind those that it needs if some include has an alias. Reports circles. */
function orderOf(
  body: readonly Statement[],
  needs: readonly Need[],
  { instances }: BlockDeclarations,
  problems: Problems,
): readonly Statement[] {
  const graph = createGraph(
    body.map((_, number) => String(number)),
    needs,
  );
  for (const cycle of findCycles(graph)) reportCircle(graph, cycle, problems);
  if (instances.size === 0) return body;
  return neededFirst(graph)
    .map((number) => body[number])
    .filter((statement) => statement !== undefined);
}

function madeBy(statement: Statement): UsedName | undefined {
  switch (statement.kind) {
    case "bind":
      return variableName(statement.name.text);
    case "func":
      return functionName(statement.name.text);
    case "class":
      return className(statement.name.text);
    case "include":
      return statement.alias === undefined ? undefined : aliasName(statement.alias.text);
    case "import":
      // Imports run before everything else and need nothing.
      return undefined;
    case "panic":
    case "collect":
    case "resource":
    case "edge":
    case "if":
    case "for":
    case "forkv":
      return undefined;
  }
}

// ---- What a statement uses ----

function usesOfStatement(statement: Statement, outlining: Outlining): Uses {
  const { strings } = outlining;
  const uses: Uses = new Map();
  switch (statement.kind) {
    case "func":
      addUsesOfFunction(statement.params, statement.body, strings, uses);
      return uses;
    case "include":
      addUse(statement.name.text, className, statement.name.at, uses);
      break;
    case "if":
      addUsesOfBlock(statement.then, [], outlining, uses);
      if (statement.otherwise !== undefined) addUsesOfBlock(statement.otherwise, [], outlining, uses);
      break;
    case "for":
      addUsesOfBlock(statement.body, [statement.index.text, statement.value.text], outlining, uses);
      break;
    case "forkv":
      addUsesOfBlock(statement.body, [statement.key.text, statement.value.text], outlining, uses);
      break;
    case "class": {
      const names = statement.params?.items.map(({ name }) => name.text) ?? [];
      addUsesOfBlock(statement.body, names, outlining, uses);
      break;
    }
    case "bind":
    case "panic":
    case "collect":
    case "resource":
    case "edge":
    case "import":
      break;
  }
  for (const expression of expressionsOf(statement)) addUses(expression, strings, uses);
  return uses;
}

/** `given` are the variables that the statement itself gives to its block: parameters, loop variables. */
function addUsesOfBlock(block: Block, given: readonly string[], outlining: Outlining, uses: Uses): void {
  const ofBlock = outlineBlock(block.body, outlining);
  for (const name of given) ofBlock.delete(variableName(name));
  ofBlock.forEach((at, used) => {
    if (!uses.has(used)) uses.set(used, at);
  });
}

// ---- Order ----

function reportCircle(graph: Graph<Need>, cycle: readonly number[], problems: Problems): void {
  const steps = cycle.map((edge) => graph.edges[edge]).filter((need) => need !== undefined);
  const shown = steps.map(({ used, at }) => ({ shown: used, at }));
  const last = shown.at(-1);
  if (last === undefined) return;
  const first = shown.reduce((earliest, step) => (step.at.start < earliest.at.start ? step : earliest));
  // The last edge leads to the statement where the circle begins.
  problems.report(circle, first.at, { steps: [last, ...shown.slice(0, -1)] });
}

/** Numbers of all statements, each behind those that it needs; what closes a circle is passed over. */
function neededFirst(graph: Graph<Need>): readonly number[] {
  const order: number[] = [];
  const seen = new Uint8Array(graph.keys.length);
  const position = new Int32Array(graph.keys.length);
  for (let root = 0; root < seen.length; root += 1) {
    if (seen[root] === 1) continue;
    seen[root] = 1;
    const path = [root];
    for (let statement = root; path.length > 0; statement = path.at(-1) ?? root) {
      const edge = graph.outgoing[statement]?.[position[statement] ?? 0];
      if (edge === undefined) {
        order.push(statement);
        path.pop();
        continue;
      }
      position[statement] = (position[statement] ?? 0) + 1;
      const needed = graph.heads[edge] ?? statement;
      if (seen[needed] === 1) continue;
      seen[needed] = 1;
      path.push(needed);
    }
  }
  return order;
}
