// SPDX-License-Identifier: Apache-2.0
// Expressions without statements, streams or a machine: what a change of a value costs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { defineFunction, type PureFunction } from "../contract/function.ts";
import type { Activation, CallBuiltin, Expression, IfExpression, Parameter, Reference } from "../program/types/tree.ts";
import { boolType, functionType, intType, type Type } from "../values/type.ts";
import type { Value } from "../values/value.ts";
import { Evaluator } from "./evaluator.ts";
import { ExpressionBuilder } from "./expressions.ts";
import { Node, type Result } from "./node.ts";
import { Frame } from "./scope.ts";
import { Streams } from "./streams.ts";
import { unreachableHost, unreachableWorld } from "./unreachable-host.test-support.ts";

const at = { file: { path: "test.mcl", text: "" }, start: 0, end: 0 };
const root: Activation = { kind: "program", parent: undefined };

/** A value that a test sets. */
class Cell {
  readonly node: Node;
  value: Result;
  readonly #evaluator: Evaluator;

  constructor(evaluator: Evaluator, value: Value) {
    this.#evaluator = evaluator;
    this.value = value;
    this.node = new Node({ inputs: [], behaviour: { label: "cell", compute: () => this.value } });
  }

  set(value: Value): void {
    this.value = value;
    this.#evaluator.invalidate(this.node);
  }
}

/** Some inputs, a builder and counters, without streams and without a machine. */
function bench(values: readonly Value[]) {
  const evaluator = new Evaluator(() => {});
  const builder = new ExpressionBuilder(evaluator, new Streams(evaluator, unreachableWorld), unreachableHost);
  const cells = values.map((value) => new Cell(evaluator, value));
  const parameters = values.map((value, index): Parameter => {
    const type: Type = typeof value === "boolean" ? boolType : intType;
    return { kind: "parameter", activation: root, name: `p${index}`, at, type };
  });
  const frame = new Frame(root, undefined, undefined);
  parameters.forEach((parameter, index) => frame.values.set(parameter, (cells[index] as Cell).node));
  return { evaluator, builder, cells, parameters, frame };
}

let calls = 0;
const add = defineFunction({
  module: "",
  name: "add",
  doc: "",
  type: "func(a int, b int) int",
  pure: ([a, b]) => {
    calls += 1;
    return (a as bigint) + (b as bigint);
  },
}) as PureFunction;
const below = defineFunction({
  module: "",
  name: "below",
  doc: "",
  type: "func(a int, b int) bool",
  pure: ([a, b]) => (a as bigint) < (b as bigint),
});

const constant = (value: Value, type: Type): Expression => ({ kind: "constant", at, type, value });
const int = (value: number): Expression => constant(BigInt(value), intType);
const reference = (to: Reference["to"]): Reference => ({ kind: "reference", at, type: to.type, to });
const callOf = (definition: CallBuiltin["function"], ...args: Expression[]): CallBuiltin => ({
  kind: "call-builtin",
  at,
  type: definition.type.result,
  shownAs: definition.name,
  function: definition,
  solved: {
    type: functionType(definition.type.params, definition.type.result),
    argumentValues: args.map(() => undefined),
  },
  args,
});
const branch = (): Activation => ({ kind: "expression-branch", parent: root });
const choose = (condition: Expression, then: Expression, otherwise: Expression): IfExpression => ({
  kind: "if-expression",
  at,
  type: then.type,
  condition,
  then,
  otherwise,
  thenActivation: branch(),
  otherwiseActivation: branch(),
});
test("a value that stays the same stops the round", () => {
  const { evaluator, builder, cells, parameters, frame } = bench([1n, 5n]);
  const [first, second] = parameters as [Parameter, Parameter];
  const node = builder.node(
    callOf(add, choose(callOf(below, reference(first), int(3)), int(10), int(20)), reference(second)),
    frame,
  );
  evaluator.observe(node);
  evaluator.stabilize();
  calls = 0;
  cells[0]?.set(2n);
  evaluator.stabilize();
  assert.equal(calls, 0);
  cells[0]?.set(4n);
  evaluator.stabilize();
  assert.equal(calls, 1);
  assert.equal(node.result, 25n);
});

test("several writes before a round cost one computation", () => {
  const { evaluator, builder, cells, parameters, frame } = bench([1n, 5n]);
  const [first, second] = parameters as [Parameter, Parameter];
  const node = builder.node(callOf(add, reference(first), reference(second)), frame);
  evaluator.observe(node);
  evaluator.stabilize();
  calls = 0;
  cells[0]?.set(2n);
  cells[0]?.set(3n);
  cells[1]?.set(4n);
  evaluator.stabilize();
  assert.equal(calls, 1);
  assert.equal(node.result, 7n);
});

test("the branch that is not taken is not computed and not necessary", () => {
  const { evaluator, builder, cells, parameters, frame } = bench([true, 1n]);
  const [condition, value] = parameters as [Parameter, Parameter];
  const node = builder.node(choose(reference(condition), int(0), callOf(add, reference(value), int(1))), frame);
  evaluator.observe(node);
  evaluator.stabilize();
  assert.equal(cells[1]?.node.isNecessary, false);
  cells[0]?.set(false);
  evaluator.stabilize();
  assert.equal(node.result, 2n);
  assert.equal(cells[1]?.node.isNecessary, true);
});

test("flipping a branch leaves nothing behind", () => {
  const { evaluator, builder, cells, parameters, frame } = bench([true, 1n]);
  const [condition, value] = parameters as [Parameter, Parameter];
  const node = builder.node(
    choose(reference(condition), callOf(add, reference(value), int(1)), reference(value)),
    frame,
  );
  evaluator.observe(node);
  evaluator.stabilize();
  cells[0]?.set(false);
  evaluator.stabilize();
  const { necessary } = evaluator.counts;
  for (let flip = 0; flip < 10_000; flip += 1) {
    cells[0]?.set(flip % 2 === 0);
    evaluator.stabilize();
  }
  assert.equal(evaluator.counts.necessary, necessary);
  assert.ok((cells[1]?.node.dependents.size ?? 0) <= 2);
});

test("a chain of 100,000 binds does not nest", () => {
  const { evaluator, builder, cells, parameters, frame } = bench([1n]);
  let last: Reference = reference(parameters[0] as Parameter);
  for (let link = 0; link < 100_000; link += 1) {
    last = reference({
      kind: "bind",
      activation: root,
      name: `b${link}`,
      at,
      type: intType,
      value: callOf(add, last, int(1)),
    });
  }
  const node = builder.node(last, frame);
  evaluator.observe(node);
  evaluator.stabilize();
  assert.equal(node.result, 100_001n);
  cells[0]?.set(2n);
  evaluator.stabilize();
  assert.equal(node.result, 100_002n);
});
