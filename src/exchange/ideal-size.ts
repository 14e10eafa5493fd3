// SPDX-License-Identifier: Apache-2.0
// How many hosts are to keep the store. It stands where the original has it, as it has it, so that what people have written
// down goes on working: `etcdctl put /_mgmt/chooser/dynamicsize/idealclustersize 3`.

import type { Connection } from "./connection.ts";
import { idealSizeKey } from "./keys.ts";
import type { Mirrors } from "./mirrors.ts";

export interface IdealSize {
  get(signal: AbortSignal): Promise<number>;
  set(size: number, signal: AbortSignal): Promise<void>;
  follow(signal: AbortSignal): AsyncIterableIterator<number>;
}

export const usualSize = 5;

export function idealSizeOf(connection: Connection, mirrors: Mirrors): IdealSize {
  const range = { key: idealSizeKey };
  return {
    async get(signal) {
      return sizeIn((await connection.read(range, signal)).entries[0]?.value);
    },
    async set(size, signal) {
      const change = { do: "put", key: idealSizeKey, value: `${size}` } as const;
      await connection.commit({ conditions: [], changes: [change] }, signal);
    },
    follow: (signal) =>
      mirrors.follow(
        [range],
        ([view]) => sizeIn(view?.get(idealSizeKey)?.value),
        (left, right) => left === right,
        signal,
      ),
  };
}

/** What is no number of hosts counts as if nothing were said. */
export function sizeIn(text: string | undefined): number {
  return text !== undefined && /^[1-9][0-9]?$/.test(text.trim()) ? Number(text) : usualSize;
}
