// SPDX-License-Identifier: Apache-2.0
// golang/os and golang/os/exec: this process and its surroundings. Each is looked at once for each new argument; what
// may change by itself is told by the functions of `os` and `sys`.

import { Failure } from "../../../contract/failure.ts";
import type { FunctionDefinition, ReadEnv, StreamEnv } from "../../../contract/function.ts";
import { textOf } from "../../../values/bytes.ts";
import { quote } from "../../../values/print.ts";
import { fatal } from "../../arguments.ts";
import { wellJoined } from "../format.ts";
import { clean } from "./path.ts";
import { goPackage } from "./wrap.ts";

const { ask, read } = goPackage("os");
const exec = goPackage("os/exec");

/** A value is kept in memory, and compared, as a whole. */
const readLimitBytes = 64 * 1024 * 1024;

/** A `$` with a name, in braces or not; what is malformed is taken out, as Go does. */
const variable = /\$(?:\{([*#$@!?\-0-9])\}|\{([^}]+)\}|(\{\}|\{)|([*#$@!?\-0-9])|([A-Za-z0-9_]+))/g;

export const golangOs: readonly FunctionDefinition[] = [
  read(
    "Executable",
    "func() str",
    "The file of the program that runs this.",
    "",
    ({ system }) => system.process.executable,
  ),
  read(
    "ExpandEnv",
    "func(s str) str",
    "The text with `$NAME` and `${NAME}` replaced by variables of the environment.",
    '"$HOME/bin"',
    ({ system }, s) =>
      wellJoined(
        s.replace(variable, (_, special, braced, malformed, short, plain) => {
          if (malformed !== undefined) return "";
          return system.environment(String(special ?? braced ?? short ?? plain)) ?? "";
        }),
      ),
  ),
  read("Getegid", "func() int", "The effective group.", "", ({ system }) => BigInt(system.process.effectiveGroupId)),
  read("Getenv", "func(key str) str", "A variable of the environment, empty when it is not set.", '"HOME"', getenv),
  read("Geteuid", "func() int", "The effective user.", "", ({ system }) => BigInt(system.process.effectiveUserId)),
  read("Getgid", "func() int", "The group.", "", ({ system }) => BigInt(system.process.groupId)),
  read("Getpagesize", "func() int", "The bytes of a page of memory.", "", ({ system }) => BigInt(system.pageBytes)),
  read("Getpid", "func() int", "The number of this process.", "", ({ system }) => BigInt(system.process.id)),
  read("Getppid", "func() int", "The number of the process that started this one.", "", ({ system }) =>
    BigInt(system.process.parentId),
  ),
  read("Getuid", "func() int", "The user.", "", ({ system }) => BigInt(system.process.userId)),
  read(
    "Getwd",
    "func() str",
    "The directory in which mgmt was started.",
    "",
    ({ system }) => system.process.workingDirectory,
  ),
  ask("Hostname", "func() str", "The name of this machine.", "", ({ host, signal }) => host.identity.hostname(signal)),
  ask(
    "MkdirTemp",
    "func(dir str, pattern str) str",
    "Makes a directory of its own, which is left behind, and gives its path. A `*` in the pattern is replaced, else something is added.",
    '"/tmp", "build-*"',
    makeTemporary,
  ),
  ask("ReadFile", "func(name str) str", "The content of a file.", '"/etc/motd"', async ({ host, signal }, name) =>
    textOf(await host.files.read(pathFor(host.system, name), readLimitBytes, signal)),
  ),
  ask("Readlink", "func(name str) str", "Where a symbolic link leads.", '"/etc/localtime"', ({ host, signal }, name) =>
    host.files.readLink(pathFor(host.system, name), signal),
  ),
  read("TempDir", "func() str", "The directory for temporary files.", "", ({ system }) => temporaryDirectory(system)),
  read("UserCacheDir", "func() str", "The user's directory for what can be made again.", "", (env) =>
    userDirectory(env, "XDG_CACHE_HOME", ".cache"),
  ),
  read("UserConfigDir", "func() str", "The user's directory for settings.", "", (env) =>
    userDirectory(env, "XDG_CONFIG_HOME", ".config"),
  ),
  read("UserHomeDir", "func() str", "The user's own directory.", "", (env) => {
    const home = getenv(env, "HOME");
    if (home === "") throw fatal("the variable HOME is not set");
    return home;
  }),
  exec.ask(
    "LookPath",
    "func(file str) str",
    "The path of a program, looked for in the directories of PATH.",
    '"sh"',
    lookPath,
  ),
];

type System = ReadEnv["system"];

function getenv({ system }: ReadEnv, key: string): string {
  return system.environment(key) ?? "";
}

function temporaryDirectory(system: System): string {
  return system.environment("TMPDIR") || "/tmp";
}

function userDirectory(env: ReadEnv, override: string, below: string): string {
  const given = getenv(env, override);
  if (given !== "") {
    if (!given.startsWith("/")) throw fatal(`the path in ${override} is relative`);
    return given;
  }
  const home = getenv(env, "HOME");
  if (home === "") throw fatal(`neither ${override} nor HOME is set`);
  return `${home}/${below}`;
}

function pathFor(system: System, name: string): string {
  if (name === "") throw fatal("an empty text is no path");
  return clean(name.startsWith("/") ? name : `${system.process.workingDirectory}/${name}`);
}

async function makeTemporary({ host, signal }: StreamEnv, directory: string, pattern: string): Promise<string> {
  if (pattern.includes("/")) throw fatal(`the pattern ${quote(pattern)} has a slash`);
  const parent = directory === "" ? temporaryDirectory(host.system) : directory;
  const star = pattern.lastIndexOf("*");
  const [before, after] = star === -1 ? [pattern, ""] : [pattern.slice(0, star), pattern.slice(star + 1)];
  for (let attempt = 0; ; attempt += 1) {
    const unique = new DataView(Uint8Array.from(host.random.bytes(4)).buffer).getUint32(0);
    const path = `${parent}/${before}${unique}${after}`.replace(/\/+/g, "/");
    try {
      await host.files.createDirectory(pathFor(host.system, path), { mode: 0o700 }, signal);
      return path;
    } catch (reason) {
      if (!(reason instanceof Failure) || reason.code !== "exists" || attempt === 100) throw reason;
    }
  }
}

async function lookPath({ host, signal }: StreamEnv, file: string): Promise<string> {
  const isProgram = async (path: string): Promise<boolean> => {
    const state = await host.files.inspectTarget(pathFor(host.system, path), signal);
    return state !== undefined && state.kind !== "directory" && (state.mode & 0o111) !== 0;
  };
  if (file.includes("/")) {
    if (await isProgram(file)) return file;
    throw fatal(`${quote(file)} is no program`);
  }
  for (const directory of (host.system.environment("PATH") ?? "").split(":")) {
    // A program of the present directory would depend on where mgmt was started.
    if (directory.startsWith("/") && file !== "" && (await isProgram(`${directory}/${file}`))) {
      return clean(`${directory}/${file}`);
    }
  }
  throw fatal(`there is no program ${quote(file)} in the directories of PATH`);
}
