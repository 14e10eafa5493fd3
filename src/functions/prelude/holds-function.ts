// SPDX-License-Identifier: Apache-2.0
// Which types cannot be compared.

import type { Type } from "../../values/type.ts";

/** Of composite types, which are built of the same parts over and over. */
const known = new WeakMap<Type, boolean>();

/** Whether a value of the type is, or holds at any depth, a function. */
export function holdsFunction(type: Type): boolean {
  const found = known.get(type) ?? holds(type);
  known.set(type, found);
  return found;
}

function holds(type: Type): boolean {
  switch (type.kind) {
    case "func":
      return true;
    case "list":
      return holdsFunction(type.element);
    case "map":
      return holdsFunction(type.key) || holdsFunction(type.value);
    case "struct":
      return type.fields.some((field) => holdsFunction(field.type));
    case "bool":
    case "str":
    case "int":
    case "float":
    case "variant":
    case "variable":
      return false;
  }
}
