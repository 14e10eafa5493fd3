// SPDX-License-Identifier: Apache-2.0
// `msg` with the real journal of systemd.

import assert from "node:assert/strict";
import { test } from "node:test";
import { linuxHost } from "../../src/host/linux/index.ts";
import { msg } from "../../src/resources/messages/msg.ts";
import { proves } from "../proofs.ts";
import { drive } from "../resource.ts";
import { run, until } from "./inside.ts";

test("a message is in the journal, with its priority and its fields", async () => {
  const fields = new Map([["SERVICE", "backup"]]);
  const want = { body: "one\ntwo", priority: "Warning", fields, journal: true, syslog: true };
  const resource = drive(msg, "m", want, linuxHost());
  assert.equal((await resource.settle()).length, 3);
  assert.deepEqual(await resource.plan(), []);
  const found = async () => run("journalctl", "--output=json", "SYSLOG_IDENTIFIER=mgmt");
  let entries: readonly Record<string, unknown>[] = [];
  await until("both are in the journal", async () => {
    const lines = (await found()).split("\n").filter((line) => line !== "");
    entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    return entries.length >= 2;
  });
  const own = entries.find((entry) => entry["SERVICE"] === "backup");
  assert.deepEqual([own?.["PRIORITY"], own?.["SYSLOG_FACILITY"]], ["4", undefined]);
  assert.ok(entries.some((entry) => entry["SYSLOG_FACILITY"] === "1" && entry["PRIORITY"] === "4"));
});

proves("msg", "real part");
