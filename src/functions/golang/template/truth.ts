// SPDX-License-Identifier: Apache-2.0
// What templates make of values: which count as true, which are equal, which come first.

import { compareForPrint } from "../../../values/print.ts";
import { MapValue, sameValue, StructValue } from "../../../values/value.ts";
import { isList } from "../../arguments.ts";
import { type GoValue, goTypeOf } from "../value.ts";

/** False are: false, 0, nil, and whatever is empty. */
export function isTrue(value: GoValue): boolean {
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
  return typeof left === typeof right
    ? sameValue(left, right)
    : `${goTypeOf(left)} and ${goTypeOf(right)} cannot be compared`;
}

export function isLess(left: GoValue, right: GoValue): Compared {
  if (left === null || right === null || typeof left !== typeof right) {
    return `${goTypeOf(left)} and ${goTypeOf(right)} have no order`;
  }
  switch (typeof left) {
    case "bigint":
    case "number":
    case "string":
      return compareForPrint(left, right) < 0;
    default:
      return `${goTypeOf(left)} has no order`;
  }
}

function isComparable(value: GoValue): boolean {
  return value === null || typeof value !== "object" || value instanceof StructValue;
}
