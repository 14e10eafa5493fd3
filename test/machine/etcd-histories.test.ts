// SPDX-License-Identifier: Apache-2.0
// What clients do and are told while real servers, networks, disks and clients are harmed by plan, held to all that the
// store and the exchange promise. `SEED=7 HISTORIES=1 npm test -- test/machine/etcd-histories.test.ts` is the seventh again;
// `npm run bench -- histories` makes many.

import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { runOnEtcd, whyNotOnEtcd } from "../histories/namespaces.ts";

const count = Number(process.env["HISTORIES"] ?? 20);
const first = Number(process.env["SEED"] ?? 0);
/** At a time; they mostly wait. */
const width = 7;
/** On a machine that is too busy for all of them, fewer are tried. */
const limitSeconds = 60;

test(`${count} histories of real etcd hold`, { timeout: 175_000 }, async (context) => {
  const reason = whyNotOnEtcd();
  if (reason !== undefined) return context.diagnostic(reason);
  const child = runOnEtcd({ count, first, width, limitSeconds }, "pipe");
  const said: string[] = [];
  child.stdout?.setEncoding("utf8").on("data", (text: string) => said.push(text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => said.push(text));
  const [status] = (await once(child, "close")) as [number | null];
  assert.equal(status, 0, said.join(""));
  const done = said.join("").match(/^seed \d+: /gm)?.length ?? 0;
  assert.ok(done >= Math.min(count, width), said.join(""));
  context.diagnostic(said.join("").trimEnd().split("\n").at(-1) ?? "");
});
