// SPDX-License-Identifier: Apache-2.0
// Keeps what runs for a worker: its watch, its one observation or step, its timers. Begins it, aborts it, does not wait
// for ever for its end. Decides nothing: whatever comes of it goes back to the worker as an event.

import { invariant } from "../base/invariant.ts";
import type { Cause, Listener } from "../contract/event.ts";
import { Failure } from "../contract/failure.ts";
import type { Clock } from "../contract/host.ts";
import { Env } from "./env.ts";
import { failureFrom } from "./failures.ts";
import { Endings, endingPatienceMs } from "./endings.ts";
import type { Node, Operation } from "./node.ts";
import { wantOf } from "./part.ts";
import { Work, type WorkOptions } from "./work.ts";
import type { TimerName, WorkerEvent } from "./worker-state.ts";

export interface RunnerOptions extends WorkOptions {
  readonly post: (node: Node, event: WorkerEvent) => void;
}

export class Runner {
  readonly #options: RunnerOptions;
  readonly #work: Work;
  readonly #emit: Listener;
  readonly #post: (node: Node, event: WorkerEvent) => void;
  readonly #clock: Clock;
  readonly #endings: Endings;

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#work = new Work(options);
    this.#endings = new Endings(options.host.clock);
    this.#emit = options.emit;
    this.#post = options.post;
    this.#clock = options.host.clock;
  }

  // ---- Watching ----

  arm(node: Node): void {
    const former = node.watch;
    this.#endWatch(node);
    const controller = new AbortController();
    node.watchedWants = new Map(Array.from(node.parts.values(), (part) => [part.key, wantOf(part)]));
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const watch: NonNullable<Node["watch"]> = { controller, ended, end, isOver: false, ending: undefined };
    node.watch = watch;
    const over = (): void => {
      watch.isOver = true;
      watch.ending?.();
      end();
    };
    this.#watch(node, controller.signal, former?.ended).then(over, over);
  }

  disarm(node: Node): void {
    this.#endWatch(node);
    node.watchedWants = undefined;
  }

  #endWatch({ watch, vertex }: Node): void {
    if (watch === undefined || watch.controller.signal.aborted) return;
    if (!watch.isOver)
      watch.ending = this.#endings.begin(() => {
        this.#tellDeaf(vertex.reference, "its watch");
        watch.end();
      });
    watch.controller.abort();
  }

  #tellDeaf(resource: string, what: string): void {
    const message = `${what} did not end within ${endingPatienceMs / 1000} s of being told to`;
    this.#emit({ type: "mistake", of: resource, message });
  }

  async #watch(node: Node, signal: AbortSignal, former: Promise<void> | undefined): Promise<void> {
    const want = wantOf(node.own);
    await former; // Two watches of one resource never overlap. Also lets the caller keep the record first.
    if (signal.aborted) return;
    let armed = false;
    try {
      for await (const _ of node.vertex.kind.watch(want, new Env(this.#options, node, node.own, signal))) {
        if (signal.aborted) return;
        this.#post(node, armed ? { type: "wake", cause: { kind: "watch" } } : { type: "armed" });
        armed = true;
      }
      if (signal.aborted) return;
      const failure = new Failure("the watch ended without being asked to", { code: "unexpected" });
      this.#post(node, { type: "watch-failed", failure });
    } catch (reason) {
      if (!signal.aborted) this.#post(node, { type: "watch-failed", failure: failureFrom(reason) });
    }
  }

  // ---- Observing and applying ----

  observe(node: Node, cause: Cause): void {
    this.#operate(node, "its observation", (signal) => this.#work.observe(node, cause, signal));
  }

  apply(node: Node, step: number, cause: Cause): void {
    this.#operate(node, "its step", (signal) => this.#work.apply(node, step, cause, signal));
  }

  /** Aborts what runs. A step that does not end is waited for, unless this is the end of the run. */
  cancel(node: Node, { isTheEnd }: { readonly isTheEnd: boolean }): void {
    const { operation } = node;
    if (operation === undefined) return;
    if (isTheEnd || operation.what === "its observation") {
      operation.ending ??= this.#endings.begin(() => {
        this.#tellDeaf(node.vertex.reference, operation.what);
        operation.end({ type: "cancelled" });
      });
    }
    operation.controller.abort();
  }

  #operate(node: Node, what: Operation["what"], task: (signal: AbortSignal) => Promise<WorkerEvent>): void {
    invariant(node.operation === undefined, "one operation of a resource at a time");
    const controller = new AbortController();
    const { signal } = controller;
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const end = (event: WorkerEvent): void => {
      if (node.operation !== operation) return; // It was given up.
      operation.ending?.();
      node.operation = undefined;
      this.#post(node, event);
      resolve();
    };
    const operation: Operation = { what, controller, ended, end, ending: undefined };
    node.operation = operation;
    // Begins at once, while the dependencies are what they were when this was decided. Its end comes in a later turn.
    task(signal).then(end, (reason: unknown) => {
      end(signal.aborted ? { type: "cancelled" } : { type: "operation-failed", failure: failureFrom(reason) });
    });
  }

  // ---- Timers and the end ----

  startTimer(node: Node, name: TimerName, ms: number): void {
    this.stopTimer(node, name);
    const stop = this.#clock.after(ms, () => {
      node.timers?.delete(name);
      this.#post(node, { type: "timer", name });
    });
    node.timers ??= new Map();
    node.timers.set(name, stop);
  }

  stopTimer(node: Node, name: TimerName): void {
    node.timers?.get(name)?.();
    node.timers?.delete(name);
  }

  /** Sends `gone` when nothing of the resource runs any more. */
  close(node: Node): void {
    for (const stop of node.timers?.values() ?? []) stop();
    node.timers = undefined;
    this.disarm(node);
    const gone = (): void => this.#post(node, { type: "gone" });
    void Promise.all([node.operation?.ended, node.watch?.ended]).then(gone, gone);
  }
}
