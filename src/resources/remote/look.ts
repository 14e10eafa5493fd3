// SPDX-License-Identifier: Apache-2.0
// What is so on the other machine, and what of us it is to be compared with.

import type { StoreDoor } from "../../contract/exchange.ts";
import { Failure } from "../../contract/failure.ts";
import type { ResourceEnv } from "../../contract/resource.ts";
import type { SshConnection } from "../../contract/ssh.ts";
import type { Outcome } from "../../contract/host.ts";
import { textOf } from "../../values/bytes.ts";
import type { RemoteWant } from "./fields.ts";
import { lineOf } from "./line.ts";
import { type OwnProgram, ownProgram, ownSingleFile } from "./own-program.ts";
import { type ScriptName, scriptLine, type ScriptPlace } from "./scripts.ts";
import { parseSshUrl, shownSshHost } from "./ssh-url.ts";

/** On the other machine. */
export interface There {
  readonly directory: string;
  /** Somebody else could put something into it. */
  readonly isUnsafe: boolean;
  /** Its own name. */
  readonly hostname: string;
  /** `Linux x86_64` */
  readonly machine: string;
  /** Of the mgmt that was put there. */
  readonly digest: string | undefined;
  readonly running:
    | {
        readonly pid: number;
        readonly arguments: string /** From a file that was replaced since. */;
        readonly isOld: boolean;
      }
    | undefined;
  /** It was let into the cluster before. */
  readonly isMember: boolean;
}

export type RemoteHave =
  /** What was to be run has run to its end. */
  | { readonly kind: "finished" }
  | { readonly kind: "stopped"; readonly place: string; readonly there: There }
  | {
      readonly kind: "found";
      readonly place: string;
      readonly there: There;
      readonly hostname: string;
      readonly own: OwnProgram;
      readonly door: StoreDoor;
      readonly convergedSeconds: number | undefined;
    };

/** The key of the memory in which stands what has run to its end. */
const finishedKey = "finished";

export async function observeRemote(want: RemoteWant, env: ResourceEnv): Promise<RemoteHave> {
  const place = shownPlace(want);
  if (want.state === "stopped") {
    env.memory.delete(finishedKey);
    return { kind: "stopped", place, there: await lineOf(env).use(want, env, (connection) => lookThere(connection, want, env)) }; // biome-ignore format: one line
  }
  if (env.memory.get(finishedKey) === markOf(want)) return { kind: "finished" };
  const what = "be run on another machine";
  await ownSingleFile(env.host, what, env.signal); // Otherwise nobody need be reached.
  const door = env.exchange.doors.now();
  if (!want.tunnelled && door.urls.length === 0) {
    throw new Failure("the store of the cluster has no address that other machines could reach", {
      code: "unsupported",
      hint: "Start its servers with --client-urls at an address of the network, or leave `tunnelled` as it is.",
    });
  }
  const [own, there] = await together(
    ownProgram(env.host, what, env.signal),
    lineOf(env).use(want, env, (connection) => lookThere(connection, want, env)),
  );
  const hostname = want.hostname === "" ? there.hostname : want.hostname;
  if (hostname === env.exchange.hostname) {
    throw new Failure(`${place} would be ${hostname} in the cluster, as this host is`, {
      code: "conflict",
      hint: "Give it another name by `hostname`; and see that the program declares this resource on the one host that reaches the others.",
    });
  }
  return {
    kind: "found",
    place,
    there,
    hostname,
    own,
    door,
    convergedSeconds: want.converger_timeout ?? env.convergedSeconds,
  };
}

/** Both, which end before this does, also when one fails. */
async function together<One, Other>(one: Promise<One>, other: Promise<Other>): Promise<[One, Other]> {
  await Promise.allSettled([one, other]);
  return Promise.all([one, other]);
}

/** From now on it is as declared, until it is declared in another way. */
export function noteFinished(want: RemoteWant, { memory }: ResourceEnv): void {
  memory.set(finishedKey, markOf(want));
}

function markOf(want: RemoteWant): string {
  return JSON.stringify(want);
}

export function shownPlace(want: RemoteWant): string {
  const url = parseSshUrl(want.remote);
  return url === undefined ? "another machine" : shownSshHost(url);
}

/** Ten digits that tell this resource from others on the same machine. */
export function scriptPlace(want: RemoteWant, { host, resource }: ResourceEnv): ScriptPlace {
  const digest = host.hashing.sha256();
  digest.add(new TextEncoder().encode(resource.replace(/^remote\[(.*)\]$/s, "remote:$1")));
  return { id: digest.hex().slice(0, 10), isKept: want.caching };
}

async function lookThere(connection: SshConnection, want: RemoteWant, env: ResourceEnv): Promise<There> {
  const { stdout } = await runScript("look", connection, want, env);
  const found = new Map<string, string>();
  for (const line of textOf(stdout).split("\n")) {
    const at = line.indexOf(" ");
    if (at > 0) found.set(line.slice(0, at), line.slice(at + 1));
  }
  const directory = found.get("directory");
  if (directory === undefined) {
    throw new Failure(`the shell of ${shownPlace(want)} does not do what it is told`, {
      code: "unsupported",
      hint: "It must be a usual one, with the programs of every Linux (sh, cat, gzip, sha256sum, head, timeout).",
    });
  }
  const pid = found.get("pid");
  const running =
    pid === undefined
      ? undefined
      : { pid: Number(pid), arguments: found.get("arguments") ?? "", isOld: found.has("replaced") };
  return {
    directory,
    isUnsafe: found.has("unsafe"),
    hostname: found.get("hostname") ?? "",
    machine: found.get("machine") ?? "",
    digest: found.get("digest"),
    running,
    isMember: found.has("member"),
  };
}

export interface ScriptOptions {
  readonly args?: readonly string[];
  readonly input?: AsyncIterable<Uint8Array>;
}

/** Fails with `command-failed` when it does. `what`: what could not be done, as the end of a sentence. */
export async function runScript(
  name: ScriptName,
  connection: SshConnection,
  want: RemoteWant,
  env: ResourceEnv,
  { args = [], input }: ScriptOptions = {},
): Promise<Outcome> {
  const line = scriptLine(name, scriptPlace(want, env), args);
  const outcome = await connection.run({ line, ...(input === undefined ? {} : { input }) }, env.signal);
  if (outcome.status !== 0) throw scriptFailure(name, outcome, shownPlace(want));
  return outcome;
}

const whats: Readonly<Record<ScriptName, string>> = {
  look: "cannot be looked at",
  put: "does not take mgmt",
  prepare: "cannot run mgmt",
  keepInvitation: "does not keep the invitation into the cluster",
  attend: "has ended mgmt",
  start: "has not started mgmt",
  stop: "has not ended mgmt",
  clear: "does not give up what was put there",
  follow: "cannot be watched",
};

const shownLines = 5;

export function scriptFailure(name: ScriptName, { status, endedBy, stderr }: Outcome, place: string): Failure {
  const how = status === undefined ? `by ${endedBy ?? "a signal"}` : `with status ${status}`;
  const lines = textOf(stderr)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .slice(-shownLines);
  const why = lines.length === 0 ? "" : `: ${lines.join(" / ")}`;
  const hint = hints[name];
  return new Failure(`${place} ${whats[name]} (${how})${why}`, {
    code: "command-failed",
    ...(hint === undefined ? {} : { hint }),
  });
}

const hints: Partial<Record<ScriptName, string>> = {
  put: "Is there room on its disk, and may programs run from there?",
  prepare: "It must be a machine of the same kind as this one. If a library is missing, set `install_deps => true`.",
};
