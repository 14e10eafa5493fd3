// SPDX-License-Identifier: Apache-2.0
// One element of a list or map as a node. Whoever walks the container sets it, so that a change of one element costs
// nothing at the others.

import { sameValue, type Value } from "../values/value.ts";
import type { Evaluator } from "./evaluator.ts";
import { Node } from "./node.ts";

export class Cell {
  readonly node: Node;
  #value: Value;
  readonly #evaluator: Evaluator;

  /** `guard` is the node that sets it: in the round of the setting the cell is computed after it. */
  constructor(evaluator: Evaluator, label: string, value: Value, guard: Node) {
    this.#evaluator = evaluator;
    this.#value = value;
    this.node = new Node({ inputs: [], behaviour: { label, compute: () => this.#value } }, guard);
  }

  set(value: Value): void {
    if (sameValue(this.#value, value)) return;
    this.#value = value;
    this.#evaluator.invalidate(this.node);
  }
}
