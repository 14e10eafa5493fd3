// SPDX-License-Identifier: Apache-2.0
// Texts that hosts share: one for all of them, or one of each.

import type { Entry } from "../contract/cluster.ts";
import type { SharedTexts, Slot } from "../contract/exchange.ts";
import { Failure } from "../contract/failure.ts";
import type { Connection } from "./connection.ts";
import { open, seal } from "./envelope.ts";
import { partsAfter, slotKey, tablePrefix } from "./keys.ts";
import type { Mirrors } from "./mirrors.ts";

/** So many times another host may be faster before we give way. */
const mostAttempts = 20;

export function sharedTexts(connection: Connection, mirrors: Mirrors): SharedTexts {
  const find = async (slot: Slot, signal: AbortSignal): Promise<Entry | undefined> =>
    (await connection.read({ key: slotKey(slot) }, signal)).entries[0];

  return {
    async get(slot, signal) {
      return textIn(await find(slot, signal));
    },

    async update(slot, next, signal) {
      const key = slotKey(slot);
      for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
        const entry = await find(slot, signal);
        const present = textIn(entry);
        const value = next(present);
        if (value === present) return;
        const conditions = [{ key, changed: entry?.changed ?? 0 }];
        const change =
          value === undefined
            ? ({ do: "delete", key } as const)
            : ({ do: "put", key, value: seal({ value }) } as const);
        if ((await connection.commit({ conditions, changes: [change] }, signal)).held) return;
      }
      throw new Failure("Other hosts change it again and again.", { code: "conflict", retry: "backoff" });
    },

    changes: (slot, signal) => mirrors.changes([{ key: slotKey(slot) }], signal, { patient: false }).pulses,

    follow(slot, signal) {
      const key = slotKey(slot);
      return mirrors.follow(
        [{ key }],
        ([entries]) => textIn(entries?.get(key)),
        (left, right) => left === right,
        signal,
      );
    },

    followTable(key, signal) {
      const prefix = tablePrefix(key);
      return mirrors.follow(
        [{ prefix }],
        ([entries]) => {
          const table = new Map<string, string>();
          for (const [each, entry] of entries?.from(prefix) ?? []) {
            const text = textIn(entry);
            if (text !== undefined) table.set(partsAfter(prefix, each)[0] ?? "", text);
          }
          return table;
        },
        sameTable,
        signal,
      );
    },
  };
}

function textIn(entry: Entry | undefined): string | undefined {
  const value = entry && open(entry.value)?.["value"];
  return typeof value === "string" ? value : undefined;
}

function sameTable(left: ReadonlyMap<string, string>, right: ReadonlyMap<string, string>): boolean {
  return left.size === right.size && [...left].every(([host, text]) => right.get(host) === text);
}
