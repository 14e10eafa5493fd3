// SPDX-License-Identifier: Apache-2.0
// Calls of built-in functions that are given a function: `iter.map`. The function is called with elements as nodes, so a
// changed element costs the one call that reads it. Built again only where the length or the function changes.

import { invariant } from "../base/invariant.ts";
import type { Iteration, IteratingFunction } from "../contract/function.ts";
import type { CallBuiltin } from "../program/types/tree.ts";
import { FunctionValue, type Value } from "../values/value.ts";
import { pureNode } from "./behaviours.ts";
import { Cell } from "./cell.ts";
import { createChoice } from "./choice.ts";
import type { Evaluator } from "./evaluator.ts";
import { Node } from "./node.ts";

/** The result of a function value for these arguments, as a new instance of its body. */
export type Apply = (callee: FunctionValue, args: readonly Node[], guard: Node | undefined) => Node;

export interface IterationCall {
  readonly call: CallBuiltin;
  readonly definition: IteratingFunction;
  /** All arguments: the initial ones, the lists, the function. */
  readonly args: readonly Node[];
  readonly guard: Node | undefined;
}

export function createIteration(evaluator: Evaluator, apply: Apply, iteration: IterationCall): Node {
  const { call, definition, args, guard } = iteration;
  const callee = args.at(-1);
  const lists = args.slice(-1 - definition.lists, -1);
  invariant(callee !== undefined, "the last argument is the function");
  const initial = args.slice(0, -1 - definition.lists);
  let living: { readonly callee: FunctionValue; calls: Calls } | undefined;
  let cells: Cell[][] = lists.map(() => []);

  const build = (calls: Calls, elements: readonly (readonly Node[])[], under: Node | undefined): Node => {
    const parts: Iteration<Node> = {
      initial,
      elements,
      call: (values) => calls.of(values),
      compute: (inputs, compute) => pureNode(call.shownAs, call.at, inputs, compute, { guard: under }),
    };
    return definition.iterate(parts);
  };

  if (callee.isConstant && lists.every((list) => list.isConstant)) {
    const columns = lists.map((list) => listOf(list).map((value) => Node.constant(value)));
    const calls = new Calls((values) => apply(functionOf(callee), values, guard), undefined);
    return build(calls, rowsOf(columns), guard);
  }
  return createChoice(
    evaluator,
    {
      label: call.shownAs,
      site: call,
      inputs: [callee, ...lists],
      choose: (under) => {
        const columns = lists.map(listOf);
        const length = Math.min(...columns.map((column) => column.length));
        const kept = cells[0]?.length ?? 0;
        cells.forEach((column, at) => {
          const values = columns[at] ?? [];
          for (let index = 0; index < length; index += 1) {
            const value = values[index] as Value;
            const cell = column[index];
            if (cell === undefined) column.push(new Cell(evaluator, `item ${index}`, value, under));
            else cell.set(value);
          }
          column.length = length;
        });
        const present = functionOf(callee);
        if (living?.callee === present && kept === length) return undefined;
        const former = living?.callee === present ? living.calls : undefined;
        const calls = new Calls((values) => apply(present, values, under), former);
        living = { callee: present, calls };
        const rows = rowsOf(cells.map((column) => column.map((cell) => cell.node)));
        const built = build(calls, rows, under);
        calls.forgetFormer();
        return built;
      },
      reset: () => {
        living = undefined;
        cells = lists.map(() => []);
      },
    },
    guard,
  );
}

/** The calls that one build has made. A call with the same arguments as in the build before goes on. */
class Calls {
  readonly #made = new Map<Node, { readonly args: readonly Node[]; readonly result: Node }[]>();
  readonly #make: (args: readonly Node[]) => Node;
  #former: Calls | undefined;

  constructor(make: (args: readonly Node[]) => Node, former: Calls | undefined) {
    this.#make = make;
    this.#former = former;
  }

  of(args: readonly Node[]): Node {
    const last = args.at(-1);
    invariant(last !== undefined, "a function is called with something");
    const known = this.find(last, args) ?? this.#former?.find(last, args);
    const result = known ?? this.#make(args);
    const made = this.#made.get(last);
    if (made === undefined) this.#made.set(last, [{ args, result }]);
    else made.push({ args, result });
    return result;
  }

  forgetFormer(): void {
    this.#former = undefined;
  }

  /** By the last argument, which is an element and so hardly ever that of two calls. */
  find(last: Node, args: readonly Node[]): Node | undefined {
    const made = this.#made.get(last);
    return made?.find((call) => call.args.every((argument, index) => argument === args[index]))?.result;
  }
}

/** For each index, what the columns have there; as many as the shortest column has. */
function rowsOf(columns: readonly (readonly Node[])[]): readonly (readonly Node[])[] {
  const length = Math.min(...columns.map((column) => column.length));
  return Array.from({ length }, (_, index) => columns.map((column) => column[index] as Node));
}

function functionOf(node: Node): FunctionValue {
  invariant(node.result instanceof FunctionValue, "the last argument is a function: the type checker saw to it");
  return node.result;
}

function listOf(node: Node): readonly Value[] {
  invariant(Array.isArray(node.result), "these arguments are lists: the type checker saw to it");
  return node.result as readonly Value[];
}
