// SPDX-License-Identifier: Apache-2.0
// What a typed program means at one instant, computed from nothing and without any memory: short and slow on purpose, to
// compare the evaluator with. Arguments are computed when they are used, as they are in the graph.

import assert from "node:assert/strict";
import type { ResourceDeclaration, StatementOutput } from "../contract/declaration.ts";
import { FunctionFailure } from "../contract/function.ts";
import { textAt } from "../functions/arguments.ts";
import type {
  Bind,
  CallBuiltin,
  Expression,
  Lambda,
  Parameter,
  Statement,
  TypedProgram,
} from "../program/types/tree.ts";
import { FunctionValue, MapValue, StructValue, type Value } from "../values/value.ts";

type Thunk = () => Value;
type Environment = ReadonlyMap<Parameter, Thunk>;

/** The value of a feed now; throws when it fails. */
export type ReadFeed = (name: string) => Value;

/** Throws a `FunctionFailure` that nothing catches. */
export function interpret(program: TypedProgram, read: ReadFeed): readonly StatementOutput[] {
  return new Interpreter(read).statements(program.statements, new Map());
}

class Closure {
  readonly lambda: Lambda;
  readonly environment: Environment;

  constructor(lambda: Lambda, environment: Environment) {
    this.lambda = lambda;
    this.environment = environment;
  }
}

class Interpreter {
  readonly #read: ReadFeed;

  constructor(read: ReadFeed) {
    this.#read = read;
  }

  statements(statements: readonly Statement[], environment: Environment): readonly StatementOutput[] {
    return statements.flatMap((statement) => this.#statement(statement, environment));
  }

  #statement(statement: Statement, environment: Environment): readonly StatementOutput[] {
    switch (statement.kind) {
      case "resource": {
        const fields = statement.fields.map((field) => ({
          name: field.name,
          isSet: field.condition === undefined || this.#value(field.condition, environment) === true,
          value: this.#value(field.value, environment),
          at: field.value.at,
        }));
        const set = fields.filter(({ isSet }) => isSet);
        const names = this.#value(statement.name.value, environment);
        const resources = [...new Set((statement.name.list ? names : [names]) as readonly string[])].map(
          (name): ResourceDeclaration => ({
            kind: statement.type,
            name,
            fields: new Map(set.map((field) => [field.name, field.value])),
            fieldsAt: new Map(set.map((field) => [field.name, field.at])),
            meta: new Map(),
            at: statement.at,
          }),
        );
        return [{ resources, edges: [] }];
      }
      case "if": {
        const branch = this.#value(statement.condition, environment) === true ? statement.then : statement.otherwise;
        return branch === undefined ? [] : this.statements(branch.statements, environment);
      }
      case "for": {
        const subject = this.#value(statement.subject, environment);
        const turns: readonly (readonly [Value, Value])[] =
          subject instanceof MapValue
            ? [...subject.entries()]
            : (subject as readonly Value[]).map((value, index) => [BigInt(index), value]);
        return turns.flatMap(([first, value]) => {
          const inside = new Map(environment).set(statement.first, () => first).set(statement.value, () => value);
          return this.statements(statement.body.statements, inside);
        });
      }
      default:
        return assert.fail(`not used here: ${statement.kind}`);
    }
  }

  #value(expression: Expression, environment: Environment): Value {
    switch (expression.kind) {
      case "constant":
        return expression.value;
      case "list":
        return expression.items.map((item) => this.#value(item, environment));
      case "map":
        return new MapValue(
          expression.entries.map(({ key, value }) => [this.#value(key, environment), this.#value(value, environment)]),
        );
      case "struct":
        return new StructValue(
          expression.fields.map(({ name }) => name),
          expression.fields.map(({ value }) => this.#value(value, environment)),
        );
      case "reference":
        return this.#reference(expression.to, environment);
      case "call-builtin":
        return this.#builtin(expression, environment);
      case "call-value":
        return this.#apply(
          this.#value(expression.callee, environment),
          expression.args.map((argument) => () => this.#value(argument, environment)),
        );
      case "lambda":
        return new FunctionValue(expression.type, new Closure(expression, environment));
      case "if-expression": {
        const isTrue = this.#value(expression.condition, environment) === true;
        return this.#value(isTrue ? expression.then : expression.otherwise, environment);
      }
      case "except":
        try {
          return this.#value(expression.main, environment);
        } catch (reason) {
          if (reason instanceof FunctionFailure && reason.catchable)
            return this.#value(expression.fallback, environment);
          throw reason;
        }
    }
  }

  #reference(to: Bind | Parameter, environment: Environment): Value {
    if (to.kind === "bind") return this.#value(to.value, environment);
    const given = environment.get(to);
    assert.ok(given !== undefined, `$${to.name} has a value`);
    return given();
  }

  #builtin(call: CallBuiltin, environment: Environment): Value {
    const definition = call.function;
    const args = call.args.map((argument) => this.#value(argument, environment));
    if ("stream" in definition) return this.#read(textAt(args, 0));
    if ("pure" in definition) return definition.pure(args, call.solved);
    assert.ok("iterate" in definition, "no function reads the machine here");
    const lists = args.slice(-1 - definition.lists, -1) as (readonly Value[])[];
    const length = Math.min(...lists.map((list) => list.length));
    return definition.iterate<Thunk>({
      initial: args.slice(0, -1 - definition.lists).map((value) => () => value),
      elements: Array.from({ length }, (_, index) => lists.map((list) => () => list[index] as Value)),
      call: (inputs) => () => this.#apply(args.at(-1), inputs),
      compute: (inputs, apply) => () => apply(inputs.map((input) => input())),
    })();
  }

  #apply(callee: Value | undefined, args: readonly Thunk[]): Value {
    assert.ok(callee instanceof FunctionValue && callee.implementation instanceof Closure);
    const { lambda, environment } = callee.implementation;
    const inside = new Map(environment);
    lambda.parameters.forEach((parameter, index) => inside.set(parameter, args[index] as Thunk));
    return this.#value(lambda.body, inside);
  }
}
