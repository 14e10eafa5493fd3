// SPDX-License-Identifier: Apache-2.0
// A program of the language, running, with streams that the test drives. A reader takes every delta and keeps the whole.

import assert from "node:assert/strict";
import { Problems } from "../base/problem.ts";
import type { OutputDelta, StatementKey, StatementOutput } from "../contract/declaration.ts";
import { compile } from "../program/compile.ts";
import type { TypedProgram } from "../program/types/tree.ts";
import { printValue } from "../values/print.ts";
import type { Value } from "../values/value.ts";
import { Feeds } from "./feeds.test-support.ts";
import { createFunctionGraph, type FunctionGraph } from "./function-graph.ts";
import { checkInvariants } from "./invariants.test-support.ts";
import { unreachableWorld } from "./unreachable-host.test-support.ts";

/** Every change of a feed of this name is there at the start. */
export type Given = Readonly<Record<string, Value>>;

export function compiled(source: string, feeds: Feeds): TypedProgram {
  const problems = new Problems();
  const program = compile({ path: "main.mcl", text: source }, feeds.catalog, problems);
  assert.ok(program !== undefined, `${JSON.stringify(problems.all.map(({ message }) => message))}\n${source}`);
  return program;
}

export class Running {
  readonly feeds: Feeds;
  readonly problems = new Problems();
  readonly graph: FunctionGraph;
  readonly deltas: OutputDelta[] = [];
  readonly present = new Map<StatementKey, StatementOutput>();
  /** Set to a promise: the reader is busy until it resolves. */
  busy: Promise<void> | undefined;
  hasEnded = false;
  readonly #ending = new AbortController();
  readonly #reading: Promise<void>;

  constructor(program: TypedProgram, feeds: Feeds) {
    this.feeds = feeds;
    this.graph = createFunctionGraph({
      program,
      ...unreachableWorld,
      problems: this.problems,
    });
    this.#reading = this.#read();
  }

  /** All lines of the present output, sorted. */
  get lines(): readonly string[] {
    return linesOf([...this.present.values()]);
  }

  /** Codes and messages of what went wrong. */
  get wrong(): readonly string[] {
    return this.problems.all.map((problem) => `${problem.code}: ${problem.message.title}`);
  }

  /** How many statements the last delta changed and removed, and how many nodes were computed since `since`. */
  async cost(
    change: () => void,
  ): Promise<{ readonly changed: number; readonly removed: number; readonly computed: number }> {
    const { computed } = this.graph.counts;
    const seen = this.deltas.length;
    change();
    await quiet();
    const deltas = this.deltas.slice(seen);
    return {
      changed: deltas.reduce((sum, delta) => sum + delta.changed.size, 0),
      removed: deltas.reduce((sum, delta) => sum + delta.removed.length, 0),
      computed: this.graph.counts.computed - computed,
    };
  }

  /** Between rounds. */
  check(): void {
    const { roots } = this.graph;
    checkInvariants(roots);
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    this.busy = undefined;
    await this.#reading;
  }

  /** Resolves when the run has ended. */
  get ended(): Promise<void> {
    return this.#reading;
  }

  async #read(): Promise<void> {
    for await (const delta of this.graph.run(this.#ending.signal)) {
      this.deltas.push(delta);
      for (const key of delta.removed) assert.ok(this.present.delete(key), "only what is known is removed");
      for (const [key, output] of delta.changed) this.present.set(key, output);
      await this.busy;
    }
    this.hasEnded = true;
  }
}

/** Runs the lines of a program until nothing more happens. */
export async function start(lines: string, given: Given = {}): Promise<Running> {
  const feeds = new Feeds();
  for (const [name, value] of Object.entries(given)) feeds.set(name, value);
  const source = lines.replace(/^ {4}/gm, "").trimStart();
  const running = new Running(compiled(`${imports}${source}\n`, feeds), feeds);
  await quiet();
  return running;
}

export const imports = 'import "feed"\nimport "fmt"\nimport "iter"\n';

/** Everything that was due has happened. */
export function quiet(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** `test[a] int64=1 Meta:noop=true` and `test[a] -> test[b]`, sorted. */
export function linesOf(outputs: readonly StatementOutput[]): readonly string[] {
  const shown = (prefix: string, values: ReadonlyMap<string, Value>): string =>
    [...values].map(([name, value]) => ` ${prefix}${name}=${printValue(value)}`).join("");
  return outputs
    .flatMap(({ resources, edges }) => [
      ...resources.map(
        (resource) => `${resource.kind}[${resource.name}]${shown("", resource.fields)}${shown("Meta:", resource.meta)}`,
      ),
      ...edges.map(({ from, to, notify, send }) => {
        const sent = send === undefined ? "" : ` sends ${send.key} into ${send.field}`;
        return `${from.kind}[${from.name}] -> ${to.kind}[${to.name}]${notify ? " notifies" : ""}${sent}`;
      }),
    ])
    .sort();
}
