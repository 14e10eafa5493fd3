// SPDX-License-Identifier: Apache-2.0
// How the last installation of each kind went, kept in the state directory, so that the next one can be told how far it is.
// Only for people who look on: what cannot be read or written is as if nothing was kept.

import { createHash } from "node:crypto";
import type { Prepared } from "../agent/provisioner/prepare.ts";
import { Failure } from "../contract/failure.ts";
import type { Host } from "../contract/host.ts";
import type { Course } from "./installation-course.ts";

export interface FormerInstallations {
  /** Of the kind of this machine. */
  of(machine: string): Course | undefined;
  keep(machine: string, course: Course): void;
  /** Resolves when all of it is on the disk. */
  end(): Promise<void>;
}

/** What says nothing of what is installed. */
const personal = new Set(
  "name mac ip hostname domain disk serial args arm sshkey sshkeys bmc_uri provision locale keymap zone poweroff".split(
    " ",
  ),
);
const mostKinds = 50;
const readLimitBytes = 16 * 1024 * 1024;

export async function openFormerInstallations(
  prefix: string,
  { machines, settings }: Prepared,
  { files }: Host,
  signal: AbortSignal,
): Promise<FormerInstallations> {
  const path = `${prefix}/installations.json`;
  const kinds = new Map(machines.map((machine) => [machine.name, kindOf(machine, settings)]));
  const known = new Map(await read(path, files, signal));
  let written: Promise<void> = Promise.resolve();
  const write = async (): Promise<void> => {
    const text = JSON.stringify({ version: 1, installations: [...known].slice(-mostKinds) });
    await files.write(path, new TextEncoder().encode(text), { mode: 0o600 }, signal);
  };
  return {
    of: (machine) => known.get(kinds.get(machine) ?? ""),
    keep(machine, course) {
      const kind = kinds.get(machine);
      if (kind === undefined) return;
      known.delete(kind); // The newest is the last one.
      known.set(kind, course);
      written = written.then(write).catch(ignoreFailure);
    },
    end: () => written,
  };
}

/** The same for machines that get the same packages, by what is said of them. */
function kindOf({ fields }: Prepared["machines"][number], settings: Prepared["settings"]): string {
  const { distro, version, arch, flavour, part, luks, packages } = settings;
  const usual = { distro, version, arch, flavour, part, luks, packages };
  const own = [...fields].filter(([field]) => !personal.has(field));
  const all = Object.entries({ ...usual, ...Object.fromEntries(own) }).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(all)).digest("hex").slice(0, 32);
}

async function read(
  path: string,
  files: Host["files"],
  signal: AbortSignal,
): Promise<readonly (readonly [string, Course])[]> {
  try {
    const text = new TextDecoder().decode(await files.read(path, readLimitBytes, signal));
    const { installations } = (JSON.parse(text) ?? {}) as { readonly installations?: unknown };
    return Array.isArray(installations) ? installations.filter(isEntry) : [];
  } catch (reason) {
    if (reason instanceof SyntaxError) return [];
    ignoreFailure(reason);
    return [];
  }
}

function isEntry(value: unknown): value is readonly [string, Course] {
  if (!Array.isArray(value) || typeof value[0] !== "string") return false;
  const { packagesMs, wordsMs, totalMs } = (value[1] ?? {}) as Partial<Course>;
  const isNumber = (ms: unknown): boolean => typeof ms === "number" && Number.isFinite(ms);
  return (
    isNumber(totalMs) &&
    Array.isArray(packagesMs) &&
    packagesMs.every(isNumber) &&
    typeof wordsMs === "object" &&
    wordsMs !== null &&
    Object.values(wordsMs).every(isNumber)
  );
}

function ignoreFailure(reason: unknown): void {
  if (!(reason instanceof Failure)) throw reason;
}
