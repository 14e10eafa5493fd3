// SPDX-License-Identifier: Apache-2.0
// What kinds have asked the machine for their automatic edges: each question once, and again when the kind says that
// answers may be others. Knows nothing of graphs: who makes them asks here before, and is told when to make them again.

import { Pulses } from "../base/pulse.ts";
import type { Facts, FactsEnv } from "../contract/automatic.ts";
import type { Listener } from "../contract/event.ts";
import { Failure, isAbort } from "../contract/failure.ts";
import type { Host } from "../contract/host.ts";
import type { ResourceKind } from "../contract/resource.ts";
import { failureFrom } from "../engine/failures.ts";
import { noFacts } from "../resource-graph/automatic-edges.ts";
import type { Questions } from "../resource-graph/builder.ts";

/** A package manager at work tells of a change many times; its answers count once it has rested for this long. */
const restMs = 250;

/** A machine that does not answer holds up nothing for longer. */
const askLimitMs = 30_000;

/** When a watch has failed, until it is tried again. */
const rearmMs = 10_000;

export interface EdgeFactsOptions {
  readonly host: Host;
  readonly emit: Listener;
  /** Ends all watches. Absent: nothing is watched, the first answers stay. */
  readonly watchUntil?: AbortSignal;
}

interface Known {
  /** Those with and without an answer. */
  readonly asked: Set<string>;
  readonly facts: Map<string, readonly string[]>;
  /** Resolves when its watch is armed, or has failed. */
  readonly armed: Promise<void>;
}

export class EdgeFacts {
  readonly #options: EdgeFactsOptions;
  readonly #known = new Map<ResourceKind, Known>();
  readonly #readers = new Set<Pulses>();
  readonly #watches: Promise<void>[] = [];

  constructor(options: EdgeFactsOptions) {
    this.#options = options;
  }

  readonly of = (kind: ResourceKind): Facts => this.#known.get(kind)?.facts ?? noFacts;

  /** Asks what is not known yet, and forgets what nobody asks any longer. True when there are new answers. */
  async learn(questions: Questions, signal: AbortSignal): Promise<boolean> {
    for (const [kind, known] of this.#known) {
      const still = questions.get(kind);
      for (const question of known.asked) if (still?.has(question) !== true) forget(known, question);
    }
    const learnt = await Promise.all([...questions].map(([kind, some]) => this.#learnOf(kind, some, signal)));
    return learnt.includes(true);
  }

  /** Pulses when answers are others than before. */
  changes(signal: AbortSignal): Pulses {
    const pulses = new Pulses(signal, () => this.#readers.delete(pulses));
    if (!signal.aborted) this.#readers.add(pulses);
    return pulses;
  }

  /** Resolves when no watch runs any more; after the signal of the options. */
  async ended(): Promise<void> {
    await Promise.all(this.#watches);
  }

  async #learnOf(kind: ResourceKind, questions: ReadonlySet<string>, signal: AbortSignal): Promise<boolean> {
    const known = this.#known.get(kind) ?? this.#meet(kind);
    await known.armed; // So no change after the answer is lost.
    const unknown = [...questions].filter((question) => !known.asked.has(question));
    return unknown.length > 0 && this.#ask(kind, known, unknown, signal);
  }

  #meet(kind: ResourceKind): Known {
    const armed = Promise.withResolvers<void>();
    const known: Known = { asked: new Set(), facts: new Map(), armed: armed.promise };
    this.#known.set(kind, known);
    const { watchUntil } = this.#options;
    if (kind.edges?.facts?.watch === undefined || watchUntil === undefined) armed.resolve();
    else this.#watches.push(this.#watch(kind, known, armed.resolve, watchUntil));
    return known;
  }

  /** True when an answer is another one than before. */
  async #ask(kind: ResourceKind, known: Known, questions: readonly string[], signal: AbortSignal): Promise<boolean> {
    let answers: Facts = noFacts;
    try {
      answers = await this.#askInTime(kind, questions, signal);
    } catch (reason) {
      if (isAbort(reason, signal)) throw reason;
      this.#tell(kind, reason);
    }
    let changed = false;
    for (const question of questions) {
      const answer = answers.get(question);
      if (!sameAnswer(known.facts.get(question), answer)) changed = true;
      known.asked.add(question);
      if (answer === undefined) known.facts.delete(question);
      else known.facts.set(question, answer);
    }
    return changed;
  }

  async #askInTime(kind: ResourceKind, questions: readonly string[], signal: AbortSignal): Promise<Facts> {
    const limit = new AbortController();
    const { promise: late, reject } = Promise.withResolvers<never>();
    const cancelLimit = this.#options.host.clock.after(askLimitMs, () => {
      reject(new Failure(`the machine has not answered within ${askLimitMs / 1000} s`, { code: "timed-out" }));
      limit.abort();
    });
    const stop = (): void => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    try {
      const env = this.#env(AbortSignal.any([signal, limit.signal]));
      return (await Promise.race([kind.edges?.facts?.ask(questions, env), late])) ?? noFacts;
    } finally {
      signal.removeEventListener("abort", stop);
      cancelLimit();
    }
  }

  async #watch(kind: ResourceKind, known: Known, armed: () => void, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        let isFirst = true;
        for await (const _ of kind.edges?.facts?.watch?.(this.#env(signal)) ?? []) {
          if (isFirst) armed();
          else await this.#askAgain(kind, known, signal);
          isFirst = false;
        }
        if (signal.aborted) return;
        throw new Error("its watch has ended by itself");
      } catch (reason) {
        if (isAbort(reason, signal)) return;
        this.#tell(kind, reason);
        armed();
        await this.#options.host.clock.sleep(rearmMs, signal).catch(() => {});
        if (!signal.aborted) await this.#askAgain(kind, known, signal).catch(() => {}); // Only an abort rejects it.
      } finally {
        armed();
      }
    }
  }

  async #askAgain(kind: ResourceKind, known: Known, signal: AbortSignal): Promise<void> {
    await this.#options.host.clock.sleep(restMs, signal);
    const questions = [...known.asked];
    if (questions.length === 0 || !(await this.#ask(kind, known, questions, signal))) return;
    for (const reader of this.#readers) reader.pulse();
  }

  #env(signal: AbortSignal): FactsEnv {
    return { host: this.#options.host, signal };
  }

  #tell(kind: ResourceKind, reason: unknown): void {
    this.#options.emit({ type: "edges-unknown", kind: kind.kind, failure: failureFrom(reason) });
  }
}

function forget(known: Known, question: string): void {
  known.asked.delete(question);
  known.facts.delete(question);
}

function sameAnswer(some: readonly string[] | undefined, other: readonly string[] | undefined): boolean {
  if (some === undefined || other === undefined) return some === other;
  return some.length === other.length && some.every((text, at) => text === other[at]);
}
