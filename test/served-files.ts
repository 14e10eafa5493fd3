// SPDX-License-Identifier: Apache-2.0
// The texts that a program of the provisioner serves over TFTP and HTTP, by their paths, and its commands by their names. No
// resource is carried out.

import { catalogFor } from "../src/agent/catalog.ts";
import { compileProgram } from "../src/agent/compile-program.ts";
import { evaluateProgram } from "../src/agent/evaluate-program.ts";
import { renderProblem } from "../src/base/render-problem.ts";
import { memoryHost } from "../src/host/memory/index.ts";

const catalog = catalogFor("laptop");

/** `tftp /grub/grub.cfg` → text, sorted. */
export async function servedFiles(source: string): Promise<ReadonlyMap<string, string>> {
  const host = memoryHost();
  host.outside.makeDirectory("/");
  host.outside.write("/main.mcl", source);
  const { signal } = new AbortController();
  const reading = { host, workingDirectory: "/", readStandardInput: () => Promise.resolve(""), signal };
  const { program, problems } = await compileProgram("/main.mcl", catalog, reading);
  const told = (found: typeof problems) => found.map((problem) => renderProblem(problem, { colour: false })).join("\n");
  if (program === undefined) throw new Error(told(problems));
  let isDone = false;
  const work = evaluateProgram(
    { program, name: "main", catalog, host, hostname: "laptop", timeoutMs: 60_000 },
    signal,
  ).finally(() => {
    isDone = true;
  });
  for (await host.clock.settle(); !isDone; await host.clock.settle())
    await host.clock.advance(host.clock.nextTimerInMs ?? 0);
  const { graph, problems: late } = await work;
  if (graph === undefined) throw new Error(told(late));
  const files = graph.resources.vertices.flatMap(({ kind: { kind }, name, want }): [string, string][] => {
    const { data, cmd } = want as { readonly data?: string; readonly cmd?: string };
    if (kind === "exec" && cmd !== undefined) return [[`exec ${name}`, cmd]];
    if (data === undefined || data === "") return [];
    if (kind === "tftp:file") return [[`tftp ${name}`, data]];
    return kind === "http:server:file" ? [[`http ${name}`, data]] : [];
  });
  return new Map(files.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
