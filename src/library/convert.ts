// SPDX-License-Identifier: Apache-2.0
// Values of TypeScript as values of the language, and back. Whether they fit a field is decided by the kind's schema.

import { type Type, boolType, floatType, intType, listType, mapType, strType, structType } from "../values/type.ts";
import { FunctionValue, MapValue, StructValue, type Value, wrapInt } from "../values/value.ts";
import type { AnyValue } from "./resource.ts";
import { isRecord } from "./sources.ts";

/** `type` decides between the forms that one value can have. Throws a `TypeError` where there is none. */
export function toValue(given: unknown, type: Type | "any"): Value {
  switch (typeof given) {
    case "boolean":
    case "string":
      return given;
    case "bigint":
      if (wrapInt(given) !== given) throw new TypeError(`${given} does not fit into 64 bits`);
      return given;
    case "number":
      return type !== "any" && type.kind === "int" && Number.isSafeInteger(given) ? BigInt(given) : given;
    default:
      return toContainer(given, type);
  }
}

function toContainer(given: unknown, type: Type | "any"): Value {
  const { element, key, value } = partsOf(type);
  if (Array.isArray(given)) return given.map((item) => toValue(item, element));
  if (given instanceof Map) {
    return new MapValue([...given].map(([name, item]) => [toValue(name, key), toValue(item, value)] as const));
  }
  if (isRecord(given)) {
    if (type !== "any" && type.kind === "map") {
      return new MapValue(Object.entries(given).map(([name, item]) => [name, toValue(item, value)] as const));
    }
    const fields = type !== "any" && type.kind === "struct" ? type.fields : [];
    const names = fields.every(({ name }) => Object.hasOwn(given, name)) ? fields.map(({ name }) => name) : [];
    const all = [...names, ...Object.keys(given).filter((name) => !names.includes(name))];
    return new StructValue(
      all,
      all.map((name) => toValue(given[name], fields.find((field) => field.name === name)?.type ?? "any")),
    );
  }
  throw new TypeError(`${describe(given)} is no value that a resource can be given`);
}

function partsOf(type: Type | "any"): Readonly<Record<"element" | "key" | "value", Type | "any">> {
  if (type !== "any" && type.kind === "list") return { element: type.element, key: "any", value: "any" };
  if (type !== "any" && type.kind === "map") return { element: "any", key: type.key, value: type.value };
  return { element: "any", key: "any", value: "any" };
}

function describe(given: unknown): string {
  if (given === undefined) return "undefined";
  if (given === null) return "null";
  if (typeof given === "object") return `an object of the class ${given.constructor.name}`;
  return `a ${typeof given}`;
}

export function fromValue(value: Value): AnyValue {
  if (value instanceof MapValue) {
    return new Map(Array.from(value.entries(), ([key, item]) => [fromValue(key), fromValue(item)] as const));
  }
  if (value instanceof StructValue) {
    return Object.fromEntries(value.names.map((name, at) => [name, fromValue(value.values[at] as Value)]));
  }
  if (value instanceof FunctionValue) return "func(...) { ... }";
  if (typeof value === "object") return value.map(fromValue);
  return value;
}

/** The type that a value says by itself; undefined where it says none, as an empty list. */
export function typeOf(value: Value): Type | undefined {
  switch (typeof value) {
    case "boolean":
      return boolType;
    case "string":
      return strType;
    case "bigint":
      return intType;
    case "number":
      return floatType;
    default:
      return typeOfContainer(value);
  }
}

function typeOfContainer(value: Exclude<Value, boolean | string | bigint | number>): Type | undefined {
  if (value instanceof FunctionValue) return undefined;
  if (value instanceof MapValue) {
    const [entry] = value.entries();
    const [key, item] = entry === undefined ? [] : [typeOf(entry[0]), typeOf(entry[1])];
    return key === undefined || item === undefined ? undefined : mapType(key, item);
  }
  if (value instanceof StructValue) {
    const types = value.values.map(typeOf);
    const fields = value.names.flatMap((name, at) => (types[at] === undefined ? [] : [{ name, type: types[at] }]));
    return fields.length === value.names.length ? structType(fields) : undefined;
  }
  const element = value[0] === undefined ? undefined : typeOf(value[0]);
  return element === undefined ? undefined : listType(element);
}
