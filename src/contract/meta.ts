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
  /** Seconds after which others lose it when nothing is heard of this host; 0: never. */
  readonly expire: number;
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
  expire: 0,
  reverse: false,
  autoedge: true,
  autogroup: true,
};

/** In the order which the struct form `Meta => struct{…}` must have; `isLater`: that form does not have it. */
export const metaParameters: readonly {
  readonly name: keyof Meta;
  readonly type: Type;
  readonly bits?: 16 | 32 | 64;
  readonly isLater?: boolean;
  readonly doc: string;
}[] = [
  { name: "noop", type: boolType, doc: "Look, and say what would be done, but change nothing." },
  {
    name: "retry",
    type: intType,
    bits: 16,
    doc: "Extra attempts after a failure; `-1` for ever. Without `Meta:delay` the first ten follow at once, later ones up to a second apart.",
  },
  { name: "retryreset", type: boolType, doc: "A success gives all attempts back." },
  { name: "delay", type: intType, bits: 64, doc: "Milliseconds between two attempts." },
  {
    name: "timeout",
    type: intType,
    bits: 64,
    doc: "Seconds that looking and repairing may take together; `0` for no limit.",
  },
  {
    name: "poll",
    type: intType,
    bits: 32,
    doc: "Seconds between two looks, instead of waiting for events; `0` to wait for events, `-1` to look once.",
  },
  { name: "limit", type: floatType, doc: "Events that are acted on in a second, at most." },
  { name: "burst", type: intType, bits: 64, doc: "Events that may come at once before `Meta:limit` counts." },
  { name: "reset", type: boolType, doc: "Forget the attempts already used when the resource is replaced." },
  {
    name: "sema",
    type: listType(strType),
    doc: "Semaphores, each `name:count`: of all resources with one, so many work at the same time.",
  },
  { name: "rewatch", type: boolType, doc: "Start it again with the next graph after it has failed for good." },
  { name: "realize", type: boolType, doc: "Make it true once before it may be removed." },
  { name: "dollar", type: boolType, doc: "Allow a name that begins with a dollar sign." },
  { name: "hidden", type: boolType, doc: "Keep it in the graph without carrying it out here." },
  { name: "export", type: listType(strType), doc: "Hosts that may collect it; `*` stands for every host." },
  { name: "reverse", type: boolType, doc: "Undo it when it leaves the program." },
  { name: "autoedge", type: boolType, doc: "Let edges to related resources be added by themselves." },
  { name: "autogroup", type: boolType, doc: "Let it be carried out together with others of its kind." },
  {
    name: "expire",
    type: intType,
    bits: 32,
    isLater: true,
    doc: "Seconds after which hosts lose what `Meta:export` shows them, when nothing is heard of this host; `0` for never.",
  },
];
