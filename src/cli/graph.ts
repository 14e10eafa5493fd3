// SPDX-License-Identifier: Apache-2.0
// `mgmt graph PATH…`

import { catalogFor } from "../agent/catalog.ts";
import { compileProgram } from "../agent/compile-program.ts";
import { type EvaluatedGraph, evaluateProgram } from "../agent/evaluate-program.ts";
import { thisMachine } from "../agent/machine.ts";
import type { Listener } from "../contract/event.ts";
import { Failure } from "../contract/failure.ts";
import type { Execute, Invocation } from "./command.ts";
import { EventPrinter } from "./event-output.ts";
import { exitStatus } from "./exit-status.ts";
import { programPaths } from "./former-options.ts";
import { moduleChoice } from "./module-options.ts";
import { jsonOf, type PathResult, showFailure, showProblems } from "./problem-output.ts";

interface GraphResult extends PathResult {
  readonly graph?: EvaluatedGraph | undefined;
}

export const execute: Execute = async (invocation) => {
  const { options, terminal } = invocation;
  const host = thisMachine();
  const { signal } = new AbortController();
  const { readStandardInput, workingDirectory } = terminal;
  const modules = moduleChoice(invocation);
  const hostname = typeof options.hostname === "string" ? options.hostname : await host.identity.hostname(signal);
  const catalog = catalogFor(hostname);
  const timeoutMs = Number(options.timeout) * 1000;
  const automatic = { autoedges: options.auto !== false, autogroups: options.grouped === true };

  const printer = new EventPrinter(terminal, host.clock, { verbose: false, quiet: false });
  const emit: Listener = (event) => printer.print(event);

  const withFunctions = options.functions === true;
  const evaluate = async (path: string): Promise<GraphResult> => {
    const reading = { host, workingDirectory, readStandardInput, signal, modules };
    const compiled = await compileProgram(path, catalog, reading);
    const { program } = compiled;
    if (program === undefined) return { path, problems: compiled.problems };
    const evaluated = await evaluateProgram(
      { program, name: path, catalog, host, hostname, timeoutMs, automatic, withFunctions, emit },
      signal,
    );
    return { path, problems: evaluated.problems, graph: evaluated.graph };
  };

  let good = true;
  for (const path of programPaths(invocation.arguments)) {
    const result = await evaluate(path).catch((reason: unknown): GraphResult => {
      if (reason instanceof Failure) return { path, problems: [], failure: reason };
      throw reason;
    });
    good &&= result.graph !== undefined;
    if (options.json === true) terminal.stdout(`${jsonOf({ ...result, ...result.graph })}\n`);
    else if (result.failure !== undefined) showFailure(result.failure, terminal);
    else if (result.graph === undefined) showProblems(result.problems, terminal);
    else terminal.stdout(pictureOf(result.graph, options));
  }
  return good ? exitStatus.good : exitStatus.wrong;
};

function pictureOf(graph: EvaluatedGraph, options: Invocation["options"]): string {
  const drawn = graph.functions ?? graph;
  if (options.format === "svg") return drawn.svg();
  return graph.functions !== undefined || options.format === "dot" ? drawn.dot() : graph.text;
}
