// SPDX-License-Identifier: Apache-2.0
// What a case expects of its resources (`test:expect`), against what a run has made of them. Pure.

import type { Problem } from "../../base/problem.ts";
import type { StepText } from "../../contract/resource.ts";
import type { ResourceReport } from "../../engine/report.ts";
import { type ResourceGraph, type Vertex, withMembers } from "../../resource-graph/vertex.ts";
import { readWanted, sameWanted, valueOfWanted } from "../../resource-graph/wanted.ts";
import { printValue, quote } from "../../values/print.ts";
import { StructValue, type Value } from "../../values/value.ts";
import {
  hasFailed,
  hasNotFailed,
  hasNotRun,
  isThere,
  noOrder,
  notThere,
  unusableValue,
  wrongSteps,
  wrongValue,
} from "./shortcomings.ts";

export interface Outcome {
  /** As it was at the end. */
  readonly graph: ResourceGraph;
  /** What each resource was to do at first. */
  readonly planned: ReadonlyMap<string, readonly StepText[]>;
  readonly report: readonly ResourceReport[];
}

interface Expected {
  readonly exists: boolean;
  readonly fields: Value | undefined;
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly steps: readonly string[] | undefined;
  readonly fails: string;
}

/** Every one that is not met; and failures that nobody expects. */
export function unmetExpectations(outcome: Outcome): readonly Problem[] {
  const all = outcome.graph.vertices.flatMap((vertex) => [...withMembers(vertex)]);
  const resources = new Map(
    all.filter(({ kind }) => !kind.kind.startsWith("test:")).map((each) => [each.reference, each]),
  );
  const reports = new Map(outcome.report.map((report) => [report.vertex.reference, report]));
  const order = new Order(outcome.graph);
  const mayFail = new Set<string>();
  const found: Problem[] = [];
  for (const { kind, name, want, at } of all) {
    if (kind.kind !== "test:expect") continue;
    const expected = want as unknown as Expected;
    const vertex = resources.get(name);
    if (vertex === undefined) {
      if (expected.exists) found.push(notThere(at, name, [...resources.keys()].sort()));
      continue;
    }
    if (!expected.exists) {
      found.push(isThere(at, name));
      continue;
    }
    found.push(...wrongFields(vertex, expected.fields, at));
    for (const other of expected.before) found.push(...wrongOrder(order, name, other, at));
    for (const other of expected.after) found.push(...wrongOrder(order, other, name, at));
    const steps = outcome.planned.get(name) ?? [];
    if (expected.steps !== undefined && !areSteps(expected.steps, steps)) {
      found.push(wrongSteps(at, name, expected.steps, steps));
    }
    if (expected.fails === "") continue;
    mayFail.add(name);
    const failure = reports.get(name)?.failure;
    if (failure === undefined) found.push(hasNotFailed(at, name));
    else if (!failure.message.includes(expected.fails)) found.push(hasFailed(at, name, failure, expected.fails));
  }
  for (const { vertex, failure, blockedBy } of outcome.report) {
    const { at, reference } = vertex;
    if (failure !== undefined && !mayFail.has(reference)) found.push(hasFailed(at, reference, failure));
    if (blockedBy !== undefined && !mayFail.has(blockedBy)) found.push(hasNotRun(at, reference, blockedBy));
  }
  return found;
}

function wrongFields(
  { kind, reference, want }: Vertex,
  fields: Value | undefined,
  at: Vertex["at"],
): readonly Problem[] {
  if (!(fields instanceof StructValue)) return [];
  return fields.names.flatMap((name) => {
    const declared = Object.hasOwn(kind.fields, name) ? kind.fields[name] : undefined;
    if (declared === undefined) return [unusableValue(at, reference, name, "does not exist")];
    const reading = readWanted(declared, fields.get(name) as Value);
    if (!reading.ok) return [unusableValue(at, reference, name, reading.why)];
    if (sameWanted(reading.wanted, want[name])) return [];
    const shown = (wanted: unknown): string => {
      const value = valueOfWanted(declared, wanted);
      return declared.secret
        ? "<secret>"
        : value === undefined
          ? "not given"
          : typeof value === "string"
            ? quote(value)
            : printValue(value);
    };
    return [wrongValue(at, reference, name, shown(reading.wanted), shown(want[name]))];
  });
}

function areSteps(expected: readonly string[], found: readonly StepText[]): boolean {
  return (
    expected.length === found.length &&
    found.every(({ mark, text }, at) => `${mark} ${text}`.startsWith(expected[at] as string))
  );
}

function wrongOrder(order: Order, first: string, second: string, at: Vertex["at"]): readonly Problem[] {
  return order.leads(first, second) ? [] : [noOrder(at, first, second, order.leads(second, first))];
}

/** Which resource comes before which, through any number of edges. */
class Order {
  readonly #graph: ResourceGraph;
  readonly #numbers = new Map<string, number>();

  constructor(graph: ResourceGraph) {
    this.#graph = graph;
    graph.vertices.forEach((vertex, number) => {
      for (const { reference } of withMembers(vertex)) this.#numbers.set(reference, number);
    });
  }

  leads(first: string, second: string): boolean {
    const [from, to] = [this.#numbers.get(first), this.#numbers.get(second)];
    if (from === undefined || to === undefined || from === to) return false;
    const { outgoing, heads } = this.#graph.shape;
    const seen = new Set([from]);
    for (const number of seen) {
      for (const edge of outgoing[number] ?? []) seen.add(heads[edge] as number);
    }
    return seen.has(to);
  }
}
