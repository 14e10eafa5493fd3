// SPDX-License-Identifier: Apache-2.0
// Statements that put something out → roots of the graph. Knows nothing of what brings statements to life.

import type { Problems } from "../base/problem.ts";
import type { Span } from "../base/span.ts";
import type { EdgeDeclaration, StatementOutput } from "../contract/declaration.ts";
import { metaParameters } from "../contract/meta.ts";
import type {
  Edge,
  EdgeHalf,
  Expression,
  Names,
  Panic,
  Resource,
  ResourceEdge,
  ResourceField,
  ResourceMeta,
} from "../program/types/tree.ts";
import { StructValue, type Value } from "../values/value.ts";
import { obstacle } from "./behaviours.ts";
import type { Evaluator } from "./evaluator.ts";
import type { ExpressionBuilder } from "./expressions.ts";
import { type Behaviour, Node } from "./node.ts";
import { originsOf } from "./origins.ts";
import type { Outputs } from "./outputs.ts";
import { collectedResources } from "./collected-resources.ts";
import { metaGivenTwice, unknownKindReached } from "./problems.ts";
import type { Frame, Scope } from "./scope.ts";

/** What building statements needs; one for each function graph. */
export interface Building {
  readonly evaluator: Evaluator;
  readonly expressions: ExpressionBuilder;
  readonly outputs: Outputs;
  readonly problems: Problems;
  /** The name of this host. */
  readonly hostname: string;
}

export function buildResource(statement: Resource, frame: Frame, scope: Scope, building: Building): void {
  const { problems } = building;
  if (statement.definition === undefined) {
    const { start } = statement.at;
    const at = { ...statement.at, end: start + statement.type.length };
    problems.report(unknownKindReached, at, { kind: statement.type });
    return;
  }
  if (reportMetaGivenTwice(statement, problems)) return;

  const inputs = new Inputs(frame, building);
  const name = inputs.add(statement.collected ?? statement.name.value);
  const fields = statement.fields.map((field) => inputs.conditional(field, field.condition, field.value));
  const meta = statement.meta.map((entry) => inputs.conditional(entry, entry.condition, entry.value));
  const edges = statement.edges.map((edge) => inputs.conditional(edge, edge.condition, edge.target.name.value));
  // Most fields are always set: then their places never change.
  const fixedPlaces = fields.every((field) => field.condition === undefined) ? placesOf(fields, []) : undefined;

  const compute = (values: readonly Value[]): StatementOutput => {
    const shared = {
      fields: valuesSet(fields, values),
      meta: meta.length === 0 ? noMeta : metaSet(meta, values),
      fieldsAt: fixedPlaces ?? placesOf(fields, values),
      ...(meta.length === 0 ? {} : { metaAt: metaPlacesOf(meta, values) }),
      at: statement.at,
    };
    const resources =
      statement.collected === undefined
        ? namesOf(statement.name, values[name]).map((each) => ({ kind: statement.type, name: each, ...shared }))
        : collectedResources(statement.type, values[name], shared, building);
    const names = edges.length === 0 ? [] : [...new Set(resources.map((resource) => resource.name))];
    return { resources, edges: edges.length === 0 ? noEdges : edgesSet(edges, values, statement.type, names) };
  };
  scope.add(new Node({ inputs: inputs.nodes, behaviour: outputBehaviour(statement, compute, building) }, frame.guard));
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
  const behaviour = outputBehaviour(statement, compute, building);
  scope.add(new Node({ inputs: inputs.nodes, behaviour }, frame.guard));
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
  add(expression: Expression): number {
    return this.nodes.push(this.#building.expressions.node(expression, this.#frame)) - 1;
  }

  conditional<Part>(part: Part, condition: Expression | undefined, value: Expression): Conditional<Part> {
    return { part, condition: condition === undefined ? undefined : this.add(condition), value: this.add(value) };
  }
}

/** A part of a statement that counts only while its condition holds. The numbers are places among the inputs. */
interface Conditional<Part> {
  readonly part: Part;
  readonly condition: number | undefined;
  readonly value: number;
}

const noMeta: ReadonlyMap<string, Value> = new Map();
const noEdges: readonly EdgeDeclaration[] = [];

function holds({ condition }: Conditional<unknown>, values: readonly Value[]): boolean {
  return condition === undefined || values[condition] === true;
}

function valuesSet(
  fields: readonly Conditional<ResourceField>[],
  values: readonly Value[],
): ReadonlyMap<string, Value> {
  const set = new Map<string, Value>();
  for (const field of fields) if (holds(field, values)) set.set(field.part.name, values[field.value] as Value);
  return set;
}

function placesOf(fields: readonly Conditional<ResourceField>[], values: readonly Value[]): ReadonlyMap<string, Span> {
  const places = new Map<string, Span>();
  for (const field of fields) if (holds(field, values)) places.set(field.part.name, field.part.value.at);
  return places;
}

function metaPlacesOf(
  entries: readonly Conditional<ResourceMeta>[],
  values: readonly Value[],
): ReadonlyMap<string, Span> {
  const places = new Map<string, Span>();
  for (const { part, ...entry } of entries) {
    if (part.parameter !== undefined && holds({ part, ...entry }, values)) places.set(part.parameter, part.value.at);
  }
  return places;
}

function metaSet(entries: readonly Conditional<ResourceMeta>[], values: readonly Value[]): ReadonlyMap<string, Value> {
  const set = new Map<string, Value>();
  for (const entry of entries) {
    if (!holds(entry, values)) continue;
    const { parameter } = entry.part;
    const value = values[entry.value];
    if (parameter !== undefined) set.set(parameter, value as Value);
    else if (value instanceof StructValue) {
      value.names.forEach((name, index) => set.set(name, value.values[index] as Value));
    }
  }
  return set;
}

function edgesSet(
  edges: readonly Conditional<ResourceEdge>[],
  values: readonly Value[],
  type: string,
  names: readonly string[],
): readonly EdgeDeclaration[] {
  return edges
    .filter((edge) => holds(edge, values))
    .flatMap(({ part: { relation, target, at }, value }) => {
      const notify = relation === "notify" || relation === "listen";
      const selfFirst = relation === "before" || relation === "notify";
      const others = namesOf(target.name, values[value]);
      return names.flatMap((self) =>
        others.map((other): EdgeDeclaration => {
          const here = { kind: type, name: self };
          const there = { kind: target.type, name: other };
          return { from: selfFirst ? here : there, to: selfFirst ? there : here, notify, at };
        }),
      );
    });
}

function sendOf(from: EdgeHalf, to: EdgeHalf): Pick<EdgeDeclaration, "send"> {
  return from.field === undefined || to.field === undefined ? {} : { send: { key: from.field, field: to.field } };
}

/** The node of a statement: its value is only that it is there; what it puts out goes to `outputs`. */
function outputBehaviour(
  statement: Resource | Edge,
  compute: (values: readonly Value[]) => StatementOutput,
  { outputs, evaluator }: Building,
): Behaviour {
  const key = { at: statement.at };
  return {
    label: labelOf(statement),
    compute(node) {
      const blocked = obstacle(node.inputs);
      if (blocked !== undefined) return blocked.result;
      const output = compute(node.inputs.map((input) => input.result as Value));
      if (outputs.put(key, output)) outputs.putOrigins(key, originsOf(node, evaluator));
      return true;
    },
    stop: () => outputs.remove(key),
  };
}

function labelOf(statement: Resource | Edge): string {
  if (statement.kind === "edge") return "edge";
  return statement.collected === undefined ? statement.type : `collect ${statement.type}`;
}

/** Names in a list that are the same are one name. */
function namesOf(names: Names, value: Value | undefined): readonly string[] {
  if (!names.list) return [value as string];
  return [...new Set(value as readonly string[])];
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
