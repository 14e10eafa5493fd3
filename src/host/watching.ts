// SPDX-License-Identifier: Apache-2.0
// Tells when something may have changed at a path, whether it exists or not, on nothing but "this directory changed".
//
//     /            watched: tells of "etc"          Every directory on the way is watched once, however many targets
//     └─ etc       watched: tells of "app"          lie below it, so a target may be missing, and any directory above
//        └─ app    missing: nothing to watch        it may be removed, replaced or moved: its own parent tells.
//           └─ x   the target
//
// A place is one path that a target or its ancestors have. A place behind a symbolic link is an alias: it follows the
// place where the link leads. Watches are armed from the top down, and a place is looked at only after its parent is
// watched; so whatever happens later is told. Links in a circle are left to the slow check, so that no place holds
// itself. Both hosts use this; knows nothing of inotify.

import { Pulses } from "../base/pulse.ts";
import { Failure } from "../contract/failure.ts";
import type { FileState, WatchTarget } from "../contract/host.ts";
import {
  type Depth,
  deeper,
  depthOf,
  destination,
  failReaders,
  isAlias,
  isDeep,
  leadsBack,
  leadsTo,
  location,
  Place,
  type Reader,
  refusalOf,
  sameAttributes,
  sameFile,
  touch,
  touchAll,
  touchDeep,
  touchEntries,
  wantsEntries,
  withChildren,
} from "./places.ts";

/** `entry`: a name appeared, disappeared or was replaced, or a directory's attributes changed. `content`: all else. */
export type DirectoryEvent = "entry" | "content";

/** What watching needs of a machine. Nothing here waits. */
export interface WatchedTree {
  /** Like `Files.inspect`; undefined also for what may not be looked at. */
  look(path: string): FileState | undefined;
  readLink(path: string): string | undefined;
  /** The names of entries, in any order; none when it cannot be read. */
  names(path: string): readonly { readonly name: string; readonly directory: boolean }[];
  /**
   * Tells of events in a directory from now on, with the name of the entry; the directory's own name tells of itself.
   * Undefined when there is no directory. Throws a `Failure` when it cannot be watched.
   */
  open(path: string, onEvent: (event: DirectoryEvent, name: string) => void): { close(): void } | undefined;
  /** Runs the task after what is waiting now. */
  soon(task: () => void): void;
  monotonicMs(): number;
}

/** Milliseconds of walking through directories in one go. */
const walkSliceMs = 5;

export class Watching {
  readonly #tree: WatchedTree;
  readonly #root: Place;
  /** Directories below recursive targets whose own directories have not been looked for yet. */
  readonly #unwalked: Place[] = [];
  #walkScheduled = false;
  #whenWalked: (() => void)[] = [];

  constructor(tree: WatchedTree) {
    this.#tree = tree;
    this.#root = new Place(undefined, "", "");
  }

  watch(targets: readonly WatchTarget[], signal: AbortSignal): AsyncIterableIterator<void> {
    const held: { readonly place: Place; readonly depth: Depth }[] = [];
    const reader: Reader = {
      armed: false,
      pulses: new Pulses(signal, () => {
        for (const { place, depth } of held) this.#dismiss(reader, place, depth);
        held.length = 0;
      }),
    };
    if (signal.aborted) return reader.pulses;
    for (const target of targets) {
      const depth = depthOf(target);
      const place = this.#acquire(target.path);
      held.push({ place, depth });
      place.readers ??= new Map();
      place.readers.set(reader, deeper(place.readers.get(reader), depth));
      if (depth === "everything") this.#deepen(place, 1);
    }
    const refusal = held.map(({ place }) => refusalOf(place)).find((found) => found !== undefined);
    if (refusal !== undefined) {
      reader.pulses.fail(refusal);
      return reader.pulses;
    }
    const arm = () => {
      reader.armed = true;
      reader.pulses.pulse();
    };
    if (this.#unwalked.length === 0) arm();
    else {
      this.#whenWalked.push(arm);
      this.#walk();
    }
    return reader.pulses;
  }

  /** Events may have been lost: arms everything again and tells everybody. */
  everythingMayHaveChanged(): void {
    this.#arm(this.#root);
    touchAll(this.#root);
    this.#walk();
  }

  /** Places now held, for those who look at them one by one in a slow check. */
  get places(): readonly Place[] {
    const found: Place[] = [];
    const visit = (place: Place) => {
      found.push(place);
      for (const child of place.children?.values() ?? []) visit(child);
    };
    if (this.#root.references > 0) visit(this.#root);
    return found;
  }

  /** The last net, for what the kernel does not tell: looks at one place, and tells when it is not as it was. */
  recheck(place: Place): void {
    if (place.references === 0 || isAlias(place)) return;
    const state = this.#tree.look(location(place));
    const dangling = state?.kind === "symlink" && place.follows === undefined;
    const before = place.seen;
    const replaced = !sameFile(state, before);
    if (replaced || dangling || state?.changedNs !== before?.changedNs) {
      this.#arm(place);
      if (replaced || dangling) touchAll(place);
      else if (state?.kind === "directory" && sameAttributes(state, before)) touchEntries(place);
      else touch(place);
      touchDeep(place.parent);
      this.#walk();
    }
    if (state?.kind !== "directory" || !wantsEntries(place)) return;
    let stamp = 0n;
    for (const { name } of this.#tree.names(location(place))) {
      const entry = this.#tree.look(`${place.path}/${name}`);
      if (entry !== undefined) stamp = BigInt.asUintN(64, stamp + entry.changedNs * (entry.inode | 1n));
    }
    if (stamp !== place.stamp) {
      place.stamp = stamp;
      touchEntries(place);
      touchDeep(place);
    }
  }

  // ---- Holding places ----

  /** The place of a path, with one more reference. */
  #acquire(path: string): Place {
    let place = this.#root;
    place.references += 1; // Held while walking down; each child then holds its parent.
    if (place.references === 1) this.#arm(place);
    for (const name of path.split("/")) {
      if (name === "" || name === ".") continue;
      const child = this.#hold(place, name);
      this.#release(place);
      place = child;
    }
    return place;
  }

  /** The child of that name with one more reference, made and armed when it is new. A child holds its parent. */
  #hold(parent: Place, name: string): Place {
    const found = parent.children?.get(name);
    if (found !== undefined) {
      found.references += 1;
      return found;
    }
    const child = new Place(parent, name, `${parent.path}/${name}`);
    child.references = 1;
    parent.children ??= new Map();
    parent.children.set(name, child);
    parent.references += 1;
    this.#arm(child);
    return child;
  }

  #release(place: Place): void {
    place.references -= 1;
    if (place.references > 0) return;
    this.#follow(place, undefined);
    place.watch?.close();
    place.watch = undefined;
    place.seen = undefined;
    if (place.parent === undefined) return;
    place.parent.children?.delete(place.name);
    this.#release(place.parent);
  }

  #dismiss(reader: Reader, place: Place, depth: Depth): void {
    place.readers?.delete(reader);
    if (depth === "everything") this.#deepen(place, -1);
    this.#release(place);
  }

  // ---- Arming ----

  /** Brings a place in line with what is there now, and everything that hangs on it. Its parent is armed already. */
  #arm(place: Place): void {
    if (place.references === 0) return; // Let go of meanwhile, by a reader that failed.
    const before = destination(place);
    if (isAlias(place)) {
      this.#disarm(place);
      const beyond = destination(place.parent);
      this.#follow(place, beyond === undefined ? undefined : `${beyond.path}/${place.name}`);
    } else {
      this.#armHere(place);
      const text = place.seen?.kind === "symlink" ? this.#tree.readLink(place.path) : undefined;
      this.#follow(place, text === undefined ? undefined : leadsTo(place, text));
    }
    for (const child of [...(place.children?.values() ?? [])]) this.#arm(child);
    if (destination(place) !== before) this.#realign(place);
    if (place.watch !== undefined && isDeep(place)) this.#unwalked.push(place);
    if (place.refusal !== undefined) failReaders(place);
    if (place.seen?.kind !== "directory") this.#disown(place);
  }

  /** Looks, opens the watch, looks again, until both looks agree: what is watched is what is there. */
  #armHere(place: Place): void {
    const previous = place.watch;
    place.watch = undefined;
    place.refusal = undefined;
    for (let attempt = 0; attempt < 10; attempt += 1) {
      place.seen = this.#tree.look(location(place));
      if (place.seen?.kind !== "directory") break;
      try {
        place.watch = this.#tree.open(location(place), (event, name) => this.#onEvent(place, event, name));
      } catch (reason) {
        if (!(reason instanceof Failure)) throw reason;
        place.refusal = reason;
        break;
      }
      if (place.watch !== undefined && sameFile(this.#tree.look(location(place)), place.seen)) break;
      place.watch?.close();
      place.watch = undefined;
    }
    previous?.close(); // Only now, so that a directory which stayed the same was watched all the time.
  }

  #disarm(place: Place): void {
    place.watch?.close();
    place.watch = undefined;
    place.seen = undefined;
    place.refusal = undefined;
  }

  /** What follows this place leads elsewhere now, and so does everything behind it. */
  #realign(place: Place): void {
    for (const dependent of [...(place.dependents ?? [])]) {
      for (const child of [...(dependent.children?.values() ?? [])]) this.#arm(child);
      this.#realign(dependent);
    }
  }

  #follow(place: Place, path: string | undefined): void {
    if (place.follows?.path === path) return;
    const previous = place.follows;
    place.follows = undefined;
    if (path !== undefined) {
      const next = this.#acquire(path);
      if (leadsBack(next, place)) this.#release(next);
      else {
        place.follows = next;
        next.dependents ??= new Set();
        next.dependents.add(place);
        if (place.deep > 0) this.#deepen(next, 1);
      }
    }
    if (previous !== undefined) {
      previous.dependents?.delete(place);
      if (place.deep > 0) this.#deepen(previous, -1);
      this.#release(previous);
    }
  }

  // ---- Recursive targets ----

  /** One more or one less wants to know of everything below. */
  #deepen(place: Place, by: 1 | -1): void {
    const was = isDeep(place);
    place.deep += by;
    if (place.follows !== undefined && place.deep === (by === 1 ? 1 : 0)) this.#deepen(place.follows, by);
    const is = isDeep(place);
    if (!was && is) {
      for (const below of withChildren(place)) if (below.watch !== undefined) this.#unwalked.push(below);
    } else if (was && !is) this.#abandon(place);
  }

  #adopt(parent: Place, name: string): void {
    const child = this.#hold(parent, name);
    if (child.adopted || child.seen?.kind !== "directory") this.#release(child);
    else child.adopted = true;
  }

  #disown(place: Place): void {
    if (!place.adopted) return;
    place.adopted = false;
    this.#release(place);
  }

  /** Lets go of what was held for recursive targets only. */
  #abandon(place: Place): void {
    for (const child of [...(place.children?.values() ?? [])]) {
      if (child.deep === 0) this.#abandon(child);
      this.#disown(child);
    }
  }

  /** Looks for directories below recursive targets, a few milliseconds at a time. */
  #walk(): void {
    if (this.#walkScheduled) return;
    const until = this.#tree.monotonicMs() + walkSliceMs;
    for (let place = this.#unwalked.pop(); place !== undefined; place = this.#unwalked.pop()) {
      if (place.watch !== undefined && isDeep(place)) {
        for (const { name, directory } of this.#tree.names(location(place))) {
          if (directory) this.#adopt(place, name);
        }
        touchDeep(place); // What happened in it before it was watched has been told to nobody.
      }
      if (this.#tree.monotonicMs() > until && this.#unwalked.length > 0) {
        this.#walkScheduled = true;
        this.#tree.soon(() => {
          this.#walkScheduled = false;
          this.#walk();
        });
        return;
      }
    }
    const waiting = this.#whenWalked;
    this.#whenWalked = [];
    for (const arm of waiting) arm();
  }

  // ---- Events ----

  #onEvent(place: Place, event: DirectoryEvent, name: string): void {
    const child = place.children?.get(name);
    if (child !== undefined) {
      touchAll(child);
      if (event === "entry") this.#arm(child);
    } else if (event === "entry" && isDeep(place)) {
      if (this.#tree.look(`${place.path}/${name}`)?.kind === "directory") this.#adopt(place, name);
    }
    touchEntries(place);
    touchDeep(place);
    // The directory itself. Its parent tells as well, unless it may not be watched.
    if (event === "entry" && name === place.name && place.references > 0) {
      this.#arm(place);
      touchAll(place);
    }
    if (this.#unwalked.length > 0) this.#walk();
  }
}
