// SPDX-License-Identifier: Apache-2.0
// The real firewalld, with nftables below it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { proves } from "../proofs.ts";
import { linuxHost } from "../../src/host/linux/index.ts";
import { firewalld } from "../../src/resources/network/firewalld.ts";
import { converge, drive } from "../resource.ts";
import { install, run, until } from "./inside.ts";

test("services and ports are let in, and again when somebody takes them away", async () => {
  await install("firewalld", "nftables", "netbase");
  await run("systemctl", "start", "firewalld");
  await until(
    "it answers",
    async () => (await run("sh", "-c", "firewall-cmd --state 2>&1 || true")) === "running",
    30_000,
  );
  const host = linuxHost();
  const fields = { zone: "public", services: ["http"], ports: ["8080/tcp", "6000-6010/udp"] };
  assert.equal((await converge(firewalld, "web", fields, host)).length, 3);
  assert.match(await run("firewall-cmd", "--zone=public", "--list-services"), /\bhttp\b/);
  assert.equal(await run("firewall-cmd", "--zone=public", "--list-ports"), "8080/tcp 6000-6010/udp");
  assert.match(await run("nft", "list", "ruleset"), /tcp dport 8080/);

  const stop = new AbortController();
  const resource = drive(firewalld, "web", fields, host, { signal: stop.signal });
  const watch = resource.watch();
  await watch.next();
  for (const [change, step] of [
    ["--remove-service=http", "+ let the service http into the zone public"],
    ["--remove-port=8080/tcp", "+ let 8080/tcp into the zone public"],
    ["--remove-port=6000-6010/udp", "+ let 6000-6010/udp into the zone public"],
  ] as const) {
    const woken = watch.next();
    await run("firewall-cmd", "--zone=public", change);
    await woken;
    assert.deepEqual(await resource.settle(), [step]);
    await watch.next(); // Of our own change.
  }
  const reloaded = watch.next();
  await run("firewall-cmd", "--reload"); // Forgets all that is not for the next start.
  await reloaded;
  assert.equal((await resource.settle()).length, 3);
  stop.abort();
  await assert.rejects(drive(firewalld, "x", { zone: "nope", services: ["http"] }, host).settle(), /INVALID_ZONE/);
  assert.equal((await converge(firewalld, "web", { ...fields, state: "absent" }, host)).length, 3);
});

proves("firewalld", "real part");
