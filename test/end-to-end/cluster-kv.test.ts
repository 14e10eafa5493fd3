// SPDX-License-Identifier: Apache-2.0
// `mgmt cluster kv`: the texts that programs share, in the hands of an operator, on each kind of store.

import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { eventually, testPrograms, type World } from "./program.ts";

const longMs = 60_000;
const hasEtcd = ["/usr/bin/etcd", "/usr/local/bin/etcd"].some((path) => existsSync(path));

/** Writes down what stands under `colour`, and has a text for itself. */
function follower(world: World): string {
  return `import "world"

kv "address" {
	value => "192.0.2.7",
	mapped => true,
}
$colour = world.getval("colour")
file "${world.path("seen")}" {
	state => "exists",
	content => if $colour->exists { $colour->value } else { "none" },
}
`;
}

async function followsAnOperator(world: World, runs: readonly string[], reaches: readonly string[]): Promise<void> {
  world.write("main.mcl", follower(world));
  const running = world.start(["run", "--hostname=web1", "--prefix", world.path("state"), ...runs, "main.mcl"], {
    limitMs: 240_000,
  });
  const seen = (text: string) => (): boolean =>
    existsSync(world.path("seen")) && readFileSync(world.path("seen"), "utf8") === text;
  await eventually("the program runs", seen("none"), longMs).catch((reason: unknown) => {
    throw new Error(running.stderr, { cause: reason });
  });
  const kv = (words: readonly string[], input?: string) =>
    world.run(["cluster", "kv", ...words, ...reaches], input === undefined ? {} : { input });
  const watching = world.start(["cluster", "kv", "watch", "--json", ...reaches], { limitMs: 240_000 });
  const address = '{"version":1,"key":"address","host":"web1","value":"192.0.2.7"}\n';
  await eventually("it tells what is there", () => watching.stdout === address, longMs);

  const missing = await kv(["get", "colour"]);
  assert.deepEqual([missing.status, missing.stdout], [1, ""]);
  assert.match(missing.stderr, /there is no text under colour/);
  assert.match((await kv(["get", "address"])).stderr, /by --host: web1/);
  assert.equal((await kv(["get", "address", "--host=web1"])).stdout, "192.0.2.7\n");

  const put = await kv(["put", "colour", "blue"]);
  assert.deepEqual([put.status, put.stdout, put.stderr], [0, "", ""]);
  await eventually("the program follows", seen("blue"), longMs);
  assert.equal((await kv(["get", "colour"])).stdout, "blue\n");
  const again = await kv(["put", "colour", "-", "--json"], "two\nlines\n");
  assert.equal(again.stdout, '{"version":1,"key":"colour","value":"two\\nlines\\n","was":"blue"}\n');
  await eventually("the program follows", seen("two\nlines\n"), longMs);

  assert.equal((await kv(["list"])).stdout, 'colour = "two\\nlines\\n"\naddress of web1 = "192.0.2.7"\n');
  const listed = await kv(["list", "add", "--json"]);
  assert.equal(
    listed.stdout,
    '{"version":1,"texts":[{"key":"address","host":"web1","value":"192.0.2.7"}]}\n',
    "by how keys begin, and nothing of our own bookkeeping",
  );
  const raw = await kv(["list", "--raw"]);
  // A host alone tells nobody that it is alive.
  if (runs.length > 0) assert.match(raw.stdout, /^\/_mgmt\/hosts\/web1 = /m);
  assert.match((await kv(["get", "/_mgmt/texts/colour", "--raw"])).stdout, /"value":"two\\nlines\\n"/);
  assert.equal((await kv(["put", "/_mgmt/texts/colour", "x", "--raw"])).status, 2);
  assert.equal((await kv(["list", "colour", "--raw"])).status, 1);

  assert.equal((await kv(["delete", "colour"])).status, 0);
  await eventually("the program follows", seen("none"), longMs);
  assert.match((await kv(["delete", "colour"])).stderr, /there was no text under colour/);
  const changes = [
    '{"version":1,"key":"colour","value":"blue"}\n',
    '{"version":1,"key":"colour","value":"two\\nlines\\n"}\n',
    '{"version":1,"key":"colour","value":null}\n',
  ];
  await eventually("each change was told", () => watching.stdout === address + changes.join(""), longMs);
  watching.signal("SIGINT");
  assert.equal((await watching.ended).status, 0);
}

testPrograms(
  "an operator changes texts in a file that runs share, found by the state directory",
  (world) =>
    followsAnOperator(world, ["--seeds", `file:${world.path("shared.db")}`], ["--prefix", world.path("state")]),
  { timeout: 300_000 },
);

testPrograms("a store in a file has no servers, and hosts that share it", async (world) => {
  world.write("main.mcl", "");
  const seeds = `--seeds=file:${world.path("shared.db")}`;
  const none = await world.run(["cluster", "servers", seeds]);
  assert.notEqual(none.status, 0);
  assert.match(none.stderr, /There is no store at .*\/shared\.db/);
  world.start(["run", "--hostname=web1", "--prefix", world.path("state"), seeds, "main.mcl"], { limitMs: longMs });
  const asked = ["cluster", "servers", "--prefix", world.path("state")];
  const isTold = async (): Promise<boolean> => (await world.run(asked)).stdout.endsWith("1 host alive: web1.\n");
  await eventually("the host is there", isTold, longMs);
  assert.match((await world.run(asked)).stdout, /^The store is the file .*\/shared\.db, which needs no servers\./);
  const [json] = [await world.run(["cluster", "--json", seeds])];
  const { servers, hosts } = JSON.parse(json.stdout) as {
    readonly servers: unknown;
    readonly hosts: readonly { readonly name: string }[];
  };
  assert.deepEqual([servers, hosts.map(({ name }) => name)], [[], ["web1"]]);
});

const title = "an operator changes texts that etcd keeps, and programs follow";
if (hasEtcd) {
  const network = `127.${randomInt(64, 255)}.${randomInt(1, 255)}.1`;
  const [clients, servers] = [`http://${network}:2379`, `http://${network}:2380`];
  testPrograms(
    title,
    (world) => followsAnOperator(world, ["--client-urls", clients, "--server-urls", servers], ["--seeds", clients]),
    { timeout: 300_000 },
  );
} else test(title, (context) => context.diagnostic("not tried: etcd is not installed (Debian: etcd-server)"));

testPrograms(
  "an operator changes texts of a host that is alone, while mgmt runs there",
  (world) => followsAnOperator(world, [], ["--prefix", world.path("state")]),
  { timeout: 300_000 },
);

testPrograms("the store of a host that is alone can be used while mgmt does not run, too", async (world) => {
  world.write("main.mcl", follower(world));
  const prefix = ["--prefix", world.path("state")];
  const run = ["run", "--hostname=web1", ...prefix];
  const kv = (...words: readonly string[]) => world.run(["cluster", "kv", ...words, ...prefix]);
  assert.equal((await kv("list")).status, 1, "mgmt never ran there");
  assert.equal((await world.run([...run, "--once", "main.mcl"])).status, 0);
  assert.equal(readFileSync(world.path("seen"), "utf8"), "none");
  assert.equal((await kv("put", "colour", "blue")).status, 0);
  assert.equal((await kv("get", "colour")).stdout, "blue\n");
  const watch = await kv("watch");
  assert.deepEqual([watch.status === 0, watch.stdout], [false, ""]);
  assert.match(watch.stderr, /No mgmt runs here, so nothing will change/);
  assert.equal((await world.run([...run, "--once", "main.mcl"])).status, 0);
  assert.equal(readFileSync(world.path("seen"), "utf8"), "blue");
});

testPrograms("a host that is alone says so when it is asked about its cluster", async (world) => {
  world.write("main.mcl", follower(world));
  const prefix = ["--prefix", world.path("state")];
  const running = world.start(["run", "--hostname=web1", ...prefix, "main.mcl"]);
  await eventually("the program runs", () => existsSync(world.path("seen")), longMs);
  const cluster = (...words: readonly string[]) => world.run(["cluster", ...words, ...prefix]);
  assert.equal((await cluster("members")).stdout, "web1\n");
  const hosts = async (): Promise<string> => (await cluster("servers")).stdout;
  const told = `This host has its store for itself, in ${world.path("state")}/cluster.db.\n1 host alive: web1.\n`;
  await eventually("it is at rest", async () => (await hosts()) === told, longMs);
  for (const words of [["size"], ["size", "3"], ["remove", "web2"]]) {
    const { status, stderr } = await cluster(...words);
    assert.notEqual(status, 0);
    assert.match(stderr, /This host has its store for itself: no other host keeps it/);
    assert.match(stderr, /--client-urls/);
  }
  running.signal("SIGTERM");
  await running.ended;
  assert.equal((await cluster("members")).stdout, "");
  assert.match(await hosts(), /No host is alive\.\n$/);
});

testPrograms("what a run may not change, nobody changes through it", async (world) => {
  world.write("main.mcl", "");
  const prefix = ["--prefix", world.path("state")];
  world.start(["run", "--noop", ...prefix, "main.mcl"]);
  const put = () => world.run(["cluster", "kv", "put", "colour", "blue", ...prefix]);
  await eventually("it is asked", async () => /while nothing may be changed/.test((await put()).stderr), longMs);
  assert.notEqual((await put()).status, 0);
  assert.equal((await world.run(["cluster", "kv", "list", ...prefix])).stdout, "");
});

testPrograms("what makes no sense is refused", async (world) => {
  for (const words of [["kv"], ["kv", "has", "k"], ["kv", "get"], ["kv", "get", "a", "b"], ["kv", "put", "", "x"]]) {
    const { status, stderr } = await world.run(["cluster", ...words]);
    assert.equal(status, 2, stderr);
  }
});
