// SPDX-License-Identifier: Apache-2.0
// One source of events for all who listen, running as long as anybody does: a program that prints a line for each change.

import { Pulses } from "../../base/pulse.ts";
import { Failure, isAbort } from "../../contract/failure.ts";
import type { Clock, Command, Processes } from "../../contract/host.ts";

/** Such programs do not say when they have begun to listen; what changed before is seen by looking again after this. */
const settledMs = 500;

export class SharedListener {
  readonly #processes: Processes;
  readonly #clock: Clock;
  readonly #command: Command;
  readonly #listeners = new Set<Pulses>();
  #running: { readonly stop: AbortController; readonly ended: Promise<void> } | undefined;

  constructor(processes: Processes, clock: Clock, command: Command) {
    this.#processes = processes;
    this.#clock = clock;
    this.#command = command;
  }

  /** The first item means that the watch is armed. */
  async *changes(signal: AbortSignal): AsyncGenerator<void, undefined, undefined> {
    const pulses = new Pulses(signal);
    this.#listeners.add(pulses);
    this.#begin();
    pulses.pulse();
    try {
      yield* pulses;
    } finally {
      this.#listeners.delete(pulses);
      if (this.#listeners.size === 0) await this.#end();
    }
    return undefined;
  }

  #begin(): void {
    if (this.#running !== undefined) return;
    const stop = new AbortController();
    this.#running = { stop, ended: this.#listen(stop.signal) };
  }

  async #end(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    running?.stop.abort();
    await running?.ended;
  }

  async #listen(signal: AbortSignal): Promise<void> {
    const pulse = (): void => {
      for (const pulses of this.#listeners) pulses.pulse();
    };
    const cancelLook = this.#clock.after(settledMs, pulse);
    try {
      for await (const _ of this.#processes.lines(this.#command, signal)) pulse();
      const what = this.#command.argv.join(" ");
      if (!signal.aborted) throw new Failure(`\`${what}\` has ended`, { code: "unexpected", retry: "backoff" });
    } catch (reason) {
      if (isAbort(reason, signal)) return;
      this.#running = undefined; // Whoever listens again begins anew.
      for (const pulses of this.#listeners) pulses.fail(reason);
    } finally {
      cancelLook();
    }
  }
}
