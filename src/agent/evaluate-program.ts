// SPDX-License-Identifier: Apache-2.0
// Runs the functions of a program, but no resource, until their values have come to rest: what `mgmt graph` shows.

import { type Problem, Problems } from "../base/problem.ts";
import type { Catalog } from "../contract/catalog.ts";
import type { Listener } from "../contract/event.ts";
import { Failure } from "../contract/failure.ts";
import type { Host } from "../contract/host.ts";
import { functionPicture } from "../function-graph/dot.ts";
import { renderDot } from "../graph/dot.ts";
import { renderSvg } from "../graph/svg.ts";
import { memoryLocalStore } from "../host/memory/local-store.ts";
import { emptyExchange } from "./cluster.ts";
import { createResourceGraphBuilder } from "../resource-graph/builder.ts";
import type { PassOptions } from "../resource-graph/passes.ts";
import { pictureOf, renderText } from "../resource-graph/render.ts";
import { type ResourceGraph, type Vertex, vertexOf, withMembers } from "../resource-graph/vertex.ts";
import { EdgeFacts } from "./edge-facts.ts";
import { createLiveProgram, type LiveProgram, type Program, nameOf } from "./live-program.ts";

/** Streams that have been silent for this long have come to rest. */
const restMs = 100;

export interface EvaluateOptions {
  readonly program: Program;
  /** What the pictures are called when the program does not call itself something. */
  readonly name: string;
  readonly catalog: Catalog;
  readonly host: Host;
  readonly hostname: string;
  /** The longest time to wait for rest, from the first complete result on; for that itself, twice as long. */
  readonly timeoutMs: number;
  /** Of many functions with large values it is much work. */
  readonly withFunctions?: boolean;
  /** Absent: with automatic edges, before grouping. */
  readonly automatic?: PassOptions;
  /** Told why automatic edges are missing. */
  readonly emit?: Listener;
}

export interface Evaluated {
  /** Absent exactly when there are problems. */
  readonly graph: EvaluatedGraph | undefined;
  readonly problems: readonly Problem[];
}

/** All texts sorted, so that equal programs print the same. */
export interface EvaluatedGraph {
  readonly resources: ResourceGraph;
  /** `kind[name]` */
  readonly vertices: readonly string[];
  readonly edges: readonly (readonly [from: string, to: string])[];
  /** The direct members of each vertex that has some. */
  readonly groups: Readonly<Record<string, readonly string[]>>;
  /** `Vertex: …` and `Edge: …`, a line each. */
  readonly text: string;
  /** Drawn when asked for. */
  readonly dot: () => string;
  readonly svg: () => string;
  /** The functions with their last values; only when they were wanted. */
  readonly functions: FunctionPictures | undefined;
}

export interface FunctionPictures {
  readonly dot: () => string;
  readonly svg: () => string;
}

/** Fails with `timed-out` when some function has given no value in time. */
export async function evaluateProgram(options: EvaluateOptions, signal: AbortSignal): Promise<Evaluated> {
  const { host, catalog } = options;
  const problems = new Problems();
  const facts = new EdgeFacts({ host, emit: options.emit ?? (() => {}) });
  const automatic = options.automatic ?? { autogroups: false };
  const builder = createResourceGraphBuilder(catalog, { ...automatic, facts: facts.of });
  const exchange = emptyExchange(options.hostname, host.clock);
  const isKind = (kind: string): boolean => catalog.kind(kind) !== undefined;
  const functions = createLiveProgram({ ...options, local: memoryLocalStore(), exchange, isKind, problems });
  const ending = new AbortController();
  const firstWithinMs = 2 * options.timeoutMs;
  let until = host.clock.monotonicMs() + firstWithinMs;
  const deltas = functions.run(AbortSignal.any([signal, ending.signal]));
  let built: ReturnType<typeof builder.apply> | undefined;
  try {
    let next = deltas.next();
    for (;;) {
      const items = functions.streams.items;
      const left = until - host.clock.monotonicMs();
      if (built !== undefined && (functions.streams.active === 0 || left <= 0)) break;
      if (left <= 0) throw neverComplete(firstWithinMs);
      const result = await firstOf(next, built === undefined ? left : Math.min(restMs, left), host, signal);
      if (result === "silence") {
        if (built !== undefined && functions.streams.items === items) break;
      } else if (result.done === true) {
        break;
      } else {
        if (built === undefined) until = host.clock.monotonicMs() + options.timeoutMs;
        built = builder.apply(result.value);
        next = deltas.next();
      }
    }
    if (built?.ok === true && (await facts.learn(builder.questions, signal))) built = builder.rebuild();
    if (built?.ok === true) return { graph: evaluatedGraph(built.graph, functions, options), problems: [] };
  } finally {
    ending.abort();
    await deltas.return();
    await exchange.close();
  }
  return {
    graph: undefined,
    problems: problems.any || built === undefined || built.ok ? problems.all : built.problems,
  };
}

function evaluatedGraph(
  graph: ResourceGraph,
  functions: LiveProgram,
  { program, name: place, withFunctions }: EvaluateOptions,
): EvaluatedGraph {
  const name = nameOf(program, place);
  const referenceOf = (key: string): string => vertexOf(graph, key)?.reference ?? key;
  const edges = graph.shape.edges.map(({ from, to }) => [referenceOf(from), referenceOf(to)] as const);
  const picture = () => pictureOf(graph, name);
  // Made now: the functions end with the evaluation.
  const ofFunctions = withFunctions === true ? functionPicture(functions.roots, name) : undefined;
  return {
    resources: graph,
    vertices: graph.vertices.map((vertex) => vertex.reference).sort(),
    edges: edges.sort((a, b) => compareTexts(a[0], b[0]) || compareTexts(a[1], b[1])),
    groups: groupsOf(graph.vertices),
    text: renderText(graph),
    dot: () => renderDot(picture()),
    svg: () => renderSvg(picture()),
    functions: ofFunctions && { dot: () => renderDot(ofFunctions), svg: () => renderSvg(ofFunctions) },
  };
}

function groupsOf(vertices: readonly Vertex[]): Readonly<Record<string, readonly string[]>> {
  const containers = vertices.flatMap((vertex) => [...withMembers(vertex)]).filter(({ members }) => members.length > 0);
  return Object.fromEntries(
    containers
      .map(({ reference, members }) => [reference, members.map((member) => member.reference).sort()] as const)
      .sort(([left], [right]) => compareTexts(left, right)),
  );
}

function compareTexts(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

async function firstOf<Result>(
  result: Promise<Result>,
  ms: number,
  host: Host,
  signal: AbortSignal,
): Promise<Result | "silence"> {
  const timer = new AbortController();
  const silence = host.clock.sleep(ms, AbortSignal.any([signal, timer.signal])).then(
    () => "silence" as const,
    () => "silence" as const,
  );
  try {
    return await Promise.race([result, silence]);
  } finally {
    timer.abort();
  }
}

function neverComplete(timeoutMs: number): Failure {
  return new Failure(`Some function has given no value after ${timeoutMs / 1000} seconds.`, {
    code: "timed-out",
    hint: "A program has no result until every function in it has a value; wait longer with --timeout.",
  });
}
