// SPDX-License-Identifier: Apache-2.0
// What has to be done so that a file system fills its disk: the partition, what is encrypted in it, the file system itself,
// from the outside to the inside. For images that are written to larger disks.

import type { Host } from "../../contract/host.ts";
import { Failure } from "../../contract/failure.ts";
import { bytesOf, textOf } from "../../values/bytes.ts";

export interface GrowStep {
  readonly argv: readonly [string, ...string[]];
  readonly input?: string;
  readonly doc: string;
}

/** A device of `lsblk`, with what it lies on. */
interface Device {
  readonly path: string;
  readonly name: string;
  readonly type: string;
  readonly partition: number | undefined;
}

/** From the outside to the inside. Fails with a `Failure` when nothing at this place can grow. */
export async function planGrowth(mount: string, host: Host, signal: AbortSignal): Promise<readonly GrowStep[]> {
  const found = await ask(
    ["findmnt", "--json", "--nofsroot", "--output", "SOURCE,FSTYPE", "--mountpoint", mount],
    host,
    signal,
  );
  const { source = "", fstype = "" } = ((found as { filesystems?: readonly { source?: string; fstype?: string }[] } | undefined)?.filesystems ?? [])[0] ?? {}; // biome-ignore format: one line
  if (source === "") throw new Failure(`nothing is mounted at ${mount}`, { code: "not-found" });
  const inside = growFileSystem(fstype, source, mount);
  const devices = await devicesBelow(source, host, signal);
  const outside = devices.toReversed().flatMap((device, index, all) => growDevice(device, all[index - 1]));
  return [...outside, inside];
}

export async function grow(steps: readonly GrowStep[], host: Host, signal: AbortSignal): Promise<void> {
  for (const { argv, input, doc } of steps) {
    const given = input === undefined ? {} : { input: bytesOf(input) };
    const { status, endedBy, stderr } = await host.processes.run({ argv, ...given }, signal);
    if (status === 0) continue;
    const why = textOf(stderr).trim().split("\n").at(-1) ?? "";
    throw new Failure(`${doc} has failed: ${endedBy ?? `exit status ${status}`} of ${argv.join(" ")}: ${why}`, {
      code: "command-failed",
    });
  }
}

function growFileSystem(type: string, source: string, mount: string): GrowStep {
  const doc = `let the file system (${type}) at ${mount} fill ${source}`;
  switch (type) {
    case "ext2":
    case "ext3":
    case "ext4":
      return { argv: ["resize2fs", source], doc };
    case "xfs":
      return { argv: ["xfs_growfs", mount], doc };
    case "btrfs":
      return { argv: ["btrfs", "filesystem", "resize", "max", mount], doc };
    default:
      throw new Failure(`a file system of the type ${type} cannot grow`, {
        code: "unsupported",
        hint: "ext2, ext3, ext4, xfs and btrfs can",
      });
  }
}

function growDevice(device: Device, outer: Device | undefined): readonly GrowStep[] {
  switch (device.type) {
    case "part": {
      if (outer === undefined || device.partition === undefined) return [];
      const doc = `let partition ${device.partition} fill ${outer.path}`;
      const argv = ["sfdisk", "--no-reread", "--force", "-N", String(device.partition), outer.path] as const;
      return [
        { argv: [...argv], input: ", +\n", doc },
        { argv: ["partx", "--update", "--nr", String(device.partition), outer.path], doc: "let the kernel know" },
      ];
    }
    case "crypt":
      // Of one that was made with an empty password, as an image has it.
      return [{ argv: ["cryptsetup", "resize", device.name], input: "\n", doc: `let ${device.name} fill its device` }];
    case "disk":
    case "loop":
      return [];
    default:
      throw new Failure(`${device.path} is a device of the type ${device.type}, which nothing here can make larger`, {
        code: "unsupported",
        hint: "partitions and encrypted devices can grow",
      });
  }
}

/** What the kernel says that a file of /sys has. */
const sysfsBytes = 4096;

/** The device itself, then what it lies on, and so on. */
async function devicesBelow(source: string, host: Host, signal: AbortSignal): Promise<readonly Device[]> {
  const argv = ["lsblk", "--json", "--inverse", "--output", "PATH,KNAME,NAME,TYPE", source] as const;
  const listed = (await ask([...argv], host, signal)) as { blockdevices?: readonly Listed[] } | undefined;
  const found: Device[] = [];
  for (let level = listed?.blockdevices; level?.[0] !== undefined; level = level[0].children) {
    if (level.length > 1) throw new Failure(`${source} lies on several devices`, { code: "unsupported" });
    const [{ path, kname, name, type }] = level as readonly [Listed];
    found.push({ path, name, type, partition: await partitionOf(kname, host, signal) });
  }
  return found;
}

interface Listed {
  readonly path: string;
  /** As the kernel calls it. */
  readonly kname: string;
  readonly name: string;
  readonly type: string;
  readonly children?: readonly Listed[];
}

async function partitionOf(kname: string, { files }: Host, signal: AbortSignal): Promise<number | undefined> {
  const path = `/sys/class/block/${kname}/partition`;
  if ((await files.inspect(path, signal)) === undefined) return undefined;
  return Number(textOf(await files.read(path, sysfsBytes, signal)));
}

async function ask(argv: readonly [string, ...string[]], host: Host, signal: AbortSignal): Promise<unknown> {
  const { status, stdout } = await host.processes.run({ argv }, signal);
  return status === 0 ? JSON.parse(textOf(stdout)) : undefined;
}
