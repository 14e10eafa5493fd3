// SPDX-License-Identifier: Apache-2.0
// The module deploy: the files that a program takes along, seen from the module whose code makes the call.

import { Failure, isAbort } from "../../contract/failure.ts";
import { defineFunction, type FunctionDefinition, type StreamEnv } from "../../contract/function.ts";
import { textOf } from "../../values/bytes.ts";
import { quote } from "../../values/print.ts";
import { fatal, textAt } from "../arguments.ts";
import { onChange, once } from "../streams.ts";
import { bootstrapPackages } from "./bootstrap-packages.ts";
import { deployedOf, pathInModule, pathsOfPlace, placeOfPath } from "./places.ts";

/** A value is kept in memory, and compared, as a whole. */
const readLimitBytes = 64 * 1024 * 1024;

export const deploy: readonly FunctionDefinition[] = [
  defineFunction({
    module: "deploy",
    name: "abspath",
    type: "func(path str) str",
    doc: "The place in the deploy of a path that begins with a slash and is meant from this module; of an empty text, the place of the module, with a slash at its end.",
    example: '$place = deploy.abspath("/files/motd") # for deploy.readfileabs',
    stream: (args, { call }) =>
      once(() => {
        const deployed = deployedOf(call);
        const path = textAt(args, 0);
        if (path !== "") expectLeadingSlash(path);
        return Promise.resolve(placeOfPath(deployed.directory, deployed) + path.slice(1));
      }),
  }),
  defineFunction({
    module: "deploy",
    name: "readfile",
    type: "func(filename str) str",
    doc: "The content of a file of this module, new when it is edited. The path begins with a slash, which is the directory of the module.",
    example: '$message = deploy.readfile("/files/motd")',
    stream: async function* (args, env) {
      const filename = textAt(args, 0);
      expectLeadingSlash(filename);
      yield* contentsOf(pathInModule(filename, deployedOf(env.call)), filename, env);
    },
  }),
  defineFunction({
    module: "deploy",
    name: "readfileabs",
    type: "func(filename str) str",
    doc: "The content of a file by its place in the deploy, as deploy.abspath gives it: `/` is the program, `/modules/` has modules of others.",
    example: '$message = deploy.readfileabs(deploy.abspath("/files/motd"))',
    stream: async function* (args, env) {
      const filename = textAt(args, 0);
      const paths = pathsOfPlace(filename, deployedOf(env.call));
      const [first = "", ...others] = paths;
      let path = first;
      for (const other of others) if (!(await isThere(path, env))) path = other;
      yield* contentsOf(path, filename, env);
    },
  }),
  defineFunction({
    module: "deploy",
    name: "file_exists",
    type: "func(filename str) bool",
    doc: "Whether this module has a file or directory at a path, which begins with a slash.",
    example: '$own = deploy.file_exists("/files/motd")',
    stream: (args, env) =>
      once(() => {
        const filename = textAt(args, 0);
        expectLeadingSlash(filename);
        return isThere(pathInModule(filename, deployedOf(env.call)), env);
      }),
  }),
  defineFunction({
    module: "deploy",
    name: "directory",
    type: "func(directory str) str",
    doc: "Copies a directory of this module into a private one on this machine, and gives the absolute path of that. Both paths end with a slash. What the module no longer has is removed from the copy.",
    example: '$packages = deploy.directory("/files/packages/")',
    stream: (args, env) =>
      once(async () => {
        const directory = textAt(args, 0);
        expectLeadingSlash(directory);
        if (!directory.endsWith("/")) throw fatal(`the path ${quote(directory)} must end with a slash`);
        const deployed = deployedOf(env.call);
        const path = pathInModule(directory, deployed);
        const there = await env.host.files.inspectTarget(path, env.signal);
        if (there?.kind !== "directory") throw fatal(`the program has no directory ${quote(directory)}`);
        return env.local.mirror(path, placeOfPath(`${path}/`, deployed), env.signal);
      }),
  }),
  defineFunction({
    module: "deploy",
    name: "binary_path",
    type: "func() str",
    doc: "The absolute path of the program that runs this.",
    example: "$mgmt = deploy.binary_path()",
    read: (_, { system }) => system.process.executable,
  }),
  bootstrapPackages,
];

function expectLeadingSlash(path: string): void {
  if (!path.startsWith("/")) throw fatal(`the path ${quote(path)} must begin with a slash`);
}

async function isThere(path: string, { host, signal }: StreamEnv): Promise<boolean> {
  return (await host.files.inspectTarget(path, signal)) !== undefined;
}

/** A file that goes while it is edited keeps its last content: only one that was never there ends the program. */
async function* contentsOf(
  path: string,
  shown: string,
  { host, signal }: StreamEnv,
): AsyncGenerator<string, void, undefined> {
  let wasThere = false;
  const read = async (): Promise<string | undefined> => {
    try {
      const content = textOf(await host.files.read(path, readLimitBytes, signal));
      wasThere = true;
      return content;
    } catch (reason) {
      if (isAbort(reason, signal) || !(reason instanceof Failure) || reason.code !== "not-found") throw reason;
      if (wasThere) return undefined;
      throw fatal(`the program has no file ${quote(shown)}`, reason);
    }
  };
  for await (const content of onChange(host, path, signal, read)) if (content !== undefined) yield content;
}
