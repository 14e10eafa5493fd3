// SPDX-License-Identifier: Apache-2.0
// Every problem of a program that is in memory: those of its texts, else those that its first values bring.
// For the reference, which shows wrong programs with their messages, and for what holds it to them.

import { type Problem, Problems } from "../base/problem.ts";
import type { Catalog } from "../contract/catalog.ts";
import type { Host } from "../contract/host.ts";
import { readYamlGraph } from "../frontends/yaml/read-graph.ts";
import { compileLoaded } from "../program/compile.ts";
import { loadProgram } from "../program/modules/load.ts";
import { sourceInMemory } from "../program/modules/module-source.ts";
import { evaluateProgram } from "./evaluate-program.ts";
import { shippedModules } from "./modules/shipped.ts";
import { readTool } from "../program/tool/inputs.ts";

export interface Judging {
  readonly catalog: Catalog;
  readonly host: Host;
  readonly hostname: string;
}

/**
 * Texts by their paths: a `graph.yaml`, or a program's `main.mcl` with what it imports. Runs functions, and no resource.
 */
export async function judgeProgram(
  files: ReadonlyMap<string, string>,
  { catalog, host, hostname }: Judging,
  signal: AbortSignal,
): Promise<readonly Problem[]> {
  const problems = new Problems();
  const graph = files.get("graph.yaml");
  if (graph !== undefined) {
    readYamlGraph({ path: "graph.yaml", text: graph }, catalog, problems);
    return problems.all;
  }
  const loading = {
    files: sourceInMemory(new Map([...files].map(([path, text]) => [`/${path}`, text]))),
    shipped: shippedModules,
    moduleDirectory: undefined,
    show: (path: string) => path.slice(1),
  };
  const { main } = await loadProgram({ kind: "directory", directory: "/" }, loading);
  if (main.kind === "missing") throw new Error(`a program in memory has a main.mcl: ${main.reason}`);
  const environment = (): undefined => undefined;
  const tool = await readTool(catalog, { ...loading, directory: "/", environment }, problems);
  const program = problems.any ? undefined : compileLoaded(main.module, tool.catalog, problems);
  if (program === undefined) return problems.all;
  const options = { program, name: "main.mcl", catalog, host, hostname, timeoutMs: 5000 };
  return (await evaluateProgram(options, signal)).problems;
}
