// SPDX-License-Identifier: Apache-2.0
// The engine as an embedding program sees it: run, once, plan.

import { clusterOf } from "../agent/cluster.ts";
import { thisMachine } from "../agent/machine.ts";
import { engineOn } from "./engine-on.ts";
import type { Event, Outcome, Plan } from "./outcome.ts";
import type { Program } from "./program.ts";
import type { Graph } from "./resource.ts";

/** What an engine is made with; all of it can be left out. */
export interface EngineOptions {
  /**
   * The directory where resources keep what must survive a restart. Not given: that of the command `mgmt`, which is
   * `/var/lib/mgmt` for root. Two engines that run at once need two.
   */
  readonly prefix?: string;
  /** What this host is called in programs, instead of the machine's own name. */
  readonly hostname?: string;
}

/** What one run is made with; all of it can be left out. */
export interface RunOptions {
  /** Look, and say what would be done, but change nothing. */
  readonly noop?: boolean;
  /** How many resources may work at once. */
  readonly sema?: number;
  /** False: only the order that the program says. */
  readonly autoedges?: boolean;
  /** False: every resource runs by itself. */
  readonly autogroup?: boolean;
  /** Stops the run. */
  readonly signal?: AbortSignal;
  /** Milliseconds after which it is stopped, as it is then. */
  readonly limitMs?: number;
  /** A program in mcl: take up edits of its files. */
  readonly watch?: boolean;
}

/** A run under way. */
export interface Run extends AsyncDisposable {
  /**
   * Resolves when nothing of the run is left: after `stop`, the signal or the limit. Rejects with a `ProgramError` when
   * the program is wrong, with a `RefusedError` when it cannot be read, and with what your own code throws.
   */
  readonly ended: Promise<Outcome>;
  /** What happens from now on, until the run ends; it then throws what `ended` rejects with. */
  events(): AsyncIterable<Event>;
  /**
   * Resolves as soon as nothing is left to do: all that you have changed before the call is in force, and every resource
   * is as declared, has failed for good or waits for such a one. Rejects when the run ends before.
   */
  converged(): Promise<void>;
  /** Ends the run in order: steps under way are finished. The same promise as `ended`. */
  stop(): Promise<Outcome>;
  /** `stop`, but steps under way are cut off. */
  interrupt(): Promise<Outcome>;
}

/** Makes the machine be what programs say. */
export interface Engine {
  /** Makes it so and keeps it so, until it is stopped. */
  run(program: Graph | Program, options?: RunOptions): Run;
  /** Makes it so once. Rejects with a `RefusedError` when some resource could not be made so. */
  once(program: Graph | Program, options?: RunOptions): Promise<Outcome>;
  /** What `run` would do. Changes nothing. */
  plan(program: Graph | Program, options?: RunOptions): Promise<Plan>;
}

/**
 * An engine on this machine.
 *
 * @example
 * const mgmt = engine({ prefix: "/var/lib/my-program" });
 * await mgmt.once([file("/etc/motd", { state: "exists", content: "hello\n" })]);
 */
export function engine(options: EngineOptions = {}): Engine {
  return engineOn({ host: thisMachine(), storeOf: clusterOf }, options);
}
