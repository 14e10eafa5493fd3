// SPDX-License-Identifier: Apache-2.0
// A tree of files in memory, as a kernel keeps one: inodes, symbolic links, owners and permission bits, disks that are
// full or read-only, and events for those who watch a directory. Says no with a `TreeRefusal`; knows no `Host`.

import type { FileKind, FileState } from "../../contract/host.ts";
import { byteLength, bytesOf } from "../../values/bytes.ts";
import type { Refusal } from "../refusal.ts";
import type { DirectoryEvent } from "../watching.ts";

/** Who does something. 0 may do everything. */
export interface Actor {
  readonly uid: number;
  readonly gid: number;
}

export const root: Actor = { uid: 0, gid: 0 };

export class TreeRefusal extends Error {
  override readonly name = "TreeRefusal";
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal);
    this.refusal = refusal;
  }
}

/** A file system of the tree. What is made in a directory is on that directory's disk. */
export interface Disk {
  readonly device: bigint;
  capacityBytes: number;
  usedBytes: number;
  readOnly: boolean;
}

export interface Inode {
  readonly kind: FileKind;
  readonly inode: bigint;
  readonly disk: Disk;
  mode: number;
  uid: number;
  gid: number;
  modifiedNs: bigint;
  changedNs: bigint;
  /** The SELinux context, when one was set. */
  context: string | undefined;
  /** Of a file; of a link, its text. */
  content: Uint8Array;
  /** Of a directory. */
  readonly entries: Map<string, Inode>;
  readonly listeners: Set<DirectoryListener>;
  parent: Inode | undefined;
  name: string;
}

type DirectoryListener = (event: DirectoryEvent, name: string) => void;

/** Where a path leads: the directory that holds its last part, and what is there. */
interface Spot {
  readonly parent: Inode;
  readonly name: string;
  readonly inode: Inode | undefined;
}

const longestName = 255;
const longestPath = 4095;
const mostLinks = 40;

export class Tree {
  readonly #now: () => number;
  readonly #root: Inode;
  #lastInode = 1n;
  #lastDevice = 1n;
  #lastChangeNs = 0n;
  #events: (() => void)[] = [];

  constructor(now: () => number) {
    this.#now = now;
    this.#root = this.#inode(
      "directory",
      { device: 1n, capacityBytes: Infinity, usedBytes: 0, readOnly: false },
      0o755,
    );
  }

  // ---- Reading ----

  look(path: string, actor: Actor, through: boolean): FileState | undefined {
    try {
      const { inode } = this.#walk(path, actor, through);
      return inode === undefined ? undefined : stateOf(inode);
    } catch (reason) {
      if (!(reason instanceof TreeRefusal)) throw reason;
      if (reason.refusal === "nothing-there" || reason.refusal === "parent-is-no-directory") return undefined;
      throw reason;
    }
  }

  read(path: string, actor: Actor): Uint8Array {
    const inode = this.#existing(path, actor, true);
    expectPermission(inode, actor, 4);
    if (inode.kind === "directory") throw new TreeRefusal("is-directory");
    if (inode.kind !== "file") throw new TreeRefusal("not-a-regular-file");
    return inode.content;
  }

  /** In the order in which they came. */
  list(path: string, actor: Actor): readonly Inode[] {
    const inode = this.#existing(path, actor, true);
    if (inode.kind !== "directory") throw new TreeRefusal("parent-is-no-directory");
    expectPermission(inode, actor, 4);
    return [...inode.entries.values()];
  }

  readLink(path: string, actor: Actor): Uint8Array {
    const inode = this.#existing(path, actor, false);
    if (inode.kind !== "symlink") throw new TreeRefusal("not-a-link");
    return inode.content;
  }

  context(path: string, actor: Actor): string | undefined {
    return this.#walk(path, actor, false).inode?.context;
  }

  // ---- Changing ----

  /**
   * A new file or link in the place of a file or link that may be there. `attributes` are given the old file, and say
   * what the new one gets; like a change of owner, they may refuse.
   */
  replace(
    path: string,
    kind: "file" | "symlink",
    content: Uint8Array,
    attributes: (old: FileState | undefined) => { readonly mode: number; readonly uid: number; readonly gid: number },
    actor: Actor,
    modifiedNs?: bigint,
  ): void {
    const { parent, name, inode: old } = this.#walk(path, actor, false);
    if (old?.kind === "directory") throw new TreeRefusal("is-directory");
    if (old?.kind === "other") throw new TreeRefusal("not-a-regular-file");
    expectChangeable(parent, actor, old);
    const { mode, uid, gid } = attributes(old === undefined ? undefined : stateOf(old));
    expectOwner(actor, uid, gid);
    // The old content is given up only when the new one is on the disk.
    if (parent.disk.usedBytes + content.length > parent.disk.capacityBytes) throw new TreeRefusal("disk-full");
    if (old !== undefined) old.disk.usedBytes -= old.content.length;
    const made = this.#inode(kind, parent.disk, mode);
    made.uid = uid;
    made.gid = gid;
    made.content = content;
    if (modifiedNs !== undefined) made.modifiedNs = modifiedNs;
    parent.disk.usedBytes += content.length;
    this.#put(parent, name, made);
    this.#flush();
  }

  /** Writes into the file that is there, or a new one, as `>` of a shell does. */
  overwrite(path: string, content: Uint8Array, actor: Actor): void {
    const { parent, name, inode } = this.#walk(path, actor, true);
    if (inode?.kind === "directory") throw new TreeRefusal("is-directory");
    if (inode === undefined) {
      expectChangeable(parent, actor, undefined);
      this.#put(parent, name, this.#inode("file", parent.disk, 0o644, actor));
      this.overwrite(path, content, actor);
      return;
    }
    expectPermission(inode, actor, 2);
    const more = content.length - inode.content.length;
    if (more > 0 && inode.disk.usedBytes + more > inode.disk.capacityBytes) throw new TreeRefusal("disk-full");
    inode.disk.usedBytes += more;
    inode.content = content;
    inode.modifiedNs = inode.changedNs = this.#changeNs();
    this.#tellHolder(inode, "content");
    this.#flush();
  }

  makeDirectory(path: string, attributes: { mode: number; uid: number; gid: number }, actor: Actor): void {
    const { parent, name, inode } = this.#walk(path, actor, false);
    if (inode !== undefined) throw new TreeRefusal("something-there");
    expectChangeable(parent, actor, undefined);
    expectOwner(actor, attributes.uid, attributes.gid);
    const made = this.#inode("directory", parent.disk, attributes.mode);
    made.uid = attributes.uid;
    made.gid = attributes.gid;
    this.#put(parent, name, made);
    this.#flush();
  }

  /** A device, pipe or socket: nobody here cares which. */
  makeOther(path: string, actor: Actor): void {
    const { parent, name } = this.#walk(path, actor, false);
    this.#put(parent, name, this.#inode("other", parent.disk, 0o644, actor));
    this.#flush();
  }

  /** From here on down another disk; empty, as mounting one over an empty directory is. */
  mount(path: string, disk: { readonly capacityBytes?: number }): Disk {
    const { parent, name, inode } = this.#walk(path, root, false);
    if (inode !== undefined && inode.entries.size > 0) throw new TreeRefusal("not-empty");
    this.#lastDevice += 1n;
    const made: Disk = {
      device: this.#lastDevice,
      capacityBytes: disk.capacityBytes ?? Infinity,
      usedBytes: 0,
      readOnly: false,
    };
    if (inode !== undefined) this.#drop(inode);
    this.#put(parent, name, this.#inode("directory", made, 0o755));
    this.#flush();
    return made;
  }

  setMode(path: string, mode: number, actor: Actor): void {
    const inode = this.#existing(path, actor, true);
    this.#expectOwned(inode, actor);
    inode.mode = mode;
    this.#attributesChanged(inode);
  }

  setOwner(path: string, owner: { readonly uid?: number; readonly gid?: number }, actor: Actor): void {
    const inode = this.#existing(path, actor, false);
    if (inode.disk.readOnly) throw new TreeRefusal("read-only");
    const wanted = { uid: owner.uid ?? inode.uid, gid: owner.gid ?? inode.gid };
    if (actor.uid !== 0 && (wanted.uid !== inode.uid || wanted.gid !== inode.gid || actor.uid !== inode.uid)) {
      throw new TreeRefusal("ownership");
    }
    inode.uid = wanted.uid;
    inode.gid = wanted.gid;
    this.#attributesChanged(inode);
  }

  setContext(path: string, context: string | undefined, actor: Actor): void {
    const inode = this.#existing(path, actor, false);
    if (inode.disk.readOnly) throw new TreeRefusal("read-only");
    if (actor.uid !== 0) throw new TreeRefusal("privilege");
    inode.context = context;
    this.#attributesChanged(inode);
  }

  setModified(path: string, modifiedNs: bigint): void {
    const inode = this.#existing(path, root, true);
    inode.modifiedNs = modifiedNs;
    this.#attributesChanged(inode);
  }

  remove(path: string, recursive: boolean, actor: Actor): void {
    let spot: Spot;
    try {
      spot = this.#walk(path, actor, false);
    } catch (reason) {
      const refusal = reason instanceof TreeRefusal ? reason.refusal : undefined;
      if (refusal === "nothing-there" || refusal === "parent-is-no-directory") return;
      throw reason;
    }
    const { parent, inode } = spot;
    if (inode === undefined) return;
    expectChangeable(parent, actor, inode);
    if (inode.entries.size > 0) {
      if (!recursive) throw new TreeRefusal("not-empty");
      expectPermission(inode, actor, 4);
      for (const name of [...inode.entries.keys()]) this.remove(`${path}/${name}`, true, actor);
    }
    this.#drop(inode);
    this.#flush();
  }

  /** `rename(2)`, or `mv` onto a path. */
  rename(from: string, to: string, actor: Actor): void {
    const source = this.#walk(from, actor, false);
    const target = this.#walk(to, actor, false);
    const { inode } = source;
    if (inode === undefined) throw new TreeRefusal("nothing-there");
    if (inode.disk !== target.parent.disk) throw new TreeRefusal("across-file-systems");
    expectChangeable(source.parent, actor, inode);
    expectChangeable(target.parent, actor, target.inode);
    if (target.inode?.kind === "directory" && inode.kind !== "directory") throw new TreeRefusal("is-directory");
    if (target.inode !== undefined && target.inode.kind !== "directory" && inode.kind === "directory") {
      throw new TreeRefusal("parent-is-no-directory");
    }
    for (let above: Inode | undefined = target.parent; above !== undefined; above = above.parent) {
      if (above === inode) throw new TreeRefusal("bad-argument");
    }
    if (target.inode !== undefined && target.inode !== inode && target.inode.entries.size > 0)
      throw new TreeRefusal("not-empty");
    if (target.inode !== undefined && target.inode !== inode) this.#drop(target.inode);
    source.parent.entries.delete(source.name);
    source.parent.modifiedNs = source.parent.changedNs = this.#changeNs();
    this.#tell(source.parent, "entry", source.name);
    this.#tellSelf(inode);
    this.#put(target.parent, target.name, inode);
    this.#flush();
  }

  // ---- Watching ----

  /** Undefined when there is no directory. Events are told when the change that makes them is complete. */
  listen(path: string, actor: Actor, listener: DirectoryListener): { close(): void } | undefined {
    const inode = this.look(path, actor, true) === undefined ? undefined : this.#existing(path, actor, true);
    if (inode?.kind !== "directory") return undefined;
    expectPermission(inode, actor, 4);
    inode.listeners.add(listener);
    return { close: () => inode.listeners.delete(listener) };
  }

  // ---- The way along a path ----

  #existing(path: string, actor: Actor, through: boolean): Inode {
    const { inode } = this.#walk(path, actor, through);
    if (inode === undefined) throw new TreeRefusal("nothing-there");
    return inode;
  }

  /** The parent must exist and be a directory. `through`: follow a link at the end as well. */
  #walk(path: string, actor: Actor, through: boolean, links = 0, from: Inode = this.#root): Spot {
    if (byteLength(path) > longestPath) throw new TreeRefusal("name-too-long");
    let here = path.startsWith("/") ? this.#root : from;
    let spot: Spot = { parent: this.#root, name: "", inode: here };
    const parts = path.split("/").filter((part) => part !== "" && part !== ".");
    for (const [index, name] of parts.entries()) {
      if (here.kind !== "directory") throw new TreeRefusal("parent-is-no-directory");
      if (byteLength(name) > longestName) throw new TreeRefusal("name-too-long");
      expectPermission(here, actor, 1);
      const last = index === parts.length - 1;
      const inode = name === ".." ? (here.parent ?? here) : here.entries.get(name);
      spot = { parent: here, name, inode };
      if (inode?.kind === "symlink" && (!last || through)) {
        if (links >= mostLinks) throw new TreeRefusal("link-loop");
        spot = this.#walk(new TextDecoder().decode(inode.content), actor, true, links + 1, here);
      }
      if (last) break;
      if (spot.inode === undefined) throw new TreeRefusal("nothing-there");
      here = spot.inode;
    }
    return spot;
  }

  #expectOwned(inode: Inode, actor: Actor): void {
    if (inode.disk.readOnly) throw new TreeRefusal("read-only");
    if (actor.uid !== 0 && actor.uid !== inode.uid) throw new TreeRefusal("privilege");
  }

  // ---- Inodes and events ----

  #inode(kind: FileKind, disk: Disk, mode: number, owner: Actor = root): Inode {
    this.#lastInode += 1n;
    const now = this.#changeNs();
    return {
      kind,
      inode: this.#lastInode,
      disk,
      mode,
      uid: owner.uid,
      gid: owner.gid,
      modifiedNs: now,
      changedNs: now,
      context: undefined,
      content: new Uint8Array(),
      entries: new Map(),
      listeners: new Set(),
      parent: undefined,
      name: "",
    };
  }

  #put(parent: Inode, name: string, inode: Inode): void {
    parent.entries.set(name, inode);
    inode.parent = parent;
    inode.name = name;
    inode.changedNs = parent.modifiedNs = parent.changedNs = this.#changeNs();
    this.#tell(parent, "entry", name);
  }

  #drop(inode: Inode): void {
    const { parent } = inode;
    if (parent === undefined) throw new TreeRefusal("in-use");
    for (const entry of [...inode.entries.values()]) this.#drop(entry);
    inode.disk.usedBytes -= inode.content.length;
    parent.entries.delete(inode.name);
    parent.modifiedNs = parent.changedNs = this.#changeNs();
    this.#tell(parent, "entry", inode.name);
    this.#tellSelf(inode);
    inode.parent = undefined;
  }

  #attributesChanged(inode: Inode): void {
    inode.changedNs = this.#changeNs();
    this.#tellHolder(inode, inode.kind === "directory" ? "entry" : "content");
    this.#tellSelf(inode);
    this.#flush();
  }

  #tellHolder(inode: Inode, event: DirectoryEvent): void {
    if (inode.parent !== undefined) this.#tell(inode.parent, event, inode.name);
  }

  #tellSelf(inode: Inode): void {
    this.#tell(inode, "entry", inode.name);
  }

  #tell(directory: Inode, event: DirectoryEvent, name: string): void {
    for (const listener of directory.listeners) {
      // One that was closed in between hears nothing more.
      this.#events.push(() => directory.listeners.has(listener) && listener(event, name));
    }
  }

  /** Listeners may look at the tree, so they hear of a change when it is whole. */
  #flush(): void {
    for (let tell = this.#events.shift(); tell !== undefined; tell = this.#events.shift()) tell();
  }

  /** The time now, but never the same twice: no change looks like none. */
  #changeNs(): bigint {
    const now = BigInt(Math.floor(this.#now())) * 1_000_000n;
    this.#lastChangeNs = now > this.#lastChangeNs ? now : this.#lastChangeNs + 1n;
    return this.#lastChangeNs;
  }
}

function stateOf(inode: Inode): FileState {
  return {
    kind: inode.kind,
    size: inode.content.length,
    modifiedNs: inode.modifiedNs,
    changedNs: inode.changedNs,
    device: inode.disk.device,
    inode: inode.inode,
    mode: inode.mode,
    uid: inode.uid,
    gid: inode.gid,
  };
}

/** 4 reads, 2 writes, 1 goes through. */
function expectPermission(inode: Inode, actor: Actor, bit: 4 | 2 | 1): void {
  if (bit === 2 && inode.disk.readOnly) throw new TreeRefusal("read-only");
  if (actor.uid === 0) return;
  const shift = actor.uid === inode.uid ? 6 : actor.gid === inode.gid ? 3 : 0;
  if (((inode.mode >> shift) & bit) === 0) throw new TreeRefusal("permission");
}

/** Entries of `parent` may be changed, and in a directory like /tmp this one. */
function expectChangeable(parent: Inode, actor: Actor, entry: Inode | undefined): void {
  expectPermission(parent, actor, 2);
  expectPermission(parent, actor, 1);
  const sticky = (parent.mode & 0o1000) !== 0;
  if (sticky && entry !== undefined && actor.uid !== 0 && actor.uid !== entry.uid && actor.uid !== parent.uid) {
    throw new TreeRefusal("privilege");
  }
}

/** Only root may give things away. */
function expectOwner(actor: Actor, uid: number, gid: number): void {
  if (actor.uid !== 0 && (uid !== actor.uid || gid !== actor.gid)) throw new TreeRefusal("ownership");
}

/** The bytes by which directories are sorted. */
export function compareNames(one: string, other: string): number {
  const [ours, theirs] = [bytesOf(one), bytesOf(other)];
  for (let at = 0; at < ours.length && at < theirs.length; at += 1) {
    const difference = (ours[at] ?? 0) - (theirs[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return ours.length - theirs.length;
}
