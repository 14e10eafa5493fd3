// SPDX-License-Identifier: Apache-2.0
// The places that watching holds: what a place is, where it leads, who is told of it, and why it cannot be watched.
// Changes nothing but by telling; watching.ts makes, arms and releases places.

import type { Pulses } from "../base/pulse.ts";
import type { Failure } from "../contract/failure.ts";
import type { FileState, WatchTarget } from "../contract/host.ts";

/** One caller of `watch`. Pulses before it is armed are left out: the first one says that it is. */
export interface Reader {
  readonly pulses: Pulses;
  armed: boolean;
}

/** How much of a directory a reader wants to know of: itself, its entries as well, everything below it. */
export type Depth = "itself" | "entries" | "everything";

export function depthOf({ entries, recursive }: WatchTarget): Depth {
  return recursive === true ? "everything" : entries === true ? "entries" : "itself";
}

export function deeper(one: Depth | undefined, other: Depth): Depth {
  if (one === "everything" || other === "everything") return "everything";
  return one === "entries" ? one : other;
}

/** One path that somebody cares for. Most are files without anything, so the collections are made when needed. */
export class Place {
  readonly parent: Place | undefined;
  readonly name: string;
  /** "" for the root. */
  readonly path: string;
  /** Children, readers, dependents and recursive targets above that hold it. */
  references = 0;
  children: Map<string, Place> | undefined;
  readers: Map<Reader, Depth> | undefined;
  /** Where the symbolic link here, or on the way here, leads. */
  follows: Place | undefined;
  /** Those that follow this place. */
  dependents: Set<Place> | undefined;
  /** What was there when it was last armed; undefined for an alias. */
  seen: FileState | undefined;
  /** Open exactly when a directory is here. */
  watch: { close(): void } | undefined;
  /** Why the directory here is not watched. */
  refusal: Failure | undefined;
  /** How many recursive readers and dependents it has. */
  deep = 0;
  /** Held because it lies below a recursive target. */
  adopted = false;
  /** Sums up the entries at the last slow check. */
  stamp: bigint | undefined;

  constructor(parent: Place | undefined, name: string, path: string) {
    this.parent = parent;
    this.name = name;
    this.path = path;
  }
}

/** An alias lies behind a symbolic link: its path says where it is reached, not where it is. */
export function isAlias(place: Place): place is Place & { readonly parent: Place } {
  const { parent } = place;
  return parent !== undefined && (parent.seen?.kind === "symlink" || isAlias(parent));
}

/** Where a place really is: itself, or what it leads to over all links; undefined when that leads nowhere. */
export function destination(place: Place): Place | undefined {
  if (place.follows !== undefined) return destination(place.follows);
  return place.seen?.kind === "symlink" || isAlias(place) ? undefined : place;
}

/** The path a link leads to. The link's own directory is a real one, so `..` may be taken off it as text. */
export function leadsTo(place: Place, text: string): string {
  const parts = text.startsWith("/") ? [""] : (place.parent?.path ?? "").split("/");
  for (const part of text.split("/")) {
    if (part === "..") parts.length = Math.max(1, parts.length - 1);
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.join("/");
}

export function location(place: Place): string {
  return place.path === "" ? "/" : place.path;
}

/** True when following `from` would come back to `place`: a loop of links. */
export function leadsBack(from: Place, place: Place): boolean {
  if (from === place) return true;
  if (from.follows !== undefined && leadsBack(from.follows, place)) return true;
  return from.parent !== undefined && leadsBack(from.parent, place);
}

/** True when somebody wants to know of everything in and below this place. */
export function isDeep(place: Place): boolean {
  for (let at: Place | undefined = place; at !== undefined; at = at.parent) if (at.deep > 0) return true;
  return false;
}

export function wantsEntries(place: Place): boolean {
  if (isDeep(place)) return true;
  for (const depth of place.readers?.values() ?? []) if (depth !== "itself") return true;
  for (const dependent of place.dependents ?? []) if (wantsEntries(dependent)) return true;
  return false;
}

export function* withChildren(place: Place): Generator<Place> {
  yield place;
  for (const child of place.children?.values() ?? []) yield* withChildren(child);
}

export function sameFile(one: FileState | undefined, other: FileState | undefined): boolean {
  return one?.inode === other?.inode && one?.device === other?.device && one?.kind === other?.kind;
}

export function sameAttributes(one: FileState | undefined, other: FileState | undefined): boolean {
  return one?.mode === other?.mode && one?.uid === other?.uid && one?.gid === other?.gid;
}

// ---- Telling ----

function tell(reader: Reader): void {
  if (reader.armed) reader.pulses.pulse();
}

/** Something happened at this very place. */
export function touch(place: Place): void {
  if (place.readers !== undefined) for (const reader of place.readers.keys()) tell(reader);
  if (place.dependents !== undefined) for (const dependent of place.dependents) touch(dependent);
}

/** Something happened in the directory at this place. */
export function touchEntries(place: Place): void {
  if (place.readers !== undefined) for (const [reader, depth] of place.readers) if (depth !== "itself") tell(reader);
  if (place.dependents !== undefined) for (const dependent of place.dependents) touchEntries(dependent);
}

/** Something happened at this place that may concern everything below it. */
export function touchAll(place: Place): void {
  if (place.readers !== undefined) for (const reader of place.readers.keys()) tell(reader);
  if (place.dependents !== undefined) for (const dependent of place.dependents) touchAll(dependent);
  if (place.children !== undefined) for (const child of place.children.values()) touchAll(child);
}

/** Something happened inside this place: for those who want to know of everything below some place. */
export function touchDeep(place: Place | undefined): void {
  for (let at = place; at !== undefined; at = at.parent) {
    if (at.deep === 0) continue;
    if (at.readers !== undefined) for (const [reader, depth] of at.readers) if (depth === "everything") tell(reader);
    if (at.dependents !== undefined) for (const dependent of at.dependents) touchFollowing(dependent);
  }
}

function touchFollowing(place: Place): void {
  if (place.deep === 0) return;
  if (place.readers !== undefined)
    for (const [reader, depth] of place.readers) if (depth === "everything") tell(reader);
  if (place.dependents !== undefined) for (const dependent of place.dependents) touchFollowing(dependent);
}

// ---- Refusals ----

/**
 * Why this place cannot be watched as it must be. A directory that may not be read is no reason as long as the one that
 * holds the target may be: then only the replacement of that directory goes unseen until it tells so itself.
 */
export function refusalOf(place: Place): Failure | undefined {
  if (place.follows !== undefined) {
    const beyond = refusalOf(place.follows);
    if (beyond !== undefined) return beyond;
  }
  for (let at: Place | undefined = place; at !== undefined; at = at.parent) {
    if (at.refusal !== undefined && at.refusal.code !== "denied") return at.refusal;
  }
  if (isAlias(place) || place.watch !== undefined) return undefined;
  let holder = place.parent;
  while (holder !== undefined && holder.seen?.kind !== "directory") holder = holder.parent;
  return holder?.refusal;
}

/** Ends the watches that this place has just made impossible. */
export function failReaders(place: Place): void {
  const affected = new Set<Reader>();
  const collect = (at: Place) => {
    if (at.readers !== undefined && refusalOf(at) !== undefined)
      for (const reader of at.readers.keys()) affected.add(reader);
    for (const dependent of at.dependents ?? []) collect(dependent);
    for (const child of at.children?.values() ?? []) collect(child);
  };
  collect(place);
  if (place.refusal?.code !== "denied") {
    for (let at: Place | undefined = place; at !== undefined; at = at.parent) {
      for (const [reader, depth] of at.readers ?? []) if (depth === "everything") affected.add(reader);
    }
  }
  if (place.refusal !== undefined) for (const reader of affected) reader.pulses.fail(place.refusal);
}
