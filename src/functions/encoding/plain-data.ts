// SPDX-License-Identifier: Apache-2.0
// Data as a reader of YAML or TOML gives it, as a value of a given type; by the rules that hold for JSON.

import { type StructType, type Type, renderType } from "../../values/type.ts";
import { MapValue, type Value } from "../../values/value.ts";
import { type Fields, Mismatch, structOf, superfluous, unwanted } from "./mismatch.ts";

/** Ints are bigints; tables are maps or plain objects; null, and whatever else there may be, fits no type. */
export function readPlain(data: unknown, type: Type, fields: Fields, path = ""): Value {
  switch (type.kind) {
    case "bool":
      if (typeof data === "boolean") return data;
      break;
    case "str":
      if (typeof data === "string") return data.toWellFormed();
      break;
    case "int":
      if (typeof data !== "bigint") break;
      if (BigInt.asIntN(64, data) === data) return data;
      throw new Mismatch(`${data} is no int${path === "" ? "" : `, at ${path}`}`);
    case "float":
      if (typeof data === "number" || typeof data === "bigint") return Number(data);
      break;
    case "list":
      if (!Array.isArray(data)) break;
      return data.map((item: unknown, index) => readPlain(item, type.element, fields, `${path}[${index}]`));
    case "map": {
      if (type.key.kind !== "str") throw new Mismatch(`the keys of ${renderType(type)} are not str`);
      const entries = entriesOf(data);
      if (entries === undefined) break;
      return new MapValue(entries.map(([key, item]) => [key, readPlain(item, type.value, fields, `${path}.${key}`)]));
    }
    case "struct": {
      const entries = entriesOf(data);
      if (entries === undefined) break;
      return readStruct(entries, type, fields, path);
    }
    case "func":
    case "variant":
    case "variable":
      throw new Mismatch(`a text cannot hold ${renderType(type)}`);
  }
  throw unwanted(nameOf(data), type, path);
}

function readStruct(
  entries: readonly (readonly [string, unknown])[],
  type: StructType,
  fields: Fields,
  path: string,
): Value {
  const found = new Map<string, Value>();
  for (const [name, item] of entries) {
    const field = type.fields.find((each) => each.name === name);
    if (field !== undefined) found.set(name, readPlain(item, field.type, fields, `${path}.${name}`));
    else if (fields === "strict") throw superfluous(type, name, path);
  }
  return structOf(type, found, fields, path);
}

/** Undefined when it is no table. */
function entriesOf(data: unknown): readonly (readonly [string, unknown])[] | undefined {
  if (data instanceof Map) {
    return [...data].map(([key, item]): [string, unknown] => [typeof key === "string" ? key : scalarText(key), item]);
  }
  if (typeof data !== "object" || data === null || Array.isArray(data)) return undefined;
  return Object.entries(data);
}

/** A key that is no text counts as what it looks like. */
function scalarText(key: unknown): string {
  switch (typeof key) {
    case "number":
    case "bigint":
    case "boolean":
      return String(key);
    default:
      throw new Mismatch(key === null ? "a key is empty" : "a key is neither a text nor a number");
  }
}

function nameOf(data: unknown): string {
  if (data === null || data === undefined) return "null";
  if (Array.isArray(data)) return "list";
  switch (typeof data) {
    case "boolean":
      return "bool";
    case "string":
      return "string";
    case "bigint":
      return "int";
    case "number":
      return "float";
    default:
      return "table";
  }
}
