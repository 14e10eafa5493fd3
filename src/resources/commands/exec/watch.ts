// SPDX-License-Identifier: Apache-2.0
// What makes a command be considered again: files, and the lines of a command that goes on running.

import { Pulses } from "../../../base/pulse.ts";
import { Failure } from "../../../contract/failure.ts";
import type { WatchTarget } from "../../../contract/host.ts";
import type { ResourceEnv } from "../../../contract/resource.ts";
import { cleanPath, isDirectoryPath } from "../../files/path.ts";
import { type CommandText, commandOf, shownCommand } from "./command-line.ts";
import type { ExecWant } from "./fields.ts";

export async function* watchExec(want: ExecWant, env: ResourceEnv): AsyncIterableIterator<void> {
  const ended = new AbortController();
  const signal = AbortSignal.any([env.signal, ended.signal]);
  const pulses = new Pulses(signal);
  const sources: Promise<void>[] = [];
  try {
    const targets = targetsOf(want);
    if (targets.length > 0) {
      const files = env.host.files.watch(targets, signal);
      // Its first item says that it is armed; before that we are not watching either.
      await files.next();
      sources.push(follow(files, pulses, signal));
    }
    if (want.watchcmd !== "") sources.push(followCommand(want, { ...env, signal }, pulses));
    pulses.pulse();
    yield* pulses;
  } finally {
    ended.abort();
    await Promise.all(sources);
  }
}

function targetsOf(want: ExecWant): readonly WatchTarget[] {
  return [
    ...want.watchfiles.map((path) => ({ path: cleanPath(path), entries: true, recursive: isDirectoryPath(path) })),
    ...want.mtimes.map((path) => ({ path: cleanPath(path) })),
    ...(want.creates === "" ? [] : [{ path: cleanPath(want.creates) }]),
  ];
}

async function followCommand(want: ExecWant, env: ResourceEnv, pulses: Pulses): Promise<void> {
  const text: CommandText = { cmd: want.watchcmd, shell: want.watchshell, cwd: want.watchcwd };
  try {
    const command = await commandOf(text, want, env);
    await follow(nonEmpty(env.host.processes.lines(command, env.signal)), pulses, env.signal);
  } catch (reason) {
    pulses.fail(reason);
  }
  // It must go on running; after a failure or the end of the watch this says nothing more.
  pulses.fail(new Failure(`the command "${shownCommand(text)}" of \`watchcmd\` has ended`, { code: "command-failed" }));
}

/** Never fails itself: what goes wrong, but for the end of the watch, goes to the reader of the pulses. */
async function follow(source: AsyncIterable<unknown>, pulses: Pulses, signal: AbortSignal): Promise<void> {
  try {
    for await (const _ of source) pulses.pulse();
  } catch (reason) {
    if (!signal.aborted) pulses.fail(reason);
  }
}

async function* nonEmpty(lines: AsyncIterable<string>): AsyncIterableIterator<string> {
  for await (const line of lines) {
    if (line !== "") yield line;
  }
}
