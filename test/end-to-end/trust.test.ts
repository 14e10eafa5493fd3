// SPDX-License-Identifier: Apache-2.0
// How hosts come into a cluster, as people do it: an invitation on the first host, once, for one host.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { freePort } from "../free-port.ts";
import { eventually, testPrograms } from "./program.ts";

const waitMs = 60_000;

testPrograms("an invitation lets one host into the cluster", async (world) => {
  const port = await freePort();
  world.write("main.mcl", "\n");
  const first = world.start(["run", "--accept-joins", `127.0.0.1:${port}`, "--hostname=first", "--prefix", world.path("first"), "main.mcl"]); // biome-ignore format: one line
  await eventually("hosts are let in", () => first.stderr.includes(`hosts are let in at 127.0.0.1:${port}`), waitMs);
  const invited = await world.run(["cluster", "invite", "--prefix", world.path("first"), `--address=127.0.0.1:${port}`, "--name=web1"]); // biome-ignore format: one line
  assert.equal(invited.status, 0, invited.stderr);
  const invitation = invited.stdout.trim();
  assert.match(invitation, new RegExp(`^[\\w-]{22}\\.[\\w-]{43}@127\\.0\\.0\\.1:${port}$`));
  const join = (name: string) =>
    world.run(["run", "--once", `--join=${invitation}`, "--hostname", name, "--prefix", world.path(name), "main.mcl"]);
  const joined = await join("web1");
  assert.equal(joined.status, 0, joined.stderr);
  assert.match(joined.stderr, /this host was let into the cluster as web1/);
  await eventually("the first host says so", () => first.stderr.includes("web1 was let in, from 127.0.0.1"), waitMs);
  const trust = world.path("web1/trust");
  const verified = execFileSync("openssl", ["verify", "-CAfile", `${trust}/authorities.crt`, `${trust}/host.crt`], { encoding: "utf8" }); // biome-ignore format: one line
  assert.match(verified, /OK/);
  assert.equal(statSync(`${trust}/host.key`).mode & 0o777, 0o600);
  assert.equal(existsSync(`${trust}/authority.key`), false);
  assert.equal(readFileSync(`${trust}/entrance`, "utf8"), `127.0.0.1:${port}\n`);
  const again = await join("web1");
  assert.equal(again.status, 0, "it is in the cluster already");
  const second = await join("web2");
  assert.equal(second.status, 3, second.stderr);
  assert.match(second.stderr, /was not let in: its invitation was used already/);
  first.signal("SIGTERM");
  assert.equal((await first.ended).status, 0);
  const late = await world.run(["run", "--once", `--join=${invitation}`, "--hostname=web3", "--prefix", world.path("web3"), "main.mcl"]); // biome-ignore format: one line
  assert.match(late.stderr, /cannot be reached[\s\S]*--accept-joins/);
});

testPrograms("a key for signing is made once, and the size of the cluster is said and set", async (world) => {
  const made = await world.run(["cluster", "key", "deploy.pem"]);
  assert.equal(made.status, 0, made.stderr);
  assert.match(made.stdout, /^-----BEGIN PUBLIC KEY-----/);
  assert.equal(statSync(world.path("deploy.pem")).mode & 0o777, 0o600);
  const again = await world.run(["cluster", "key", "deploy.pem"]);
  assert.equal(again.status, 3);
  assert.match(again.stderr, /is there already/);
  const seeds = `--seeds=file:${world.path("cluster.db")}`;
  assert.equal((await world.run(["cluster", "size", seeds])).stdout, "5\n");
  assert.equal((await world.run(["cluster", "size", "3", seeds])).status, 0);
  assert.equal((await world.run(["cluster", "size", seeds])).stdout, "3\n");
  assert.equal((await world.run(["cluster", "members", seeds])).stdout, "");
  for (const wrong of [
    ["cluster"],
    ["cluster", "x"],
    ["cluster", "size", "0", seeds],
    ["cluster", "key"],
    ["cluster", "invite", "x"],
  ]) {
    // biome-ignore format: one line
    assert.equal((await world.run(wrong)).status, 2, wrong.join(" "));
  }
  const rotated = await world.run(["cluster", "rotate", "--prefix", world.path("first")]);
  assert.match(rotated.stdout, /made known/, rotated.stderr);
});
