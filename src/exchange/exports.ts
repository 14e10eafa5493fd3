// SPDX-License-Identifier: Apache-2.0
// Exported resources: what this host lets others collect, and what it may collect itself. They stay when a host stops or
// is lost, and only its own next program takes them back; but for those that expire, which go with a session.

import type { Change, Entry, Session } from "../contract/cluster.ts";
import type { ExportKey, Exports } from "../contract/exchange.ts";
import { Collectable, dataIn } from "./collectable.ts";
import { commitAll } from "./commit-all.ts";
import type { Connection } from "./connection.ts";
import { open, seal } from "./envelope.ts";
import { exportedKey, exporterKey, exporterPrefix, partsAfter } from "./keys.ts";
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

  const collectables = new Map<string, Collectable>();

  return {
    follow(kind, signal, names) {
      const collectable = collectables.get(kind) ?? new Collectable(kind, hostname, mirrors);
      collectables.set(kind, collectable);
      return collectable.follow(signal, names);
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
