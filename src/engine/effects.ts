// SPDX-License-Identifier: Apache-2.0
// The interpreter of what workers ask for: begins it with the runner, tells it, or hands it on to those that depend on
// the worker. Decides nothing.

import type { Cause, Listener } from "../contract/event.ts";
import type { Clock } from "../contract/host.ts";
import { groupOf } from "./env.ts";
import { handOn } from "./along-edges.ts";
import type { Node } from "./node.ts";
import type { Runner } from "./runner.ts";
import { shownValues } from "./secrets.ts";
import type { Effect, WorkerEvent } from "./worker-state.ts";

export interface EffectsOptions {
  readonly runner: Runner;
  readonly clock: Clock;
  readonly emit: Listener;
  readonly onReady: (node: Node) => void;
  /** Tells a worker something, at once. */
  readonly deliver: (node: Node, event: WorkerEvent) => void;
  /** Counts what happens, for comparing before and after; not a clock. Gives the next number. */
  readonly nextTurn: () => number;
}

export class Effects {
  readonly #options: EffectsOptions;
  readonly #runner: Runner;
  readonly #emit: Listener;
  readonly #startMs: number;

  constructor(options: EffectsOptions) {
    this.#options = options;
    this.#runner = options.runner;
    this.#emit = options.emit;
    this.#startMs = options.clock.monotonicMs();
  }

  carryOut(node: Node, effect: Effect): void {
    const resource = node.vertex.reference;
    switch (effect.do) {
      case "ask":
        return this.#options.onReady(node);
      case "arm":
        return this.#runner.arm(node);
      case "disarm":
        return this.#runner.disarm(node);
      case "observe":
        return this.#runner.observe(node, effect.cause);
      case "apply":
        return this.#runner.apply(node, effect.step, effect.cause);
      case "cancel":
        return this.#runner.cancel(node, { isTheEnd: false });
      case "start-timer":
        return this.#runner.startTimer(node, effect.name, effect.ms);
      case "stop-timer":
        return this.#runner.stopTimer(node, effect.name);
      case "tell-plan":
        return this.#tellPlan(node);
      case "succeed":
        return this.#succeed(node, effect);
      case "fail": {
        const { failure, retryInMs, repeated } = effect;
        return this.#emit({ type: "failed", resource, failure, at: node.vertex.at, retryInMs, repeated });
      }
      case "tell-contested": {
        const step = node.plan.at(-1)?.text;
        return this.#emit({ type: "contested", resource, at: node.vertex.at, step, repairs: effect.repairs });
      }
      case "tell-uncontested":
        return this.#emit({ type: "uncontested", resource });
      case "tell-blocked":
        return this.#emit({ type: "blocked", resource, by: effect.by });
      case "close":
        return this.#runner.close(node);
    }
  }

  #tellPlan(node: Node): void {
    for (const { text, owner } of node.plan) {
      const { reference: resource, at } = owner.vertex;
      this.#emit({ type: "would-apply", resource, ...groupOf(node, owner), step: text, at });
    }
  }

  #succeed(node: Node, { worked, settled, first }: Extract<Effect, { do: "succeed" }>): void {
    const { clock, deliver, nextTurn } = this.#options;
    // Children learn what is new before they learn that this one has settled, so none of theirs runs too early.
    const wake = (child: Node, cause: Cause): void => deliver(child, { type: "wake", cause });
    for (const { part } of handOn(node, worked, nextTurn(), wake)) {
      const values = shownValues(part);
      this.#emit({ type: "sent", resource: part.vertex.reference, ...groupOf(node, part), values });
    }
    if (!settled) return;
    const sinceStartMs = clock.monotonicMs() - this.#startMs;
    node.ledger.firstSettledMs ??= sinceStartMs;
    this.#emit({ type: "settled", resource: node.vertex.reference, first, sinceStartMs });
  }
}
