// SPDX-License-Identifier: Apache-2.0
// libvirt, through its own program virsh: commands, what it says against them, and what it tells of changes. A password is
// in a private file for it, never among its arguments.

import { Failure } from "../../contract/failure.ts";
import type { ResourceEnv } from "../../contract/resource.ts";
import { bytesOf, textOf } from "../../values/bytes.ts";
import { strType, structType } from "../../values/type.ts";
import { StructValue, type Value } from "../../values/value.ts";
import { keepTrying } from "../asking/keep-trying.ts";

export const authType = structType([
  { name: "username", type: strType },
  { name: "password", type: strType },
]);

export interface Hypervisor {
  /** Empty: that which is usual for whoever we are. */
  readonly uri: string;
  readonly auth: Value | undefined;
}

const longestOutputBytes = 16 * 1024 * 1024;
/** virsh does not say when it listens, only when it is connected. */
const listensWithinMs = 300;
const surelyListensWithinMs = 2_000;

/** What a command prints; undefined when libvirt has no such thing. */
export async function lookAt(
  hypervisor: Hypervisor,
  args: readonly string[],
  env: ResourceEnv,
): Promise<string | undefined> {
  const { status, stdout, said } = await run(hypervisor, args, env);
  if (status === 0) return stdout;
  if (/failed to get (?:domain|network)|(?:Domain|Network) not found|no (?:domain|network) with matching/.test(said)) {
    return undefined;
  }
  throw refused(args, said);
}

export async function change(hypervisor: Hypervisor, args: readonly string[], env: ResourceEnv): Promise<void> {
  const { status, said } = await run(hypervisor, args, env);
  if (status !== 0) throw refused(args, said);
}

/** A command that gets a text as a file. */
export async function changeWith(
  hypervisor: Hypervisor,
  args: readonly [string, ...string[]],
  text: string,
  env: ResourceEnv,
): Promise<void> {
  const { files } = env.host;
  const path = `${await directoryOf(env)}/${args[0]}.xml`;
  await files.write(path, bytesOf(text), { mode: 0o600 }, env.signal);
  try {
    await change(hypervisor, [args[0], path, ...args.slice(1)], env);
  } finally {
    await files.remove(path, {}, env.signal);
  }
}

/** Tells of every event of one thing. `command`: `event` or `net-event`. */
export function watchVirsh(
  hypervisor: Hypervisor,
  command: readonly string[],
  concerns: (line: string) => boolean,
  env: ResourceEnv,
): AsyncIterable<void> {
  return keepTrying(env, async (tell, signal) => {
    const inner = { ...env, signal };
    const argv = argvOf(hypervisor, [`echo listening; ${command.join(" ")}`]);
    const cancels: (() => void)[] = [];
    let failed = "";
    try {
      for await (const line of env.host.processes.lines(
        { argv, env: await environmentOf(hypervisor, inner) },
        signal,
      )) {
        if (line === "listening") {
          for (const ms of [listensWithinMs, surelyListensWithinMs]) cancels.push(env.host.clock.after(ms, tell));
        } else if (line.startsWith("error:")) failed = line;
        else if (concerns(line)) tell();
      }
    } finally {
      for (const cancel of cancels) cancel();
    }
    signal.throwIfAborted();
    throw refused(command, failed || "error: it does not tell of changes any more, Disconnected");
  });
}

/** `Name:   web1` on each line. */
export function factsIn(told: string): ReadonlyMap<string, string> {
  const pairs = Array.from(
    told.matchAll(/^([^:\n]+):[ \t]*(.*)$/gm),
    ([, key = "", value = ""]) => [key, value.trim()] as const,
  );
  return new Map(pairs);
}

interface Said {
  readonly status: number | undefined;
  readonly stdout: string;
  readonly said: string;
}

async function run(hypervisor: Hypervisor, args: readonly string[], env: ResourceEnv): Promise<Said> {
  const command = {
    argv: argvOf(hypervisor, args),
    env: await environmentOf(hypervisor, env),
    keepBytes: longestOutputBytes,
  };
  const { status, stdout, stderr } = await env.host.processes.run(command, env.signal);
  return { status, stdout: textOf(stdout), said: textOf(stderr).trim() };
}

function argvOf({ uri }: Hypervisor, args: readonly string[]): readonly [string, ...string[]] {
  return ["virsh", ...(uri === "" ? [] : ["--connect", uri]), ...args];
}

async function environmentOf(hypervisor: Hypervisor, env: ResourceEnv): Promise<ReadonlyMap<string, string>> {
  const all = new Map([...env.host.system.environmentVariables(), ["LC_ALL", "C"] as const]);
  const { auth } = hypervisor;
  if (!(auth instanceof StructValue)) return all;
  const path = `${await directoryOf(env)}/auth.conf`;
  const [username = "", password = ""] = textsOf(auth);
  const text = `[credentials-mgmt]\nusername=${username}\npassword=${password}\n\n[auth-libvirt-default]\ncredentials=mgmt\n`;
  const { files } = env.host;
  const state = await files.inspect(path, env.signal);
  const isRight = state?.kind === "file" && textOf(await files.read(path, 65_536, env.signal)) === text;
  if (!isRight) await files.write(path, bytesOf(text), { mode: 0o600 }, env.signal);
  return all.set("LIBVIRT_AUTH_FILE", path);
}

async function directoryOf(env: ResourceEnv): Promise<string> {
  return (await env.stateDirectory()).replace(/\/$/, "");
}

function refused(args: readonly string[], said: string): Failure {
  const lines = said
    .split("\n")
    .map((line) => line.replace(/^error: */, "").trim())
    .filter((line) => line !== "");
  const why = lines.slice(-2).join(": ") || "it does not say why";
  const verb = args[0] ?? "";
  if (/failed to connect|Disconnected|end of file|Connection refused|cannot connect/i.test(said)) {
    return new Failure(`libvirt cannot be reached: ${why}`, {
      code: "unreachable",
      retry: "backoff",
      hint: 'See whether it runs: svc "libvirtd" { state => "running" }',
    });
  }
  if (/authentication failed|access denied/i.test(said)) {
    return new Failure(`libvirt does not let us in: ${why}`, { code: "denied", hint: "See whether `auth` is right." });
  }
  return new Failure(`libvirt could not ${verb}: ${why}`, { code: "command-failed" });
}

function textsOf(auth: StructValue): readonly string[] {
  return ["username", "password"]
    .map((name) => auth.get(name))
    .map((value) => (typeof value === "string" ? value : ""));
}

export function checkHypervisor({ uri, auth }: Hypervisor): readonly { field: string; title: string; hint?: string }[] {
  const found = [];
  if (uri !== "" && !/^[a-z0-9+]+:\/[^\s\p{Cc}]*$/u.test(uri)) {
    found.push({ field: "uri", title: `"${uri}" is no URI of libvirt`, hint: 'Write it like "qemu:///system".' });
  }
  if (auth instanceof StructValue && textsOf(auth).some((text) => /[\r\n]/.test(text))) {
    found.push({ field: "auth", title: "neither a user nor a password has line ends" });
  }
  return found;
}
