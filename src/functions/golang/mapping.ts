// SPDX-License-Identifier: Apache-2.0
// Values of programs as templates have them, and back as arguments of functions.

import { renderType, type Type } from "../../values/type.ts";
import { FunctionValue, MapValue, StructValue, type Value } from "../../values/value.ts";
import { fatal, isList } from "../arguments.ts";
import { titleCase } from "../strings/letter-case.ts";
import { CallError } from "./template/builtins.ts";
import { type Argument } from "./template/execute.ts";
import { goTypeOf, plain } from "./value.ts";

/** A struct becomes a map, its field `foo_bar` the key `Foo_bar`; as a key of a map it stays a struct. */
export function templateValueOf(value: Value): Value {
  if (isList(value)) return value.map(templateValueOf);
  if (value instanceof MapValue) {
    return new MapValue(
      [...value.entries()].map(([key, item]) => [templateKeyOf(key), templateValueOf(item)] as const),
    );
  }
  if (value instanceof StructValue) {
    return new MapValue(
      value.names.map((name, index) => [titleCase(name), templateValueOf(value.values[index] ?? "")] as const),
    );
  }
  if (value instanceof FunctionValue) throw fatal(`${renderType(value.type)} cannot be given to a template`);
  return value;
}

/** Throws a `CallError` when it does not fit the type. */
export function argumentFor({ value: given, isConstant }: Argument, type: Type): Value {
  const value = plain(given);
  const wrong = () => new CallError(`${goTypeOf(given)} stands where ${renderType(type)} is wanted`);
  if (value === null) throw wrong();
  const element = (item: Value, of: Type) => argumentFor({ value: item, isConstant: false }, of);
  switch (type.kind) {
    case "bool":
      if (typeof value === "boolean") return value;
      break;
    case "str":
      if (typeof value === "string") return value;
      break;
    case "int":
      if (typeof value === "bigint") return value;
      if (isConstant && typeof value === "number" && Number.isInteger(value)) return BigInt.asIntN(64, BigInt(value));
      break;
    case "float":
      if (typeof value === "number") return value;
      if (isConstant && typeof value === "bigint") return Number(value);
      break;
    case "list":
      if (isList(value)) return value.map((item) => element(item, type.element));
      break;
    case "map":
      if (value instanceof MapValue) {
        return new MapValue(
          [...value.entries()].map(([key, item]) => [element(key, type.key), element(item, type.value)]),
        );
      }
      break;
    case "struct":
    case "func":
    case "variant":
    case "variable":
      break;
  }
  throw wrong();
}

function templateKeyOf(key: Value): Value {
  return key instanceof StructValue ? new StructValue(key.names.map(titleCase), key.values.map(templateKeyOf)) : key;
}
