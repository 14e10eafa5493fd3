// SPDX-License-Identifier: Apache-2.0
// What is mounted on the machine in memory: a list. Where something is mounted, the tree of files stays as it is.

import { Pulses } from "../../base/pulse.ts";
import type { MountedFileSystem, MountOptions, MountRequest, Mounts } from "../../contract/mounts.ts";
import { noMountPoint, notMounted, nothingToMount, placeInUse, unknownFileSystem } from "../mount-failures.ts";
import { root, type Tree } from "./tree.ts";

/** What the kernel knows without a module. */
const knownTypes = new Set(["ext4", "tmpfs", "proc", "sysfs", "xfs", "btrfs", "vfat", "overlay"]);

/** Types whose source is but a word. */
const wordTypes = new Set(["tmpfs", "proc", "sysfs", "overlay"]);

/** Options that say how to mount and are not seen afterwards. */
const notKept =
  /^(?:defaults|auto|noauto|user|nouser|users|nofail|_netdev|x-.*|bind|rbind|suid|dev|exec|async|remount)$/;

const opposites: Readonly<Record<string, string>> = { suid: "nosuid", dev: "nodev", exec: "noexec", async: "sync" };

export class MemoryMounts implements Mounts {
  readonly #tree: Tree;
  readonly #watches = new Set<Pulses>();
  #mounted: readonly MountedFileSystem[] = [
    { place: "/", source: "/dev/vda", root: "/", type: "ext4", options: new Map([["rw", ""]]) },
  ];
  readonly #holders = new Map<string, readonly string[]>();

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  /** From outside: what is mounted now. */
  become(mounted: readonly MountedFileSystem[]): void {
    this.#mounted = mounted;
    for (const pulses of this.#watches) pulses.pulse();
  }

  /** From outside: who uses a place. */
  hold(place: string, holders: readonly string[]): void {
    this.#holders.set(place, holders);
  }

  get mounted(): readonly MountedFileSystem[] {
    return this.#mounted;
  }

  async table(signal: AbortSignal): Promise<readonly MountedFileSystem[]> {
    signal.throwIfAborted();
    return this.#mounted;
  }

  async mount(request: MountRequest, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.become([...this.#mounted, this.#result(request)]);
  }

  async remount(request: MountRequest, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const at = this.#lastAt(request.place);
    if (at === -1) throw notMounted(request.place);
    this.become(
      this.#mounted.map((each, index) => (index === at ? { ...each, options: kept(request, each.options) } : each)),
    );
  }

  async unmount(place: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const at = this.#lastAt(place);
    if (at === -1) throw notMounted(place);
    const inside = this.#mounted.filter((each) => each.place.startsWith(`${place}/`));
    const holders = [...inside.map((each) => `what is mounted at ${each.place}`), ...(this.#holders.get(place) ?? [])];
    if (holders.length > 0) throw placeInUse(place, holders);
    this.become(this.#mounted.filter((_, index) => index !== at));
  }

  changes(signal: AbortSignal): AsyncIterableIterator<void> {
    const pulses: Pulses = new Pulses(signal, () => this.#watches.delete(pulses));
    this.#watches.add(pulses);
    pulses.pulse();
    return pulses;
  }

  #lastAt(place: string): number {
    return this.#mounted.findLastIndex((each) => each.place === place);
  }

  #result(request: MountRequest): MountedFileSystem {
    const { place, source, type, options } = request;
    if (this.#tree.look(place, root, true) === undefined) throw noMountPoint(place);
    const isBind = options.has("bind") || options.has("rbind");
    if (!isBind && type !== "auto" && !knownTypes.has(type)) throw unknownFileSystem(request);
    if (
      (isBind || !wordTypes.has(type)) &&
      source.startsWith("/") &&
      this.#tree.look(source, root, true) === undefined
    ) {
      throw nothingToMount(request);
    }
    if (!isBind)
      return { place, source, root: "/", type: type === "auto" ? "ext4" : type, options: kept(request, new Map()) };
    const below = this.#mounted.findLast((each) => each.place === "/" || source.startsWith(`${each.place}/`));
    return {
      place,
      source: below?.source ?? "none",
      root: source,
      type: below?.type ?? "ext4",
      options: kept(request, new Map()),
    };
  }
}

/** What the kernel shows afterwards. */
function kept({ options }: MountRequest, before: MountOptions): MountOptions {
  const after = new Map([...before].filter(([name]) => name !== "rw" && name !== "ro"));
  for (const [name, value] of options) {
    const opposite = opposites[name];
    if (name === "defaults") for (const each of Object.values(opposites)) after.delete(each);
    if (opposite !== undefined) after.delete(opposite);
    if (name === "user") for (const each of ["noexec", "nosuid", "nodev"]) after.set(each, "");
    if (/^(?:no)?(?:relatime|atime)$|^strictatime$/.test(name)) {
      for (const each of ["noatime", "relatime", "strictatime"]) after.delete(each);
    }
    if (name !== "rw" && name !== "ro" && !notKept.test(name)) after.set(name, value);
  }
  return new Map([[options.has("ro") ? "ro" : "rw", ""], ...after]);
}
