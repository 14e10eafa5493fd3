// SPDX-License-Identifier: Apache-2.0
// How the parts of agent/ become the engine that an embedding program sees.

import { catalogFor } from "../agent/catalog.ts";
import type { clusterOf } from "../agent/cluster.ts";
import { planProgram, type PlanOptions } from "../agent/plan-program.ts";
import { absolutePath } from "../agent/program-input.ts";
import { runProgram } from "../agent/run-program.ts";
import { statePrefix } from "../agent/state-prefix.ts";
import { Failure } from "../contract/failure.ts";
import type { Host } from "../contract/host.ts";
import type { Engine, EngineOptions, RunOptions } from "./engine.ts";
import { RefusedError } from "./errors.ts";
import { runGraph } from "./living-graph.ts";
import type { Outcome } from "./outcome.ts";
import { outcomeOf, planOf, refusalOf, programError } from "./public-form.ts";
import type { Program } from "./program.ts";
import type { Graph } from "./resource.ts";
import { RunHandle } from "./run-handle.ts";
import { catalogWithInputs, WrittenProgram } from "./written-program.ts";

/** Where an engine works; tests of ours have a machine in memory. */
export interface Machine {
  readonly host: Host;
  /** What it shares with other hosts; absent: an empty store, which is gone at the end. */
  readonly storeOf?: typeof clusterOf;
}

export function engineOn(machine: Machine, engineOptions: EngineOptions): Engine {
  return {
    run(program, options = {}) {
      return start(machine, engineOptions, program, options, undefined);
    },
    async once(program, options = {}) {
      const outcome = await start(machine, engineOptions, program, options, 0).ended;
      if (outcome.ending === "max-runtime") {
        const message = `It was not done after ${(options.limitMs ?? 0) / 1000} seconds.`;
        throw new RefusedError({ code: "timed-out", message, hint: undefined }, message, outcome);
      }
      if (!outcome.ok && outcome.ending === "converged") throw refused(outcome);
      return outcome;
    },
    async plan(program, options = {}) {
      try {
        const { plan, problems } = await planProgram(
          await settingOf(machine, engineOptions, program, { ...options, noop: true }),
        );
        if (plan === undefined) throw programError(problems);
        return planOf(plan);
      } catch (reason) {
        throw publicError(reason);
      }
    },
  };
}

function start(
  machine: Machine,
  engineOptions: EngineOptions,
  program: Graph | Program,
  options: RunOptions,
  convergedMs: number | undefined,
): RunHandle {
  return new RunHandle(options.signal, async (handle) => {
    try {
      const setting = await settingOf(machine, engineOptions, program, options);
      const run = runProgram({
        ...setting,
        noop: options.noop ?? false,
        watchProgram: options.watch ?? false,
        convergedMs,
        graphvizFile: undefined,
        emit: handle.emit,
        onProblems: handle.onProblems,
        onReload: () => {},
      });
      handle.attach(run);
      const end = await run.ended;
      if (end.ending === "wrong") throw programError(handle.lastProblems);
      return outcomeOf(end.ending, end);
    } catch (reason) {
      throw publicError(reason);
    }
  });
}

async function settingOf(
  { host, storeOf }: Machine,
  { prefix, hostname: name }: EngineOptions,
  program: Graph | Program,
  options: RunOptions,
): Promise<PlanOptions> {
  const { signal } = new AbortController();
  const workingDirectory = process.cwd();
  const hostname = name ?? (await host.identity.hostname(signal));
  const written = program instanceof WrittenProgram ? program : undefined;
  const catalog = catalogWithInputs(catalogFor(hostname), written?.inputs ?? {});
  // Whatever is no program in mcl is looked at as a graph.
  const deltas = (living: AbortSignal) => runGraph(program as Graph, catalog, living);
  const given = prefix === undefined ? undefined : absolutePath(prefix, workingDirectory);
  const statePath = await statePrefix({ given, temporary: false }, host, signal);
  const cluster = storeOf?.({ prefix: statePath, readOnly: options.noop ?? false, host, onTrouble: () => {} });
  return {
    path: written?.text ?? "<program>",
    ...(written === undefined ? { program: { deltas } } : {}),
    reading: { workingDirectory, readStandardInput: () => Promise.reject(noStandardInput()) },
    host,
    catalog,
    hostname,
    prefix: statePath,
    ...(cluster === undefined ? {} : { cluster }),
    automatic: { autoedges: options.autoedges ?? true, autogroups: options.autogroup ?? true },
    sema: options.sema,
    maxRuntimeMs: options.limitMs,
  };
}

function noStandardInput(): Failure {
  return new Failure("An embedded program is not read from standard input.", { code: "unsupported" });
}

function publicError(reason: unknown): unknown {
  if (!(reason instanceof Failure)) return reason;
  const refusal = refusalOf(reason);
  const hint = refusal.hint === undefined ? "" : `\n  hint: ${refusal.hint}`;
  return new RefusedError(refusal, `${refusal.message}${hint}`, undefined, { cause: reason });
}

function refused(outcome: Outcome): RefusedError {
  const failed = outcome.resources.filter(({ failure }) => failure !== undefined);
  const lines = failed.map(({ resource, failure }) => {
    const hint = failure?.hint === undefined ? "" : `\n  hint: ${failure.hint}`;
    return `${resource}: ${failure?.message}${hint}`;
  });
  const first = failed[0]?.failure ?? {
    code: "unexpected",
    message: "Not everything is as declared.",
    hint: undefined,
  };
  return new RefusedError(first, lines.length === 0 ? first.message : lines.join("\n"), outcome);
}
