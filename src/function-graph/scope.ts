// SPDX-License-Identifier: Apache-2.0
// Living instances of the parts of a program: where a bind has its node, and which roots die together.

import { invariant } from "../base/invariant.ts";
import type { Activation, Bind, Lambda, Parameter } from "../program/types/tree.ts";
import type { FunctionValue } from "../values/value.ts";
import type { Evaluator } from "./evaluator.ts";
import type { Node } from "./node.ts";

/** One living instance of an activation. Everything a bind in it needs lives at most as long as it does. */
export class Frame {
  readonly activation: Activation;
  readonly parent: Frame | undefined;
  /** The node that decided that this instance lives. */
  readonly guard: Node | undefined;
  readonly values = new Map<Bind | Parameter, Node>();
  readonly functions = new Map<Lambda, FunctionValue>();

  constructor(activation: Activation, parent: Frame | undefined, guard: Node | undefined) {
    this.activation = activation;
    this.parent = parent;
    this.guard = guard;
  }

  /** The instance, around this one, of the activation that owns a bind or parameter. */
  owning(activation: Activation): Frame {
    let frame: Frame | undefined = this;
    while (frame !== undefined && frame.activation !== activation) frame = frame.parent;
    invariant(frame !== undefined, "a variable is used inside the part of the program that declares it");
    return frame;
  }
}

/** The roots that one choice brought to life; they are given up together. */
export class Scope {
  readonly #evaluator: Evaluator;
  readonly #roots: Node[] = [];

  constructor(evaluator: Evaluator) {
    this.#evaluator = evaluator;
  }

  add(root: Node): void {
    this.#roots.push(root);
    this.#evaluator.observe(root);
  }

  end(): void {
    for (const root of this.#roots.splice(0)) this.#evaluator.unobserve(root);
  }
}
