// SPDX-License-Identifier: Apache-2.0
// The incremental evaluator, in the manner of Jane Street's Incremental. A round (`stabilize`) computes every necessary
// stale node once, inputs before dependents, so no reader sees a mixture of old and new. An event costs work for what
// depends on it. Knows nothing of programs, time or streams.
//
// A stamp is a number that is given once: every computation, and whatever makes a result another one, takes the next.
// So "its input has changed since it was computed" is one comparison, within a round and between rounds.

import { invariant } from "../base/invariant.ts";
import { sameValue } from "../values/value.ts";
import { Failed, type Node, type Result } from "./node.ts";
import { RecomputeQueue } from "./recompute-queue.ts";

export class Evaluator {
  readonly #queue = new RecomputeQueue();
  readonly #onNeed: () => void;
  readonly #roots = new Set<Node>();
  readonly #absentRoots = new Set<Node>();
  readonly #failedRoots = new Set<Node>();
  #stamp = 0;
  #rounds = 0;
  #computed = 0;
  #necessary = 0;
  #isStabilizing = false;
  #roundBegan = 0;

  /** `onNeed` is called when a round has become worthwhile; the owner decides when to stabilize. */
  constructor(onNeed: () => void) {
    this.#onNeed = onNeed;
  }

  /** Whether it got another result, or decided, in the round that runs or ran last. */
  isPartOfRound(node: Node): boolean {
    return (
      node.changedAt > this.#roundBegan || (node.recomputedAt > this.#roundBegan && node.behaviour.decides === true)
    );
  }

  /** Everything that is observed, in the order in which it came to life. */
  get roots(): ReadonlySet<Node> {
    return this.#roots;
  }

  /** Roots without a value yet: while there are any, the whole has no consistent result. */
  get absentRoots(): ReadonlySet<Node> {
    return this.#absentRoots;
  }

  /** Roots that a failure has reached, because nothing caught it. */
  get failedRoots(): ReadonlySet<Node> {
    return this.#failedRoots;
  }

  /** How much was computed and is alive; for tests and for benchmarks. */
  get counts(): { readonly rounds: number; readonly computed: number; readonly necessary: number } {
    return { rounds: this.#rounds, computed: this.#computed, necessary: this.#necessary };
  }

  /** From now on the node is kept up to date, as a root. */
  observe(node: Node): void {
    const before = node.isNecessary;
    node.observers += 1;
    this.#roots.add(node);
    this.#absentRoots.add(node);
    if (!before) this.#becomeNecessary(node);
    else this.#noteRoot(node);
  }

  unobserve(node: Node): void {
    invariant(node.observers > 0, "only an observed node is given up");
    node.observers -= 1;
    if (node.observers > 0) return;
    this.#roots.delete(node);
    this.#absentRoots.delete(node);
    this.#failedRoots.delete(node);
    if (!node.isNecessary) this.#becomeUnnecessary(node);
  }

  /** The node's own state has changed: it is computed in the next round, or in this one. */
  invalidate(node: Node): void {
    node.recomputedAt = -1;
    if (!node.isNecessary) return;
    this.#queue.add(node);
    if (!this.#isStabilizing) this.#onNeed();
  }

  /** For `Behaviour.stop`: the node has no value until it is computed anew, and readers will find that out. */
  forget(node: Node): void {
    node.result = undefined;
    node.recomputedAt = -1;
    node.changedAt = this.#nextStamp();
  }

  /** Gives a node other inputs while a round runs; the node is computed after them. */
  replaceInputs(node: Node, inputs: readonly Node[]): void {
    const before = node.inputs;
    node.inputs = inputs;
    node.recomputedAt = -1;
    if (!node.isNecessary) return;
    for (const input of inputs) this.#attach(node, input);
    for (const input of before) this.#detach(node, input);
    this.#lift(node, heightAbove(node));
    this.#queue.add(node);
  }

  /** One round. Returns how many nodes were computed. */
  stabilize(): number {
    invariant(!this.#isStabilizing, "rounds do not nest");
    this.#isStabilizing = true;
    this.#rounds += 1;
    this.#roundBegan = this.#stamp;
    const before = this.#computed;
    try {
      for (let node = this.#queue.takeLowest(); node !== undefined; node = this.#queue.takeLowest()) {
        if (node.isNecessary) this.#recompute(node);
      }
    } finally {
      this.#isStabilizing = false;
    }
    return this.#computed - before;
  }

  #recompute(node: Node): void {
    this.#computed += 1;
    node.recomputedAt = this.#nextStamp();
    const before = node.result;
    const after = node.behaviour.compute(node);
    const same = node.behaviour.same ?? sameResult;
    if (node.changedAt < 0 || !same(before, after)) {
      node.result = after;
      node.changedAt = this.#nextStamp();
      for (const dependent of node.dependents.keys()) this.#queue.add(dependent);
    }
    if (node.observers > 0) this.#noteRoot(node);
  }

  #nextStamp(): number {
    this.#stamp += 1;
    return this.#stamp;
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
    input.addDependent(node);
    if (!before) this.#becomeNecessary(input);
  }

  #detach(node: Node, input: Node): void {
    if (input.isConstant) return;
    input.removeDependent(node);
    if (!input.isNecessary) this.#becomeUnnecessary(input);
  }

  /**
   * Links the node and what it newly needs to their inputs. A walk in depth without recursion: each node is finished
   * after all its inputs, so every height is right at once, however long the chain.
   */
  #becomeNecessary(first: Node): void {
    const path: { readonly node: Node; nextInput: number }[] = [];
    const enter = (node: Node): void => {
      node.prepare();
      this.#necessary += 1;
      path.push({ node, nextInput: 0 });
    };
    enter(first);
    for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
      const { node } = step;
      const input = node.inputs[step.nextInput];
      if (input === undefined) {
        path.pop();
        this.#finishNecessary(node);
        continue;
      }
      step.nextInput += 1;
      if (input.isConstant) continue;
      const before = input.isNecessary;
      input.addDependent(node);
      if (!before) enter(input);
    }
    if (!this.#isStabilizing && !this.#queue.isEmpty) this.#onNeed();
  }

  #finishNecessary(node: Node): void {
    node.guard?.addGuarded(node);
    node.height = heightAbove(node);
    if (node.isStale) this.#queue.add(node);
    else if (node.observers > 0) this.#noteRoot(node);
  }

  #becomeUnnecessary(first: Node): void {
    const work: Node[] = [first];
    for (let node = work.pop(); node !== undefined; node = work.pop()) {
      this.#necessary -= 1;
      const { inputs } = node; // `stop` may set others, for the next time.
      node.behaviour.stop?.(node);
      node.guard?.removeGuarded(node);
      for (const input of inputs) {
        if (input.isConstant || !input.isNecessary) continue;
        input.removeDependent(node);
        if (!input.isNecessary) work.push(input);
      }
    }
  }

  /**
   * Makes the node at least that high, and whatever must be above it higher in turn. By former height, lowest first:
   * so each is handled once, after all that could lift it.
   */
  #lift(node: Node, height: number): void {
    if (node.height >= height) return;
    const lifted = new Set<Node>();
    const byFormerHeight: Node[][] = [];
    const raise = (above: Node, to: number): void => {
      if (above.height >= to) return;
      if (!lifted.has(above)) {
        lifted.add(above);
        const bucket = byFormerHeight[above.height];
        if (bucket === undefined) byFormerHeight[above.height] = [above];
        else bucket.push(above);
      }
      above.height = to;
    };
    const from = node.height;
    raise(node, height);
    for (let at = from; at < byFormerHeight.length; at += 1) {
      for (const done of byFormerHeight[at] ?? []) {
        for (const dependent of done.dependents.keys()) raise(dependent, done.height + 1);
        for (const guarded of done.guarded) raise(guarded, done.height + 1);
        if (done.queuedAt !== -1) this.#queue.add(done);
      }
    }
  }
}

/** The least height that a node may have. */
function heightAbove(node: Node): number {
  let height = node.guard === undefined ? 0 : node.guard.height + 1;
  for (const input of node.inputs) {
    if (!input.isConstant && input.height >= height) height = input.height + 1;
  }
  return height;
}

function sameResult(before: Result, after: Result): boolean {
  if (before === undefined || after === undefined) return before === after;
  if (before instanceof Failed || after instanceof Failed) {
    return (
      before instanceof Failed &&
      after instanceof Failed &&
      before.failure.message === after.failure.message &&
      before.failure.catchable === after.failure.catchable &&
      before.at === after.at
    );
  }
  return sameValue(before, after);
}
