// SPDX-License-Identifier: Apache-2.0
// Statements that put something out → roots of the graph. Knows nothing of what brings statements to life.

import type { Problems } from "../base/problem.ts";
import type { EdgeDeclaration, ResourceDeclaration, StatementOutput } from "../contract/declaration.ts";
import { metaParameters } from "../contract/meta.ts";
import type { Edge, EdgeHalf, Names, Panic, Resource } from "../program/types/tree.ts";
import { StructValue, type Value } from "../values/value.ts";
import { obstacle } from "./behaviours.ts";
import type { Evaluator } from "./evaluator.ts";
import type { ExpressionBuilder } from "./expressions.ts";
import { type Behaviour, Node } from "./node.ts";
import type { Outputs } from "./outputs.ts";
import { metaGivenTwice, unknownKindReached } from "./problems.ts";
import type { Frame, Scope } from "./scope.ts";

/** What building statements needs; one for each function graph. */
export interface Building {
  readonly evaluator: Evaluator;
  readonly expressions: ExpressionBuilder;
  readonly outputs: Outputs;
  readonly problems: Problems;
}

/** Reads the values of a statement's expressions in the order in which they were asked for. */
class Inputs {
  readonly nodes: Node[] = [];
  readonly #frame: Frame;
  readonly #building: Building;

  constructor(frame: Frame, building: Building) {
    this.#frame = frame;
    this.#building = building;
  }

  /** Where the value of the expression will be found. */
  add(expression: Parameters<ExpressionBuilder["node"]>[0]): number {
    return this.nodes.push(this.#building.expressions.node(expression, this.#frame)) - 1;
  }
}

/** A value of a statement that counts only while its condition holds. */
interface Conditional {
  readonly condition: number | undefined;
  readonly value: number;
}

export function buildResource(statement: Resource, frame: Frame, scope: Scope, building: Building): void {
  const { problems, outputs } = building;
  if (statement.definition === undefined) {
    problems.report(unknownKindReached, statement.at, { kind: statement.type });
    return;
  }
  if (reportMetaGivenTwice(statement, problems)) return;

  const inputs = new Inputs(frame, building);
  const conditional = (part: {
    condition?: Resource["name"]["value"];
    value: Resource["name"]["value"];
  }): Conditional => ({
    condition: part.condition === undefined ? undefined : inputs.add(part.condition),
    value: inputs.add(part.value),
  });
  const name = inputs.add(statement.name.value);
  const fields = statement.fields.map((field) => ({ ...conditional(field), field }));
  const meta = statement.meta.map((entry) => ({ ...conditional(entry), entry }));
  const edges = statement.edges.map((edge) => ({
    ...conditional({
      value: edge.target.name.value,
      ...(edge.condition === undefined ? {} : { condition: edge.condition }),
    }),
    edge,
  }));

  const compute = (values: readonly Value[]): StatementOutput => {
    const holds = (part: Conditional): boolean => part.condition === undefined || values[part.condition] === true;
    const setFields = new Map<string, Value>();
    const fieldsAt = new Map<string, Resource["at"]>();
    for (const part of fields) {
      if (!holds(part)) continue;
      setFields.set(part.field.name, values[part.value] as Value);
      fieldsAt.set(part.field.name, part.field.at);
    }
    const setMeta = new Map<string, Value>();
    for (const part of meta) {
      if (holds(part)) setMetaFrom(part.entry.parameter, values[part.value] as Value, setMeta);
    }
    const names = namesOf(statement.name, values[name]);
    const resources: ResourceDeclaration[] = names.map((each) => ({
      kind: statement.type,
      name: each,
      fields: setFields,
      meta: setMeta,
      at: statement.at,
      fieldsAt,
    }));
    const declared: EdgeDeclaration[] = [];
    for (const part of edges) {
      if (!holds(part)) continue;
      const { relation, target, at } = part.edge;
      const notify = relation === "notify" || relation === "listen";
      for (const self of names) {
        for (const other of namesOf(target.name, values[part.value])) {
          const here = { kind: statement.type, name: self };
          const there = { kind: target.type, name: other };
          const before = relation === "before" || relation === "notify";
          declared.push({ from: before ? here : there, to: before ? there : here, notify, at });
        }
      }
    }
    return { resources, edges: declared };
  };
  scope.add(new Node({ inputs: inputs.nodes, behaviour: outputBehaviour(statement, compute, outputs) }, frame.guard));
}

export function buildPanic(panic: Panic, frame: Frame, scope: Scope, { expressions }: Building): void {
  scope.add(expressions.node(panic.call, frame));
}

export function buildEdge(statement: Edge, frame: Frame, scope: Scope, building: Building): void {
  const inputs = new Inputs(frame, building);
  const halves = statement.halves.map((half) => ({ half, name: inputs.add(half.name.value) }));
  const compute = (values: readonly Value[]): StatementOutput => {
    const edges: EdgeDeclaration[] = [];
    for (let at = 0; at + 1 < halves.length; at += 1) {
      const from = halves[at] as (typeof halves)[number];
      const to = halves[at + 1] as (typeof halves)[number];
      for (const fromName of namesOf(from.half.name, values[from.name])) {
        for (const toName of namesOf(to.half.name, values[to.name])) {
          edges.push({
            from: { kind: from.half.type, name: fromName },
            to: { kind: to.half.type, name: toName },
            notify: false,
            at: statement.at,
            ...sendOf(from.half, to.half),
          });
        }
      }
    }
    return { resources: [], edges };
  };
  const behaviour = outputBehaviour(statement, compute, building.outputs);
  scope.add(new Node({ inputs: inputs.nodes, behaviour }, frame.guard));
}

function sendOf(from: EdgeHalf, to: EdgeHalf): Pick<EdgeDeclaration, "send"> {
  return from.field === undefined || to.field === undefined ? {} : { send: { key: from.field, field: to.field } };
}

/** The node of a statement: its value is only that it is there; what it puts out goes to `outputs`. */
function outputBehaviour(
  statement: Resource | Edge,
  compute: (values: readonly Value[]) => StatementOutput,
  outputs: Outputs,
): Behaviour {
  const key = { at: statement.at };
  return {
    label: statement.kind === "resource" ? statement.type : "edge",
    compute(node) {
      const blocked = obstacle(node.inputs);
      if (blocked !== undefined) return blocked.result;
      outputs.put(key, compute(node.inputs.map((input) => input.result as Value)));
      return true;
    },
    stop: () => outputs.remove(key),
  };
}

/** Names in a list that are the same are one name. */
function namesOf(names: Names, value: Value | undefined): readonly string[] {
  if (!names.list) return [value as string];
  return [...new Set(value as readonly string[])];
}

function setMetaFrom(parameter: string | undefined, value: Value, into: Map<string, Value>): void {
  if (parameter !== undefined) {
    into.set(parameter, value);
  } else if (value instanceof StructValue) {
    value.names.forEach((name, index) => into.set(name, value.values[index] as Value));
  }
}

/** The struct form gives every parameter, so nothing may stand beside it. */
function reportMetaGivenTwice(statement: Resource, problems: Problems): boolean {
  const whole = statement.meta.find((entry) => entry.parameter === undefined);
  if (whole === undefined || statement.meta.length === 1) return false;
  const other = statement.meta.find((entry) => entry !== whole);
  const parameter = other?.parameter ?? metaParameters[0]?.name ?? "";
  problems.report(metaGivenTwice, other?.at ?? whole.at, { parameter });
  return true;
}
