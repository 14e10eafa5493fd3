// SPDX-License-Identifier: Apache-2.0
// Whether a value that one resource sends can be what a field of another takes, as far as their types tell beforehand.

import { sameType, type Type } from "./type.ts";

/** Of lists, maps and structs only that they are such is told: what is in one, if anything is, is looked at when it arrives. */
export function canArriveAs(sent: Type, taken: Type): boolean {
  switch (sent.kind) {
    case "variant":
    case "variable":
      return true;
    case "list":
    case "map":
    case "struct":
      return taken.kind === sent.kind || taken.kind === "variant";
    default:
      return sameType(sent, taken);
  }
}
