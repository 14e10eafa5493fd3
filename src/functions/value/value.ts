// SPDX-License-Identifier: Apache-2.0
// The module value: what resources of the kind `value` on this machine hold, also those of earlier runs.

import { isAbort } from "../../contract/failure.ts";
import { defineFunction, type FunctionDefinition, type StreamEnv } from "../../contract/function.ts";
import { conforms, zeroOf } from "../../values/conforms.ts";
import { quote } from "../../values/print.ts";
import { renderType, type Type } from "../../values/type.ts";
import { StructValue, type Value } from "../../values/value.ts";
import { fatal } from "../arguments.ts";
import { latchedTextAt } from "../latched.ts";

const resultNames = ["value", "ready"] as const;

export const value: readonly FunctionDefinition[] = [
  getter(
    "get",
    "?1",
    "of any type; which one is told by what it is used for",
    '$port struct{value int; ready bool} = value.get("port")',
  ),
  getter("get_bool", "bool", "that is a bool", '$on bool = value.get_bool("switch")->value'),
  getter("get_str", "str", "that is a str", '$name str = value.get_str("name")->value'),
  getter("get_int", "int", "that is an int", '$port int = value.get_int("port")->value'),
  getter("get_float", "float", "that is a float", '$ratio float = value.get_float("ratio")->value'),
];

function getter(name: string, type: string, which: string, example: string): FunctionDefinition {
  return defineFunction({
    module: "value",
    name,
    type: `func(key str) struct{value ${type}; ready bool}`,
    doc: `The value ${which}, that a value resource of this name holds on this machine, new when it changes. While there is none, ready is false and the value is empty. The name cannot change while the program runs.`,
    example,
    check: ({ type: solved }) => {
      const wanted = valueTypeOf(solved.result);
      return zeroOf(wanted) === undefined ? `a value resource cannot hold ${renderType(wanted)}` : undefined;
    },
    stream: (args, env) => valuesOf(latchedTextAt(args, 0, "the name of the value", env), env),
  });
}

function valueTypeOf(result: Type): Type {
  return (result.kind === "struct" ? result.fields[0]?.type : undefined) ?? { kind: "variant" };
}

async function* valuesOf(key: string, { local, signal, call }: StreamEnv): AsyncGenerator<Value, void, undefined> {
  const type = valueTypeOf(call.type.result);
  const zero = zeroOf(type);
  try {
    for await (const _ of local.values.changes(key, signal)) {
      const found = await local.values.get(key, signal);
      if (found !== undefined && !conforms(found, type)) {
        throw fatal(`the value ${quote(key)} is kept, but it is not ${renderType(type)}`);
      }
      const shown = found ?? zero;
      if (shown !== undefined) yield new StructValue(resultNames, [shown, found !== undefined]);
    }
  } catch (reason) {
    if (!isAbort(reason, signal)) throw reason;
  }
}
