// SPDX-License-Identifier: Apache-2.0
// How tightly operators bind. Language: mcl reference, section 2.3.

import type { TokenKind } from "./tokens.ts";

/** From the loosest; 0 is for what is no operator between two values. */
export const levels = { none: 0, except: 1, or: 2, and: 3, comparison: 4, sum: 5, product: 6 } as const;

export function levelOf(kind: TokenKind): number {
  switch (kind) {
    case "<|>":
      return levels.except;
    case "or":
      return levels.or;
    case "and":
      return levels.and;
    case "<":
    case ">":
    case "<=":
    case ">=":
    case "==":
    case "!=":
    case "in":
      return levels.comparison;
    case "+":
    case "-":
      return levels.sum;
    case "*":
    case "/":
      return levels.product;
    default:
      return levels.none;
  }
}
