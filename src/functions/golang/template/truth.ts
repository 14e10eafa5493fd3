// SPDX-License-Identifier: Apache-2.0
// What templates make of values: which count as true, which are equal, which come first.

import { compareForPrint } from "../../../values/print.ts";
import { MapValue, sameValue, StructValue } from "../../../values/value.ts";
import { isList } from "../../arguments.ts";
import { type GoValue, goTypeOf, plain } from "../value.ts";

/** False are: false, 0, nil, and whatever is empty. */
export function isTrue(given: GoValue): boolean {
  const value = plain(given);
  if (value === null) return false;
  switch (typeof value) {
    case "boolean":
      return value;
    case "bigint":
      return value !== 0n;
    case "number":
      return value !== 0;
    case "string":
      return value !== "";
    default:
      if (isList(value)) return value.length > 0;
      return value instanceof MapValue ? value.size > 0 : true;
  }
}

/** Either the answer or why there is none. */
export type Compared = boolean | string;

export function areEqual(left: GoValue, right: GoValue): Compared {
  if (left === null || right === null) return left === right;
  if (!isComparable(left) || !isComparable(right)) {
    return `${goTypeOf(isComparable(left) ? right : left)} cannot be compared`;
  }
  const [one, other] = [plain(left), plain(right)];
  return one !== null && other !== null && typeof one === typeof other
    ? sameValue(one, other)
    : `${goTypeOf(left)} and ${goTypeOf(right)} cannot be compared`;
}

export function isLess(left: GoValue, right: GoValue): Compared {
  const [one, other] = [plain(left), plain(right)];
  if (one === null || other === null || typeof one !== typeof other) {
    return `${goTypeOf(left)} and ${goTypeOf(right)} have no order`;
  }
  switch (typeof one) {
    case "bigint":
    case "number":
    case "string":
      return compareForPrint(one, other) < 0;
    default:
      return `${goTypeOf(left)} has no order`;
  }
}

function isComparable(given: GoValue): boolean {
  const value = plain(given);
  return value === null || typeof value !== "object" || value instanceof StructValue;
}
