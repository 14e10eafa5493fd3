// SPDX-License-Identifier: Apache-2.0
// The store of a run over its control socket is held to what every store must do, and whoever asks for nonsense gets nothing.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { contract, fails } from "../../cluster/contract.test-support.ts";
import { embeddedCluster } from "../../cluster/embedded/index.ts";
import { memoryCluster } from "../../cluster/memory/index.ts";
import type { Cluster } from "../../contract/cluster.ts";
import { drivenClock } from "../../host/memory/clock.ts";
import { seededRandom } from "../../host/memory/random.ts";
import { type ControlServer, serveControl } from "./control-server.ts";
import { answersOf } from "./store-answers.ts";
import { hasOwnStore, storeOfRun } from "./store-client.ts";

const { signal: never } = new AbortController();

async function serve(prefix: string, cluster: Cluster | undefined): Promise<ControlServer> {
  const store = answersOf(cluster);
  const served = serveControl(prefix, { answer: () => [], store }, (message) => assert.fail(message));
  while ((await hasOwnStore(prefix, "/k", never)) === undefined);
  return served;
}

contract("of a run, over its control socket", async () => {
  const directory = mkdtempSync(join(tmpdir(), "mgmt-store-"));
  const clock = drivenClock();
  const random = seededRandom(1);
  const open = (): Cluster =>
    embeddedCluster({ path: join(directory, "cluster.db"), clock, random, readOnly: false, onTrouble: () => {} });
  let inside = open();
  let served = await serve(directory, inside);
  const cluster = storeOfRun(directory);
  const end = async (): Promise<void> => {
    served.close();
    await inside.close();
  };
  return {
    cluster,
    // What was said before is heard of before.
    pass: async (ms) => {
      await cluster.read({ key: "/k" }, never);
      await clock.advance(ms);
      await cluster.read({ key: "/k" }, never);
    },
    forget: async () => {
      await end();
      inside = open();
      served = await serve(directory, inside);
      return storeOfRun(directory);
    },
    close: async () => {
      await cluster.close();
      await end();
      rmSync(directory, { recursive: true });
    },
  };
});

async function shared(context: TestContext, cluster: Cluster | undefined): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), "mgmt-store-"));
  const served = await serve(directory, cluster);
  context.after(() => {
    served.close();
    rmSync(directory, { recursive: true });
  });
  return directory;
}

/** The answers to lines that no client of ours sends. */
function say(prefix: string, ...lines: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(join(prefix, "control.sock"));
    let told = "";
    socket.setEncoding("utf8").on("data", (piece: string) => {
      told += piece;
      if (told.split("\n").length > lines.length) socket.destroy();
    });
    socket.on("error", reject).on("close", () => resolve(told));
    socket.write(lines.map((line) => `${line}\n`).join(""));
  });
}

test("a request that no store takes is refused, and changes nothing", async (context) => {
  const cluster = memoryCluster(drivenClock()).door();
  const prefix = await shared(context, cluster);
  const commit = (transaction: unknown): string => JSON.stringify({ ask: "commit", transaction });
  const put = { do: "put", key: "/k", value: "x" };
  const wrong = [
    commit({ conditions: [] }),
    commit({ conditions: [], changes: [{ ...put, key: "with space" }] }),
    commit({ conditions: [], changes: [{ ...put, value: 7 }] }),
    commit({ conditions: [], changes: [put, put] }),
    commit({ conditions: [{ key: "/k", changed: -1 }], changes: [put] }),
    commit({ conditions: [], changes: [put, { do: "burn", key: "/l" }] }),
    JSON.stringify({ ask: "read", range: {} }),
    JSON.stringify({ ask: "read", range: { key: "/k" }, filler: "x".repeat(20_000) }),
    JSON.stringify({ ask: "watch", range: { prefix: "/" }, after: "1" }),
    JSON.stringify({ ask: "session", ttlMs: 0 }),
    JSON.stringify({ ask: "session", ttlMs: 1e12 }),
  ];
  const told = await say(prefix, ...wrong);
  const refused = '{"answer":"refused","message":"This is not a request."}\n';
  assert.equal(told, refused.repeat(wrong.length));
  assert.deepEqual((await cluster.read({ prefix: "/" }, never)).entries, []);
});

test("a line that is longer than any request ends the connection", async (context) => {
  const prefix = await shared(context, memoryCluster(drivenClock()).door());
  assert.equal(await say(prefix, "x".repeat(9 * 1024 * 1024)).catch(() => ""), "");
  assert.equal(await hasOwnStore(prefix, "/k", never), true, "the run goes on");
});

test("nobody else than who runs it, and root, can reach it", async (context) => {
  const prefix = await shared(context, memoryCluster(drivenClock()).door());
  assert.equal(statSync(join(prefix, "control.sock")).mode & 0o777, 0o600);
});

test("a store that others share is not to be had through one of them", async (context) => {
  const prefix = await shared(context, undefined);
  assert.equal(await hasOwnStore(prefix, "/k", never), false);
  await fails("unsupported", storeOfRun(prefix).read({ key: "/k" }, never));
});

test("without a run there is none", async () => {
  assert.equal(await hasOwnStore("/nowhere", "/k", never), undefined);
  await fails("unreachable", storeOfRun("/nowhere").read({ key: "/k" }, never));
});

test("when the run ends, whoever follows hears of it, and its session is over", async () => {
  const prefix = mkdtempSync(join(tmpdir(), "mgmt-store-"));
  const served = await serve(prefix, memoryCluster(drivenClock()).door());
  const cluster = storeOfRun(prefix);
  const session = await cluster.openSession(10_000, never);
  const watch = cluster.watch({ prefix: "/" }, undefined, never);
  await watch.next();
  const next = watch.next();
  served.close();
  await fails("unreachable", next);
  if (!session.over.aborted) await new Promise((resolve) => session.over.addEventListener("abort", resolve));
  await cluster.close();
  rmSync(prefix, { recursive: true });
});

test("a session whose owner has gone without a word is left", async (context) => {
  const clock = drivenClock();
  const inside = memoryCluster(clock).door();
  const prefix = await shared(context, inside);
  const cluster = storeOfRun(prefix);
  const session = await cluster.openSession(2000, never);
  const change = { do: "put", key: "/mine", value: "", session: session.id } as const;
  await cluster.commit({ conditions: [], changes: [change] }, never);
  await cluster.close();
  // The end of the connection is heard of soon.
  while ((await inside.read({ key: "/mine" }, never)).entries.length > 0) {
    await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(100);
  }
});
