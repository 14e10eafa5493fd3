// SPDX-License-Identifier: Apache-2.0
// The module local: what this machine keeps for itself.

import { defineFunction, type FunctionDefinition } from "../../contract/function.ts";
import { quote } from "../../values/print.ts";
import { fatal, textAt } from "../arguments.ts";
import { once } from "../streams.ts";

export const local: readonly FunctionDefinition[] = [
  defineFunction({
    module: "local",
    name: "pool",
    type: "func(namespace str, uid str) int",
    doc: "A small number above 0 that belongs to this name within its name space on this machine, always the same. The first is 1.",
    example: '$index = local.pool("vms", "web1")',
    stream: (args, env) => once(() => env.local.number(textAt(args, 0), textAt(args, 1), env.signal)),
  }),
  defineFunction({
    module: "local",
    name: "token",
    type: "func(name str) str",
    doc: "A text of 32 letters and digits that nobody can guess, kept on this machine under this name for root alone: always the same one. For what is to be shown to a server, as the `token` of `http:server:file`.",
    example: '$token = local.token("web1")',
    stream: (args, env) => once(() => env.local.token(textAt(args, 0), env.signal)),
  }),
  defineFunction({
    module: "local",
    name: "vardir",
    type: "func(path str) str",
    doc: "A directory of mgmt's own for this purpose, which is made; the path is relative and ends with a slash, and so does the absolute one that is given.",
    example: '$directory = local.vardir("backups/")',
    stream: (args, env) =>
      once(() => {
        const path = textAt(args, 0);
        if (path.startsWith("/")) throw fatal(`the path ${quote(path)} must not begin with a slash`);
        if (!path.endsWith("/")) throw fatal(`the path ${quote(path)} must end with a slash`);
        if (path.split("/").includes("..")) throw fatal(`the path ${quote(path)} must not lead out with ..`);
        return env.local.directory(path.replace(/(?:^|\/)\.(?=\/)/g, ""), env.signal);
      }),
  }),
];
