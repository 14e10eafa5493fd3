// SPDX-License-Identifier: Apache-2.0
// Directory events of the kernel, and the two nets below them: inotify drops events without a word when its queue is
// full, so callbacks of one turn of the event loop are counted; and a slow check looks at everything once in a while.

import { type FSWatcher, readdirSync, readFileSync, readlinkSync, watch } from "node:fs";
import type { Place } from "../places.ts";
import { type DirectoryEvent, type WatchedTree, Watching } from "../watching.ts";
import { saysNothingThere, watchFailureFrom } from "./failures.ts";
import { nativePath, textFrom } from "./paths.ts";
import { lookAt } from "./states.ts";

/** Milliseconds between two slow checks, and how many of them one goes on without a pause. */
const checkEveryMs = 60_000;
const checkSliceMs = 5;

/** The events that the kernel keeps for us, where /proc does not say. */
const defaultQueuedEvents = 16_384;

export interface WatchingParts {
  /** Opens the watch of one directory; tests make it refuse. */
  readonly open?: typeof watch;
  /** Called when events were lost and everything is looked at again. */
  readonly onOverflow?: () => void;
}

export function linuxWatching(parts: WatchingParts = {}): Watching {
  const open = parts.open ?? watch;
  let limit: number | undefined;
  let inThisTurn = 0;

  function count(): void {
    inThisTurn += 1;
    if (inThisTurn > 1) return;
    // Runs when everything that the kernel had for us has been called back.
    setImmediate(() => {
      limit ??= queuedEventsLimit();
      const lost = inThisTurn >= limit / 2;
      inThisTurn = 0;
      if (!lost) return;
      watching.everythingMayHaveChanged();
      parts.onOverflow?.();
    });
  }

  const tree: WatchedTree = {
    look(path) {
      try {
        return lookAt(nativePath(path, "look at"));
      } catch {
        return undefined; // Whoever observes it will be told why.
      }
    },
    readLink(path) {
      try {
        return textFrom(readlinkSync(nativePath(path, "read"), { encoding: "buffer" }));
      } catch {
        return undefined; // It is no link any more; the event that says so is on its way.
      }
    },
    names(path) {
      try {
        return readdirSync(nativePath(path, "list"), { encoding: "buffer", withFileTypes: true }).map((entry) => ({
          name: textFrom(entry.name),
          directory: entry.isDirectory(),
        }));
      } catch {
        return [];
      }
    },
    open(path, onEvent) {
      const tell = (event: DirectoryEvent, name: string) => {
        count();
        onEvent(event, name);
      };
      return openWatch(open, path, tell);
    },
    soon: (task) => {
      setImmediate(task);
    },
    monotonicMs: () => performance.now(),
  };
  const watching = new Watching(tree);
  checkSlowly(watching);
  return watching;
}

function openWatch(
  open: typeof watch,
  path: string,
  onEvent: (event: DirectoryEvent, name: string) => void,
): { close(): void } | undefined {
  let watcher: FSWatcher;
  try {
    watcher = open(nativePath(path, "watch"), { encoding: "buffer" }, (event, name) => {
      // The runtime says "rename" for creation, removal and moves, and for every event of a directory.
      if (name !== null) onEvent(event === "rename" ? "entry" : "content", textFrom(name));
    });
  } catch (reason) {
    if (saysNothingThere(reason)) return undefined;
    throw watchFailureFrom(reason, path);
  }
  // An error here ends this watch only; the directory's own name makes it be armed again.
  watcher.on("error", () => onEvent("entry", path.slice(path.lastIndexOf("/") + 1)));
  return watcher;
}

function queuedEventsLimit(): number {
  try {
    return Number(readFileSync("/proc/sys/fs/inotify/max_queued_events", "utf8")) || defaultQueuedEvents;
  } catch {
    return defaultQueuedEvents;
  }
}

/** Looks at all places once in a while, a slice at a time. Holds the process up no longer than anything else does. */
function checkSlowly(watching: Watching): void {
  setInterval(() => {
    const places: Place[] = [...watching.places];
    const slice = () => {
      const until = performance.now() + checkSliceMs;
      for (let place = places.pop(); place !== undefined; place = places.pop()) {
        watching.recheck(place);
        if (performance.now() > until) {
          setTimeout(slice, 1).unref();
          return;
        }
      }
    };
    slice();
  }, checkEveryMs).unref();
}
