// SPDX-License-Identifier: Apache-2.0
// The incremental evaluator, in the manner of Jane Street's Incremental. A round (`stabilize`) computes every necessary
// stale node once, inputs before dependents, so no reader sees a mixture of old and new. An event costs work for what
// depends on it. Knows nothing of programs, time or streams.
//
// A stamp is a number that is given once: every computation, and whatever makes a result another one, takes the next.
// So "its input has changed since it was computed" is one comparison, within a round and between rounds.

import { invariant } from "../base/invariant.ts";
import { sameValue } from "../values/value.ts";
import { Failed, type Node, type Result, type Room } from "./node.ts";
import { ByHeight } from "./by-height.ts";
import { RecomputeQueue } from "./recompute-queue.ts";

export interface EvaluatorCounts {
  readonly rounds: number;
  readonly computed: number;
  readonly necessary: number;
  /** How often the height of a node was changed for what came to life below it. */
  readonly lifted: number;
}

export class Evaluator {
  readonly #queue = new RecomputeQueue();
  readonly #onNeed: () => void;
  readonly #roots = new Set<Node>();
  readonly #absentRoots = new Set<Node>();
  readonly #failedRoots = new Set<Node>();
  readonly #rooms = new WeakMap<object, Room>();
  #stamp = 0;
  #rounds = 0;
  #computed = 0;
  #necessary = 0;
  #lifted = 0;
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
  get counts(): EvaluatorCounts {
    return { rounds: this.#rounds, computed: this.#computed, necessary: this.#necessary, lifted: this.#lifted };
  }

  /** Of all nodes that this place of the program makes. */
  roomOf(site: object): Room {
    const known = this.#rooms.get(site);
    if (known !== undefined) return known;
    const made: Room = { levels: 1 };
    this.#rooms.set(site, made);
    return made;
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
    for (const input of inputs) {
      const outside = this.#attach(node, input);
      if (outside !== undefined) learn(node, input, outside);
    }
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

  /** As `#becomeNecessary`; undefined when the input was necessary before. */
  #attach(node: Node, input: Node): number | undefined {
    if (input.isConstant) return undefined;
    const before = input.isNecessary;
    input.addDependent(node);
    return before ? undefined : this.#becomeNecessary(input);
  }

  #detach(node: Node, input: Node): void {
    if (input.isConstant) return;
    input.removeDependent(node);
    if (!input.isNecessary) this.#becomeUnnecessary(input);
  }

  /**
   * Links the node and what it newly needs to their inputs. A walk in depth without recursion: each node is finished
   * after all its inputs, so every height is right at once, however long the chain. Returns the greatest height of what they read
   * that was necessary before.
   */
  #becomeNecessary(first: Node): number {
    let outside = 0;
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
      else if (input.height > outside) outside = input.height;
    }
    if (!this.#isStabilizing && !this.#queue.isEmpty) this.#onNeed();
    return outside;
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
   * so each is handled once, after all that could lift it. What was lifted then goes up together as far as nothing else has to
   * give way, and at the very top by as much as it is: so in a chain that is brought to life link by link, from either end, a link
   * seldom moves those above it.
   */
  #lift(node: Node, height: number): void {
    if (node.height >= height) return;
    const lifted = new Set<Node>();
    const byFormerHeight = new ByHeight();
    const raise = (above: Node, to: number): void => {
      if (above.height >= to) return;
      if (!lifted.has(above)) {
        lifted.add(above);
        byFormerHeight.add(above, above.height);
      }
      above.height = to;
    };
    raise(node, height);
    for (let next = byFormerHeight.takeLowest(); next !== undefined; next = byFormerHeight.takeLowest()) {
      const { node: done } = next;
      for (const dependent of done.dependents.keys()) raise(dependent, done.height + levelsAbove(dependent, done));
      for (const guarded of done.guarded) raise(guarded, done.height + 1);
    }
    this.#lifted += lifted.size;
    const room = roomAbove(lifted);
    for (const each of lifted) {
      each.height += room;
      if (each.queuedAt !== -1) this.#queue.add(each);
    }
  }
}

/** How far all of them can go up together. */
function roomAbove(lifted: ReadonlySet<Node>): number {
  let room: number | undefined;
  const look = (below: Node, above: Node, levels: number): void => {
    if (!lifted.has(above)) room = Math.min(room ?? Number.POSITIVE_INFINITY, above.height - below.height - levels);
  };
  for (const below of lifted) {
    for (const above of below.dependents.keys()) look(below, above, levelsAbove(above, below));
    for (const above of below.guarded) look(below, above, 1);
    if (room === 0) return 0;
  }
  return Math.max(room ?? lifted.size, 0);
}

/** The least difference of their heights. */
function levelsAbove(node: Node, input: Node): number {
  const { room } = node.behaviour;
  return room !== undefined && node.inputs[0] === input ? room.levels : 1;
}

/** What calls itself, or is a link of a chain of its like, would want ever more. */
const mostRoom = 256;

/** Nodes of its kind will need as much. Doubled, so that ever more is learnt only a few times. */
function learn({ inputs: [first], behaviour: { room } }: Node, brought: Node, outside: number): void {
  if (room === undefined || first === undefined) return;
  const levels = brought.height + 1 - Math.max(first.isConstant ? 0 : first.height, outside);
  while (room.levels < levels && room.levels < mostRoom) room.levels *= 2;
}

/** The least height that a node may have. */
function heightAbove(node: Node): number {
  let height = node.guard === undefined ? 0 : node.guard.height + 1;
  for (const input of node.inputs) {
    if (input.isConstant) continue;
    const above = input.height + levelsAbove(node, input);
    if (above > height) height = above;
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
