// SPDX-License-Identifier: Apache-2.0
// Files of the machine in memory: the same promises as those of a real one, kept on a `Tree`.

import { hash } from "node:crypto";
import type { Files, FileState, GrowingFile, Guard, OpenFile, WriteOptions } from "../../contract/host.ts";
import { bytesOf, textOf } from "../../values/bytes.ts";
import { type Attempt, type Refusal, refused, tooLarge } from "../refusal.ts";
import { placesBelow } from "../below.ts";
import { type WatchedTree, Watching } from "../watching.ts";
import { type Actor, compareNames, type Tree, TreeRefusal } from "./tree.ts";

/** How this machine behaves out of the ordinary; tests change it as they go. */
export interface Moods {
  /** What every attempt on a path is refused with. */
  readonly refusals: Map<string, Refusal>;
  /** Paths on which every attempt waits until it is let go. */
  readonly stalls: Map<string, Promise<void>>;
  /** How many directories may be watched, and how many are. */
  watchLimit: number;
  watched: number;
}

const neverAborted = new AbortController().signal;
/** Small, so that whoever reads pieces gets several. */
const pieceBytes = 1000;

export interface MemoryFilesParts {
  readonly tree: Tree;
  readonly actor: Actor;
  readonly umask: number;
  readonly moods: Moods;
  readonly monotonicMs: () => number;
}

export function memoryFiles({ tree, actor, umask, moods, monotonicMs }: MemoryFilesParts): Files {
  const watching = new Watching(watchedTree(tree, actor, moods, monotonicMs));

  /** One attempt on one path, as it is refused, stalled, stopped or done. */
  async function attempt<Result>(attempt: Attempt, signal: AbortSignal, task: () => Result): Promise<Result> {
    signal.throwIfAborted();
    const stall = moods.stalls.get(attempt.path);
    if (stall !== undefined) await stoppable(stall, signal);
    return asFailure(attempt, () => {
      expectPath(attempt.path);
      const refusal = moods.refusals.get(attempt.path);
      if (refusal !== undefined) throw new TreeRefusal(refusal);
      return task();
    });
  }

  function put(path: string, content: Uint8Array, options: WriteOptions): void {
    const attributes = (old: FileState | undefined) => {
      const kept = old?.kind === "file" ? old : undefined;
      return {
        mode: options.mode ?? kept?.mode ?? 0o666 & ~umask,
        uid: options.uid ?? kept?.uid ?? actor.uid,
        gid: options.gid ?? kept?.gid ?? actor.gid,
      };
    };
    const { modifiedMs } = options;
    const modifiedNs = modifiedMs === undefined ? undefined : BigInt(Math.floor(modifiedMs)) * 1_000_000n;
    tree.replace(path, "file", content.slice(), attributes, actor, modifiedNs);
  }

  /** `last`: whether a link may be at the place itself. */
  function expectNoLinks(path: string, { noLinksBelow }: Guard, last: "no link" | "any" = "no link"): void {
    if (noLinksBelow === undefined) return;
    for (const place of placesBelow(noLinksBelow, path)) {
      if (last === "any" && place === path) return;
      if (tree.look(place, actor, false)?.kind === "symlink") throw new TreeRefusal("link-on-the-way");
    }
  }

  function growing(path: string, guard: Guard): GrowingFile {
    let content = tree.read(path, actor);
    const set = (place: string, next: Uint8Array): Promise<void> =>
      attempt({ doing: "write", path: place }, neverAborted, () => {
        tree.overwrite(place, next, actor);
        content = next;
      });
    return {
      get size() {
        return content.length;
      },
      append: (bytes) => set(path, Uint8Array.from(Buffer.concat([content, bytes]))),
      read: async (at, length) => content.slice(at, at + length),
      clear: () => set(path, new Uint8Array()),
      moveTo: (target, options, signal) =>
        attempt({ doing: "write", path: target }, signal, () => {
          expectNoLinks(path, guard);
          expectNoLinks(target, options);
          put(target, content, { ...options, mode: tree.look(path, actor, false)?.mode ?? 0o600 });
          tree.remove(path, false, actor);
        }),
      [Symbol.dispose]() {},
    };
  }

  return {
    inspect: (path, signal) => attempt({ doing: "look at", path }, signal, () => tree.look(path, actor, false)),
    inspectTarget: (path, signal) => attempt({ doing: "look at", path }, signal, () => tree.look(path, actor, true)),
    read: (path, limitBytes, signal, guard = {}) =>
      attempt({ doing: "read", path }, signal, () => {
        expectNoLinks(path, guard);
        const content = tree.read(path, actor);
        if (content.length > limitBytes) throw tooLarge(path, limitBytes);
        return content.slice();
      }),
    async *pieces(path, signal, guard = {}) {
      const content = await attempt({ doing: "read", path }, signal, () => {
        expectNoLinks(path, guard);
        return tree.read(path, actor);
      });
      for (let at = 0; at < content.length; at += pieceBytes) {
        signal.throwIfAborted();
        yield content.slice(at, at + pieceBytes);
      }
    },
    open: (path, signal, guard = {}) =>
      attempt({ doing: "read", path }, signal, (): OpenFile => {
        expectNoLinks(path, guard);
        const content = tree.read(path, actor);
        return {
          size: content.length,
          modifiedNs: tree.look(path, actor, true)?.modifiedNs ?? 0n,
          read: async (at, length) => content.slice(at, at + length),
          [Symbol.dispose]() {},
        };
      }),
    grow: (path, options, signal) =>
      attempt({ doing: "write", path }, signal, () => {
        expectNoLinks(path, options);
        if (tree.look(path, actor, true) === undefined) {
          tree.overwrite(path, new Uint8Array(), actor);
          tree.setMode(path, options.mode, actor);
        }
        return growing(path, options);
      }),
    digest: (path, signal, guard = {}) =>
      attempt({ doing: "read", path }, signal, () => {
        expectNoLinks(path, guard);
        return hash("sha256", tree.read(path, actor));
      }),
    list: (path, signal) =>
      attempt({ doing: "list", path }, signal, () =>
        tree
          .list(path, actor)
          .map(({ name }) => name)
          .sort(compareNames),
      ),
    readLink: (path, signal) =>
      attempt({ doing: "read the link", path }, signal, () => textOf(tree.readLink(path, actor))),
    write: (path, content, options, signal) =>
      attempt({ doing: "write", path }, signal, () => {
        expectNoLinks(path, options);
        put(path, content, options);
      }),
    async writePieces(path, pieces, options, signal) {
      const parts: Uint8Array[] = [];
      for await (const piece of pieces) {
        signal.throwIfAborted();
        parts.push(Uint8Array.from(piece));
      }
      await attempt({ doing: "write", path }, signal, () => {
        expectNoLinks(path, options);
        put(path, Buffer.concat(parts), options);
      });
    },
    async appendPieces(path, pieces, options, signal) {
      for await (const piece of pieces) {
        const bytes = Uint8Array.from(piece);
        await attempt({ doing: "write", path }, signal, () => {
          expectNoLinks(path, options);
          const before = tree.look(path, actor, true) === undefined ? undefined : tree.read(path, actor);
          tree.overwrite(path, Buffer.concat([before ?? new Uint8Array(), bytes]), actor);
          if (before === undefined) tree.setMode(path, options.mode, actor);
        });
      }
      await attempt({ doing: "write", path }, signal, () => {
        expectNoLinks(path, options);
        if (tree.look(path, actor, true) !== undefined) return;
        tree.overwrite(path, new Uint8Array(), actor);
        tree.setMode(path, options.mode, actor);
      });
    },
    overwrite: (path, content, signal) =>
      attempt({ doing: "write", path }, signal, () => {
        const state = tree.look(path, actor, true);
        if (state === undefined) throw new TreeRefusal("nothing-there");
        if (state.kind === "other") throw new TreeRefusal("not-a-regular-file");
        tree.overwrite(path, content.slice(), actor);
      }),
    async copy(source, path, options, signal) {
      const content = await attempt({ doing: "read", path: source }, signal, () => {
        expectNoLinks(source, options.sourceGuard ?? {});
        return tree.read(source, actor);
      });
      await attempt({ doing: "write", path }, signal, () => {
        expectNoLinks(path, options);
        put(path, content, options);
      });
    },
    createDirectory: (path, options, signal) =>
      attempt({ doing: "create", path }, signal, () => {
        expectNoLinks(path, options);
        if (tree.look(path, actor, false) !== undefined) throw new TreeRefusal("something-there");
        const plain = { mode: 0o777 & ~umask, ...actor };
        const missing: string[] = [];
        for (let above = path; above !== ""; ) {
          above = above.slice(0, above.lastIndexOf("/"));
          if (!(options.parents ?? false) || above === "") break;
          if (tree.look(above, actor, true) !== undefined) break;
          missing.unshift(above);
        }
        for (const above of missing) tree.makeDirectory(above, plain, actor);
        const { mode, uid, gid } = options;
        tree.makeDirectory(path, { mode: mode ?? plain.mode, uid: uid ?? actor.uid, gid: gid ?? actor.gid }, actor);
      }),
    link: (path, target, signal, guard = {}) =>
      attempt({ doing: "make the link", path }, signal, () => {
        expectNoLinks(path, guard, "any");
        tree.replace(path, "symlink", bytesOf(target), () => ({ mode: 0o777, ...actor }), actor);
      }),
    setMode: (path, mode, signal, guard = {}) =>
      attempt({ doing: "set the mode of", path }, signal, () => {
        expectNoLinks(path, guard);
        tree.setMode(path, mode, actor);
      }),
    setOwner: (path, owner, signal, guard = {}) =>
      attempt({ doing: "set the owner of", path }, signal, () => {
        expectNoLinks(path, guard, "any");
        tree.setOwner(path, owner, actor);
      }),
    securityContext: (path, signal) =>
      attempt({ doing: "read the SELinux context of", path }, signal, () => tree.context(path, actor)),
    setSecurityContext: (path, context, signal, guard = {}) =>
      attempt({ doing: "set the SELinux context of", path }, signal, () => {
        expectNoLinks(path, guard, "any");
        tree.setContext(path, context, actor);
      }),
    remove: (path, options, signal) =>
      attempt({ doing: "remove", path }, signal, () => {
        expectNoLinks(path, options, "any");
        if (/^\/+$/.test(path)) throw new TreeRefusal("in-use");
        tree.remove(path, options.recursive ?? false, actor);
      }),
    watch: (targets, signal) => watching.watch(targets, signal),
  };
}

function watchedTree(tree: Tree, actor: Actor, moods: Moods, monotonicMs: () => number): WatchedTree {
  const look = (path: string) => otherwise(undefined, () => tree.look(path, actor, false));
  return {
    look,
    readLink: (path) => otherwise(undefined, () => textOf(tree.readLink(path, actor))),
    names: (path) =>
      otherwise([], () => tree.list(path, actor).map(({ name, kind }) => ({ name, directory: kind === "directory" }))),
    open: (path, onEvent) =>
      asFailure({ doing: "watch", path }, () => {
        if (moods.watched >= moods.watchLimit) throw new TreeRefusal("out-of-watches");
        const listener = tree.listen(path, actor, onEvent);
        if (listener === undefined) return undefined;
        moods.watched += 1;
        return {
          close() {
            moods.watched -= 1;
            listener.close();
          },
        };
      }),
    soon: queueMicrotask,
    monotonicMs,
  };
}

/** What the tree says no to, as everybody above knows it. */
export function asFailure<Result>(attempt: Attempt, task: () => Result): Result {
  try {
    return task();
  } catch (reason) {
    throw reason instanceof TreeRefusal ? refused(reason.refusal, attempt, reason) : reason;
  }
}

function otherwise<Result>(fallback: Result, task: () => Result): Result {
  try {
    return task();
  } catch (reason) {
    if (reason instanceof TreeRefusal) return fallback;
    throw reason;
  }
}

function expectPath(path: string): void {
  if (!path.startsWith("/") || path.includes("\0")) throw new TreeRefusal("bad-path");
}

/** Waits for `event`, but no longer than until the signal aborts. */
export async function stoppable<Result>(event: Promise<Result>, signal: AbortSignal): Promise<Result> {
  signal.throwIfAborted();
  let stop = () => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([event, stopped]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
