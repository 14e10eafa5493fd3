// SPDX-License-Identifier: Apache-2.0
// How many hosts are to keep the store. It stands where the original has it, as it has it, so that what people have written
// down goes on working: `etcdctl put /_mgmt/chooser/dynamicsize/idealclustersize 3`, or `/_mgmt/idealClusterSize` as it was
// called first. Of the two that counts which was written last.

import type { Entry, KeyRange, Revision } from "../contract/cluster.ts";
import type { IdealSize } from "../contract/exchange.ts";
import type { Connection } from "./connection.ts";
import { idealSizeKey, olderIdealSizeKey } from "./keys.ts";
import type { Mirrors } from "./mirrors.ts";

export const usualSize = 5;

/** Under which it may stand. */
export const idealSizeRanges: readonly KeyRange[] = [{ key: idealSizeKey }, { key: olderIdealSizeKey }];

export function idealSizeOf(connection: Connection, mirrors: Mirrors): IdealSize {
  return {
    async get(signal) {
      return sizeIn(await readIdealSize(connection, signal)).size;
    },
    async set(size, signal) {
      const change = { do: "put", key: idealSizeKey, value: `${size}` } as const;
      await connection.commit({ conditions: [], changes: [change] }, signal);
    },
    follow: (signal) =>
      mirrors.follow(
        idealSizeRanges,
        ([newer, older]) => sizeIn([newer?.get(idealSizeKey), older?.get(olderIdealSizeKey)]).size,
        (left, right) => left === right,
        signal,
      ),
  };
}

/** What stands in the store about it. */
export async function readIdealSize(
  store: Pick<Connection, "read">,
  signal: AbortSignal,
): Promise<readonly Pick<Entry, "value" | "changed">[]> {
  const found = await Promise.all(idealSizeRanges.map((range) => store.read(range, signal)));
  return found.flatMap(({ entries }) => entries);
}

/** What is no number of hosts counts as if nothing were said. `changed`: when it was said; 0: never. */
export function sizeIn(said: readonly (Pick<Entry, "value" | "changed"> | undefined)[]): {
  readonly size: number;
  readonly changed: Revision;
} {
  const sizes = said.flatMap((entry) =>
    entry !== undefined && /^(?:0|[1-9][0-9]?)$/.test(entry.value.trim()) ? [entry] : [],
  );
  const last = sizes.toSorted((left, right) => right.changed - left.changed)[0];
  return last === undefined ? { size: usualSize, changed: 0 } : { size: Number(last.value), changed: last.changed };
}
