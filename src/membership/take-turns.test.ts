// SPDX-License-Identifier: Apache-2.0
// Hosts do something one after the other; whoever was removed does not hold up the others.

import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryCluster } from "../cluster/memory/index.ts";
import { Connection } from "../exchange/connection.ts";
import { seal } from "../exchange/envelope.ts";
import { leavingKey } from "../exchange/keys.ts";
import { drivenClock } from "../host/memory/clock.ts";
import type { StoreServers } from "./servers.ts";
import { inTurn } from "./take-turns.ts";

const servers = { list: () => Promise.resolve([]) } as Partial<StoreServers> as StoreServers;

test("one host after the other has its turn, and one that was removed loses it", async () => {
  const clock = drivenClock();
  const cluster = memoryCluster(clock);
  const stopping = new AbortController();
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const connection = (): Connection => new Connection({ cluster: cluster.door(), clock, onTrouble: () => {} });
  const begin = (hostname: string): void => {
    const work = (): Promise<void> => {
      begun.push(hostname);
      return new Promise((resolve) => ends.set(hostname, resolve));
    };
    inTurn({ hostname, connection: connection(), servers, clock }, work, stopping.signal).catch(assert.ifError);
  };
  begin("a");
  await clock.advance(100);
  for (const name of ["b", "c"]) begin(name);
  await clock.advance(60_000);
  assert.deepEqual(begun, ["a"], "the others wait");
  const remove = (host: string) =>
    connection().commit(
      { conditions: [], changes: [{ do: "put", key: leavingKey(host), value: seal({}) }] },
      stopping.signal,
    );
  await remove("a");
  await clock.advance(3000);
  assert.equal(begun.length, 2, "nobody waits for one that was removed");
  const [, second = ""] = begun;
  await remove(second === "b" ? "c" : "b");
  ends.get(second)?.();
  await clock.advance(60_000);
  assert.equal(begun.length, 2, "one that was removed has no turn");
  stopping.abort();
  for (const end of ends.values()) end();
  await clock.advance(1000);
});
