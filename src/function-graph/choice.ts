// SPDX-License-Identifier: Apache-2.0
// A node whose value is that of another one, which is chosen, and often built, while the graph runs. Two nodes do it: the
// switch, which decides, and the choice, which reads the switch and what was chosen. What is built has the switch as its
// guard, so it is computed only after the decision.

import { obstacle } from "./behaviours.ts";
import type { Evaluator } from "./evaluator.ts";
import { type Behaviour, Node } from "./node.ts";

export interface Decision {
  readonly label: string;
  /** The expression that makes such decisions. */
  readonly site: object;
  /** What the decision is made from. */
  readonly inputs: readonly Node[];
  /** Called when all inputs have values and one has changed. Gives the node to follow; undefined: the same as before. */
  choose(guard: Node): Node | undefined;
  /** Nobody needs the value any more; the next `choose` is a first one. */
  reset(): void;
}

export function createChoice(evaluator: Evaluator, decision: Decision, guard: Node | undefined): Node {
  const switching: Behaviour = {
    label: decision.label,
    decides: true,
    compute: (node) => {
      const blocked = obstacle(node.inputs);
      if (blocked !== undefined) return blocked.result;
      const chosen = decision.choose(node);
      if (chosen !== undefined) evaluator.replaceInputs(choice, [node, chosen]);
      return true;
    },
  };
  const following: Behaviour = {
    label: "choice",
    room: evaluator.roomOf(decision.site),
    compute: (node) => {
      const blocked = obstacle(node.inputs.slice(0, 1));
      return blocked === undefined ? node.inputs[1]?.result : blocked.result;
    },
    stop: (node) => {
      decision.reset();
      node.inputs = [switcher];
      evaluator.forget(switcher);
    },
  };
  const switcher: Node = new Node({ inputs: decision.inputs, behaviour: switching }, guard);
  const choice: Node = new Node({ inputs: [switcher], behaviour: following }, guard);
  return choice;
}
