// SPDX-License-Identifier: Apache-2.0
// What a text of data and the type that is wanted of it have to do with each other, whatever the text is written in.

import { zeroOf } from "../../values/conforms.ts";
import { type StructType, type Type, renderType } from "../../values/type.ts";
import { StructValue, type Value } from "../../values/value.ts";

/** "strict": a struct has exactly its fields. "flexible": others are ignored, missing ones take the zero value. */
export type Fields = "strict" | "flexible";

/** The data does not fit. The message is part of a sentence for the user. */
export class Mismatch extends Error {
  override readonly name = "Mismatch";
}

/** `path` says where we are: `.hosts[2].name`. */
export function unwanted(found: string, type: Type, path: string): Mismatch {
  return new Mismatch(`${found} stands where ${renderType(type)} is wanted${path === "" ? "" : `, at ${path}`}`);
}

export function superfluous(type: StructType, name: string, path: string): Mismatch {
  return new Mismatch(`${renderType(type)} has no field ${name}${path === "" ? "" : `, at ${path}`}`);
}

/** Of the fields that the data has. */
export function structOf(type: StructType, found: ReadonlyMap<string, Value>, fields: Fields, path: string): Value {
  const values = type.fields.map((field) => {
    const value = found.get(field.name) ?? (fields === "flexible" ? zeroFor(field.type) : undefined);
    if (value === undefined) throw new Mismatch(`the field ${path}.${field.name} is missing`);
    return value;
  });
  return new StructValue(
    type.fields.map(({ name }) => name),
    values,
  );
}

function zeroFor(type: Type): Value {
  const zero = zeroOf(type);
  if (zero === undefined) throw new Mismatch(`there is no zero value of ${renderType(type)}`);
  return zero;
}
