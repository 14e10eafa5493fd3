// SPDX-License-Identifier: Apache-2.0
// `--join-local`: runs on one machine that share a store at its usual place. In a network of their own, so that nobody else's is there.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { notTried } from "../proofs.ts";
import { testPrograms } from "./program.ts";
import { sharingProgram } from "./sharing-program.ts";

const hasEtcd = ["/usr/bin/etcd", "/usr/local/bin/etcd"].some((path) => existsSync(path));
const alone = ["--map-root-user", "--net", "sh", "-euc"];
const canBeAlone = spawnSync("unshare", [...alone, "ip link set lo up"]).status === 0;
const title = "the first of three runs begins the store of this machine, the others join it, and a name is taken once";

if (!hasEtcd || !canBeAlone) {
  test(title, (context) => {
    notTried(context, hasEtcd ? "this user may make no namespaces" : "etcd is not installed (Debian: etcd-server)");
  });
} else {
  testPrograms(
    title,
    (world) => {
      mkdirSync(world.path("files"));
      world.write("main.mcl", sharingProgram(world.path("files")));
      const script = `
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
ip link set lo up
cd ${world.directory}
run() { "$0" run --join-local --hostname=$1 --prefix=state-$2 main.mcl > said-$2 2>&1 & }
wait_for() {
	for turn in $(seq 600); do
		[ "$(find files/$1 -type f 2>/dev/null | wc -l)" = $2 ] && return
		sleep 0.1
	done
	cat said-*
	exit 1
}
run a a; a=$!
wait_for a 4
run b b; b=$!
wait_for a 6; wait_for b 6
run c c; c=$!
wait_for a 8; wait_for b 8; wait_for c 8
"$0" run --join-local --hostname=b --prefix=state-d --once main.mcl > said-d 2>&1 && exit 2
kill $c $b; wait $c $b
kill $a; wait $a
rm -r files/*
# At the same instant, in what is empty: one of them begins it.
run a e; a=$!; run b f; b=$!; run c g; c=$!
wait_for a 8; wait_for b 8; wait_for c 8
kill $c $b; wait $c $b || true
kill $a; wait $a
`;
      const { status, stdout, stderr } = spawnSync("unshare", [...alone, script, world.program.path], {
        encoding: "utf8",
        timeout: 240_000,
      });
      assert.equal(status, 0, stdout + stderr);
      const refused = readFileSync(world.path("said-d"), "utf8");
      assert.match(refused, /has a host named b already[^]*--hostname/);
      return Promise.resolve();
    },
    { timeout: 300_000 },
  );
}

testPrograms("what else says where the store is does not go with it", async (world) => {
  world.write("main.mcl", "");
  for (const option of ["--seeds=http://127.0.0.1:1", "--client-urls=127.0.0.1:1", "--no-network", "--join=x@y"]) {
    const { status, stderr } = await world.run(["run", "--once", "--join-local", option, "main.mcl"]);
    assert.equal(status, 1, stderr);
    assert.match(stderr, /--join-local means the store of this machine/);
  }
});
