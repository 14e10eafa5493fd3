// SPDX-License-Identifier: Apache-2.0
// What is mounted on this machine: read from the kernel, changed by `mount` and `umount`.

import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { Failure } from "../../contract/failure.ts";
import type { Clock, Processes } from "../../contract/host.ts";
import type { MountedFileSystem, MountRequest, Mounts } from "../../contract/mounts.ts";
import { textOf } from "../../values/bytes.ts";
import { noMountPoint, notMounted, nothingToMount, placeInUse, unknownFileSystem } from "../mount-failures.ts";
import { parseMountOptions, renderMountOptions } from "../mount-options.ts";
import { SharedListener } from "./shared-listener.ts";
import { lookThrough } from "./states.ts";

export interface LinuxMountsParts {
  readonly processes: Processes;
  readonly clock: Clock;
}

const tableFile = "/proc/self/mountinfo";
/** How many of those who use a place are told. */
const toldHolders = 5;

export function linuxMounts({ processes, clock }: LinuxMountsParts): Mounts {
  const listener = new SharedListener(processes, clock, { argv: ["findmnt", "--poll", "--noheadings"] });

  async function run(argv: readonly [string, ...string[]], signal: AbortSignal): Promise<string | undefined> {
    const { status, stderr } = await processes.run({ argv }, signal);
    return status === 0 ? undefined : textOf(stderr).trim().split("\n")[0] || `${argv[0]} ended with ${status}`;
  }

  async function mount(request: MountRequest, more: readonly string[], signal: AbortSignal): Promise<void> {
    const { source, place, type } = request;
    if (lookThrough(place)?.kind !== "directory" && lookThrough(place)?.kind !== "file") throw noMountPoint(place);
    const options = [...more, renderMountOptions(request.options)].filter((text) => text !== "").join(",");
    const typed = type === "" || type === "auto" || isBind(request) ? [] : ["-t", type];
    const why = await run(["mount", ...typed, ...(options === "" ? [] : ["-o", options]), "--", source, place], signal);
    if (why === undefined) return;
    if (typed.length > 0 && !isKnownType(type)) throw unknownFileSystem(request);
    if (/does not exist|can't find|No such file|special device/i.test(why)) throw nothingToMount(request);
    throw new Failure(`cannot mount ${source} at ${place}: ${why}`, { code: "command-failed", retry: "backoff" });
  }

  return {
    async table(signal) {
      signal.throwIfAborted();
      return parseMountTable(textOf(readFileSync(tableFile)));
    },
    mount: (request, signal) => mount(request, [], signal),
    remount: (request, signal) => mount(request, ["remount"], signal),
    async unmount(place, signal) {
      const table = parseMountTable(textOf(readFileSync(tableFile)));
      if (!table.some((each) => each.place === place)) throw notMounted(place);
      const why = await run(["umount", "--", place], signal);
      if (why === undefined) return;
      if (!/busy/i.test(why)) {
        throw new Failure(`cannot unmount ${place}: ${why}`, { code: "command-failed", retry: "backoff" });
      }
      const inside = table
        .filter((each) => each.place.startsWith(`${place}/`))
        .map((each) => `what is mounted at ${each.place}`);
      throw placeInUse(place, [...inside, ...processesBelow(place)].slice(0, toldHolders));
    },
    async *changes(signal) {
      try {
        yield* listener.changes(signal);
      } catch (reason) {
        if (!(reason instanceof Failure) || reason.code !== "not-found") throw reason;
        yield* lookAgain(clock, signal); // A system this small has no program that listens.
      }
    },
  };
}

/** Milliseconds between two looks where nothing tells. */
const everyMs = 5_000;

async function* lookAgain(clock: Clock, signal: AbortSignal): AsyncGenerator<void, undefined, undefined> {
  for (let before = ""; !signal.aborted; ) {
    const now = textIn(tableFile);
    if (now !== before) yield;
    before = now;
    await clock.sleep(everyMs, signal).catch(() => undefined);
  }
  return undefined;
}

function isBind({ options }: MountRequest): boolean {
  return options.has("bind") || options.has("rbind");
}

/** The kernel has loaded its module by now, if there is one; others are mounted by programs of their own. */
function isKnownType(type: string): boolean {
  const known = textIn("/proc/filesystems")
    .split("\n")
    .some((line) => line.endsWith(`\t${type}`));
  return known || ["/sbin", "/usr/sbin"].some((directory) => lookThrough(`${directory}/mount.${type}`) !== undefined);
}

/** The form is that of /proc/self/mountinfo. */
export function parseMountTable(text: string): readonly MountedFileSystem[] {
  return text.split("\n").flatMap((line) => {
    const [front = "", back = ""] = line.split(" - ");
    const [, , , root, place, mountOptions = ""] = front.split(" ");
    const [type, source, superOptions = ""] = back.split(" ");
    if (root === undefined || place === undefined || type === undefined || source === undefined) return [];
    const options = new Map([...parseMountOptions(unescaped(superOptions)), ...parseMountOptions(mountOptions)]);
    // That of the file system may be `rw` while this mount of it is `ro`.
    if (parseMountOptions(mountOptions).has("ro")) options.delete("rw");
    else if (parseMountOptions(superOptions).has("ro")) options.delete("rw");
    return [{ place: unescaped(place), source: unescaped(source), root: unescaped(root), type, options }];
  });
}

/** Spaces and the like are written as backslash and three octal digits. */
function unescaped(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

/** Programs that have something open there, stand there, or run from there: `name (number)`. */
function processesBelow(place: string): readonly string[] {
  const isBelow = (path: string) => path === place || path.startsWith(`${place}/`);
  const found: string[] = [];
  for (const id of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const links = ["cwd", "root", "exe", ...namesIn(`/proc/${id}/fd`).map((name) => `fd/${name}`)];
    const uses =
      links.some((name) => isBelow(linkText(`/proc/${id}/${name}`))) ||
      textIn(`/proc/${id}/maps`).includes(` ${place}/`);
    if (uses) found.push(`${textIn(`/proc/${id}/comm`).trim()} (${id})`);
  }
  return found;
}

function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return []; // It has ended, or is none of ours to look at.
  }
}

function linkText(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ""; // As above.
  }
}

function textIn(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // As above.
  }
}
