// SPDX-License-Identifier: Apache-2.0
// The incremental evaluator, in the manner of Jane Street's Incremental. A round (`stabilize`) computes every necessary
// stale node once, inputs before dependents, so no reader sees a mixture of old and new. An event costs work for what
// depends on it. Knows nothing of programs, time or streams.

import { invariant } from "../base/invariant.ts";
import { sameValue } from "../values/value.ts";
import { Failed, Node, RecomputeQueue, type Result } from "./node.ts";

export class Evaluator {
  readonly #queue = new RecomputeQueue();
  readonly #onNeed: () => void;
  readonly #absentRoots = new Set<Node>();
  readonly #failedRoots = new Set<Node>();
  #round = 0;
  #computed = 0;
  #necessary = 0;
  #stabilizing = false;

  /** `onNeed` is called when a round has become worthwhile; the owner decides when to stabilize. */
  constructor(onNeed: () => void) {
    this.#onNeed = onNeed;
  }

  /** Roots without a value yet: while there are any, the whole has no consistent result. */
  get absentRoots(): ReadonlySet<Node> {
    return this.#absentRoots;
  }

  /** Roots that a failure has reached, because nothing caught it. */
  get failedRoots(): ReadonlySet<Node> {
    return this.#failedRoots;
  }

  /** How much was computed and is alive; for tests and for the picture. */
  get counts(): { readonly rounds: number; readonly computed: number; readonly necessary: number } {
    return { rounds: this.#round, computed: this.#computed, necessary: this.#necessary };
  }

  /** From now on the node is kept up to date, as a root. */
  observe(node: Node): void {
    const before = node.isNecessary;
    node.observers += 1;
    this.#absentRoots.add(node);
    if (!before) this.#becomeNecessary(node);
    else this.#noteRoot(node);
  }

  unobserve(node: Node): void {
    invariant(node.observers > 0, "only an observed node is given up");
    node.observers -= 1;
    if (node.observers > 0) return;
    this.#absentRoots.delete(node);
    this.#failedRoots.delete(node);
    if (!node.isNecessary) this.#becomeUnnecessary(node);
  }

  /** The node's own state has changed: it is computed in the next round, or in this one. */
  invalidate(node: Node): void {
    if (!node.isNecessary) {
      node.recomputedAt = -1;
      return;
    }
    this.#queue.add(node);
    if (!this.#stabilizing) this.#onNeed();
  }

  /** For `Behaviour.stop`: the node has no value until it is computed anew, and readers will find that out. */
  forget(node: Node): void {
    node.result = undefined;
    node.recomputedAt = -1;
    node.changedAt = this.#round + 1;
  }

  /** Gives a node other inputs while a round runs; the node is computed after them. */
  replaceInputs(node: Node, inputs: readonly Node[]): void {
    const before = node.inputs;
    node.inputs = inputs;
    if (!node.isNecessary) return;
    for (const input of inputs) this.#attach(node, input);
    for (const input of before) this.#detach(node, input);
    this.#liftAbove(node, inputs);
    this.#queue.add(node);
  }

  /** One round. Returns how many nodes were computed. */
  stabilize(): number {
    invariant(!this.#stabilizing, "rounds do not nest");
    this.#stabilizing = true;
    this.#round += 1;
    const before = this.#computed;
    try {
      for (let node = this.#queue.takeLowest(); node !== undefined; node = this.#queue.takeLowest()) {
        if (node.isNecessary) this.#recompute(node);
      }
    } finally {
      this.#stabilizing = false;
    }
    return this.#computed - before;
  }

  #recompute(node: Node): void {
    this.#computed += 1;
    node.recomputedAt = this.#round;
    const before = node.result;
    const after = node.behaviour.compute(node);
    const same = node.behaviour.same ?? sameResult;
    if (node.changedAt < 0 || !same(before, after)) {
      node.result = after;
      node.changedAt = this.#round;
      for (const dependent of node.dependents.keys()) {
        if (dependent.guard !== node || dependent.inputs.includes(node)) this.#queue.add(dependent);
      }
    }
    if (node.observers > 0) this.#noteRoot(node);
  }

  #noteRoot(node: Node): void {
    if (node.result === undefined) this.#absentRoots.add(node);
    else this.#absentRoots.delete(node);
    if (node.result instanceof Failed) this.#failedRoots.add(node);
    else this.#failedRoots.delete(node);
  }

  #attach(node: Node, input: Node): void {
    if (input.isConstant) return;
    const before = input.isNecessary;
    input.dependents.set(node, (input.dependents.get(node) ?? 0) + 1);
    if (!before) this.#becomeNecessary(input);
  }

  #detach(node: Node, input: Node): void {
    if (input.isConstant) return;
    removeDependent(input, node);
    if (!input.isNecessary) this.#becomeUnnecessary(input);
  }

  /** Links the node and what it newly needs to their inputs, sets heights, queues what is stale. No recursion. */
  #becomeNecessary(first: Node): void {
    const entered: Node[] = [];
    const work: Node[] = [first];
    for (let node = work.pop(); node !== undefined; node = work.pop()) {
      node.prepare();
      entered.push(node);
      this.#necessary += 1;
      for (const input of dependenciesOf(node)) {
        const before = input.isNecessary;
        input.dependents.set(node, (input.dependents.get(node) ?? 0) + 1);
        if (!before) work.push(input);
      }
    }
    // Deepest last: mostly inputs stand behind their dependents, so heights are right in one go; the rest is lifted.
    for (let at = entered.length - 1; at >= 0; at -= 1) {
      const node = entered[at] as Node;
      node.height = 0;
      this.#liftAbove(node, dependenciesOf(node));
    }
    for (const node of entered) {
      if (node.isStale) this.#queue.add(node);
      else if (node.observers > 0) this.#noteRoot(node);
    }
    if (!this.#stabilizing && !this.#queue.isEmpty) this.#onNeed();
  }

  #becomeUnnecessary(first: Node): void {
    const work: Node[] = [first];
    for (let node = work.pop(); node !== undefined; node = work.pop()) {
      this.#necessary -= 1;
      const dependencies = dependenciesOf(node);
      node.behaviour.stop?.(node);
      for (const input of dependencies) {
        removeDependent(input, node);
        if (!input.isNecessary) work.push(input);
      }
    }
  }

  /** Makes the node higher than these, and whatever depends on it higher in turn. */
  #liftAbove(node: Node, lower: readonly Node[]): void {
    let height = node.height;
    for (const input of lower) if (input.height >= height) height = input.height + 1;
    if (height === node.height && node.height > 0) return;
    const work: [Node, number][] = [[node, height]];
    for (let next = work.pop(); next !== undefined; next = work.pop()) {
      const [lifted, to] = next;
      if (to < lifted.height) continue;
      lifted.height = to;
      if (lifted.queuedAt !== -1) this.#queue.add(lifted);
      for (const dependent of lifted.dependents.keys()) {
        if (dependent.height <= to) work.push([dependent, to + 1]);
      }
    }
  }
}

function dependenciesOf(node: Node): Node[] {
  const dependencies = node.inputs.filter((input) => !input.isConstant);
  if (node.guard !== undefined) dependencies.push(node.guard);
  return dependencies;
}

function removeDependent(input: Node, node: Node): void {
  const times = input.dependents.get(node) ?? 0;
  if (times > 1) input.dependents.set(node, times - 1);
  else input.dependents.delete(node);
}

function sameResult(before: Result, after: Result): boolean {
  if (before === undefined || after === undefined) return before === after;
  if (before instanceof Failed || after instanceof Failed) {
    return (
      before instanceof Failed &&
      after instanceof Failed &&
      before.failure.message === after.failure.message &&
      before.at === after.at
    );
  }
  return sameValue(before, after);
}
