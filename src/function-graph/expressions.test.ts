// SPDX-License-Identifier: Apache-2.0
// Expressions without statements, streams or a machine: every value is what evaluating from nothing gives, at the least cost.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { defineFunction, FunctionFailure, type PureFunction } from "../contract/function.ts";
import type {
  Activation,
  CallBuiltin,
  Except,
  Expression,
  IfExpression,
  Parameter,
  Reference,
} from "../program/types/tree.ts";
import { boolType, functionType, intType, type Type } from "../values/type.ts";
import { sameValue, type Value } from "../values/value.ts";
import { Evaluator } from "./evaluator.ts";
import { ExpressionBuilder } from "./expressions.ts";
import { checkInvariants } from "./invariants.test-support.ts";
import { Failed, Node, type Result } from "./node.ts";
import { Frame } from "./scope.ts";
import { Streams } from "./streams.ts";
import { unreachableHost } from "./unreachable-host.test-support.ts";

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
  const builder = new ExpressionBuilder(evaluator, new Streams(evaluator, unreachableHost, "h"), unreachableHost);
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
const positive = defineFunction({
  module: "",
  name: "positive",
  doc: "",
  type: "func(a int) int",
  pure: ([a]) => {
    if ((a as bigint) < 0n) throw new FunctionFailure(`${String(a)} is negative`, { catchable: true });
    return a as Value;
  },
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
const except = (main: Expression, fallback: Expression): Except => ({
  kind: "except",
  at,
  type: main.type,
  main,
  fallback,
  fallbackActivation: branch(),
});

/** What an expression means, without any memory. */
function evaluate(expression: Expression, given: ReadonlyMap<Reference["to"], Value>): Value | FunctionFailure {
  switch (expression.kind) {
    case "constant":
      return expression.value;
    case "reference":
      return expression.to.kind === "bind" ? evaluate(expression.to.value, given) : (given.get(expression.to) as Value);
    case "call-builtin": {
      const args: Value[] = [];
      for (const argument of expression.args) {
        const value = evaluate(argument, given);
        if (value instanceof FunctionFailure) return value;
        args.push(value);
      }
      try {
        return (expression.function as PureFunction).pure(args, expression.solved);
      } catch (reason) {
        return reason as FunctionFailure;
      }
    }
    case "if-expression": {
      const condition = evaluate(expression.condition, given);
      if (condition instanceof FunctionFailure) return condition;
      return evaluate(condition === true ? expression.then : expression.otherwise, given);
    }
    case "except": {
      const main = evaluate(expression.main, given);
      return main instanceof FunctionFailure && main.catchable ? evaluate(expression.fallback, given) : main;
    }
    default:
      throw new Error(`not used here: ${expression.kind}`);
  }
}

/** Random integer expressions over some parameters and shared binds. */
function expressions(parameters: readonly Parameter[]): fc.Arbitrary<Expression> {
  const leaf: fc.Arbitrary<Expression> = fc.oneof(
    fc.integer({ min: -3, max: 3 }).map(int),
    fc.constantFrom(...parameters).map(reference),
  );
  const { whole } = fc.letrec<{ whole: Expression }>((tie) => ({
    whole: fc.oneof(
      { maxDepth: 6, depthSize: "large" },
      leaf,
      fc.tuple(tie("whole"), tie("whole")).map(([a, b]) => callOf(add, a, b)),
      tie("whole").map((a) => callOf(positive, a)),
      fc.tuple(tie("whole"), tie("whole")).map(([a, b]) => except(a, b)),
      fc
        .tuple(tie("whole"), tie("whole"), tie("whole"), tie("whole"))
        .map(([a, b, c, d]) => choose(callOf(below, a, b), c, d)),
      // One bind used three times, once as the condition of itself.
      fc.tuple(tie("whole"), tie("whole")).map(([a, b]) => {
        const bind = { kind: "bind", activation: root, name: "shared", at, type: intType, value: a } as const;
        return choose(callOf(below, reference(bind), b), callOf(add, reference(bind), reference(bind)), b);
      }),
    ),
  }));
  return whole;
}

test("after any writes every root has the value that evaluating from nothing gives", () => {
  fc.assert(
    fc.property(
      fc.gen(),
      fc.array(fc.array(fc.tuple(fc.nat(3), fc.integer({ min: -3, max: 3 })), { maxLength: 3 }), { maxLength: 12 }),
      (gen, rounds) => {
        const { evaluator, builder, cells, parameters, frame } = bench([0n, 1n, 2n, -1n]);
        const wholes = gen(() => fc.array(expressions(parameters), { minLength: 1, maxLength: 4 }));
        const roots = wholes.map((whole) => builder.node(whole, frame));
        for (const node of roots) evaluator.observe(node);
        const agree = (): void => {
          evaluator.stabilize();
          checkInvariants(roots.filter((node) => !node.isConstant));
          const given = new Map(
            parameters.map((parameter, index) => [parameter, (cells[index] as Cell).value as Value]),
          );
          wholes.forEach((whole, index) => {
            const expected = evaluate(whole, given);
            const { result } = roots[index] as Node;
            if (expected instanceof FunctionFailure) {
              assert.ok(result instanceof Failed && result.failure.message === expected.message);
            } else {
              assert.ok(result !== undefined && !(result instanceof Failed) && sameValue(result, expected));
            }
          });
        };
        agree();
        for (const writes of rounds) {
          for (const [cell, value] of writes) (cells[cell] as Cell).set(BigInt(value));
          agree();
        }
        for (const node of roots) evaluator.unobserve(node);
        assert.equal(evaluator.counts.necessary, 0);
      },
    ),
    { numRuns: 300 },
  );
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
  const node = builder.node(
    choose(reference(condition), int(0), callOf(positive, callOf(add, reference(value), int(1)))),
    frame,
  );
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
