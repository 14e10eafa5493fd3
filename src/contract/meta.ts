// SPDX-License-Identifier: Apache-2.0
// The meta parameters that every resource has. Reference: mcl language 4.3, engine 10.

import { boolType, floatType, intType, listType, strType, type Type } from "../values/type.ts";

/** Names as the language writes them; units in the comments. */
export interface Meta {
  /** Observe and plan, but change nothing. */
  readonly noop: boolean;
  /** Extra attempts after a failure; -1 for ever. */
  readonly retry: number;
  /** A success gives all attempts back. */
  readonly retryreset: boolean;
  /** Milliseconds between two attempts. */
  readonly delay: number;
  /** Seconds allowed for one observation with its steps; 0: no limit. */
  readonly timeout: number;
  /** Seconds between two observations instead of watching; 0: watch; -1: once for each graph. */
  readonly poll: number;
  /** Events acted on in a second. */
  readonly limit: number;
  /** Events that may come at once before `limit` counts. */
  readonly burst: number;
  /** Forget the attempts already used when the resource is replaced. */
  readonly reset: boolean;
  /** Semaphores as `name:count`. */
  readonly sema: readonly string[];
  /** Start a permanently failed resource again with the next graph. */
  readonly rewatch: boolean;
  /** Settle once before it may be removed. */
  readonly realize: boolean;
  /** Allow a name that begins with `$`. */
  readonly dollar: boolean;
  /** In the graph, but not carried out here. */
  readonly hidden: boolean;
  /** Hosts that may collect it; `*` is every host. */
  readonly export: readonly string[];
  /** Undo it when it leaves the program. */
  readonly reverse: boolean;
  readonly autoedge: boolean;
  readonly autogroup: boolean;
}

export const defaultMeta: Meta = {
  noop: false,
  retry: 0,
  retryreset: false,
  delay: 0,
  timeout: 0,
  poll: 0,
  limit: Number.POSITIVE_INFINITY,
  burst: 0,
  reset: false,
  sema: [],
  rewatch: false,
  realize: false,
  dollar: false,
  hidden: false,
  export: [],
  reverse: false,
  autoedge: true,
  autogroup: true,
};

/** In the order which the struct form `Meta => struct{…}` must have. */
export const metaParameters: readonly {
  readonly name: keyof Meta;
  readonly type: Type;
  readonly bits?: 16 | 32 | 64;
}[] = [
  { name: "noop", type: boolType },
  { name: "retry", type: intType, bits: 16 },
  { name: "retryreset", type: boolType },
  { name: "delay", type: intType, bits: 64 },
  { name: "timeout", type: intType, bits: 64 },
  { name: "poll", type: intType, bits: 32 },
  { name: "limit", type: floatType },
  { name: "burst", type: intType, bits: 64 },
  { name: "reset", type: boolType },
  { name: "sema", type: listType(strType) },
  { name: "rewatch", type: boolType },
  { name: "realize", type: boolType },
  { name: "dollar", type: boolType },
  { name: "hidden", type: boolType },
  { name: "export", type: listType(strType) },
  { name: "reverse", type: boolType },
  { name: "autoedge", type: boolType },
  { name: "autogroup", type: boolType },
];
