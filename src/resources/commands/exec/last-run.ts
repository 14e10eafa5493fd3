// SPDX-License-Identifier: Apache-2.0
// What is kept of the last successful run, over restarts: what it wrote, and how old the files of `mtimes` were then.

import { Failure } from "../../../contract/failure.ts";
import type { ResourceEnv } from "../../../contract/resource.ts";
import { bytesOf, textOf } from "../../../values/bytes.ts";
import type { ExecWant } from "./fields.ts";

export interface LastRun {
  /** `Clock.now` when it began. */
  readonly beganMs: number;
  /** Nanoseconds, by path, as they were before it began. */
  readonly mtimes: Readonly<Record<string, string>>;
  /** Absent when nothing was written. */
  readonly output?: string;
  readonly stdout?: string;
  readonly stderr?: string;
}

/** Undefined before the first run. */
export async function recallLastRun(env: ResourceEnv): Promise<LastRun | undefined> {
  const known = env.memory.get(memoryKey);
  if (typeof known === "string") return parseLastRun(known);
  const path = `${await env.stateDirectory()}/${fileName}`;
  try {
    const text = textOf(await env.host.files.read(path, sizeLimit, env.signal));
    env.memory.set(memoryKey, text);
    return parseLastRun(text);
  } catch (reason) {
    if (!(reason instanceof Failure) || reason.code !== "not-found") throw reason;
    env.memory.set(memoryKey, "");
    return undefined;
  }
}

export async function keepLastRun(run: LastRun, env: ResourceEnv): Promise<void> {
  const text = JSON.stringify({ version: 1, ...run });
  await env.host.files.write(`${await env.stateDirectory()}/${fileName}`, bytesOf(text), { mode: 0o600 }, env.signal);
  env.memory.set(memoryKey, text);
}

/** Publishes what the last run wrote, or what the program gives instead. */
export function sendOutputs(run: LastRun | undefined, want: ExecWant, env: ResourceEnv): void {
  env.send({
    output: run?.output ?? want.send_output,
    stdout: run?.stdout ?? want.send_stdout,
    stderr: run?.stderr ?? want.send_stderr,
  });
}

const memoryKey = "last run";
const fileName = "last-run.json";
/** Three outputs of a MiB each, every byte of them escaped. */
const sizeLimit = 32 * 1024 * 1024;

/** A text that we did not write counts as none: the command then runs as if for the first time. */
function parseLastRun(text: string): LastRun | undefined {
  let read: unknown;
  try {
    read = JSON.parse(text === "" ? "null" : text);
  } catch {
    return undefined;
  }
  if (!isRecord(read) || read.version !== 1 || typeof read.beganMs !== "number" || !isRecord(read.mtimes))
    return undefined;
  const { output, stdout, stderr } = read;
  const mtimes = Object.fromEntries(
    Object.entries(read.mtimes).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
  return {
    beganMs: read.beganMs,
    mtimes,
    ...(typeof output === "string" ? { output } : {}),
    ...(typeof stdout === "string" ? { stdout } : {}),
    ...(typeof stderr === "string" ? { stderr } : {}),
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
