// SPDX-License-Identifier: Apache-2.0
// Five hosts on a network of their own that keep the store together, by as many as is wanted at the time: one after the other
// points at any that is there, and whatever becomes of servers, hosts and the network, everybody has the files of all.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { until } from "./inside.ts";
import { type Agent, filesRoot, NetworkedHosts } from "./networked-hosts.ts";

const names = ["h1", "h2", "h3", "h4", "h5"] as const;
type Name = (typeof names)[number];
/** Machines may be busy. */
const longMs = 60_000;
/** The shortest that makes sense for servers that are seconds away from each other at most. */
const patience = "--replace-after=8";

/** Each shows one file to all, itself too. */
const program = `import "golang/strings"
import "world/collect"

file "${filesRoot}/\${hostname}/" {
	state => $const.res.file.state.exists,
}
file "/shown/\${hostname}" {
	state => $const.res.file.state.exists,
	content => "of \${hostname}\\n",

	Meta:hidden => true,
	Meta:export => ["*"],
}
for $index, $one in collect.res("file") {
	$base = strings.trim_prefix($one->name, "/shown/")
	collect file [$one] {
		path => "${filesRoot}/\${hostname}/\${base}",
	}
}
`;

interface Server {
  readonly name: Name;
  readonly role: "leader" | "follower" | "learner";
  readonly troubles: readonly string[];
}

let hosts: NetworkedHosts;
const agents = new Map<Name, Agent>();

before(async () => {
  hosts = await NetworkedHosts.make(names, program);
});
after(async () => {
  for (const agent of agents.values()) await agent.kill(); // Those that are left when it has failed.
  await hosts.network.remove();
});

function join(name: Name, by: Name): void {
  agents.set(name, hosts.start(name, `--seeds=http://${hosts.addressOf(by)}:2379`, patience));
}

/** As a person asks it on that host. */
async function serversAskedOn(name: Name): Promise<readonly Server[]> {
  try {
    const said = await hosts.ask(name, "cluster", "--json", "--prefix", hosts.prefixOf(name));
    return (JSON.parse(said) as { readonly servers: readonly Server[] }).servers;
  } catch {
    return []; // Not all of them are well, or they do not answer now.
  }
}

/** All of them vote and are well. Who they are. */
async function keptBy(count: number, askedOn: Name, isRight: (names: readonly Name[]) => boolean): Promise<Set<Name>> {
  let last: readonly Server[] = [];
  const isSo = async (): Promise<boolean> => {
    last = await serversAskedOn(askedOn);
    const vote = last.every(({ role, troubles }) => role !== "learner" && troubles.length === 0);
    return last.length === count && vote && isRight(last.map(({ name }) => name));
  };
  await until(`${count} hosts keep the store`, isSo, longMs).catch((reason: unknown) => {
    const said = [...agents].map(([name, agent]) => `--- ${name}\n${agent.said}`).join("\n");
    throw new Error(`${JSON.stringify(last)}\n${said}`, { cause: reason });
  });
  return new Set(last.map(({ name }) => name));
}

function size(wanted: number, on: Name): Promise<string> {
  return hosts.ask(on, "cluster", "size", `${wanted}`, "--prefix", hosts.prefixOf(on));
}

/** Processes of the server of that host. */
function serversOf(name: Name): readonly number[] {
  const directory = `${hosts.prefixOf(name)}/etcd/server`;
  return readdirSync("/proc").flatMap((id) => {
    if (!/^\d+$/.test(id)) return [];
    try {
      const argv = readFileSync(`/proc/${id}/cmdline`, "utf8").split("\0");
      return argv[0] === "etcd" && argv.includes(directory) ? [Number(id)] : [];
    } catch {
      return []; // It has ended.
    }
  });
}

test("five hosts keep the store by three, by five and by three again, and lose nothing to kills and cuts", async (context) => {
  let begunMs = performance.now();
  const measured = (what: string): void => {
    context.diagnostic(`measured: ${what}: ${((performance.now() - begunMs) / 1000).toFixed(1)} s`);
    begunMs = performance.now();
  };
  const h1 = hosts.addressOf("h1");
  const place = [`--client-urls=http://${h1}:2379`, `--server-urls=http://${h1}:2380`];
  agents.set("h1", hosts.start("h1", ...place, "--ideal-cluster-size=3", patience));
  await hosts.has(1, "h1");
  for (const [at, name] of names.entries()) {
    const by = names[at - 1];
    if (by === undefined) continue;
    join(name, by); // It may keep the store by now, or show the way to those who do.
    await hosts.has((at + 1) ** 2, ...names);
    // Whoever is pointed at it next needs something that answers there.
    await until(`${name} has chosen a place`, () => existsSync(`${hosts.prefixOf(name)}/etcd/place.json`), longMs);
  }
  measured("five hosts have come, and have 25 files");

  const three = await keptBy(3, "h5", (all) => all.includes("h1"));
  measured("three of them keep the store");
  const clients = names.filter((name) => !three.has(name));
  for (const name of clients) assert.deepEqual(serversOf(name), [], `${name} is a client`);

  const [fourth = "h4"] = clients;
  await size(5, fourth);
  await keptBy(5, "h1", () => true);
  measured("`mgmt cluster size 5`, until all five keep it");
  for (const name of names) assert.equal(serversOf(name).length, 1, `${name} has a server`);

  const [process1 = 0] = serversOf("h2");
  process.kill(process1, "SIGKILL");
  await until("it is started again", () => serversOf("h2").some((id) => id !== process1), longMs);
  await keptBy(5, "h2", () => true);
  measured("a server is killed, until it keeps the store again");

  await size(3, "h2");
  const left = await keptBy(3, "h1", () => true);
  measured("`mgmt cluster size 3`, until three keep it");
  await until("the others have no server", () => names.every((name) => left.has(name) || serversOf(name).length === 0), longMs); // biome-ignore format: one line
  assert.equal(hosts.count(...names), 25);

  const lost = names.find((name) => left.has(name) && name !== "h1") ?? "h1";
  await agents.get(lost)?.kill();
  const afterKill = await keptBy(3, "h1", (all) => !all.includes(lost));
  measured("a host that kept it is killed, until another one does so in its place");
  assert.deepEqual(serversOf(lost), [], "its server went with it");

  join(lost, "h1");
  const makesRoom = (): boolean => agents.get(lost)?.said.includes("does not keep the store any more") === true;
  await until("it hears that others keep the store", makesRoom, longMs);
  measured("it comes back, until it is a client");
  assert.equal(existsSync(`${hosts.prefixOf(lost)}/etcd/server`), false);

  const cut = names.find((name) => afterKill.has(name) && name !== "h1") ?? "h1";
  const heal = await hosts.network.cut([hosts.addressOf(cut)]);
  const askedMs = performance.now();
  await serversAskedOn("h1");
  assert.ok(performance.now() - askedMs < 20_000, "who asks does not wait for a host that is cut off");
  await keptBy(3, "h1", (all) => !all.includes(cut));
  measured("a host that kept it is cut off, until another one does so in its place");
  await heal();
  await until("it hears of it", () => agents.get(cut)?.said.includes("does not keep the store any more") === true, longMs); // biome-ignore format: one line
  measured("the network is mended, until it is a client");

  await size(5, cut);
  await keptBy(5, lost, () => true);
  measured("`mgmt cluster size 5`, until all five keep it again");
  await hosts.has(25, ...names);
  for (const name of names) for (const other of names) assert.equal(readFileSync(`${filesRoot}/${name}/${other}`, "utf8"), `of ${other}\n`); // biome-ignore format: one line
  for (const agent of [...agents.values()].toReversed()) await agent.stop();
});
