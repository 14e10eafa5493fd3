// SPDX-License-Identifier: Apache-2.0
// Exported resources: what this host lets others collect, and what it may collect itself. They stay when a host stops or
// is lost; only its own next program takes them back.

import type { Change, Entry } from "../contract/cluster.ts";
import type { Exported, ExportKey, Exports } from "../contract/exchange.ts";
import { fieldsOfStored } from "../values/stored.ts";
import { commitAll } from "./commit-all.ts";
import type { Connection } from "./connection.ts";
import { open, seal } from "./envelope.ts";
import { exportedKey, exportedPrefix, exporterKey, exporterPrefix, partsAfter } from "./keys.ts";
import type { Mirrors } from "./mirrors.ts";

export function exportsOf(hostname: string, connection: Connection, mirrors: Mirrors): Exports {
  /** An entry never changes, so what is read of it is kept with it. */
  const readings = new WeakMap<Entry, Exported | undefined>();

  const read = (prefix: string, kind: string, key: string, entry: Entry): Exported | undefined => {
    if (!readings.has(entry)) {
      const [name = "", host = ""] = partsAfter(prefix, key);
      const data = dataIn(entry);
      readings.set(entry, data === undefined || name === "" || host === "" ? undefined : { kind, name, host, data });
    }
    return readings.get(entry);
  };

  return {
    follow(kind, signal) {
      const prefixes = [exportedPrefix(hostname, kind), exportedPrefix("*", kind)];
      return mirrors.follow(
        prefixes.map((prefix) => ({ prefix })),
        (views) => {
          // What is for this host wins over what the same host exports under the same name for all.
          const found = new Map<string, Exported>();
          prefixes.forEach((prefix, at) => {
            for (const [key, entry] of views[at]?.from(prefix) ?? []) {
              const place = key.slice(prefix.length);
              const exported = found.has(place) ? undefined : read(prefix, kind, key, entry);
              if (exported !== undefined) found.set(place, exported);
            }
          });
          return [...found].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, exported]) => exported);
        },
        (left, right) => left.length === right.length && left.every((exported, at) => exported === right[at]),
        signal,
      );
    },

    async published(key, signal) {
      const [entry] = (await connection.read({ key: exportedKey(key, hostname) }, signal)).entries;
      return entry && dataIn(entry);
    },

    async publish(keys, data, signal) {
      const value = seal({ fields: JSON.parse(data) as unknown });
      const changes = keys.map((key): readonly Change[] => [
        { do: "put", key: exportedKey(key, hostname), value },
        { do: "put", key: exporterKey(key, hostname), value: "" },
      ]);
      await commitAll(connection, changes, signal);
    },

    async keepOnly(isKept, signal) {
      const prefix = exporterPrefix(hostname);
      const { entries } = await connection.read({ prefix }, signal);
      const dropped = entries.flatMap(({ key }): readonly ExportKey[] => {
        const [to = "", kind = "", name = ""] = partsAfter(prefix, key);
        return isKept({ to, kind, name }) ? [] : [{ to, kind, name }];
      });
      const changes = dropped.map((key): readonly Change[] => [
        { do: "delete", key: exportedKey(key, hostname) },
        { do: "delete", key: exporterKey(key, hostname) },
      ]);
      await commitAll(connection, changes, signal);
      return dropped;
    },

    onReachable: (listener) => {
      connection.onReachable(listener);
    },
  };
}

function dataIn(entry: Entry): string | undefined {
  const fields = open(entry.value)?.["fields"];
  if (fields === undefined) return undefined;
  const data = JSON.stringify(fields);
  return fieldsOfStored(data) === undefined ? undefined : data;
}
