// SPDX-License-Identifier: Apache-2.0
// The program git, so that it asks nobody, changes nothing by the way, and runs nothing that the repository brings along.

import { Failure } from "../../../contract/failure.ts";
import type { Command, Outcome } from "../../../contract/host.ts";
import type { ResourceEnv } from "../../../contract/resource.ts";
import { textOf } from "../../../values/bytes.ts";
import { cleanPath } from "../../files/path.ts";
import type { GitWant } from "./fields.ts";

export interface Git {
  /** What it prints. Fails when git does. */
  read(args: readonly string[]): Promise<string>;
  /** Whether it ends well. */
  asks(args: readonly string[]): Promise<boolean>;
  /** Undefined when it ends with a status other than 0. */
  try(args: readonly string[]): Promise<string | undefined>;
}

const noTraps = [
  ["core.hooksPath", "/dev/null"],
  ["core.fsmonitor", "false"],
  ["protocol.ext.allow", "never"],
  ["advice.detachedHead", "false"],
  ["gc.auto", "0"],
] as const;

/** `missing` says whom there is not. */
export async function gitFor(want: GitWant, env: ResourceEnv): Promise<Git | { readonly missing: string }> {
  const credentials = await credentialsOf(want, env);
  if ("missing" in credentials) return credentials;
  const path = cleanPath(want.path);
  const run = async (args: readonly string[]): Promise<Outcome> => {
    const settings = noTraps.flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    const keepBytes = 64 * 1024 * 1024;
    // Where there is no tree yet, git itself makes the directory.
    return env.host.processes.run(
      { argv: ["git", "-C", "/", ...settings, ...inTree(args, path)], keepBytes, ...credentials },
      env.signal,
    );
  };
  return {
    async read(args) {
      const outcome = await run(args);
      if (outcome.status !== 0) throw failureOf(args, outcome);
      return textOf(outcome.stdout);
    },
    asks: async (args) => (await run(args)).status === 0,
    try: async (args) => {
      const outcome = await run(args);
      return outcome.status === 0 ? textOf(outcome.stdout) : undefined;
    },
  };
}

/** `init` and `ls-remote` need no tree. */
function inTree(args: readonly string[], path: string): readonly string[] {
  return args[0] === "init" || args[0] === "ls-remote" ? args : ["-C", path, ...args];
}

async function credentialsOf(
  want: GitWant,
  { host, signal }: ResourceEnv,
): Promise<Pick<Command, "uid" | "gid" | "env"> | { readonly missing: string }> {
  const { identity, system } = host;
  const uid = want.user === "" ? identity.uid : await identity.userId(want.user, signal);
  if (uid === undefined) return { missing: `there is no user named ${want.user}` };
  const isOther = uid !== identity.uid;
  const gid =
    want.group !== ""
      ? await identity.groupId(want.group, signal)
      : isOther
        ? await identity.primaryGroupId(want.user, signal)
        : undefined;
  if (want.group !== "" && gid === undefined) return { missing: `there is no group named ${want.group}` };
  if ((isOther || (gid !== undefined && gid !== identity.gid)) && identity.uid !== 0) {
    throw new Failure(`cannot run git as ${want.user || `the group ${want.group}`}`, {
      code: "denied",
      hint: "Only root may run commands as somebody else.",
    });
  }
  const name = (await identity.userName(uid, signal)) ?? want.user;
  const home = isOther ? await identity.homeDirectory(name, signal) : system.environment("HOME");
  const ssh = [
    "ssh",
    "-o",
    "BatchMode=yes",
    ...(want.key === "" ? [] : ["-i", quoted(want.key), "-o", "IdentitiesOnly=yes"]),
  ];
  const env = new Map([
    ...[...system.environmentVariables()].filter(([variable]) => !variable.startsWith("GIT_")),
    ["PATH", system.environment("PATH") ?? "/usr/bin:/bin"],
    ["HOME", home ?? "/"],
    ["LC_ALL", "C.UTF-8"],
    ["GIT_TERMINAL_PROMPT", "0"],
    ["GIT_ASKPASS", "/bin/false"],
    ["SSH_ASKPASS", "/bin/false"],
    ["GIT_SSH_COMMAND", ssh.join(" ")],
    // Looking at a tree must not write into it: that would be an event.
    ["GIT_OPTIONAL_LOCKS", "0"],
  ]);
  return { env, ...(isOther ? { uid } : {}), ...(gid === undefined ? {} : { gid }) };
}

/** For the shell by which git starts SSH. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function failureOf(args: readonly string[], { status, endedBy, stderr }: Outcome): Failure {
  const lines = textOf(stderr)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("hint:"));
  const fatal = lines.filter((line) => /^(?:fatal|error):/.test(line));
  const said =
    withoutPasswords((fatal.length > 0 ? fatal.slice(0, 3) : lines.slice(-3)).join(" / ")) ||
    `it ended with ${status ?? endedBy ?? "a signal"}`;
  const isAway = /could not resolve|could not read from remote|unable to access|connection|timed out|early eof/i.test(
    said,
  );
  const isDenied = /authentication failed|permission denied|could not read username|terminal prompts disabled/i.test(
    said,
  );
  const isForeign = /dubious ownership/.test(said);
  return new Failure(`git ${args[0] ?? ""}: ${said}`, {
    code: isDenied ? "denied" : isAway ? "unreachable" : "command-failed",
    ...(isAway && !isDenied ? { retry: "backoff" } : {}),
    ...(isForeign
      ? { hint: "Set `user` to the one to whom the tree belongs: git does not trust the trees of others." }
      : {}),
  });
}

/** URLs may have one in them. */
export function withoutPasswords(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^/\s@]*@/g, "$1");
}
