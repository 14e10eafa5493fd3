// SPDX-License-Identifier: Apache-2.0
// `mgmt graph PATH…`

import { catalogFor } from "../agent/catalog.ts";
import { compileProgram } from "../agent/compile-program.ts";
import { evaluateProgram } from "../agent/evaluate-program.ts";
import { Failure } from "../contract/failure.ts";
import { renderFunctionGraph } from "../function-graph/dot.ts";
import type { FunctionGraph } from "../function-graph/function-graph.ts";
import { linuxHost } from "../host/linux/index.ts";
import { renderDot, renderText } from "../resource-graph/render.ts";
import type { ResourceGraph } from "../resource-graph/vertex.ts";
import type { Execute } from "./commands.ts";
import { exitStatus } from "./exit-status.ts";
import { jsonOf, type PathResult, showFailure, showProblems } from "./problem-output.ts";

interface GraphResult extends PathResult {
  /** What to print for people. */
  readonly text?: string;
}

export const execute: Execute = async ({ arguments: paths, options, terminal }) => {
  const host = linuxHost();
  const { signal } = new AbortController();
  const { readStandardInput, workingDirectory } = terminal;
  const hostname = typeof options.hostname === "string" ? options.hostname : await host.identity.hostname(signal);
  const catalog = catalogFor(hostname);
  const timeoutMs = Number(options.timeout) * 1000;

  const evaluate = async (path: string): Promise<GraphResult> => {
    const compiled = await compileProgram(path, catalog, { host, workingDirectory, readStandardInput, signal });
    const { program } = compiled;
    if (program === undefined) return { path, problems: compiled.problems };
    let functionsPicture = "";
    const inspect = (functions: FunctionGraph): void => {
      if (options.functions === true) functionsPicture = renderFunctionGraph(functions.roots, path);
    };
    const { graph, problems } = await evaluateProgram({ program, catalog, host, hostname, timeoutMs, inspect }, signal);
    if (graph === undefined) return { path, problems };
    const picture = options.format === "dot" ? renderDot(graph, path) : renderText(graph);
    const text = options.functions === true ? functionsPicture : picture;
    return { path, problems, text, ...partsOf(graph) };
  };

  let good = true;
  for (const path of paths) {
    const result = await evaluate(path).catch((reason: unknown): GraphResult => {
      if (reason instanceof Failure) return { path, problems: [], failure: reason };
      throw reason;
    });
    good &&= result.problems.length === 0 && result.failure === undefined;
    if (options.json === true) terminal.stdout(`${jsonOf(result)}\n`);
    else if (result.failure !== undefined) showFailure(result.failure, terminal);
    else showProblems(result.problems, terminal);
    if (options.json !== true && result.text !== undefined) terminal.stdout(result.text);
  }
  return good ? exitStatus.good : exitStatus.wrong;
};

/** Sorted, so that equal programs print the same. */
function partsOf(graph: ResourceGraph): Pick<PathResult, "vertices" | "edges"> {
  const reference = new Map(graph.vertices.map((vertex) => [vertex.key, vertex.reference]));
  const edges = graph.shape.edges.map((edge): [string, string] => [
    reference.get(edge.from) ?? edge.from,
    reference.get(edge.to) ?? edge.to,
  ]);
  const vertices = graph.vertices.map((vertex) => vertex.reference).sort();
  return { vertices, edges: edges.sort((a, b) => (a[0] === b[0] ? compare(a[1], b[1]) : compare(a[0], b[0]))) };
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
