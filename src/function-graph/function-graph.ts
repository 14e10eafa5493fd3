// SPDX-License-Identifier: Apache-2.0
// A typed program brought to life: its streams run, its values flow, and each time the whole is consistent again the
// change of what it puts out is handed on.

import { type Problem, Problems } from "../base/problem.ts";
import { Pulses } from "../base/pulse.ts";
import type { OutputDelta } from "../contract/declaration.ts";
import type { TypedProgram } from "../program/types/tree.ts";
import { Evaluator } from "./evaluator.ts";
import { ExpressionBuilder } from "./expressions.ts";
import { Failed, type Node } from "./node.ts";
import { Outputs } from "./outputs.ts";
import { buildStatements } from "./living-statements.ts";
import { panicked, uncaughtFailure } from "./problems.ts";
import { Frame, Scope } from "./scope.ts";
import { Streams, type StreamWorld } from "./streams.ts";

export interface FunctionGraphOptions extends StreamWorld {
  readonly program: TypedProgram;
  /** What went wrong while values flowed; looked at when `run` has ended. */
  readonly problems: Problems;
  /**
   * Told of failures that reach an output after the first one, and of none when they are over: until then the output stays
   * as it was. Absent: such a failure ends the run. A panic always does.
   */
  readonly onHeld?: (problems: readonly Problem[]) => void;
}

export interface FunctionGraph {
  /**
   * Yields the first complete output, then each change of it. Every delta is consistent: no mixture of old and new
   * values. Changes that come while the reader is busy are one delta. Ends when the signal aborts, or with problems
   * when a failure reached an output uncaught and nobody wants it held. Called once.
   */
  run(signal: AbortSignal): AsyncGenerator<OutputDelta, void, undefined>;
  /**
   * How much may still bring another value: running streams, and a round that is due. And how many items have come so
   * far. Tells `mgmt graph` when nothing more comes.
   */
  readonly streams: { readonly active: number; readonly items: number };
  /** Rounds, computed nodes and living nodes so far. */
  readonly counts: Evaluator["counts"];
  /** The nodes of all living statements, for the picture. */
  readonly roots: readonly Node[];
}

export function createFunctionGraph(options: FunctionGraphOptions): FunctionGraph {
  const { program, problems, onHeld } = options;
  let need: () => void = () => {};
  const evaluator = new Evaluator(() => need());
  const { host, local, exchange, hostname, isKind } = options;
  const streams = new Streams(evaluator, { host, local, exchange, hostname, isKind });
  const expressions = new ExpressionBuilder(evaluator, streams, host);
  const outputs = new Outputs();
  const scope = new Scope(evaluator);
  let roundIsDue = false;

  async function* run(signal: AbortSignal): AsyncGenerator<OutputDelta, void, undefined> {
    const rounds = new Pulses(signal);
    need = () => {
      roundIsDue = true;
      rounds.pulse();
    };
    const frame = new Frame(program.activation, undefined, undefined);
    let first = true;
    let wasHeld = false;
    try {
      buildStatements(program.statements, frame, scope, { evaluator, expressions, outputs, problems, hostname });
      need(); // A program without any statement is complete at once.
      for await (const _ of rounds) {
        roundIsDue = false;
        evaluator.stabilize();
        streams.endUnneeded();
        const isHeld = !first && onHeld !== undefined && !isPanic(evaluator.failedRoots);
        const failures = isHeld ? new Problems() : problems;
        reportFailures(evaluator.failedRoots, failures);
        if (problems.any) return;
        if (isHeld && (failures.any || wasHeld)) onHeld(failures.all);
        wasHeld = failures.any;
        if (wasHeld) continue;
        if (evaluator.absentRoots.size > 0 || !(first || outputs.hasChanged)) continue;
        first = false;
        yield outputs.take();
      }
    } finally {
      rounds.end();
      need = () => {};
      roundIsDue = false;
      scope.end();
      await streams.ended();
    }
  }

  return {
    run,
    get streams() {
      return { active: streams.active + (roundIsDue ? 1 : 0), items: streams.items };
    },
    get counts() {
      return evaluator.counts;
    },
    get roots() {
      return [...evaluator.roots];
    },
  };
}

function isPanic(roots: ReadonlySet<Node>): boolean {
  return [...roots].some(({ result }) => result instanceof Failed && result.shownAs === "panic");
}

/** One message for each place where a failure arose, however many outputs it reached. */
function reportFailures(roots: ReadonlySet<Node>, problems: Problems): void {
  const origins = new Set<string>();
  for (const root of roots) {
    const failed = root.result;
    if (!(failed instanceof Failed)) continue;
    const { failure, at, shownAs } = failed;
    const origin = `${at.file.path} ${at.start} ${at.end} ${failure.message}`;
    if (origins.has(origin)) continue;
    origins.add(origin);
    if (shownAs === "panic") problems.report(panicked, at, { message: failure.message });
    else problems.report(uncaughtFailure, at, { shownAs, message: failure.message, catchable: failure.catchable });
  }
}
