// SPDX-License-Identifier: Apache-2.0
// Typed expressions → nodes. Dynamic parts (`if`, a call of a function value, `<|>`) choose what they forward while the
// graph runs; what they chose is built under a guard, so it is computed only after the choice was made.

import { invariant, unreachable } from "../base/invariant.ts";
import type { ReadEnv } from "../contract/function.ts";
import type { Host } from "../contract/host.ts";
import type {
  Bind,
  CallBuiltin,
  CallValue,
  Except,
  Expression,
  IfExpression,
  Lambda,
  Reference,
} from "../program/types/tree.ts";
import { FunctionValue, sameValue, type Value } from "../values/value.ts";
import { forwardBehaviour, makeMap, makeStruct, pureNode } from "./behaviours.ts";
import { createChoice } from "./choice.ts";
import type { Evaluator } from "./evaluator.ts";
import { createIteration } from "./iteration.ts";
import { type Behaviour, Failed, Node } from "./node.ts";
import { Frame } from "./scope.ts";
import type { Streams } from "./streams.ts";

/** What a function value of the program is: its text and the instance of the program it was made in. */
class Closure {
  readonly lambda: Lambda;
  readonly frame: Frame;

  constructor(lambda: Lambda, frame: Frame) {
    this.lambda = lambda;
    this.frame = frame;
  }
}

/** So many expressions in each other are built at once: functions that call each other take stack for each call. */
const deepest = 100;

export class ExpressionBuilder {
  readonly #evaluator: Evaluator;
  readonly #streams: Streams;
  readonly #host: Host;
  #depth = 0;

  constructor(evaluator: Evaluator, streams: Streams, host: Host) {
    this.#evaluator = evaluator;
    this.#streams = streams;
    this.#host = host;
  }

  /** Of an expression that is reached through many others, what it is made of is found out when it is first needed. */
  node(expression: Expression, frame: Frame): Node {
    if (this.#depth >= deepest && expression.kind !== "constant") {
      const recipe = () => ({ inputs: [this.node(expression, frame)], behaviour: forwardBehaviour("…") });
      return new Node(recipe, frame.guard);
    }
    this.#depth += 1;
    try {
      return this.#build(expression, frame);
    } finally {
      this.#depth -= 1;
    }
  }

  #build(expression: Expression, frame: Frame): Node {
    switch (expression.kind) {
      case "constant":
        return Node.constant(expression.value);
      case "list":
        return this.#container("list", expression, expression.items, frame, (items) => items);
      case "map": {
        const parts = expression.entries.flatMap((entry) => [entry.key, entry.value]);
        return this.#container("map", expression, parts, frame, makeMap);
      }
      case "struct": {
        const make = makeStruct(expression.fields.map((field) => field.name));
        return this.#container(
          "struct",
          expression,
          expression.fields.map((field) => field.value),
          frame,
          make,
        );
      }
      case "reference":
        return this.#reference(expression, frame);
      case "call-builtin":
        return this.#callBuiltin(expression, frame);
      case "call-value":
        return this.#callValue(expression, frame);
      case "lambda":
        return Node.constant(this.#functionValue(expression, frame));
      case "if-expression":
        return this.#if(expression, frame);
      case "except":
        return this.#except(expression, frame);
      default:
        return unreachable(expression);
    }
  }

  #container(
    label: string,
    whole: Expression,
    parts: readonly Expression[],
    frame: Frame,
    make: (values: readonly Value[]) => Value,
  ): Node {
    const inputs = parts.map((part) => this.node(part, frame));
    return pureNode(label, whole.at, inputs, make, { guard: frame.guard });
  }

  /** A bind has one node in each living instance of the activation it belongs to, made when first used. */
  #reference(reference: Reference, frame: Frame): Node {
    const owner = frame.owning(reference.to.activation);
    const known = owner.values.get(reference.to);
    if (known !== undefined) return known;
    invariant(reference.to.kind === "bind", `the parameter $${reference.to.name} has been given a value`);
    const node = this.#bind(reference.to, owner);
    owner.values.set(reference.to, node);
    return node;
  }

  /** Its expression is built when the node is first needed: a chain of binds costs no nesting. */
  #bind(bind: Bind, owner: Frame): Node {
    if (bind.value.kind === "constant") return Node.constant(bind.value.value);
    if (bind.value.kind === "lambda") return Node.constant(this.#functionValue(bind.value, owner));
    const recipe = () => ({ inputs: [this.node(bind.value, owner)], behaviour: forwardBehaviour(`$${bind.name}`) });
    return new Node(recipe, owner.guard);
  }

  #callBuiltin(call: CallBuiltin, frame: Frame): Node {
    const inputs = call.args.map((argument) => this.node(argument, frame));
    const definition = call.function;
    if ("stream" in definition) {
      const behaviour = this.#streams.behaviour(call.shownAs, call.at, definition, call.solved);
      return new Node({ inputs, behaviour }, frame.guard);
    }
    if ("read" in definition) {
      const { clock, system, random } = this.#host;
      const env: ReadEnv = { clock, system, random, call: call.solved };
      const read = (args: readonly Value[]): Value => definition.read(args, env);
      return pureNode(call.shownAs, call.at, inputs, read, { guard: frame.guard, early: false });
    }
    if ("iterate" in definition) {
      const iteration = { call, definition, args: inputs, guard: frame.guard };
      return createIteration(this.#evaluator, (callee, args, guard) => this.#apply(callee, args, guard), iteration);
    }
    const apply = definition.specialise?.(call.solved) ?? ((args) => definition.pure(args, call.solved));
    return pureNode(call.shownAs, call.at, inputs, apply, { guard: frame.guard, early: definition.early ?? true });
  }

  /** A lambda has one identity in each living instance of what surrounds it. */
  #functionValue(lambda: Lambda, frame: Frame): FunctionValue {
    const known = frame.functions.get(lambda);
    if (known !== undefined) return known;
    const made = new FunctionValue(lambda.type, new Closure(lambda, frame));
    frame.functions.set(lambda, made);
    return made;
  }

  #if(expression: IfExpression, frame: Frame): Node {
    const branch = (taken: Value, guard: Node | undefined): Node =>
      taken === true
        ? this.node(expression.then, new Frame(expression.thenActivation, frame, guard))
        : this.node(expression.otherwise, new Frame(expression.otherwiseActivation, frame, guard));
    return this.#chosenBy(expression, this.node(expression.condition, frame), frame, branch);
  }

  #callValue(call: CallValue, frame: Frame): Node {
    const args = call.args.map((argument) => this.node(argument, frame));
    const body = (callee: Value, guard: Node | undefined): Node => {
      invariant(callee instanceof FunctionValue, "only functions are called: the type checker saw to it");
      return this.#apply(callee, args, guard);
    };
    return this.#chosenBy(call, this.node(call.callee, frame), frame, body);
  }

  /** The result of a function value for these arguments, as a new instance of its body. */
  #apply(callee: FunctionValue, args: readonly Node[], guard: Node | undefined): Node {
    const closure = callee.implementation;
    invariant(closure instanceof Closure, "function values are made here");
    const frame = new Frame(closure.lambda.activation, closure.frame, guard);
    closure.lambda.parameters.forEach((parameter, index) => {
      const argument = args[index];
      invariant(argument !== undefined, "a call has an argument for each parameter");
      frame.values.set(parameter, argument);
    });
    return this.node(closure.lambda.body, frame);
  }

  /** A node with the value of whatever `build` makes for the present value of `selector`; made anew when that changes. */
  #chosenBy(
    site: IfExpression | CallValue,
    selector: Node,
    frame: Frame,
    build: (selected: Value, guard: Node | undefined) => Node,
  ): Node {
    if (selector.isConstant) return build(selector.result as Value, frame.guard);
    let selected: Value | undefined;
    const decision = {
      label: site.kind === "call-value" ? "call" : "if",
      site,
      inputs: [selector],
      choose: (guard: Node) => {
        const value = selector.result as Value;
        if (selected !== undefined && sameValue(selected, value)) return undefined;
        selected = value;
        return build(value, guard);
      },
      reset: () => {
        selected = undefined;
      },
    };
    return createChoice(this.#evaluator, decision, frame.guard);
  }

  /** The main side is always attached, the fallback only while the main side fails in a way that can be caught. */
  #except(expression: Except, frame: Frame): Node {
    const main = this.node(expression.main, frame);
    if (main.isConstant) return main;
    const catching: Behaviour = {
      label: "<|>",
      room: this.#evaluator.roomOf(expression),
      compute: (node) => {
        const result = main.result;
        const caught = result instanceof Failed && result.failure.catchable;
        const attached = node.inputs.length > 1;
        if (caught === attached) return caught ? node.inputs[1]?.result : result;
        const fallback = (): Node =>
          this.node(expression.fallback, new Frame(expression.fallbackActivation, frame, frame.guard));
        this.#evaluator.replaceInputs(node, caught ? [main, fallback()] : [main]);
        return node.result; // Computed again in this round, after what it now reads.
      },
      stop: (node) => {
        node.inputs = [main];
        this.#evaluator.forget(node);
      },
    };
    return new Node({ inputs: [main], behaviour: catching }, frame.guard);
  }
}
