// SPDX-License-Identifier: Apache-2.0
// A bind whose type contradicts the literal behind it: seen without knowing any other statement.
// Language: mcl reference, section 3, "Annotations" and "Map keys".

import { mapNeedsMapType, unhashableKeyType, wrongLiteralType } from "./problems.ts";
import type { TokenReader } from "./reader.ts";
import type { Expression, TypeNode } from "./tree.ts";

export function checkAnnotation(reader: TokenReader, type: TypeNode, value: Expression): void {
  const literal = withoutParentheses(value);
  const written = reader.source.text.slice(type.at.start, type.at.end);
  const own = scalarType(literal);
  if (own !== undefined && !(type.kind === "name" && type.name === own)) {
    const text = reader.source.text.slice(literal.at.start, literal.at.end);
    reader.report(wrongLiteralType, literal.at, { annotation: type.at, written, literal: own, text });
  }
  if (literal.kind === "map" && type.kind !== "map") {
    reader.report(mapNeedsMapType, literal.at, { annotation: type.at, written });
  }
  if (type.kind === "map" && !isHashable(type.key)) {
    const key = reader.source.text.slice(type.key.at.start, type.key.at.end);
    reader.report(unhashableKeyType, type.key.at, { key });
  }
}

function withoutParentheses(value: Expression): Expression {
  let inner = value;
  while (inner.kind === "parenthesized") inner = inner.inner;
  return inner;
}

function scalarType(literal: Expression): "bool" | "str" | "int" | "float" | undefined {
  switch (literal.kind) {
    case "bool":
    case "int":
    case "float":
      return literal.kind;
    case "string":
      return "str";
    default:
      return undefined;
  }
}

/** Keys must have an equality that can be looked up: scalars, and structs of them. */
function isHashable(type: TypeNode): boolean {
  if (type.kind === "struct") return type.fields.every((field) => isHashable(field.type));
  return type.kind === "name" && type.name !== "variant";
}
