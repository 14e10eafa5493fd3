// SPDX-License-Identifier: Apache-2.0
// The file mgmt.lock beside a program: which commit each fetched module is, and what its files are. With it the same
// program is the same everywhere and at any time; people keep it with their program.

import { Failure } from "../../contract/failure.ts";

/** By the name of the module, `host/path/`. */
export type Lock = ReadonlyMap<string, LockedModule>;

export interface LockedModule {
  readonly url: string;
  /** Of git; absent when it was put there without. */
  readonly commit?: string;
  /** Of all its files: see content-hash.ts. */
  readonly sha256: string;
}

export const lockName = "mgmt.lock";

/** Equal locks have equal texts, so that a version control shows what changed. */
export function renderLock(lock: Lock): string {
  const names = [...lock.keys()].sort();
  const modules = Object.fromEntries(names.map((name) => [name, lock.get(name)]));
  return `${JSON.stringify({ version: 1, modules }, undefined, 2)}\n`;
}

/** `path` is for the message. */
export function parseLock(text: string, path: string): Lock {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch (cause) {
    throw unreadable(path, "it is not JSON", cause);
  }
  const { version, modules } = recordOf(read, path);
  if (version !== 1) throw unreadable(path, "it is of a version that this mgmt does not know");
  const lock = new Map<string, LockedModule>();
  for (const [name, entry] of Object.entries(recordOf(modules, path))) {
    const { url, commit, sha256 } = recordOf(entry, path);
    if (typeof url !== "string" || typeof sha256 !== "string" || !["string", "undefined"].includes(typeof commit)) {
      throw unreadable(path, `the entry of ${name} is not complete`);
    }
    if (typeof commit === "string" && !/^[0-9a-f]{40,64}$/.test(commit)) {
      throw unreadable(path, `the commit of ${name} is none`);
    }
    lock.set(name, { url, ...(typeof commit === "string" ? { commit } : {}), sha256 });
  }
  return lock;
}

function recordOf(value: unknown, path: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw unreadable(path, "something in it is missing");
}

function unreadable(path: string, reason: string, cause?: unknown): Failure {
  return new Failure(`${path} cannot be used: ${reason}.`, {
    code: "invalid",
    hint: "Take the version that was kept with the program, or remove it and fetch the modules again with --download.",
    ...(cause === undefined ? {} : { cause }),
  });
}
