// SPDX-License-Identifier: Apache-2.0
// Users of this machine and their homes.

import { defineFunction, type FunctionDefinition, type StreamEnv } from "../../contract/function.ts";
import { textOf } from "../../values/bytes.ts";
import { quote } from "../../values/print.ts";
import { fatal, textAt } from "../arguments.ts";
import { onChange, once } from "../streams.ts";

const accountsPath = "/etc/passwd";
const accountsLimitBytes = 16 * 1024 * 1024;

export const users: readonly FunctionDefinition[] = [
  defineFunction({
    module: "os",
    name: "expand_home",
    type: "func(path str) str",
    doc: "The path with `~/` or `~user/` at its beginning replaced by that user's home directory.",
    example: '$key = os.expand_home("~/.ssh/id_ed25519")',
    stream: (args, env) => once(() => expandHome(textAt(args, 0), env)),
  }),
  defineFunction({
    module: "os",
    name: "home",
    type: "func(user str) str",
    doc: "The home directory of a user, with a slash at its end.",
    example: '$home = os.home("root") # "/root/"',
    stream: (args, env) => once(async () => withSlash(await homeOf(textAt(args, 0), env))),
  }),
  defineFunction({
    module: "os",
    name: "uid",
    type: "func(user str) str",
    doc: "The number of a user, as a text.",
    example: '$uid = os.uid("root") # "0"',
    stream: (args, { host, signal }) =>
      once(async () => {
        const uid = await host.identity.userId(textAt(args, 0), signal);
        if (uid === undefined) throw fatal(`there is no user ${quote(textAt(args, 0))}`);
        return String(uid);
      }),
  }),
  defineFunction({
    module: "os",
    name: "user_exists",
    type: "func(user str) bool",
    doc: "Whether there is a user of this name now.",
    example: '$deployed = os.user_exists("www-data")',
    stream: (args, { host, signal }) => {
      const user = textAt(args, 0);
      // A number needs no account, and is no name.
      const found = async () => !/^[0-9]+$/.test(user) && (await host.identity.userId(user, signal)) !== undefined;
      return onChange(host, accountsPath, signal, found);
    },
  }),
];

async function expandHome(path: string, env: StreamEnv): Promise<string> {
  const [, user, rest = ""] = /^~([^/]*)\/([^]*)$/.exec(path) ?? [];
  if (user === undefined) return path;
  const name = user === "" ? await env.host.identity.userName(env.host.identity.uid, env.signal) : user;
  if (name === undefined)
    throw fatal(`the user with the number ${env.host.identity.uid} has no name, so ~ means nothing`);
  return withSlash(await homeOf(name, env)) + rest;
}

async function homeOf(user: string, { host, signal }: StreamEnv): Promise<string> {
  const accounts = textOf(await host.files.read(accountsPath, accountsLimitBytes, signal));
  for (const line of accounts.split("\n")) {
    const [name, , , , , home] = line.split(":");
    if (name === user && home !== undefined && home !== "") return home;
  }
  throw fatal(`there is no user ${quote(user)} in ${accountsPath}`);
}

function withSlash(path: string): string {
  return path.endsWith("/") ? path : `${path}/`;
}
