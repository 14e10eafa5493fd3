// SPDX-License-Identifier: Apache-2.0
// `if` and loops as statements: roots that bring the statements of a branch or of an iteration to life and end them. What
// begins does so before what ends, so that what both need goes on. A root that is given up never comes back.

import { unreachable } from "../base/invariant.ts";
import type { For, If, Statement } from "../program/types/tree.ts";
import { identityOf, MapValue, type Value } from "../values/value.ts";
import { Cell } from "./cell.ts";
import { matchTurns } from "./match-turns.ts";
import { type Behaviour, Failed, Node } from "./node.ts";
import { Frame, Scope } from "./scope.ts";
import { type Building, buildEdge, buildPanic, buildResource } from "./statements.ts";

/** Brings statements to life in a scope. */
export function buildStatements(
  statements: readonly Statement[],
  frame: Frame,
  scope: Scope,
  building: Building,
): void {
  for (const statement of statements) buildStatement(statement, frame, scope, building);
}

function buildStatement(statement: Statement, frame: Frame, scope: Scope, building: Building): void {
  switch (statement.kind) {
    case "resource":
      return buildResource(statement, frame, scope, building);
    case "edge":
      return buildEdge(statement, frame, scope, building);
    case "panic":
      return buildPanic(statement, frame, scope, building);
    case "if":
      return buildIf(statement, frame, scope, building);
    case "for":
      return buildFor(statement, frame, scope, building);
    default:
      return unreachable(statement);
  }
}

/** Only the branch that the condition chooses lives. */
function buildIf(statement: If, frame: Frame, scope: Scope, building: Building): void {
  const condition = building.expressions.node(statement.condition, frame);
  let living: { readonly taken: Value; readonly scope: Scope } | undefined;
  const behaviour: Behaviour = {
    label: "if",
    decides: true,
    compute: (node) => {
      const taken = condition.result;
      if (taken === undefined || taken instanceof Failed) return taken;
      if (living?.taken === taken) return true;
      const former = living;
      living = { taken, scope: new Scope(building.evaluator) };
      const branch = taken === true ? statement.then : statement.otherwise;
      if (branch !== undefined) {
        buildStatements(branch.statements, new Frame(branch.activation, frame, node), living.scope, building);
      }
      former?.scope.end();
      return true;
    },
    stop: () => living?.scope.end(),
  };
  scope.add(new Node({ inputs: [condition], behaviour }, frame.guard));
}

/** One life of the body of a loop. */
interface Turn {
  /** The index, which may become another one. */
  readonly index: Cell | undefined;
  readonly cell: Cell;
  readonly scope: Scope;
}

/**
 * One turn for each item of a list or entry of a map. While a key stays, new values flow through its turn; that of an item of
 * a list goes where the item goes, and new values flow through it while its place stays. Nothing is built again.
 */
function buildFor(statement: For, frame: Frame, scope: Scope, building: Building): void {
  const { evaluator } = building;
  const subject = building.expressions.node(statement.subject, frame);
  const byKey = new Map<string, { readonly key: Value; readonly turn: Turn }>();
  let turns: readonly Turn[] = [];
  let items: readonly Value[] = [];

  const begin = (first: Value, value: Value, guard: Node): Turn => {
    const cell = new Cell(evaluator, `$${statement.value.name}`, value, guard);
    const mayMove = statement.over === "list" && !subject.isConstant;
    const index = mayMove ? new Cell(evaluator, `$${statement.first.name}`, first, guard) : undefined;
    const turn = { index, cell, scope: new Scope(evaluator) };
    const body = new Frame(statement.body.activation, frame, guard);
    body.values.set(statement.first, index?.node ?? Node.constant(first));
    body.values.set(statement.value, subject.isConstant ? Node.constant(value) : cell.node);
    buildStatements(statement.body.statements, body, turn.scope, building);
    return turn;
  };

  const followList = (list: readonly Value[], guard: Node): void => {
    const ending = new Set(turns);
    const matches = matchTurns(items, list);
    const former = turns;
    turns = list.map((value, at) => {
      const turn = former[matches[at] ?? -1];
      if (turn === undefined) return begin(BigInt(at), value, guard);
      ending.delete(turn);
      turn.index?.set(BigInt(at));
      turn.cell.set(value);
      return turn;
    });
    items = list;
    for (const turn of ending) turn.scope.end();
  };

  const followMap = (map: MapValue, guard: Node): void => {
    for (const [key, value] of map.entries()) {
      const identity = identityOf(key);
      const known = byKey.get(identity);
      if (known === undefined) byKey.set(identity, { key, turn: begin(key, value, guard) });
      else known.turn.cell.set(value);
    }
    for (const [identity, { key, turn }] of byKey) {
      if (map.has(key)) continue;
      byKey.delete(identity);
      turn.scope.end();
    }
  };

  const behaviour: Behaviour = {
    label: statement.over === "list" ? "for" : "forkv",
    decides: true,
    compute: (node) => {
      const result = subject.result;
      if (result === undefined || result instanceof Failed) return result;
      if (result instanceof MapValue) followMap(result, node);
      else followList(result as readonly Value[], node);
      return true;
    },
    stop: () => {
      for (const turn of turns) turn.scope.end();
      for (const { turn } of byKey.values()) turn.scope.end();
    },
  };
  scope.add(new Node({ inputs: [subject], behaviour }, frame.guard));
}
