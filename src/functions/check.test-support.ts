// SPDX-License-Identifier: Apache-2.0
// Calls built-in functions in tests as a program would: the call has to fit the declared signature first.

import assert from "node:assert/strict";
import type { Deployed } from "../base/span.ts";
import { type CallSite, type FunctionDefinition, FunctionFailure, type SolvedCall } from "../contract/function.ts";
import { drivenClock, memoryHost } from "../host/memory/index.ts";
import { parseType } from "../values/parse-type.ts";
import { functionType, type FunctionType, renderType, structType, type Type } from "../values/type.ts";
import { MapValue, sameValue, StructValue, type Value } from "../values/value.ts";
import { isList } from "./arguments.ts";
import { functions } from "./index.ts";

export interface CallOptions {
  /** Types that the values cannot tell, or all of them: `["[]str"]`. */
  readonly types?: readonly string[];
  /** Positions of arguments that are always constants. */
  readonly constant?: readonly number[];
  /** The type that the context wants. */
  readonly result?: string;
  /** East of UTC, for functions that ask the clock. */
  readonly offsetMinutes?: number;
  readonly zoneName?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Where the files lie that belong to the code with the call. */
  readonly deployed?: Deployed;
  /** Those that mgmt was started with. */
  readonly arguments?: readonly string[];
}

/** The call gives this value, with constant arguments and with others, prepared and not. */
export function check(name: string, args: readonly Value[], expected: Value, options: CallOptions = {}): void {
  for (const [way, evaluate] of waysToCall(name, args, options)) {
    const value = evaluate();
    assert.ok(
      sameValue(value, expected) || Object.is(value, expected),
      `${name}, ${way}: ${JSON.stringify(shown(value))}`,
    );
  }
}

/** The call fails when the program runs. */
export function checkFails(
  name: string,
  args: readonly Value[],
  kind: "catchable" | "fatal",
  message: RegExp,
  options: CallOptions = {},
): void {
  for (const [way, evaluate] of waysToCall(name, args, options)) {
    assert.throws(
      evaluate,
      (reason) => {
        assert.ok(reason instanceof FunctionFailure, `${name}, ${way}: ${String(reason)}`);
        assert.match(reason.message, message);
        assert.equal(reason.catchable, kind === "catchable", `${name}, ${way}`);
        return true;
      },
      `${name}, ${way}`,
    );
  }
}

/** The call is refused before the program runs. */
export function checkRefused(name: string, args: readonly Value[], message: RegExp, options: CallOptions = {}): void {
  const definition = functionNamed(name);
  const signature = signatureOf(definition, args, args, options);
  const refusal =
    typeof signature === "string" ? signature : definition.check?.({ type: signature, argumentValues: args });
  assert.match(refusal ?? "it is accepted", message);
}

export function functionNamed(name: string): FunctionDefinition {
  const found = functions.find(
    (entry) => (entry.module === "" ? entry.name : `${entry.module}.${entry.name}`) === name,
  );
  assert.ok(found !== undefined, `there is a function ${name}`);
  return found;
}

/** The call with its types solved. */
export function solvedCall(
  definition: FunctionDefinition,
  args: readonly Value[],
  constants: readonly (Value | undefined)[],
  options: CallOptions = {},
): SolvedCall {
  const signature = signatureOf(definition, args, constants, options);
  assert.ok(typeof signature !== "string", `${definition.name}: ${typeof signature === "string" ? signature : ""}`);
  const { deployed } = options;
  const call = { type: signature, argumentValues: constants, ...(deployed === undefined ? {} : { deployed }) };
  assert.equal(definition.check?.(call), undefined);
  return call;
}

function waysToCall(
  name: string,
  args: readonly Value[],
  options: CallOptions,
): readonly (readonly [string, () => Value])[] {
  const definition = functionNamed(name);
  assert.ok("pure" in definition || "read" in definition, `${name} gives one value`);
  // What syntax writes itself, the name of an operator or field, is always a constant.
  const syntax = name.startsWith("_struct") ? 1 : name === "_operator" ? 0 : -1;
  const isConstant = (index: number) => index === syntax || options.constant?.includes(index) === true;
  const others = args.map((value, index) => (isConstant(index) ? value : undefined));
  return [
    ["constants", args],
    ["computed", others],
  ].flatMap(([way, constants]) => {
    assert.ok(typeof way === "string" && Array.isArray(constants));
    const call = solvedCall(definition, args, constants, options);
    if ("read" in definition) {
      const { clock, system, random } = memoryHost({
        clock: drivenClock({
          ...(options.offsetMinutes === undefined ? {} : { offsetMinutes: options.offsetMinutes }),
          ...(options.zoneName === undefined ? {} : { zoneName: options.zoneName }),
        }),
        environment: options.environment ?? {},
        ...(options.arguments === undefined ? {} : { arguments: options.arguments }),
      });
      return [[way, () => definition.read(args, { clock, system, random, call })] as const];
    }
    return [
      [way, () => definition.pure(args, call)] as const,
      [
        `${way}, prepared`,
        () => (definition.specialise?.(call) ?? ((given) => definition.pure(given, call)))(args),
      ] as const,
    ];
  });
}

/** A text says why there is none. */
function signatureOf(
  definition: FunctionDefinition,
  args: readonly Value[],
  constants: readonly (Value | undefined)[],
  options: CallOptions,
): FunctionType | string {
  const types = args.map((value, index) => {
    const written = options.types?.[index];
    return written === undefined ? typeOf(value) : parseType(written);
  });
  let next = 1000;
  const fresh = (): Type & { kind: "variable" } => {
    next += 1;
    return { kind: "variable", id: next };
  };
  const site: CallSite = { argumentTypes: types, argumentValues: constants, fresh };
  const inferred = definition.infer?.(site) ?? definition.type;
  if (inferred.kind === "wrong") return inferred.message;
  if (inferred.params.length !== args.length) return `it takes ${inferred.params.length} arguments`;
  const bound = new Map<number, Type>();
  const pairs = inferred.params.map((param, index) => [param.type, types[index]] as const);
  if (options.result !== undefined) pairs.push([inferred.result, parseType(options.result)]);
  for (const [pattern, type] of pairs) {
    if (type !== undefined && !unify(pattern, type, bound)) {
      return `${renderType(type)} stands where ${renderType(substituted(pattern, bound))} is wanted`;
    }
  }
  const solved = substituted(inferred, bound);
  assert.ok(solved.kind === "func");
  return solved;
}

function typeOf(value: Value): Type | undefined {
  switch (typeof value) {
    case "boolean":
      return { kind: "bool" };
    case "string":
      return { kind: "str" };
    case "bigint":
      return { kind: "int" };
    case "number":
      return { kind: "float" };
    default: {
      if (isList(value)) {
        const element = value[0] === undefined ? undefined : typeOf(value[0]);
        return element === undefined ? undefined : { kind: "list", element };
      }
      if (value instanceof MapValue) {
        const [entry] = [...value.entries()];
        const [key, item] = entry === undefined ? [] : [typeOf(entry[0]), typeOf(entry[1])];
        return key === undefined || item === undefined ? undefined : { kind: "map", key, value: item };
      }
      if (!(value instanceof StructValue)) return value.type;
      const fields = value.names.map((name, index) => ({ name, type: typeOf(value.values[index] ?? false) }));
      return { kind: "struct", fields: fields.map(({ name, type }) => ({ name, type: type ?? { kind: "variant" } })) };
    }
  }
}

function unify(pattern: Type, type: Type, bound: Map<number, Type>): boolean {
  if (pattern.kind === "variable") {
    const known = bound.get(pattern.id);
    if (known !== undefined) return unify(known, type, bound);
    bound.set(pattern.id, type);
    return true;
  }
  if (type.kind === "variable") return true;
  if (pattern.kind === "list" && type.kind === "list") return unify(pattern.element, type.element, bound);
  if (pattern.kind === "map" && type.kind === "map") {
    return unify(pattern.key, type.key, bound) && unify(pattern.value, type.value, bound);
  }
  if (pattern.kind === "struct" && type.kind === "struct" && pattern.fields.length === type.fields.length) {
    return pattern.fields.every((field, index) => {
      const other = type.fields[index];
      return other?.name === field.name && unify(field.type, other.type, bound);
    });
  }
  return renderType(pattern) === renderType(type);
}

function substituted(type: Type, bound: ReadonlyMap<number, Type>): Type {
  switch (type.kind) {
    case "variable": {
      const known = bound.get(type.id);
      return known === undefined ? type : substituted(known, bound);
    }
    case "list":
      return { kind: "list", element: substituted(type.element, bound) };
    case "map":
      return { kind: "map", key: substituted(type.key, bound), value: substituted(type.value, bound) };
    case "struct":
      return structType(type.fields.map(({ name, type: inner }) => ({ name, type: substituted(inner, bound) })));
    case "func":
      return functionType(
        type.params.map((param) => ({ type: substituted(param.type, bound) })),
        substituted(type.result, bound),
      );
    default:
      return type;
  }
}

function shown(value: Value): unknown {
  if (typeof value === "bigint") return `${value}n`;
  if (isList(value)) return value.map(shown);
  if (value instanceof MapValue) return [...value.entries()].map(([key, item]) => [shown(key), shown(item)]);
  if (value instanceof StructValue)
    return value.names.map((name, index) => [name, shown(value.values[index] ?? false)]);
  return Object.is(value, -0) ? "-0" : value;
}
