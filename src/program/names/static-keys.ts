// SPDX-License-Identifier: Apache-2.0
// Keys of map literals that can be told apart by looking at them. Reference: mcl language, 3.

import {
  boolType,
  floatType,
  intType,
  listType,
  mapType,
  strType,
  structType,
  sameType,
  type Type,
} from "../../values/type.ts";
import type { Expression } from "../../syntax/tree.ts";

/** What a literal is before the program runs; `identity` is equal for equal values of one type. */
export interface StaticValue {
  readonly type: Type;
  readonly identity: string;
}

/** Of literals, and of containers of literals of one visible type. Strings compare as written, before escapes. */
export function staticValueOf(expression: Expression): StaticValue | undefined {
  switch (expression.kind) {
    case "bool":
      return { type: boolType, identity: String(expression.value) };
    case "string":
      return { type: strType, identity: JSON.stringify(expression.raw) };
    case "int":
      return { type: intType, identity: String(expression.value) };
    case "float":
      return { type: floatType, identity: String(expression.value) };
    case "parenthesized":
      return staticValueOf(expression.inner);
    case "list": {
      const items = allOfOneType(expression.items);
      return items && { type: listType(items.type), identity: `[${items.identities.join(",")}]` };
    }
    case "map": {
      const keys = allOfOneType(expression.entries.map(({ key }) => key));
      const values = allOfOneType(expression.entries.map(({ value }) => value));
      if (keys === undefined || values === undefined) return undefined;
      const entries = keys.identities.map((key, index) => `${key}:${values.identities[index]}`);
      return { type: mapType(keys.type, values.type), identity: `{${entries.join(",")}}` };
    }
    case "struct": {
      const fields: { name: string; type: Type }[] = [];
      const identities: string[] = [];
      for (const { name, value } of expression.fields) {
        const known = staticValueOf(value);
        if (known === undefined) return undefined;
        fields.push({ name: name.text, type: known.type });
        identities.push(known.identity);
      }
      return { type: structType(fields), identity: `(${identities.join(",")})` };
    }
    case "variable":
    case "call":
    case "lambda":
    case "if-expression":
    case "binary":
    case "not":
    case "lookup":
    case "field-lookup":
    case "except":
      return undefined;
  }
}

/** Undefined when something is not known, or nothing is there to show the type, or the types differ. */
function allOfOneType(
  expressions: readonly Expression[],
): { readonly type: Type; readonly identities: readonly string[] } | undefined {
  const identities: string[] = [];
  let type: Type | undefined;
  for (const expression of expressions) {
    const known = staticValueOf(expression);
    if (known === undefined || (type !== undefined && !sameType(type, known.type))) return undefined;
    type = known.type;
    identities.push(known.identity);
  }
  return type && { type, identities };
}
