// SPDX-License-Identifier: Apache-2.0
// Where a run has its programs from: a file that is edited, or the deploys of a cluster.

import type { Problem } from "../base/problem.ts";
import type { OutputDelta, StatementOutput } from "../contract/declaration.ts";
import type { Listener } from "../contract/event.ts";
import type { LocalStore } from "../contract/local-store.ts";
import type { Packing } from "../host/deploy-files.ts";
import type { OwnExchange } from "../exchange/index.ts";
import type { PassOptions } from "../resource-graph/passes.ts";
import type { ResourceGraph } from "../resource-graph/vertex.ts";
import type { Value } from "../values/value.ts";
import type { Program } from "./live-program.ts";

/** A program that is to take the place of the one before, as soon as its first graph is right. */
export interface Offer {
  readonly program: Program;
  /** Its files by their paths, also those that were looked for and are not there. */
  readonly files: ReadonlyMap<string, string | undefined>;
  /** All that it takes along; absent: it has no files. */
  readonly packing?: Packing;
  /** What of automatic edges and groups it wants; absent: what the run wants. */
  readonly automatic?: PassOptions;
  /** Meta parameters that all of its resources get. */
  readonly meta?: ReadonlyMap<string, Value>;
  /** This graph of it is in force; told for each. */
  readonly onTaken?: (graph: ResourceGraph) => void;
  /** Something is wrong with it, before or after it was taken. */
  readonly onProblems?: (problems: readonly Problem[]) => void;
}

/** What a run has that a source of programs may need. */
export interface SourceParts {
  readonly exchange: OwnExchange;
  readonly local: LocalStore;
  /** Ends with the run. */
  readonly signal: AbortSignal;
}

export interface ProgramSource {
  /** Undefined: there is none, and its problems were told. Fails with a `Failure` when none can be read. */
  first(signal: AbortSignal): Promise<Offer | undefined>;
  /** Resolves with the next one that is right in itself; undefined: there will be none. */
  next(signal: AbortSignal): Promise<Offer | undefined>;
  /** A program that is wrong at first, or ends with problems, ends the run. */
  readonly endsWithItsProgram: boolean;
  /** Hears what happens in the engine. */
  readonly listen?: Listener;
}

export function withMeta(delta: OutputDelta, meta: Offer["meta"]): OutputDelta {
  if (meta === undefined || meta.size === 0) return delta;
  const output = ({ resources, edges }: StatementOutput): StatementOutput => ({
    edges,
    resources: resources.map((resource) => ({ ...resource, meta: joined(resource.meta, meta) })),
  });
  return { ...delta, changed: new Map([...delta.changed].map(([key, value]) => [key, output(value)])) };
}

/** Lists are put together, whatever else is there is replaced. */
function joined(own: ReadonlyMap<string, Value>, more: ReadonlyMap<string, Value>): ReadonlyMap<string, Value> {
  const all = new Map(own);
  for (const [name, value] of more) {
    const known = all.get(name);
    all.set(name, isList(known) && isList(value) ? [...known, ...value] : value);
  }
  return all;
}

function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}
