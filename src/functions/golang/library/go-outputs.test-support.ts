// SPDX-License-Identifier: Apache-2.0
// What Go itself gives: lines of function, arguments and result, both in JSON, with ints and floats as texts and bytes that
// are no UTF-8 as lone surrogates. `!` stands for an error or a panic.

import assert from "node:assert/strict";
import { FunctionFailure } from "../../../contract/function.ts";
import { renderType, type Type } from "../../../values/type.ts";
import type { Value } from "../../../values/value.ts";
import { golangLibrary } from "./index.ts";

export interface GoOutput {
  readonly name: string;
  readonly args: readonly Value[];
  /** Undefined for a failure. */
  readonly result: Value | undefined;
}

const byName = new Map(golangLibrary.map((entry) => [`${entry.module.slice("golang/".length)}.${entry.name}`, entry]));

export function readOutputs(text: string): readonly GoOutput[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [name = "", args = "", result = ""] = line.split("\t");
      const definition = byName.get(name);
      assert.ok(definition !== undefined, `there is a function ${name}`);
      const written: unknown = JSON.parse(args);
      assert.ok(Array.isArray(written));
      return {
        name,
        args: definition.type.params.map(({ type }, index) => valueOf(written[index], type)),
        result: result === "!" ? undefined : valueOf(JSON.parse(result), definition.type.result),
      };
    });
}

/** Undefined when our function does as Go's, else how it differs. */
export function differenceFrom({ name, args, result }: GoOutput): string | undefined {
  const definition = byName.get(name);
  assert.ok(definition !== undefined && "pure" in definition, name);
  let ours: Value | undefined;
  try {
    ours = definition.pure(args, { type: definition.type, argumentValues: [] });
  } catch (reason) {
    if (!(reason instanceof FunctionFailure)) throw reason;
    if (reason.catchable) return `${name}: its failures cannot be caught`;
  }
  if (Object.is(ours, result)) return undefined;
  const call = `${name}(${args.map((value) => shown(value)).join(", ")})`;
  return `${call}: ${shown(result)} in Go, ${shown(ours)} here`;
}

function valueOf(written: unknown, type: Type): Value {
  switch (type.kind) {
    case "bool":
      assert.ok(typeof written === "boolean");
      return written;
    case "str":
      assert.ok(typeof written === "string");
      return written;
    case "int":
      return BigInt(String(written));
    case "float":
      return Number(written);
    case "list":
      assert.ok(Array.isArray(written));
      return written.map((item) => valueOf(item, type.element));
    default:
      throw new Error(`Go's functions have no ${renderType(type)}`);
  }
}

function shown(value: Value | undefined): string {
  if (value === undefined) return "a failure";
  if (Object.is(value, -0)) return "-0";
  return typeof value === "bigint" || typeof value === "number" ? String(value) : JSON.stringify(value);
}
