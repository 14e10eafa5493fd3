// SPDX-License-Identifier: Apache-2.0
// Carries out a parsed template: tree and data in, text out. Throws a `TemplateError`.

import { FunctionFailure } from "../../../contract/function.ts";
import { MapValue, StructValue } from "../../../values/value.ts";
import { isList } from "../../arguments.ts";
import { sprint, wellJoined } from "../format.ts";
import { GoInt, type GoValue, goTypeOf, plain, sortedEntries } from "../value.ts";
import { amountOf, builtins, CallError } from "./builtins.ts";
import {
  type Branch,
  type Command,
  type Node,
  type Operand,
  type Pipeline,
  type Template,
  TemplateError,
} from "./tree.ts";
import { isTrue } from "./truth.ts";

/** An argument of a call. A number that is written in the template fits ints and floats. */
export interface Argument {
  readonly value: GoValue;
  readonly isConstant: boolean;
}

/** Calls a function besides those that every template has. Throws a `CallError` or a `FunctionFailure`. */
export type CallFunction = (name: string, args: readonly Argument[]) => GoValue;

/** Templates that call each other deeper than this do so for ever. */
const depthLimit = 500;

export function executeTemplate(template: Template, data: GoValue, callFunction: CallFunction): string {
  const execution = new Execution(template, callFunction);
  execution.body("", data, 0);
  return wellJoined(execution.text);
}

interface Variable {
  readonly name: string;
  value: GoValue;
}

/** How a list of nodes ended. */
type Ending = "done" | "break" | "continue";

class Execution {
  text = "";
  readonly #template: Template;
  readonly #callFunction: CallFunction;
  #variables: Variable[] = [];
  #depth = 0;

  constructor(template: Template, callFunction: CallFunction) {
    this.#template = template;
    this.#callFunction = callFunction;
  }

  /** `at` is where the template was asked for. */
  body(name: string, data: GoValue, at: number): void {
    const nodes = this.#template.bodies.get(name);
    if (nodes === undefined) throw new TemplateError(at, `there is no template called "${name}"`);
    if (this.#depth >= depthLimit) throw new TemplateError(at, `the template "${name}" goes on for ever`);
    const outer = this.#variables;
    this.#depth += 1;
    this.#variables = [{ name: "", value: data }];
    this.#nodes(nodes, data);
    this.#variables = outer;
    this.#depth -= 1;
  }

  #nodes(nodes: readonly Node[], dot: GoValue): Ending {
    for (const node of nodes) {
      switch (node.kind) {
        case "text":
          this.text += node.text;
          break;
        case "action": {
          const value = this.#pipeline(node.pipeline, dot);
          if (node.pipeline.variables.length === 0) this.text += value === null ? "<no value>" : sprint([value]);
          break;
        }
        case "template":
          this.body(node.name, node.data === undefined ? null : this.#pipeline(node.data, dot), node.at);
          break;
        case "break":
        case "continue":
          return node.kind;
        case "if":
        case "with":
        case "range": {
          const ending = this.#branch(node, dot);
          if (ending !== "done") return ending;
        }
      }
    }
    return "done";
  }

  /** What is declared within is forgotten after it. */
  #branch(node: Branch, dot: GoValue): Ending {
    const visible = this.#variables.length;
    const value = this.#pipeline(node.pipeline, dot, node.kind === "range");
    let ending: Ending;
    if (node.kind === "range") ending = this.#range(node, value, dot);
    else if (isTrue(value)) ending = this.#nodes(node.then, node.kind === "with" ? value : dot);
    else ending = this.#nodes(node.otherwise, dot);
    this.#variables.length = visible;
    return ending;
  }

  #range(node: Branch, over: GoValue, dot: GoValue): Ending {
    const visible = this.#variables.length;
    let empty = true;
    for (const [key, item] of this.#items(over, node)) {
      empty = false;
      this.#bindItem(node.pipeline, key, item);
      const ending = this.#nodes(node.then, item);
      this.#variables.length = visible;
      if (ending === "break") break;
    }
    return empty ? this.#nodes(node.otherwise, dot) : "done";
  }

  *#items(over: GoValue, { pipeline }: Branch): Generator<readonly [GoValue, GoValue], void, undefined> {
    const count = plain(over);
    if (over === null) return;
    if (isList(over)) {
      for (const [index, item] of over.entries()) yield [new GoInt(BigInt(index)), item];
    } else if (over instanceof MapValue) {
      yield* sortedEntries(over);
    } else if (typeof count === "bigint") {
      if (pipeline.variables.length > 1) throw new TemplateError(pipeline.at, "a range over a number has one variable");
      for (let number = 0n; number < count; number += 1n) {
        const item = over instanceof GoInt ? new GoInt(number, over.type) : number;
        yield [item, item];
      }
    } else {
      throw new TemplateError(pipeline.at, `${goTypeOf(over)} has no elements to range over`);
    }
  }

  #bindItem({ variables, binding }: Pipeline, key: GoValue, item: GoValue): void {
    const [first, second] = variables;
    if (first === undefined) return;
    this.#bind(first, second === undefined ? item : key, binding);
    if (second !== undefined) this.#bind(second, item, binding);
  }

  #bind(name: string, value: GoValue, binding: Pipeline["binding"]): void {
    const found = binding === "assign" ? this.#variables.findLast((variable) => variable.name === name) : undefined;
    if (found === undefined) this.#variables.push({ name, value });
    else found.value = value;
  }

  /** A range binds its variables anew for each element. */
  #pipeline(pipeline: Pipeline, dot: GoValue, bindsLater = false): GoValue {
    let last: Argument | undefined;
    for (const command of pipeline.commands) last = this.#command(command, dot, last);
    const value = last?.value ?? null;
    if (!bindsLater) for (const name of pipeline.variables) this.#bind(name, value, pipeline.binding);
    return value;
  }

  /** `last` is what the command before it in the pipeline gave: one more argument. */
  #command(command: Command, dot: GoValue, last: Argument | undefined): Argument {
    const { first, more } = command;
    if (first.kind === "function") {
      return { value: this.#call(first.name, command, dot, last), isConstant: false };
    }
    if (more.length > 0 || last !== undefined) {
      throw new TemplateError(first.at, `${this.#shown(first)} is no function, so it takes no arguments`);
    }
    return this.#operand(first, dot);
  }

  #call(name: string, { first, more }: Command, dot: GoValue, last: Argument | undefined): GoValue {
    const builtin = Object.hasOwn(builtins, name) ? builtins[name] : undefined;
    const given = more.length + (last === undefined ? 0 : 1);
    if (name === "and" || name === "or") {
      if (given === 0)
        throw new TemplateError(first.at, `${name}: it takes ${amountOf(1, Number.POSITIVE_INFINITY)}, not 0`);
      return this.#shortCircuit(name, more, dot, last);
    }
    const args = more.map((operand) => this.#operand(operand, dot));
    if (last !== undefined) args.push(last);
    try {
      if (builtin === undefined) return this.#callFunction(name, args);
      if (given < builtin.least || given > builtin.most) {
        throw new CallError(`it takes ${amountOf(builtin.least, builtin.most)}, not ${given}`);
      }
      return builtin.call(args.map(({ value }) => value));
    } catch (reason) {
      if (!(reason instanceof CallError) && !(reason instanceof FunctionFailure)) throw reason;
      throw new TemplateError(first.at, `${name}: ${reason.message}`, reason);
    }
  }

  #shortCircuit(name: "and" | "or", operands: readonly Operand[], dot: GoValue, last: Argument | undefined): GoValue {
    let value: GoValue = null;
    for (const operand of operands) {
      value = this.#operand(operand, dot).value;
      if (isTrue(value) === (name === "or")) return value;
    }
    return last === undefined ? value : last.value;
  }

  #operand(operand: Operand, dot: GoValue): Argument {
    switch (operand.kind) {
      case "constant":
        return { value: operand.value, isConstant: true };
      case "dot":
        return { value: dot, isConstant: false };
      case "nil":
        return { value: null, isConstant: false };
      case "field":
        return { value: this.#fields(dot, operand.names, operand), isConstant: false };
      case "variable": {
        const found = this.#variables.findLast((variable) => variable.name === operand.name);
        if (found === undefined) throw new TemplateError(operand.at, `there is no variable $${operand.name} here`);
        return { value: this.#fields(found.value, operand.names, operand), isConstant: false };
      }
      case "pipeline":
        return {
          value: this.#fields(this.#pipeline(operand.pipeline, dot), operand.names, operand),
          isConstant: false,
        };
      case "function": {
        const command = { at: operand.at, first: operand, more: [] };
        return { value: this.#call(operand.name, command, dot, undefined), isConstant: false };
      }
    }
  }

  #fields(from: GoValue, names: readonly string[], operand: Operand): GoValue {
    let value = from;
    for (const name of names) value = this.#field(value, name, operand);
    return value;
  }

  #field(of: GoValue, name: string, operand: Operand): GoValue {
    const found = of instanceof MapValue || of instanceof StructValue ? of.get(name) : undefined;
    if (found !== undefined) return found;
    const shown = this.#shown(operand);
    if (of === null) throw new TemplateError(operand.at, `${shown}: nil has no field ${name}`);
    if (of instanceof MapValue) {
      const keys = sortedEntries(of).map(([key]) => sprint([key]));
      const has = keys.length === 0 ? "it is empty" : `it has: ${keys.slice(0, 20).join(", ")}`;
      throw new TemplateError(operand.at, `${shown}: the map has no entry ${name}, ${has}`);
    }
    throw new TemplateError(operand.at, `${shown}: ${goTypeOf(of)} has no field ${name}`);
  }

  #shown(operand: Operand): string {
    return this.#template.source.slice(operand.at, operand.end);
  }
}
