// SPDX-License-Identifier: Apache-2.0
// Runs the functions of a program, but no resource, until their values have come to rest: what `mgmt graph` shows.

import { type Problem, Problems } from "../base/problem.ts";
import type { Catalog } from "../contract/catalog.ts";
import { Failure } from "../contract/failure.ts";
import type { Host } from "../contract/host.ts";
import { createFunctionGraph, type FunctionGraph } from "../function-graph/function-graph.ts";
import type { TypedProgram } from "../program/types/tree.ts";
import { createResourceGraphBuilder } from "../resource-graph/builder.ts";
import type { ResourceGraph } from "../resource-graph/vertex.ts";

/** Streams that have been silent for this long have come to rest. */
const restMs = 100;

export interface EvaluateOptions {
  readonly program: TypedProgram;
  readonly catalog: Catalog;
  readonly host: Host;
  readonly hostname: string;
  /** The longest time to wait for the first complete result, and for rest. */
  readonly timeoutMs: number;
  /** Looks at the living functions before they end. */
  readonly inspect?: (functions: FunctionGraph) => void;
}

export interface Evaluated {
  /** Absent exactly when there are problems. */
  readonly graph: ResourceGraph | undefined;
  readonly problems: readonly Problem[];
}

/** Fails with `timed-out` when some function has given no value in time. */
export async function evaluateProgram(options: EvaluateOptions, signal: AbortSignal): Promise<Evaluated> {
  const { host, catalog } = options;
  const problems = new Problems();
  const builder = createResourceGraphBuilder(catalog);
  const functions = createFunctionGraph({ ...options, problems });
  const ending = new AbortController();
  const until = host.clock.monotonicMs() + options.timeoutMs;
  const deltas = functions.run(AbortSignal.any([signal, ending.signal]));
  let built: ReturnType<typeof builder.apply> | undefined;
  try {
    let next = deltas.next();
    for (;;) {
      const items = functions.streams.items;
      const left = until - host.clock.monotonicMs();
      if (built !== undefined && (functions.streams.active === 0 || left <= 0)) break;
      if (left <= 0) throw neverComplete(options.timeoutMs);
      const result = await firstOf(next, built === undefined ? left : Math.min(restMs, left), host, signal);
      if (result === "silence") {
        if (built !== undefined && functions.streams.items === items) break;
      } else if (result.done === true) {
        break;
      } else {
        built = builder.apply(result.value);
        next = deltas.next();
      }
    }
    options.inspect?.(functions);
  } finally {
    ending.abort();
    await deltas.return();
  }
  if (problems.any) return { graph: undefined, problems: problems.all };
  if (built?.ok === false) return { graph: undefined, problems: built.problems };
  return { graph: builder.graph, problems: [] };
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
