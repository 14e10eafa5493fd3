// SPDX-License-Identifier: Apache-2.0
// A type as the program wrote it, as a type. The parser has refused what no type may be.

import type { TypeNode } from "../../syntax/tree.ts";
import { functionType, listType, mapType, structType, type Type } from "../../values/type.ts";
import type { Annotation } from "./tree.ts";

export function annotationOf(node: TypeNode): Annotation {
  return { at: node.at, type: typeOf(node) };
}

function typeOf(node: TypeNode): Type {
  switch (node.kind) {
    case "name":
      return { kind: node.name };
    case "list":
      return listType(typeOf(node.element));
    case "map":
      return mapType(typeOf(node.key), typeOf(node.value));
    case "struct":
      return structType(node.fields.map(({ name, type }) => ({ name: name.text, type: typeOf(type) })));
    case "func":
      return functionType(
        node.params.map(({ name, type }) =>
          name === undefined ? { type: typeOf(type) } : { name: name.text, type: typeOf(type) },
        ),
        typeOf(node.result),
      );
  }
}
