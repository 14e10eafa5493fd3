// SPDX-License-Identifier: Apache-2.0
// What is mounted at the place, what the table for the next start says, and whether both are what is wanted.

import type { MountedFileSystem } from "../../../contract/mounts.ts";
import type { ResourceEnv } from "../../../contract/resource.ts";
import { cleanPath, joinPath } from "../../files/path.ts";
import { readText } from "../../files/read-text.ts";
import { realPath } from "../../files/real-path.ts";
import { type Entry, entryOf, isBind, type MountWant } from "./fields.ts";
import { linesAbout, saysTheSame } from "./fstab.ts";
import { wrongOptions } from "./options.ts";

export const fstabFile = "/etc/fstab";

export interface MountHave {
  readonly entry: Entry;
  readonly lines: readonly string[];
  readonly lineIsRight: boolean;
  /** What is mounted there, the one that is seen first. */
  readonly mounted: readonly MountedFileSystem[];
  /** Whether the one that is seen is what is wanted, but for its options. */
  readonly isWanted: boolean;
  readonly wrongOptions: readonly string[];
}

export async function observeMount(want: MountWant, env: ResourceEnv): Promise<MountHave> {
  const entry = entryOf(want, env.name);
  const text = (await readText(fstabFile, env.host.files, env.signal)) ?? "";
  const table = await env.host.mounts.table(env.signal);
  const mounted = table.filter(({ place }) => place === entry.place).toReversed();
  const [seen] = mounted;
  const isWanted = seen !== undefined && want.state !== "absent" && (await isWhatIsWanted(entry, seen, table, env));
  return {
    entry,
    lines: linesAbout(text, entry.place),
    lineIsRight: saysTheSame(text, entry),
    mounted,
    isWanted,
    wrongOptions: isWanted ? wrongOptions(entry.options, { ...seen, known: knownOptions(entry, seen, env) }) : [],
  };
}

/** Options that the kernel has shown once are seen to be gone. */
function knownOptions(entry: Entry, { options }: MountedFileSystem, { memory }: ResourceEnv): ReadonlySet<string> {
  const before = memory.get("shown options");
  const known = new Set(typeof before === "string" ? before.split(",") : []);
  for (const name of entry.options.keys()) if (options.has(name)) known.add(name);
  memory.set("shown options", [...known].join(","));
  return known;
}

async function isWhatIsWanted(
  { device, type, options }: Entry,
  seen: MountedFileSystem,
  table: readonly MountedFileSystem[],
  env: ResourceEnv,
): Promise<boolean> {
  if (isBind(options)) return isBoundFrom(cleanPath(device), seen, table, env);
  const sameType = type === "auto" || type === seen.type || seen.type === `${type}4` || seen.type.startsWith("fuse");
  return (
    sameType && (seen.root === "/" || options.has("subvol") || seen.type === "btrfs") && isSource(device, seen, env)
  );
}

/** Whether the directory is what is seen: a part of the file system in which it lies. */
async function isBoundFrom(
  directory: string,
  seen: MountedFileSystem,
  table: readonly MountedFileSystem[],
  { host, signal }: ResourceEnv,
): Promise<boolean> {
  const real = await realPath(directory, host.files, signal);
  const isAbove = ({ place }: MountedFileSystem) => place === "/" || real === place || real.startsWith(`${place}/`);
  const longest = table
    .filter((each) => each.place !== seen.place && isAbove(each))
    .reduce<MountedFileSystem | undefined>(
      (best, each) => (best === undefined || each.place.length >= best.place.length ? each : best),
      undefined,
    );
  if (longest === undefined) return false;
  const below = real.slice(longest.place === "/" ? 1 : longest.place.length + 1);
  const root = below === "" ? longest.root : joinPath(longest.root, below);
  return seen.root === root && seen.source === longest.source && seen.type === longest.type;
}

async function isSource(
  device: string,
  { source }: MountedFileSystem,
  { host, signal }: ResourceEnv,
): Promise<boolean> {
  if (device.replace(/(?<=.)\/$/, "") === source.replace(/(?<=.)\/$/, "")) return true;
  if (!source.startsWith("/")) return false;
  const [, tag = "", value = ""] = /^(UUID|LABEL|PARTUUID|PARTLABEL)="?(.*?)"?$/.exec(device) ?? [];
  const path = tag === "" ? device : `/dev/disk/by-${tag.toLowerCase()}/${value}`;
  if (!path.startsWith("/")) return false;
  const real = await realPath(cleanPath(path), host.files, signal);
  if (real === (await realPath(cleanPath(source), host.files, signal))) return true;
  const [loop] = /(?<=^\/dev\/)loop\d+$/.exec(source) ?? [];
  if (loop === undefined) return false;
  const image = await readText(`/sys/block/${loop}/loop/backing_file`, host.files, signal);
  return image?.trimEnd() === real;
}
