// SPDX-License-Identifier: Apache-2.0
// One run of an embedding program: its end, its events, and whether it has come to rest.

import type { Run as InnerRun } from "../agent/run.ts";
import type { Problem } from "../base/problem.ts";
import type { EngineEvent } from "../contract/event.ts";
import type { Run } from "./engine.ts";
import type { Event, Outcome } from "./outcome.ts";
import { eventOf, problemOf } from "./public-form.ts";

export class RunHandle implements Run {
  readonly ended: Promise<Outcome>;
  /** What was wrong with the program at last. */
  lastProblems: readonly Problem[] = [];
  readonly #listeners = new Set<(event: Event) => void>();
  /** The same end, for our own listeners: an error that nobody else has looked at must stay loud. */
  readonly #over: Promise<{ readonly reason: unknown }>;
  #isOver = false;
  #run: InnerRun | undefined;
  #stopped: "stop" | "interrupt" | undefined;
  #converged = false;
  #rest = Promise.withResolvers<void>();

  constructor(signal: AbortSignal | undefined, main: (handle: RunHandle) => Promise<Outcome>) {
    if (signal?.aborted) this.#stopped = "stop";
    signal?.addEventListener("abort", this.#onAbort, { once: true });
    const run = main(this);
    const over = (reason: unknown): { readonly reason: unknown } => {
      this.#isOver = true;
      signal?.removeEventListener("abort", this.#onAbort);
      return { reason };
    };
    this.#over = run.then(() => over(new DOMException("the run has ended", "AbortError")), over);
    this.ended = run.then((outcome) => outcome);
  }

  attach(run: InnerRun): void {
    this.#run = run;
    if (this.#stopped !== undefined) run[this.#stopped]();
  }

  readonly emit = (event: EngineEvent): void => {
    if (event.type === "converged") {
      this.#converged = true;
      this.#rest.resolve();
    } else if (event.type === "unconverged") {
      this.#converged = false;
      this.#rest = Promise.withResolvers();
    }
    if (this.#listeners.size === 0) return;
    const shown = eventOf(event);
    for (const listener of this.#listeners) listener(shown);
  };

  readonly onProblems = (problems: readonly Problem[]): void => {
    this.lastProblems = problems;
    for (const listener of this.#listeners) listener({ type: "problems", problems: problems.map(problemOf) });
  };

  events(): AsyncIterable<Event> {
    const waiting: Event[] = [];
    let wake = (): void => {};
    const listener = (event: Event): void => {
      waiting.push(event);
      wake();
    };
    this.#listeners.add(listener);
    this.#over.then(() => wake(), wake);
    const read = async function* (handle: RunHandle): AsyncGenerator<Event, void, undefined> {
      try {
        for (;;) {
          const event = waiting.shift();
          if (event !== undefined) yield event;
          else if (handle.#isOver) break;
          else {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
          }
        }
        await handle.ended;
      } finally {
        handle.#listeners.delete(listener);
      }
    };
    return read(this);
  }

  async converged(): Promise<void> {
    // What was changed before the call goes through the function graph and to the engine in this turn.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (!this.#converged || this.#isOver) {
      const over = await Promise.race([this.#rest.promise, this.#over]);
      if (over !== undefined) throw over.reason;
    }
  }

  stop(): Promise<Outcome> {
    return this.#end("stop");
  }

  interrupt(): Promise<Outcome> {
    return this.#end("interrupt");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  readonly #onAbort = (): void => {
    this.#run?.stop();
    this.#stopped ??= "stop";
  };

  #end(how: "stop" | "interrupt"): Promise<Outcome> {
    this.#stopped = how;
    this.#run?.[how]();
    return this.ended;
  }
}
