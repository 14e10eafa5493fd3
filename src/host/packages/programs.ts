// SPDX-License-Identifier: Apache-2.0
// How the programs of package managers are run: as lists of arguments, in the C locale, and never with a question.

import { Failure } from "../../contract/failure.ts";
import type { Clock, Files, Processes } from "../../contract/host.ts";
import type { PackageManager } from "../../contract/packages.ts";
import { textOf } from "../../values/bytes.ts";
import { LineSplitter } from "../output.ts";

/** What a back end works with. */
export interface ManagerParts {
  readonly files: Files;
  readonly processes: Processes;
  readonly clock: Clock;
  /** Of this process. */
  readonly environment: ReadonlyMap<string, string>;
  /** Another tree of files to work on than that of the machine, `/srv/image`; empty: that of the machine. */
  readonly root: string;
}

export type CreateManager = (parts: ManagerParts) => PackageManager;

/** How a program ended, as text. */
export interface Ended {
  readonly program: string;
  readonly status: number | undefined;
  readonly stdout: string;
  /** All it wrote, in its order. */
  readonly output: string;
}

export type RunProgram = (
  argv: readonly [string, ...string[]],
  signal: AbortSignal,
  options?: { readonly cwd?: string; readonly onLine?: (line: string) => void },
) => Promise<Ended>;

const systemDirectories = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** Lists of files of large packages are long; one that is longer than this loses its beginning. */
const keepBytes = 64 * 1024 * 1024;

export function programRunner(parts: ManagerParts, own: Readonly<Record<string, string>>): RunProgram {
  const path = parts.environment.get("PATH")?.split(":") ?? [];
  const env = new Map([
    ...parts.environment,
    ["PATH", [...path, ...systemDirectories.filter((directory) => !path.includes(directory))].join(":")],
    ["LC_ALL", "C"],
    ["LANGUAGE", ""],
    ...Object.entries(own),
  ]);
  return async (argv, signal, { cwd, onLine } = {}) => {
    const splitters = { stdout: new LineSplitter(), stderr: new LineSplitter() };
    const onOutput =
      onLine === undefined
        ? {}
        : {
            onOutput: (stream: "stdout" | "stderr", bytes: Uint8Array) => {
              for (const line of splitters[stream].add(bytes)) onLine(line);
            },
          };
    const where = cwd === undefined ? {} : { cwd };
    const outcome = await parts.processes.run({ argv, env, keepBytes, ...where, ...onOutput }, signal);
    return {
      program: argv[0],
      status: outcome.status,
      stdout: textOf(outcome.stdout),
      output: textOf(outcome.output),
    };
  };
}

/** The text of a file of a package database; undefined when there is none. */
export async function readDatabase(path: string, files: Files, signal: AbortSignal): Promise<string | undefined> {
  const state = await files.inspectTarget(path, signal);
  if (state?.kind !== "file") return undefined;
  try {
    return textOf(await files.read(path, 512 * 1024 * 1024, signal));
  } catch (reason) {
    if (reason instanceof Failure && reason.code === "not-found") return undefined; // It went meanwhile.
    throw reason;
  }
}

/** When the newest of these was last changed; those that are missing do not count. */
export async function newestMs(
  paths: readonly string[],
  files: Files,
  signal: AbortSignal,
): Promise<number | undefined> {
  let newest: number | undefined;
  for (const path of paths) {
    const state = await files.inspectTarget(path, signal);
    if (state !== undefined) newest = Math.max(newest ?? 0, Number(state.modifiedNs / 1_000_000n));
  }
  return newest;
}

/** Names in a directory; none when it is missing. */
export async function namesIn(directory: string, files: Files, signal: AbortSignal): Promise<readonly string[]> {
  const state = await files.inspectTarget(directory, signal);
  return state?.kind === "directory" ? files.list(directory, signal) : [];
}

/** "install nginx, mc and 3 others" */
export function describe(verb: string, names: readonly string[]): string {
  const [shown, rest] = [names.slice(0, 5), names.length - 5];
  return `${verb} ${shown.join(", ")}${rest > 0 ? ` and ${rest} others` : ""}`;
}
