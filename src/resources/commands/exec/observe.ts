// SPDX-License-Identifier: Apache-2.0
// Whether the command is to run: the files of `mtimes`, then the conditions, in the order of the reference.

import { Failure } from "../../../contract/failure.ts";
import type { Outcome } from "../../../contract/host.ts";
import type { ResourceEnv } from "../../../contract/resource.ts";
import { textOf } from "../../../values/bytes.ts";
import { cleanPath } from "../../files/path.ts";
import { type CommandText, commandOf, shownCommand } from "./command-line.ts";
import type { ExecWant } from "./fields.ts";
import { type LastRun, recallLastRun, sendOutputs } from "./last-run.ts";

export interface ExecHave {
  readonly mayRun: boolean;
  /** Nanoseconds, by path, for what is kept of the run. */
  readonly mtimes: Readonly<Record<string, string>>;
}

export async function observeExec(want: ExecWant, env: ResourceEnv): Promise<ExecHave> {
  const last = await recallLastRun(env);
  const mtimes = await readMtimes(want, env);
  const mayRun = isNewer(mtimes, last) || (await conditionsAllow(want, env));
  // Receivers need a value also when nothing runs, now or, in noop mode, ever. Before a run old values are not news.
  if (!mayRun || !env.memory.has("sent")) sendOutputs(last, want, env);
  env.memory.set("sent", true);
  return { mayRun, mtimes };
}

async function readMtimes(want: ExecWant, env: ResourceEnv): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const path of want.mtimes) {
    const state = await env.host.files.inspectTarget(cleanPath(path), env.signal);
    if (state === undefined) {
      throw new Failure(`${path}, which \`mtimes\` names, does not exist`, {
        code: "not-found",
        hint: "Files in `mtimes` must exist; declare the file before this command.",
      });
    }
    found[path] = String(state.modifiedNs);
  }
  return found;
}

function isNewer(mtimes: Readonly<Record<string, string>>, last: LastRun | undefined): boolean {
  const beganNs = BigInt(Math.floor(last?.beganMs ?? 0)) * 1_000_000n;
  return Object.entries(mtimes).some(([path, modifiedNs]) => {
    const before = last?.mtimes[path];
    return BigInt(modifiedNs) > (before === undefined ? beganNs : BigInt(before));
  });
}

async function conditionsAllow(want: ExecWant, env: ResourceEnv): Promise<boolean> {
  if (want.ifcmd !== "") {
    const outcome = await ask({ cmd: want.ifcmd, shell: want.ifshell, cwd: want.ifcwd }, want, env);
    if (outcome.status !== 0) return false;
    if (want.ifequals !== undefined && textOf(outcome.output) === want.ifequals) return false;
    if (want.ifequals_stdout !== undefined && textOf(outcome.stdout) === want.ifequals_stdout) return false;
  }
  if (want.nifcmd !== "") {
    const outcome = await ask({ cmd: want.nifcmd, shell: want.nifshell, cwd: want.nifcwd }, want, env);
    if (outcome.status === 0) return false;
  }
  return want.creates === "" || (await env.host.files.inspectTarget(cleanPath(want.creates), env.signal)) === undefined;
}

/** A condition that a signal ended has said neither yes nor no. */
async function ask(text: CommandText, want: ExecWant, env: ResourceEnv): Promise<Outcome> {
  const outcome = await env.host.processes.run(await commandOf(text, want, env), env.signal);
  if (outcome.status !== undefined) return outcome;
  throw new Failure(`the condition "${shownCommand(text)}" was ended by ${outcome.endedBy ?? "a signal"}`, {
    code: "command-failed",
  });
}
