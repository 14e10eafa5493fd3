// SPDX-License-Identifier: Apache-2.0
// Programs with real kinds on a machine in memory, whose time the test drives; and which meta parameters were at work.

import assert from "node:assert/strict";
import type { EngineEvent } from "../contract/event.ts";
import type { Host } from "../contract/host.ts";
import { defaultMeta, type Meta, metaParameters } from "../contract/meta.ts";
import { type MemoryHost, memoryHost } from "../host/memory/index.ts";
import { withMembers } from "../resource-graph/vertex.ts";
import { catalogFor } from "./catalog.ts";
import type { Run, RunOptions } from "./run.ts";
import { runProgram } from "./run-program.ts";

const programPath = "/site/main.mcl";

/** The kinds of all resources that were in a graph with this parameter, in all trials so far. */
export const metaAtWork: ReadonlyMap<keyof Meta, Set<string>> = new Map(
  metaParameters.map(({ name }) => [name, new Set<string>()]),
);

export class Trial {
  readonly host: MemoryHost;
  readonly events: EngineEvent[] = [];
  readonly run: Run;
  #seen = 0;

  private constructor(program: string, host: MemoryHost, options: Partial<RunOptions>, seenBy: Host) {
    this.host = host;
    host.outside.makeDirectory("/site");
    host.outside.write(programPath, program);
    this.run = runProgram({
      path: programPath,
      reading: { workingDirectory: "/", readStandardInput: () => Promise.resolve("") },
      catalog: catalogFor("memory"),
      hostname: "memory",
      prefix: "/state",
      noop: false,
      watchProgram: true,
      convergedMs: undefined,
      maxRuntimeMs: undefined,
      graphvizFile: undefined,
      emit: (event) => {
        this.events.push(event);
        if (event.type === "graph-swapped") this.#noteMeta();
      },
      onProblems: (problems) => assert.deepEqual(problems, []),
      onReload: () => {},
      ...options,
      host: seenBy,
    });
  }

  /** `seenBy`: what the run takes for the host, when it must not be the host itself. */
  static async start(
    program: string,
    host = memoryHost(),
    options: Partial<RunOptions> = {},
    seenBy: Host = host,
  ): Promise<Trial> {
    const trial = new Trial(program, host, options, seenBy);
    await host.clock.settle();
    return trial;
  }

  /** Which parameters have another value than the default, on which kinds. */
  #noteMeta(): void {
    for (const vertex of this.run.view.graph.vertices) {
      for (const { kind, meta } of withMembers(vertex)) {
        for (const { name } of metaParameters) {
          if (String(meta[name]) !== String(defaultMeta[name])) metaAtWork.get(name)?.add(kind.kind);
        }
      }
    }
  }

  async edit(program: string): Promise<void> {
    this.host.outside.write(programPath, program);
    await this.host.clock.advance(100); // An edit counts once it has stayed the same for a while.
  }

  /** What was done, said and failed since the last look. */
  news(): readonly string[] {
    const fresh = this.events.slice(this.#seen);
    this.#seen = this.events.length;
    return fresh.flatMap((event) => {
      switch (event.type) {
        case "step-applied":
          return event.step.says === true ? [] : [`${event.resource} ${event.step.mark} ${event.step.text}`];
        case "would-apply":
          return [`${event.resource} would ${event.step.text}`];
        case "said":
          return [`${event.resource} says ${event.line}`];
        case "failed":
          return [`${event.resource} failed: ${event.failure.message}`];
        default:
          return [];
      }
    });
  }

  observations(resource: string): number {
    return this.events.filter((event) => event.type === "observed" && event.resource === resource).length;
  }

  failures(resource: string): number {
    return this.events.filter((event) => event.type === "failed" && event.resource === resource).length;
  }

  async stop(): Promise<void> {
    this.run.stop();
    await this.host.clock.settle();
    await this.run.ended;
  }
}

/** A machine with a command that takes that long, fails as often as it says, and counts its runs. */
export function machine({ takesMs = 0, fails = 0 } = {}): { readonly host: MemoryHost; readonly runs: () => number } {
  const host = memoryHost();
  let runs = 0;
  let left = fails;
  host.outside.install("work", async ({ clock, signal }) => {
    runs += 1;
    if (takesMs > 0) await clock.sleep(takesMs, signal);
    left -= 1;
    return left >= 0 ? 1 : 0;
  });
  return { host, runs: () => runs };
}
