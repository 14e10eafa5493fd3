// SPDX-License-Identifier: Apache-2.0
// Carries out what workers ask for: watches, observations, steps, timers. The only place of the engine that calls a
// kind, and that waits. Decides nothing: whatever comes of it goes back to the worker as an event.

import { invariant } from "../base/invariant.ts";
import type { Cause, Listener } from "../contract/event.ts";
import { Failure } from "../contract/failure.ts";
import type { Clock } from "../contract/host.ts";
import type { StepText } from "../contract/resource.ts";
import { Env, type EnvOptions, groupOf } from "./env.ts";
import { failureFrom } from "./failures.ts";
import { Endings, endingPatienceMs } from "./endings.ts";
import type { Node, Operation, PlannedStep } from "./node.ts";
import { type Inputs, noKeys, type Part, wantOf } from "./part.ts";
import { isExported, publicationOf, publicationText } from "./publication.ts";
import type { ExportKeeper } from "./export-keeper.ts";
import type { Reversals } from "./reversals.ts";
import type { TimerName, WorkerEvent } from "./worker-state.ts";

/** Asked before steps are applied; what it returns is why they must not be. */
export type Approve = (resource: string, steps: readonly StepText[]) => Failure | undefined;

export interface RunnerOptions extends EnvOptions {
  readonly post: (node: Node, event: WorkerEvent) => void;
  readonly approve: Approve | undefined;
  readonly reversals: Reversals | undefined;
  readonly keeper: ExportKeeper;
}

export class Runner {
  readonly #options: RunnerOptions;
  readonly #emit: Listener;
  readonly #post: (node: Node, event: WorkerEvent) => void;
  readonly #clock: Clock;
  readonly #endings: Endings;

  constructor(options: RunnerOptions) {
    this.#options = options;
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
      for await (const _ of node.vertex.kind.watch(want, this.#env(node, node.own, signal))) {
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
    this.#operate(node, "its observation", (signal) => this.#observe(node, cause, signal));
  }

  apply(node: Node, step: number, cause: Cause): void {
    this.#operate(node, "its step", (signal) => this.#apply(node, step, cause, signal));
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

  /** Members that run each by themselves do so one after the other, in the order of the program. */
  async #observe(node: Node, cause: Cause, signal: AbortSignal): Promise<WorkerEvent> {
    const { kind } = node.vertex;
    const isEach = kind.grouping?.run === "each" && node.parts.size > 1;
    const plan: PlannedStep[] = [];
    for (const part of isEach ? [...node.parts.values()].sort(byPlace) : [node.own]) {
      signal.throwIfAborted();
      const { inputs } = part;
      invariant(inputs !== undefined, "the inputs are taken before an observation");
      const seen = isEach ? [part] : [...node.parts.values()];
      for (const each of seen) {
        each.observations += 1;
        this.#options.secrets.keepFieldsOf(each);
      }
      if (this.#awaitsValues(node, seen, cause)) continue;
      const startMs = this.#clock.monotonicMs();
      const env = this.#env(node, part, signal);
      const { reversals } = this.#options;
      if (!node.state.meta.noop && reversals?.concerns(part.vertex) === true) {
        await reversals.remember(part.vertex, inputs.want, env);
      }
      const { hidden } = part.vertex.meta;
      const have = hidden ? undefined : await naming(node, part, kind.observe(inputs.want, env));
      const steps = hidden ? [] : kind.plan(inputs.want, have, inputs.hints, env.members);
      const { secrets } = this.#options;
      const publishing = isExported(part.vertex)
        ? await naming(node, part, this.#publishing(part, inputs, signal))
        : nothing;
      const planned = steps.map((step): PlannedStep => {
        const owner = this.#ownerOf(node, step.member) ?? part;
        const text = secrets.step(kind.explain(step), owner === part ? [part] : [part, owner]);
        return { what: { step }, text, part, owner };
      });
      const texts = [...planned, ...publishing].map(({ text }) => text);
      const ms = this.#clock.monotonicMs() - startMs;
      const resource = part.vertex.reference;
      this.#emit({ type: "observed", resource, ...groupOf(node, part), cause, steps: texts, ms });
      const refusal = part.vertex.meta.noop ? undefined : this.#options.approve?.(resource, texts);
      if (refusal !== undefined) throw refusal;
      plan.push(...planned, ...publishing);
      for (const each of seen) each.unsure = node.state.meta.noop ? broughtTo(each, planned) : noKeys;
    }
    if (!isEach) {
      for (const part of node.parts.values()) {
        if (part === node.own || !isExported(part.vertex)) continue;
        plan.push(...(await this.#observeExport(node, part, cause, signal)));
      }
    }
    node.plan = plan;
    return { type: "observed", steps: plan.length };
  }

  /** With noop, what depends on a value that does not exist is not looked at, and neither are its own values known. */
  #awaitsValues(node: Node, parts: readonly Part[], cause: Cause): boolean {
    if (!parts.some(({ inputs }) => inputs !== undefined && inputs.unsure.length > 0)) return false;
    for (const part of parts) {
      part.unsure = new Set(Object.keys(part.vertex.kind.traits.sends ?? {}));
      const { reference: resource, at } = part.vertex;
      const values = part.inputs?.unsure ?? [];
      this.#emit({ type: "observed", resource, ...groupOf(node, part), cause, steps: [], ms: 0 });
      if (values.length > 0) this.#emit({ type: "would-receive", resource, ...groupOf(node, part), values, at });
    }
    return true;
  }

  /** Of a member whose container does everything else for it. */
  async #observeExport(node: Node, part: Part, cause: Cause, signal: AbortSignal): Promise<readonly PlannedStep[]> {
    if (part.inputs === undefined || part.inputs.unsure.length > 0) return nothing;
    const publishing = await naming(node, part, this.#publishing(part, part.inputs, signal));
    if (publishing.length === 0) return nothing;
    const resource = part.vertex.reference;
    const steps = publishing.map(({ text }) => text);
    this.#emit({ type: "observed", resource, ...groupOf(node, part), cause, steps, ms: 0 });
    const refusal = part.vertex.meta.noop ? undefined : this.#options.approve?.(resource, steps);
    if (refusal !== undefined) throw refusal;
    return publishing;
  }

  /** What other hosts are to have of a resource and do not: after its own steps, so that they have it when it is true. */
  async #publishing(part: Part, inputs: Inputs, signal: AbortSignal): Promise<readonly PlannedStep[]> {
    const publication = publicationOf(part, inputs);
    const { keys, data, mark } = publication;
    if (part.published === mark) return nothing;
    const { exports } = this.#options.exchange;
    await this.#options.keeper.idle();
    const known = await Promise.all(keys.map((key) => exports.published(key, signal)));
    if (known.every((text) => text === data)) {
      part.published = mark;
      return nothing;
    }
    const text = publicationText(publication, known.includes(undefined));
    return [{ what: { publication }, text, part, owner: part }];
  }

  #ownerOf(node: Node, member: string | undefined): Part | undefined {
    if (member === undefined) return undefined;
    const owner = node.parts.get(member);
    invariant(owner !== undefined, `${member} is a member of ${node.vertex.reference}`);
    return owner;
  }

  async #apply(node: Node, number: number, cause: Cause, signal: AbortSignal): Promise<WorkerEvent> {
    const planned = node.plan[number];
    invariant(planned !== undefined, "the plan has this step");
    const { what, text, part, owner } = planned;
    const startMs = this.#clock.monotonicMs();
    if ("step" in what) {
      await naming(node, part, part.vertex.kind.apply(what.step, wantOf(part), this.#env(node, part, signal)));
    } else {
      const { keys, data, mark } = what.publication;
      await naming(node, part, this.#options.exchange.exports.publish(keys, data, signal));
      part.published = mark;
    }
    owner.steps += 1;
    const ms = this.#clock.monotonicMs() - startMs;
    const { reference: resource, at } = owner.vertex;
    this.#emit({ type: "step-applied", resource, ...groupOf(node, owner), cause, step: text, at, ms });
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

  #env(node: Node, part: Part, signal: AbortSignal): Env {
    return new Env(this.#options, node, part, signal);
  }
}

const nothing: readonly PlannedStep[] = [];

/** A group fails as a whole, so the failure says which member it was. */
function naming<Result>(node: Node, part: Part, task: Promise<Result>): Promise<Result> {
  if (part === node.own) return task;
  return task.catch((reason: unknown) => {
    if (!(reason instanceof Failure)) throw reason;
    const { code, hint, retry, message } = reason;
    const options = { code, retry, cause: reason, ...(hint === undefined ? {} : { hint }) };
    throw new Failure(`${part.vertex.reference}: ${message}`, options);
  });
}

function broughtTo(part: Part, steps: readonly PlannedStep[]): ReadonlySet<string> {
  const keys = steps.flatMap(({ owner, text }) => (owner === part ? (text.brings ?? []) : []));
  return keys.length === 0 ? noKeys : new Set(keys);
}

function byPlace({ vertex: left }: Part, { vertex: right }: Part): number {
  const [leftPath, rightPath] = [left.at.file.path, right.at.file.path];
  if (leftPath !== rightPath) return leftPath < rightPath ? -1 : 1;
  return left.at.start - right.at.start || (left.key < right.key ? -1 : 1);
}
