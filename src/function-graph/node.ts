// SPDX-License-Identifier: Apache-2.0
// One value of the function graph. Knows nothing of programs or streams.
//
// Invariants, checked by `checkInvariants` (invariants.test-support.ts) between rounds in tests:
//  1. the height of a necessary node is greater than the height of each of its inputs and of its guard;
//  2. a node is queued only when it is necessary and may be stale;
//  3. between rounds the queue is empty and nothing necessary is stale;
//  4. a node is in `dependents` of its inputs, and in `guarded` of its guard, exactly while it is necessary.

import type { Span } from "../base/span.ts";
import type { Origin } from "../contract/declaration.ts";
import type { FunctionFailure } from "../contract/function.ts";
import type { Value } from "../values/value.ts";

/** A failure on its way: it flows along edges in place of a value. `at` is where it arose. */
export class Failed {
  readonly failure: FunctionFailure;
  readonly at: Span;
  readonly shownAs: string;

  constructor(failure: FunctionFailure, at: Span, shownAs: string) {
    this.failure = failure;
    this.at = at;
    this.shownAs = shownAs;
  }
}

/** Undefined: no value yet. */
export type Result = Value | Failed | undefined;

/** What a node is made of: known at once, or asked for when the node is first needed. */
export interface Recipe {
  readonly inputs: readonly Node[];
  readonly behaviour: Behaviour;
}

/** How a node gets its result. State that a behaviour keeps must be given up in `stop`. */
export interface Behaviour {
  /** One word for the picture of the graph. */
  readonly label: string;
  /** Called only while the node is necessary, after all inputs; reads `node.inputs`. */
  compute(node: Node): Result;
  /** True when two results are the same, so that dependents need not know. Default: equal values. */
  readonly same?: (before: Result, after: Result) => boolean;
  /** What it computes shows in what others read or in what there is, not in its own result. */
  readonly decides?: boolean;
  /** It brings values by itself, from the world: which call that is. */
  readonly origin?: Origin;
  /** Of one that replaces its inputs: what it read first stays the first. */
  readonly room?: Room;
  /** The node is no longer necessary. */
  stop?(node: Node): void;
}

/**
 * How many levels are kept free below nodes that one place of the program makes, above their first input: what they bring to life
 * finds room there, and nothing above them has to be lifted for it. Learnt from what such nodes have brought to life.
 */
export interface Room {
  levels: number;
}

export class Node {
  /** The node that decided that this one exists: computed before it, never read, and not kept alive by it. */
  readonly guard: Node | undefined;
  /** Empty until first needed. Replaced only by `Evaluator.replaceInputs`. */
  inputs: readonly Node[] = [];
  /** How many reasons from outside of the graph there are to keep this node up to date. */
  observers = 0;
  height = 0;
  /** The stamp of the last computation (see `Evaluator`); -1: must be computed when next necessary. */
  recomputedAt = -1;
  /** The stamp with which `result` last became another one. */
  changedAt = -1;
  result: Result = undefined;
  /** The bucket of the queue in which the node waits, or -1. */
  queuedAt = -1;
  #dependents: Map<Node, number> | undefined;
  #guarded: Set<Node> | undefined;
  #recipe: Recipe | (() => Recipe) | undefined;
  #behaviour: Behaviour | undefined;

  constructor(recipe: Recipe | (() => Recipe), guard?: Node) {
    this.#recipe = recipe;
    this.guard = guard;
  }

  /** A node that never changes needs no edges. */
  static constant(value: Value): Node {
    const node = new Node({ inputs: [], behaviour: constantBehaviour });
    node.result = value;
    node.recomputedAt = 0;
    node.changedAt = 0;
    node.prepare();
    return node;
  }

  get isConstant(): boolean {
    return this.#behaviour === constantBehaviour;
  }

  get isNecessary(): boolean {
    return this.observers > 0 || (this.#dependents !== undefined && this.#dependents.size > 0);
  }

  get isStale(): boolean {
    return this.recomputedAt < 0 || this.inputs.some((input) => input.changedAt > this.recomputedAt);
  }

  /** Necessary nodes that read this one, each with how often. */
  get dependents(): ReadonlyMap<Node, number> {
    return this.#dependents ?? noDependents;
  }

  /** Necessary nodes whose guard this is. */
  get guarded(): ReadonlySet<Node> {
    return this.#guarded ?? noGuarded;
  }

  get behaviour(): Behaviour {
    this.prepare();
    return this.#behaviour as Behaviour;
  }

  /** Finds out what the node is made of. Done late, so that building a program follows need and not nesting. */
  prepare(): void {
    if (this.#recipe === undefined) return;
    const recipe = typeof this.#recipe === "function" ? this.#recipe() : this.#recipe;
    this.#recipe = undefined;
    this.inputs = recipe.inputs;
    this.#behaviour = recipe.behaviour;
  }

  /** For the evaluator alone, as the next three are. */
  addDependent(node: Node): void {
    this.#dependents ??= new Map();
    this.#dependents.set(node, (this.#dependents.get(node) ?? 0) + 1);
  }

  removeDependent(node: Node): void {
    const times = this.#dependents?.get(node) ?? 0;
    if (times > 1) this.#dependents?.set(node, times - 1);
    else this.#dependents?.delete(node);
  }

  addGuarded(node: Node): void {
    this.#guarded ??= new Set();
    this.#guarded.add(node);
  }

  removeGuarded(node: Node): void {
    this.#guarded?.delete(node);
  }
}

const constantBehaviour: Behaviour = { label: "constant", compute: (node) => node.result };
const noDependents: ReadonlyMap<Node, number> = new Map();
const noGuarded: ReadonlySet<Node> = new Set();
