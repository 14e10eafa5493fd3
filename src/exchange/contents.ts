// SPDX-License-Identifier: Apache-2.0
// All texts that hosts share, for somebody who looks after them; and, when asked for, everything that stands in the store, as it stands.

import type { Entry, KeyRange } from "../contract/cluster.ts";
import type { Connection } from "./connection.ts";
import { open } from "./envelope.ts";
import { slotIn, slotsPrefixes } from "./keys.ts";
import type { Mirrors } from "./mirrors.ts";

export interface Kept {
  readonly key: string;
  /** Whose text it is; absent: that of all hosts. */
  readonly host?: string;
  readonly value: string;
}

/** Which part of it. */
export interface Wanted {
  /** How keys begin. */
  readonly prefix: string;
  /** Keys and values as the store has them, with our own bookkeeping. Every key begins with `/_mgmt/` then. */
  readonly raw: boolean;
}

export interface Contents {
  list(wanted: Wanted, signal: AbortSignal): Promise<readonly Kept[]>;
  /** The first item is what is there. */
  follow(wanted: Wanted, signal: AbortSignal): AsyncIterableIterator<readonly Kept[]>;
}

export function contentsOf(connection: Connection, mirrors: Mirrors): Contents {
  return {
    async list(wanted, signal) {
      const snapshots = await Promise.all(rangesOf(wanted).map((range) => connection.read(range, signal)));
      return keptIn(
        snapshots.flatMap(({ entries }) => entries),
        wanted,
      );
    },
    follow: (wanted, signal) =>
      mirrors.follow(
        rangesOf(wanted),
        (views) =>
          keptIn(
            views.flatMap((view) => Array.from(view.from(""), ([, entry]) => entry)),
            wanted,
          ),
        (left, right) => JSON.stringify(left) === JSON.stringify(right),
        signal,
      ),
  };
}

function rangesOf({ prefix, raw }: Wanted): readonly KeyRange[] {
  return (raw ? [prefix] : slotsPrefixes(prefix)).map((each) => ({ prefix: each }));
}

function keptIn(entries: readonly Entry[], { raw }: Wanted): readonly Kept[] {
  return entries.flatMap((entry) => {
    if (raw) return { key: entry.key, value: entry.value };
    const [slot, value] = [slotIn(entry.key), open(entry.value)?.["value"]];
    return slot === undefined || typeof value !== "string" ? [] : { ...slot, value };
  });
}
