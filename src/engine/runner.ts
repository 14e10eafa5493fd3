// SPDX-License-Identifier: Apache-2.0
// Carries out what workers ask for: watches, observations, steps, timers. The only place of the engine that calls a
// kind, and that waits. Decides nothing: whatever comes of it goes back to the worker as an event.

import { invariant } from "../base/invariant.ts";
import type { Cause, Listener } from "../contract/event.ts";
import { Failure } from "../contract/failure.ts";
import type { Clock, Host } from "../contract/host.ts";
import type { AnyWant, ResourceEnv } from "../contract/resource.ts";
import type { Value } from "../values/value.ts";
import { failureFrom } from "./failures.ts";
import type { Node } from "./node.ts";
import { makeStateDirectory, statePath } from "./state-directory.ts";
import type { TimerName, WorkerEvent } from "./worker-state.ts";

export interface RunnerOptions {
  readonly host: Host;
  readonly stateRoot: string;
  readonly emit: Listener;
  readonly post: (node: Node, event: WorkerEvent) => void;
  /** Every resource in the graph now. */
  readonly nodes: () => Iterable<Node>;
}

export class Runner {
  readonly #options: RunnerOptions;
  readonly #emit: Listener;
  readonly #post: (node: Node, event: WorkerEvent) => void;
  readonly #clock: Clock;

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#emit = options.emit;
    this.#post = options.post;
    this.#clock = options.host.clock;
  }

  // ---- Watching ----

  arm(node: Node): void {
    const want = wantOf(node);
    const former = node.watch;
    former?.controller.abort();
    const controller = new AbortController();
    node.watchedWant = want;
    const watch = { controller, ended: this.#watch(node, want, controller.signal, former?.ended) };
    node.watch = watch;
  }

  disarm(node: Node): void {
    node.watch?.controller.abort();
    node.watchedWant = undefined;
  }

  async #watch(node: Node, want: AnyWant, signal: AbortSignal, former: Promise<void> | undefined): Promise<void> {
    await former; // Two watches of one resource never overlap. Also lets the caller keep the record first.
    if (signal.aborted) return;
    let armed = false;
    try {
      for await (const _ of node.vertex.kind.watch(want, this.#env(node, signal))) {
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
    node.ledger.observations += 1;
    this.#operate(node, (signal) => this.#observe(node, cause, signal));
  }

  apply(node: Node, step: number, cause: Cause): void {
    this.#operate(node, (signal) => this.#apply(node, step, cause, signal));
  }

  cancel(node: Node): void {
    node.operation?.controller.abort();
  }

  #operate(node: Node, task: (signal: AbortSignal) => Promise<WorkerEvent>): void {
    const controller = new AbortController();
    const { signal } = controller;
    const run = async (): Promise<void> => {
      let event: WorkerEvent;
      try {
        event = await task(signal);
      } catch (reason) {
        event = signal.aborted ? { type: "cancelled" } : { type: "operation-failed", failure: failureFrom(reason) };
      }
      node.operation = undefined;
      this.#post(node, event);
    };
    invariant(node.operation === undefined, "one operation of a resource at a time");
    // Begins at once, while the dependencies are what they were when this was decided. Its end comes in a later turn.
    node.operation = { controller, ended: run() };
  }

  async #observe(node: Node, cause: Cause, signal: AbortSignal): Promise<WorkerEvent> {
    const { kind, reference } = node.vertex;
    const { inputs } = node;
    invariant(inputs !== undefined, "the inputs are taken before an observation");
    const startMs = this.#clock.monotonicMs();
    const have = await kind.observe(inputs.want, this.#env(node, signal));
    const steps = kind.plan(inputs.want, have, inputs.hints);
    const texts = steps.map((step) => kind.explain(step));
    node.plan = { steps, texts };
    const ms = this.#clock.monotonicMs() - startMs;
    this.#emit({ type: "observed", resource: reference, cause, steps: texts, ms });
    return { type: "observed", steps: steps.length };
  }

  async #apply(node: Node, number: number, cause: Cause, signal: AbortSignal): Promise<WorkerEvent> {
    const { kind, reference, at } = node.vertex;
    const step = node.plan.steps[number];
    const text = node.plan.texts[number];
    invariant(step !== undefined && text !== undefined, "the plan has this step");
    const startMs = this.#clock.monotonicMs();
    await kind.apply(step, wantOf(node), this.#env(node, signal));
    node.ledger.steps += 1;
    const ms = this.#clock.monotonicMs() - startMs;
    this.#emit({ type: "step-applied", resource: reference, cause, step: text, at, ms });
    return { type: "applied" };
  }

  // ---- Timers and the end ----

  startTimer(node: Node, name: TimerName, ms: number): void {
    this.stopTimer(node, name);
    const stop = this.#clock.after(ms, () => {
      node.timers.delete(name);
      this.#post(node, { type: "timer", name });
    });
    node.timers.set(name, stop);
  }

  stopTimer(node: Node, name: TimerName): void {
    node.timers.get(name)?.();
    node.timers.delete(name);
  }

  /** Sends `gone` when nothing of the resource runs any more. */
  close(node: Node): void {
    for (const stop of node.timers.values()) stop();
    node.timers.clear();
    this.disarm(node);
    const gone = (): void => this.#post(node, { type: "gone" });
    void Promise.all([node.operation?.ended, node.watch?.ended]).then(gone, gone);
  }

  #env(node: Node, signal: AbortSignal): ResourceEnv {
    return new Env(this.#options, node, signal);
  }
}

/** What a kind may use. A class, because there is one for each watch and each observation. */
class Env implements ResourceEnv {
  readonly host: Host;
  readonly signal: AbortSignal;
  readonly #options: RunnerOptions;
  readonly #node: Node;

  constructor(options: RunnerOptions, node: Node, signal: AbortSignal) {
    this.host = options.host;
    this.signal = signal;
    this.#options = options;
    this.#node = node;
  }

  get resource(): string {
    return this.#node.vertex.reference;
  }

  get name(): string {
    return this.#node.vertex.name;
  }

  get memory(): Map<string, Value> {
    this.#node.memory ??= new Map();
    return this.#node.memory;
  }

  *peers(): Iterable<{ readonly name: string; readonly want: AnyWant }> {
    for (const node of this.#options.nodes()) {
      const { kind, name, meta } = node.vertex;
      if (kind === this.#node.vertex.kind && node !== this.#node && !meta.hidden) yield { name, want: wantOf(node) };
    }
  }

  stateDirectory(): Promise<string> {
    const { kind, name } = this.#node.vertex;
    const known = this.#node.stateDirectory;
    if (known !== undefined) return known;
    const made = makeStateDirectory(this.host, statePath(this.#options.stateRoot, kind.kind, name), this.signal);
    this.#node.stateDirectory = made;
    // What failed, or was cut off with one observation, may work for the next.
    made.catch(() => {
      this.#node.stateDirectory = undefined;
    });
    return made;
  }

  send(values: Readonly<Record<string, Value | undefined>>): void {
    const declared = this.#node.vertex.kind.traits.sends ?? {};
    this.#node.outbox ??= new Map();
    for (const [key, value] of Object.entries(values)) {
      invariant(
        Object.hasOwn(declared, key),
        `the kind ${this.#node.vertex.kind.kind} declares that it sends "${key}"`,
      );
      this.#node.outbox.set(key, value);
    }
  }

  say(line: string, stream: "stdout" | "stderr" = "stdout"): void {
    this.#options.emit({ type: "said", resource: this.resource, stream, line });
  }
}

function wantOf(node: Node): AnyWant {
  return node.inputs?.want ?? node.vertex.want;
}
