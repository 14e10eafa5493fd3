// SPDX-License-Identifier: Apache-2.0
// golang.template: a text made from a template of Go's text/template and the values of a program.

import { invariant } from "../../base/invariant.ts";
import { placeOf } from "../../base/span.ts";
import {
  type CallSite,
  defineFunction,
  type FunctionDefinition,
  type Inferred,
  type ReadEnv,
} from "../../contract/function.ts";
import { functionType, strType, type Type } from "../../values/type.ts";
import { fatal, textAt } from "../arguments.ts";
import { argumentFor, templateValueOf } from "./mapping.ts";
import { amountOf, builtins, CallError, shortCircuits } from "./template/builtins.ts";
import { type CallFunction, executeTemplate } from "./template/execute.ts";
import { parseTemplate } from "./template/parser.ts";
import { type Template, TemplateError } from "./template/tree.ts";

/** `others` are the functions that may be called in templates, as far as their types are fixed. */
export function createTemplate(others: readonly FunctionDefinition[]): FunctionDefinition {
  let known: ReadonlyMap<string, Callable> | undefined;
  // Made when it is first needed: it asks every function for its signature.
  const callable = (): ReadonlyMap<string, Callable> => {
    known ??= new Map(others.filter(isCallable).map((definition) => [templateNameOf(definition), definition]));
    return known;
  };
  const isFunction = (name: string) =>
    Object.hasOwn(builtins, name) || shortCircuits.includes(name) || callable().has(name);
  const cache = new TemplateCache((source) => parseTemplate(source, isFunction));
  return defineFunction({
    module: "golang",
    name: "template",
    type: "func(template str, vars ?1) str",
    doc: "The text that a template in the language of Go's text/template gives with these values. The fields of a struct begin with an upper-case letter there. Functions are called with underscores, as in strings_to_lower.",
    example: 'file "/etc/motd" { content => golang.template("Hello {{ .Name }}\\n", struct{name => "you"}), }',
    infer,
    read: (args, env) => {
      const source = textAt(args, 0);
      try {
        const vars = args[1];
        const data = vars === undefined ? null : templateValueOf(vars);
        return executeTemplate(cache.get(source), data, callWith(callable(), env));
      } catch (reason) {
        if (!(reason instanceof TemplateError)) throw reason;
        const { line, column } = placeOf({ path: "", text: source }, reason.at);
        throw fatal(`line ${line}, column ${column} of the template: ${reason.message}`, reason);
      }
    },
  });
}

function infer(call: CallSite): Inferred {
  const count = call.argumentTypes.length;
  if (count !== 1 && count !== 2)
    return { kind: "wrong", message: "it takes a template, and perhaps the values for it" };
  const vars = count === 2 ? [{ type: call.argumentTypes[1] ?? call.fresh() }] : [];
  return functionType([{ type: strType }, ...vars], strType);
}

type Callable = Extract<FunctionDefinition, { readonly pure: unknown } | { readonly read: unknown }>;

function isCallable(definition: FunctionDefinition): definition is Callable {
  if (!("pure" in definition || "read" in definition)) return false;
  if (definition.infer !== undefined || definition.name.startsWith("_")) return false;
  return [...definition.type.params.map(({ type }) => type), definition.type.result].every(isFixed);
}

function isFixed(type: Type): boolean {
  switch (type.kind) {
    case "list":
      return isFixed(type.element);
    case "map":
      return isFixed(type.key) && isFixed(type.value);
    case "struct":
      return type.fields.every((field) => isFixed(field.type));
    case "bool":
    case "str":
    case "int":
    case "float":
      return true;
    case "func":
    case "variant":
    case "variable":
      return false;
  }
}

/** `strings.to_lower` is `strings_to_lower`, `concat` is `_concat`. */
function templateNameOf({ module, name }: FunctionDefinition): string {
  return `${module.replace(/[./]/g, "_")}_${name}`;
}

function callWith(callable: ReadonlyMap<string, Callable>, env: ReadEnv): CallFunction {
  return (name, args) => {
    const definition = callable.get(name);
    invariant(definition !== undefined, `${name} is a function: the parser saw to it`);
    const { params } = definition.type;
    if (args.length !== params.length) throw new CallError(`it takes ${amountOf(params.length)}, not ${args.length}`);
    const values = params.map(({ type }, index) =>
      argumentFor(args[index] ?? { value: null, isConstant: false }, type),
    );
    const call = { type: definition.type, argumentValues: values };
    const result = "pure" in definition ? definition.pure(values, call) : definition.read(values, { ...env, call });
    return templateValueOf(result);
  };
}

/** Most templates are constants whose values change: the last few are kept parsed. */
class TemplateCache {
  readonly #parse: (source: string) => Template;
  readonly #parsed = new Map<string, Template>();

  constructor(parse: (source: string) => Template) {
    this.#parse = parse;
  }

  get(source: string): Template {
    const found = this.#parsed.get(source) ?? this.#parse(source);
    this.#parsed.delete(source);
    this.#parsed.set(source, found);
    const [oldest] = this.#parsed.keys();
    if (this.#parsed.size > 200 && oldest !== undefined) this.#parsed.delete(oldest);
    return found;
  }
}
