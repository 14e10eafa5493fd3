// SPDX-License-Identifier: Apache-2.0
// What real etcd does with much at once, and behind TLS.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openSignpost } from "../../src/cluster/etcd/signpost.ts";
import { change, fails, follow, put, texts } from "../../src/cluster/contract.test-support.ts";
import { EtcdLab, type LabOptions, missing } from "./etcd.test-support.ts";

const never = (): AbortSignal => new AbortController().signal;

function check(title: string, options: LabOptions, run: (lab: EtcdLab) => Promise<void>): void {
  test(title, async (context) => {
    if (missing !== undefined) return context.diagnostic(missing);
    const lab = await EtcdLab.start(options);
    try {
      await run(lab);
    } finally {
      await lab.stop();
    }
  });
}

check("a range of any size is read, all of one instant", {}, async (lab) => {
  const cluster = lab.open();
  const many = Array.from({ length: 3000 }, (_, each) => `/many/${String(each).padStart(5, "0")}`);
  for (let at = 0; at < many.length; at += 100) {
    await change(cluster, ...many.slice(at, at + 100).map((key) => put(key, key)));
  }
  const large = "x".repeat(900_000);
  for (let each = 0; each < 20; each += 1) await change(cluster, put(`/large/${each}`, large));
  const found = await cluster.read({ prefix: "/" }, never());
  assert.equal(found.entries.length, 3020);
  const reading = cluster.read({ prefix: "/many/" }, never());
  const changing = change(cluster, put("/many/00001", "other"), put("/many/02999", "other"));
  const values = (await reading).entries.filter(({ value }) => value === "other").length;
  assert.ok(values === 0 || values === 2, "both or none");
  await changing;
});

check(
  "a watch is told more at once than fits into one message, and what belongs together in one item",
  {},
  async (lab) => {
    const cluster = lab.open();
    const after = await change(cluster, put("/first", ""));
    const value = "x".repeat(8000);
    const expected: string[] = [];
    for (let round = 0; round < 30; round += 1) {
      const keys = Array.from({ length: 120 }, (_, each) => `/r/${round}/${each}`);
      await change(cluster, ...keys.map((key) => put(key, value)));
      expected.push(...keys);
    }
    const stopping = new AbortController();
    const keys: string[] = [];
    for await (const item of cluster.watch({ prefix: "/r/" }, after, stopping.signal)) {
      assert.ok(item.kind === "changes");
      const transactions = new Map<number, number>();
      for (const { key, entry } of item.changes) {
        keys.push(key);
        transactions.set(entry?.changed ?? 0, (transactions.get(entry?.changed ?? 0) ?? 0) + 1);
      }
      for (const count of transactions.values()) assert.equal(count, 120);
      if (keys.length >= expected.length) break;
    }
    stopping.abort();
    assert.deepEqual(keys, expected);
  },
);

check("servers that none of the given addresses names are found by those that are", { members: 3 }, async (lab) => {
  const told: string[][] = [];
  const cluster = lab.open({ urls: [lab.url(1)], onUrls: (urls) => told.push([...urls]) });
  await change(cluster, put("/k", "1"));
  while (told.length === 0) await cluster.read({ key: "/k" }, never());
  assert.deepEqual(told.at(-1)?.toSorted(), [...lab.urls]);
  await lab.kill(1);
  assert.deepEqual(await texts(cluster, { prefix: "/" }), ["/k=1"]);
  const members = await cluster.members.list({ isExact: true }, never());
  assert.deepEqual(members.map(({ name }) => name).sort(), ["m1", "m2", "m3"]);
  const status = await cluster.members.status(lab.url(2), never());
  assert.equal(members.find(({ id }) => id === status.id)?.name, "m2");
  assert.match(status.version, /^\d+\.\d+\.\d+$/);
  await fails("unreachable", cluster.members.status(lab.url(1), never()));
});

test("who is asked and who asks prove who they are", async (context) => {
  if (missing !== undefined) return context.diagnostic(missing);
  const directory = mkdtempSync(join(tmpdir(), "mgmt-tls-"));
  const at = (name: string): string => join(directory, name);
  const openssl = (...argv: readonly string[]): unknown =>
    execFileSync("openssl", argv, { cwd: directory, stdio: "pipe" });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  try {
    openssl("req", "-x509", ...key, "-subj", "/CN=ca", "-keyout", "ca.key", "-out", "ca.pem");
    const lab = await EtcdLab.start({
      scheme: "https",
      prepare: (address) => {
        const signed = ["-x509", ...key, "-CA", "ca.pem", "-CAkey", "ca.key"];
        openssl("req", ...signed, "-subj", "/CN=m1", "-addext", `subjectAltName=IP:${address}`, "-keyout", "m1.key", "-out", "m1.pem"); // biome-ignore format: one line
        openssl("req", ...signed, "-subj", "/CN=client", "-keyout", "client.key", "-out", "client.pem");
        return {
          arguments: ["--cert-file", at("m1.pem"), "--key-file", at("m1.key"), "--client-cert-auth", "--trusted-ca-file", at("ca.pem")], // biome-ignore format: one line
          tls: {
            ca: readFileSync(at("ca.pem"), "utf8"),
            certificate: readFileSync(at("client.pem"), "utf8"),
            key: readFileSync(at("client.key"), "utf8"),
          },
        };
      },
    });
    try {
      const cluster = lab.open();
      await change(cluster, put("/k", "1"));
      const watch = follow(cluster, { prefix: "/" });
      assert.equal(await watch.next(), "");
      await change(cluster, put("/k", "2"));
      assert.equal(await watch.next(), "/k=2");
      await watch.stop();
      const ca = readFileSync(at("ca.pem"), "utf8");
      await fails("unreachable", lab.open({ tls: { ca } }).read({ key: "/k" }, never()));
      await fails("unreachable", lab.open({ tls: {} }).read({ key: "/k" }, never()));
    } finally {
      await lab.stop();
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
});

check("who asks a signpost is told of the servers by these themselves", {}, async (lab) => {
  const known = lab.open();
  const [server] = await known.members.list({ isExact: false }, never());
  const post = `http://127.0.0.1:${await freePort()}`;
  const servers = () => ({ clusterId: known.clusterId, clientUrls: lab.urls });
  const close = await openSignpost({ urls: [post], servers });
  try {
    const asking = lab.open({ urls: [post] });
    assert.deepEqual(await asking.members.list({ isExact: false }, never()), [server]);
  } finally {
    close();
  }
});

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" ? (address?.port ?? 0) : 0;
}
