// SPDX-License-Identifier: Apache-2.0
// What other hosts export: as a list, and as what `collect` statements are made of.

import {
  type CallSite,
  defineFunction,
  type Inferred,
  type SolvedCall,
  type StreamEnv,
} from "../../contract/function.ts";
import type { Exported } from "../../contract/exchange.ts";
import { parseType } from "../../values/parse-type.ts";
import { functionType, listType, renderType, sameType, strType, type Type } from "../../values/type.ts";
import { StructValue, type Value } from "../../values/value.ts";
import { type Arguments, fatal, isList, structAt, textAt, valueAt } from "../arguments.ts";
import { latchedTextAt } from "../latched.ts";

const pairType = parseType("struct{name str; host str}");
const collectedType = parseType("[]struct{name str; host str; data str}");

/** What says which resources are collected: a name, some names, or pairs of a name and a host. */
export const collectable: readonly Type[] = [strType, listType(strType), listType(pairType)];

export const collected = defineFunction({
  module: "",
  name: "_collect",
  type: "func(kind str, names ?1) []struct{name str; host str; data str}",
  doc: "What a `collect` statement stands for: the resources of a kind that hosts export to this one, by their names, from any host, or by their names and hosts, where an empty host is any. The kind is a constant.",
  example: 'collect file "/etc/motd" {}',
  infer,
  check,
  stream: (args, env) => collectedOf(args, env),
});

export const collectRes = defineFunction({
  module: "world/collect",
  name: "res",
  type: "func(kind str) []struct{name str; host str}",
  doc: "All resources of this kind that hosts export to this one, its own too: their names and the names of the hosts, in an order that is always the same. New when there are others. The kind cannot change while the program runs.",
  example: '$files = collect.res("file")',
  stream: async function* (args, env) {
    for await (const exported of env.exchange.exports.follow(kindOf(args, env), env.signal)) {
      yield exported.map(pairOf);
    }
  },
});

/** Values that are there already are compared at a glance, when there is one more. */
const pairs = new WeakMap<Exported, StructValue>();

function pairOf(exported: Exported): StructValue {
  const known = pairs.get(exported);
  if (known !== undefined) return known;
  const pair = new StructValue(["name", "host"], [exported.name, exported.host]);
  pairs.set(exported, pair);
  return pair;
}

function kindOf(args: Arguments, env: StreamEnv): string {
  const kind = latchedTextAt(args, 0, "the kind", env);
  if (!env.isKind(kind)) throw fatal(`there is no kind of resource called \`${kind}\``);
  return kind;
}

async function* collectedOf(args: Arguments, env: StreamEnv): AsyncGenerator<Value, void, undefined> {
  const pairs = pairsOf(args);
  // What nobody can export is handed on as it stands, for the statement to complain of.
  const wrong = pairs.filter(([name, host]) => name === "" || host === "*");
  const isAskedFor = filterOf(pairs);
  const names = new Set(pairs.map(([name]) => name));
  for await (const exported of env.exchange.exports.follow(kindOf(args, env), env.signal, names)) {
    yield [
      ...wrong.map(([name, host]) => collectedStruct(name, host, "")),
      ...exported.filter(isAskedFor).map(({ name, host, data }) => collectedStruct(name, host, data)),
    ];
  }
}

function collectedStruct(name: string, host: string, data: string): StructValue {
  return new StructValue(["name", "host", "data"], [name, host, data]);
}

function filterOf(pairs: readonly Pair[]): (exported: Exported) => boolean {
  const hostsByName = new Map<string, Set<string>>();
  for (const [name, host] of pairs) {
    const hosts = hostsByName.get(name) ?? new Set();
    hostsByName.set(name, hosts);
    hosts.add(host);
  }
  return ({ name, host }) => {
    const hosts = hostsByName.get(name);
    return hosts !== undefined && (hosts.has("") || hosts.has(host));
  };
}

/** A name, and the host that exports it; empty for any. */
type Pair = readonly [name: string, host: string];

function pairsOf(args: Arguments): readonly Pair[] {
  const names = valueAt(args, 1);
  return isList(names) ? names.map((_, at) => pairAt(names, at)) : [[textAt(args, 1), ""]];
}

function pairAt(names: Arguments, index: number): Pair {
  if (typeof names[index] === "string") return [textAt(names, index), ""];
  const pair = structAt(names, index);
  return [textAt(pair.values, 0), textAt(pair.values, 1)];
}

/** Without anything that is known, it is a list of pairs. */
function infer({ argumentTypes, argumentValues }: CallSite): Inferred {
  if (argumentTypes.length !== 2) return { kind: "wrong", message: "`collect` takes a kind and names" };
  if (typeof argumentValues[0] !== "string") {
    return { kind: "wrong", message: "the kind that is collected is a constant", argument: 0 };
  }
  const names = argumentTypes[1];
  const known = collectable.find((type) => names !== undefined && sameType(type, names)) ?? listType(pairType);
  return functionType([{ type: strType }, { type: known }], collectedType);
}

function check({ type }: SolvedCall): string | undefined {
  const names = type.params[1]?.type;
  if (names !== undefined && collectable.some((each) => sameType(each, names))) return undefined;
  return `names are a str, a []str or a ${renderType(listType(pairType))}`;
}
