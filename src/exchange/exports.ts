// SPDX-License-Identifier: Apache-2.0
// Exported resources: what this host lets others collect, and what it may collect itself. They stay when a host stops or
// is lost, and only its own next program takes them back; but for those that expire, which go with a session.

import type { Change, Entry, Session } from "../contract/cluster.ts";
import type { Exported, ExportKey, Exports } from "../contract/exchange.ts";
import { fieldsOfStored } from "../values/stored.ts";
import { commitAll } from "./commit-all.ts";
import type { Connection } from "./connection.ts";
import { open, seal } from "./envelope.ts";
import { exportedKey, exportedPrefix, exporterKey, exporterPrefix, partsAfter } from "./keys.ts";
import type { Mirrors } from "./mirrors.ts";
import type { Sessions } from "./sessions.ts";

export function exportsOf(hostname: string, connection: Connection, mirrors: Mirrors, sessions: Sessions): Exports {
  const listeners = new Set<() => void>();
  const held = new WeakSet<AbortSignal>();

  /** That of what expires after so many seconds. It is left at the end, so a restart in time changes nothing. */
  const sessionFor = async (seconds: number): Promise<Session> => {
    const session = await sessions.get(seconds * 1000, "leave");
    if (!held.has(session.over)) {
      held.add(session.over);
      session.over.addEventListener("abort", () => connection.closing.aborted || lost(seconds), { once: true });
    }
    return session;
  };

  const lost = (seconds: number): void => {
    connection.tell(
      `nothing was heard of this host for ${seconds} seconds: what it exports and expires may have gone, and is exported again`,
    );
    for (const listener of listeners) listener();
  };

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
          const [own = [], all = []] = prefixes.map((prefix, at) => [...(views[at]?.from(prefix) ?? [])]);
          const [ownLength, allLength] = prefixes.map((prefix) => prefix.length) as [number, number];
          const found: Exported[] = [];
          const add = (prefix: number, [key, entry]: readonly [string, Entry]): boolean => {
            const exported = read(prefixes[prefix] ?? "", kind, key, entry);
            if (exported !== undefined) found.push(exported);
            return exported !== undefined;
          };
          // Both are sorted by what follows the prefix, so they are gone through side by side.
          for (let [left, right] = [0, 0]; left < own.length || right < all.length; ) {
            const [mine, others] = [own[left], all[right]];
            const minePlace = mine?.[0].slice(ownLength);
            const othersPlace = others?.[0].slice(allLength);
            if (mine !== undefined && (othersPlace === undefined || (minePlace ?? "") <= othersPlace)) {
              // What is for this host wins over what the same host exports under the same name for all.
              if (add(0, mine) && minePlace === othersPlace) right += 1;
              left += 1;
            } else if (others !== undefined) {
              add(1, others);
              right += 1;
            }
          }
          return found;
        },
        (left, right) => left.length === right.length && left.every((exported, at) => exported === right[at]),
        signal,
      );
    },

    async published(key, signal) {
      const [entry] = (await connection.read({ key: exportedKey(key, hostname) }, signal)).entries;
      const data = entry && dataIn(entry);
      if (data === undefined) return undefined;
      const { session, value } = entry as Entry;
      const expire = Number(open(value)?.["expire"] ?? 0);
      const isHeld = expire === 0 ? session === undefined : session !== undefined && sessions.isAlive(session);
      return { data, expire, isHeld };
    },

    async publish(keys, { data, expire }, signal) {
      const value = seal({ fields: JSON.parse(data) as unknown, ...(expire === 0 ? {} : { expire }) });
      const session = expire === 0 ? {} : { session: (await sessionFor(expire)).id };
      const changes = keys.map((key): readonly Change[] => [
        { do: "put", key: exportedKey(key, hostname), value, ...session },
        { do: "put", key: exporterKey(key, hostname), value: "", ...session },
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
      listeners.add(listener);
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
