// SPDX-License-Identifier: Apache-2.0
// The module world: what the hosts of a cluster tell each other. While the store that they share cannot be reached, the
// last values stay.

import { defineFunction, type FunctionDefinition, type StreamEnv } from "../../contract/function.ts";
import { MapValue, StructValue, type Value } from "../../values/value.ts";
import type { Arguments } from "../arguments.ts";
import { latchedTextAt } from "../latched.ts";
import { collected, collectRes } from "./collect.ts";

export const world: readonly FunctionDefinition[] = [
  collected,
  collectRes,
  defineFunction({
    module: "world",
    name: "getval",
    type: "func(key str) struct{value str; exists bool}",
    doc: "The text that a kv resource of any host holds under this key, new when it changes. While there is none, exists is false and the text is empty. The key cannot change while the program runs.",
    example: '$leader str = world.getval("leader")->value',
    stream: (args, env) =>
      each(env.exchange.texts.follow({ key: latchedTextAt(args, 0, "the key", env) }, env.signal), (text) => {
        return new StructValue(["value", "exists"], [text ?? "", text !== undefined]);
      }),
  }),
  defineFunction({
    module: "world",
    name: "kvlookup",
    type: "func(namespace str) map{str: str}",
    doc: "The text of each host that has a kv resource with this key and `mapped`, by the name of the host, new when one of them changes. The key cannot change while the program runs.",
    example: '$addresses = world.kvlookup("address")',
    stream: (args, env) =>
      each(env.exchange.texts.followTable(namespaceOf(args, env), env.signal), (table) => new MapValue(table)),
  }),
  defineFunction({
    module: "world",
    name: "schedule",
    type: "func(namespace str) []str",
    doc: "The names of the hosts that are chosen for this schedule, sorted, new when others are chosen. Which hosts can be chosen, and how many of them, is said by schedule resources. The schedule cannot change while the program runs.",
    example: '$is_backup_host = $hostname in world.schedule("backup")',
    stream: (args, env) => env.exchange.schedules.follow(namespaceOf(args, env), env.signal),
  }),
  defineFunction({
    module: "world",
    name: "hosts",
    type: "func() []str",
    doc: "The names of the hosts that run mgmt now, sorted, this one too. One that stops goes at once, one that is lost after ten seconds.",
    example: "$count = len(world.hosts())",
    stream: (_, env) => env.exchange.hosts.follow(env.signal),
  }),
];

function namespaceOf(args: Arguments, env: StreamEnv): string {
  return latchedTextAt(args, 0, "the namespace", env);
}

async function* each<Item>(
  items: AsyncIterable<Item>,
  toValue: (item: Item) => Value,
): AsyncGenerator<Value, void, undefined> {
  for await (const item of items) yield toValue(item);
}
