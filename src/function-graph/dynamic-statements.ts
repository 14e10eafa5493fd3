// SPDX-License-Identifier: Apache-2.0
// `if` and loops as statements: roots that bring the statements of a branch or of an iteration to life and end them.

import type { For, If } from "../program/types/tree.ts";
import { identityOf, MapValue, type Value } from "../values/value.ts";
import { entryBehaviour, itemBehaviour } from "./behaviours.ts";
import { type Behaviour, Failed, Node } from "./node.ts";
import { Frame, Scope } from "./scope.ts";
import { type Building, buildStatements } from "./statements.ts";

/** Only the branch that the condition chooses lives. */
export function buildIf(statement: If, frame: Frame, scope: Scope, building: Building): void {
  const condition = building.expressions.node(statement.condition, frame);
  let living: { readonly taken: Value; readonly scope: Scope } | undefined;
  const end = (): void => {
    living?.scope.end();
    living = undefined;
  };
  const behaviour: Behaviour = {
    label: "if",
    compute: (node) => {
      const taken = condition.result;
      if (taken === undefined || taken instanceof Failed) return taken;
      if (living?.taken === taken) return true;
      end();
      const begun = { taken, scope: new Scope(building.evaluator) };
      living = begun;
      const branch = taken === true ? statement.then : statement.otherwise;
      if (branch !== undefined) {
        buildStatements(branch.statements, new Frame(branch.activation, frame, node), begun.scope, building);
      }
      return true;
    },
    stop: (node) => {
      end();
      building.evaluator.forget(node);
    },
  };
  scope.add(new Node({ inputs: [condition], behaviour }, frame.guard));
}

/**
 * One life of the body for each item of a list, by index, or entry of a map, by key. While an index or key stays, new
 * values flow through its iteration; nothing is built again.
 */
export function buildFor(statement: For, frame: Frame, scope: Scope, building: Building): void {
  const subject = building.expressions.node(statement.subject, frame);
  const living = new Map<string, Scope>();

  const begin = (first: Value, guard: Node): Scope => {
    const behaviour = statement.over === "list" ? itemBehaviour(Number(first as bigint)) : entryBehaviour(first);
    const body = new Frame(statement.body.activation, frame, guard);
    body.values.set(statement.first, Node.constant(first));
    const value = subject.isConstant
      ? Node.constant(elementOf(subject.result as Value, first))
      : new Node({ inputs: [subject], behaviour }, guard);
    body.values.set(statement.value, value);
    const begun = new Scope(building.evaluator);
    buildStatements(statement.body.statements, body, begun, building);
    return begun;
  };

  const follow = (firsts: readonly Value[], guard: Node): void => {
    const wanted = new Map(firsts.map((first) => [identityOf(first), first]));
    for (const [identity, iteration] of living) {
      if (wanted.has(identity)) continue;
      living.delete(identity);
      iteration.end();
    }
    for (const [identity, first] of wanted) {
      if (!living.has(identity)) living.set(identity, begin(first, guard));
    }
  };

  const behaviour: Behaviour = {
    label: statement.over === "list" ? "for" : "forkv",
    compute: (node) => {
      const result = subject.result;
      if (result === undefined || result instanceof Failed) return result;
      follow(firstsOf(result), node);
      return true;
    },
    stop: (node) => {
      for (const iteration of living.values()) iteration.end();
      living.clear();
      building.evaluator.forget(node);
    },
  };
  scope.add(new Node({ inputs: [subject], behaviour }, frame.guard));
}

/** The indexes of a list, the keys of a map. */
function firstsOf(subject: Value): readonly Value[] {
  if (subject instanceof MapValue) return subject.keys();
  return Array.isArray(subject) ? subject.map((_, index) => BigInt(index)) : [];
}

function elementOf(subject: Value, first: Value): Value {
  const element =
    subject instanceof MapValue ? subject.get(first) : (subject as readonly Value[])[Number(first as bigint)];
  return element as Value;
}
