// SPDX-License-Identifier: Apache-2.0
// The module net/http: what resources of the kind `http:client` on this machine have heard.

import { Failure, isAbort } from "../../contract/failure.ts";
import { defineFunction, type FunctionDefinition, type StreamEnv } from "../../contract/function.ts";
import { textOf } from "../../values/bytes.ts";
import { quote } from "../../values/print.ts";
import { StructValue, type Value } from "../../values/value.ts";
import { fatal, textAt } from "../arguments.ts";

const names = ["status", "output"] as const;
/** A str is held in memory. */
const largestBytes = 64 * 1024 * 1024;

export const http: readonly FunctionDefinition[] = [
  defineFunction({
    module: "net/http",
    name: "response",
    type: "func(uid str) struct{status int; output str}",
    doc:
      "What the http:client resource of this name has heard, new with each answer. The status is 0 before the first one, " +
      "-1 when none could be had, else that of the answer; the output is what is in the file of the resource then. The " +
      "name cannot change while the program runs.",
    example: '$answer = http.response("motd") # struct{status => 200, output => "hello"}',
    stream: (args, env) => responsesOf(nameOf(textAt(args, 0), env), env),
  }),
];

function nameOf(name: string, { memory }: StreamEnv): string {
  if (name === "") throw fatal("the name of an http:client must not be empty");
  const before = memory.get("name");
  if (typeof before === "string" && before !== name) {
    throw fatal(`the name of the http:client was ${quote(before)} and has become ${quote(name)}; it cannot change`);
  }
  memory.set("name", name);
  return name;
}

async function* responsesOf(name: string, { local, host, signal }: StreamEnv): AsyncGenerator<Value, void, undefined> {
  try {
    for await (const _ of local.responses.changes(name, signal)) {
      const heard = local.responses.get(name);
      let output = "";
      try {
        if (heard !== undefined) output = textOf(await host.files.read(heard.path, largestBytes, signal));
      } catch (reason) {
        if (!(reason instanceof Failure)) throw reason; // There is no file yet, or none that could be a str.
      }
      yield new StructValue(names, [BigInt(heard?.status ?? 0), output]);
    }
  } catch (reason) {
    if (!isAbort(reason, signal)) throw reason;
  }
}
