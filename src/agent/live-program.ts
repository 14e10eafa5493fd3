// SPDX-License-Identifier: Apache-2.0
// A program of whatever front end, brought to life: a stream of changes of its output.

import type { OutputDelta } from "../contract/declaration.ts";
import { runYamlGraph } from "../frontends/yaml/living-graph.ts";
import type { YamlGraph } from "../frontends/yaml/read-graph.ts";
import {
  createFunctionGraph,
  type FunctionGraph,
  type FunctionGraphOptions,
} from "../function-graph/function-graph.ts";
import type { TypedProgram } from "../program/types/tree.ts";

/** What a front end makes of a text that is right, or an embedding program of its own resources. */
export type Program = TypedProgram | YamlGraph | EmbeddedProgram;

/** Resources that a program in TypeScript declares; the stream is that of `FunctionGraph.run`. */
export interface EmbeddedProgram {
  readonly deltas: (signal: AbortSignal) => AsyncGenerator<OutputDelta, void, undefined>;
}

/** What its pictures are called: as it calls itself, or where it is. */
export function nameOf(program: Program, path: string): string {
  return "output" in program && program.name !== "" ? program.name : path;
}

export type LiveProgram = Pick<FunctionGraph, "run" | "streams" | "counts" | "roots">;

export interface LiveProgramOptions extends Omit<FunctionGraphOptions, "program"> {
  readonly program: Program;
}

export function createLiveProgram(options: LiveProgramOptions): LiveProgram {
  const { program } = options;
  if ("deltas" in program) return { run: program.deltas, ...noFunctions };
  return "output" in program ? yamlProgram(program, options) : createFunctionGraph({ ...options, program });
}

export const noFunctions: Omit<LiveProgram, "run"> = {
  streams: { active: 0, items: 0 },
  counts: { rounds: 0, computed: 0, necessary: 0, lifted: 0 },
  roots: [],
};

function yamlProgram(graph: YamlGraph, { exchange }: LiveProgramOptions): LiveProgram {
  if (graph.collects.length === 0) return constantProgram(graph);
  let items = 0;
  let active = 0;
  async function* run(signal: AbortSignal): AsyncGenerator<OutputDelta, void, undefined> {
    active = graph.collects.length;
    for await (const delta of runYamlGraph(graph, exchange, signal)) {
      items += 1;
      yield delta;
    }
    active = 0;
  }
  return {
    ...constantProgram(graph),
    run,
    get streams() {
      return { active, items };
    },
  };
}

/** Its output is complete at once and never changes. */
function constantProgram({ output, at }: YamlGraph): LiveProgram {
  async function* run(signal: AbortSignal): AsyncGenerator<OutputDelta, void, undefined> {
    yield { changed: new Map([[{ at }, output]]), removed: [] };
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }
  return { run, ...noFunctions };
}
