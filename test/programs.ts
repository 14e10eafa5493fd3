// SPDX-License-Identifier: Apache-2.0
// One whole program of a golden case, from its files to its resources, on a machine in memory: whether it is accepted,
// or the first phase that rejects it, and what it comes to. No resource is carried out.

import assert from "node:assert/strict";
import { catalogFor } from "../src/agent/catalog.ts";
import { checkKnownValues } from "../src/agent/check-values.ts";
import { compileProgram } from "../src/agent/compile-program.ts";
import { type EvaluatedGraph, evaluateProgram } from "../src/agent/evaluate-program.ts";
import type { Phase, Problem } from "../src/base/problem.ts";
import { renderProblem } from "../src/base/render-problem.ts";
import { defaultMeta, metaParameters } from "../src/contract/meta.ts";
import { type MemoryHost, memoryHost } from "../src/host/memory/index.ts";
import { type ResourceEdge, type ResourceGraph, type Vertex, vertexOf } from "../src/resource-graph/vertex.ts";
import { printValue } from "../src/values/print.ts";
import { MapValue, type Value } from "../src/values/value.ts";
import type { GoldenCase, GoldenSection } from "./golden.ts";

/** In the order in which a program passes them. */
const phases: readonly Phase[] = [
  "lexparse",
  "init",
  "interpolate",
  "scope",
  "unify",
  "graph",
  "stream",
  "interpret",
  "autoedge",
];

/** Like the machine of the language's own cases: without a name. */
const hostname = "";
const catalog = catalogFor(hostname);
const timeoutMs = 60_000;

/** `## source` is /main.mcl, `## source dir/name.mcl` a file beside it; modules of others are looked for in /modules/. */
export async function resultOf({ inputs }: GoldenCase): Promise<readonly GoldenSection[]> {
  const host = memoryHost();
  for (const { heading, text } of inputs) writeFile(host, `/${heading.split(" ")[1] ?? "main.mcl"}`, text);
  const { signal } = new AbortController();
  const modules = { directory: "/modules", download: false, update: false };
  const context = { host, workingDirectory: "/", readStandardInput: () => Promise.resolve(""), modules, signal };
  const input = inputs.some(({ heading }) => heading === "source metadata.yaml") ? "/" : "/main.mcl";
  const { program, problems } = await compileProgram(input, catalog, context);
  if (program === undefined) return rejected(problems);
  const options = { program, name: "main", catalog, host, hostname, timeoutMs, withFunctions: true };
  const evaluated = await withTimePassing(evaluateProgram(options, signal), host);
  if (evaluated.graph === undefined) return rejected(evaluated.problems);
  assert.deepEqual(checkKnownValues(program, catalog), [], "what runs is found good without being run");
  return accepted(evaluated.graph);
}

function writeFile(host: MemoryHost, path: string, text: string): void {
  host.outside.makeDirectory(path.slice(0, path.lastIndexOf("/")) || "/");
  host.outside.write(path, text);
}

/** The clock goes on whenever nothing else does. */
async function withTimePassing<Result>(work: Promise<Result>, { clock }: MemoryHost): Promise<Result> {
  let isDone = false;
  const end = () => {
    isDone = true;
  };
  work.then(end, end);
  for (await clock.settle(); !isDone; await clock.settle()) await clock.advance(clock.nextTimerInMs ?? 0);
  return work;
}

function rejected(problems: readonly Problem[]): readonly GoldenSection[] {
  const phase = phases.find((each) => problems.some((problem) => problem.phase === each));
  const inOrder = problems.toSorted((a, b) => phases.indexOf(a.phase) - phases.indexOf(b.phase));
  return [
    { heading: "verdict", text: `rejected: ${phase ?? "no problem says why"}\n` },
    {
      heading: "problems",
      text: inOrder.map((problem) => `${renderProblem(problem, { colour: false })}\n`).join("\n"),
    },
  ];
}

function accepted({ resources: graph, functions }: EvaluatedGraph): readonly GoldenSection[] {
  const { edges } = graph.shape;
  const lines = (texts: readonly string[]) =>
    texts
      .map((text) => `${text}\n`)
      .toSorted()
      .join("");
  return [
    { heading: "verdict", text: "accepted\n" },
    { heading: "vertices", text: lines(graph.vertices.map(renderVertex)) },
    { heading: "edges", text: lines(edges.map((edge) => renderEdge(edge, graph))) },
    { heading: "instances", text: lines(countInstances(functions?.dot() ?? "")) },
  ];
}

/** How often each of the functions is there that are meant for it: what is bound once is to be made once. */
function countInstances(functionsDot: string): readonly string[] {
  const found = functionsDot.matchAll(/label="(test\.one_instance_[a-h])/g);
  return [...Map.groupBy(found, ([, name]) => name)].map(([name, { length }]) => `${name}: ${length}`);
}

/** `kind[name] { what the program sets }`, and the meta parameters that it changes. */
function renderVertex({ reference, given, want, meta }: Vertex): string {
  const fields = given.map((name) => `${name} => ${renderWanted(want[name])}`);
  const changed = metaParameters
    .filter(({ name }) => !sameMeta(meta[name], defaultMeta[name]))
    .map(({ name }) => `Meta:${name} => ${JSON.stringify(meta[name])}`);
  const settings = [...fields, ...changed];
  const shown = reference.replaceAll("\n", "\\n");
  return settings.length === 0 ? shown : `${shown} { ${settings.join(", ")} }`;
}

function sameMeta(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right) && String(left) === String(right);
}

/** As the language prints values, with texts in quotes. */
function renderWanted(wanted: unknown): string {
  const value = wanted instanceof Map ? new MapValue(wanted as ReadonlyMap<string, string>) : (wanted as Value);
  return printValue([value]).slice(1, -1);
}

function renderEdge({ from, to, notify, sends }: ResourceEdge, graph: ResourceGraph): string {
  const referenceOf = (key: string) => vertexOf(graph, key)?.reference ?? key;
  const values = sends.map(({ key, field }) => ` (${key} -> ${field})`);
  return `${referenceOf(from)} -> ${referenceOf(to)}${notify ? " (notifies)" : ""}${values.join("")}`;
}
