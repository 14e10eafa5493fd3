// SPDX-License-Identifier: Apache-2.0
// Hosts that keep the store together, as their people see it: five runs on one machine, each new one pointed at any that is
// there. Who keeps the store follows the size that is wanted and what happens to the hosts, and nothing is lost on the way.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { test } from "node:test";
import { freePort } from "../free-port.ts";
import { eventually, type Running, testPrograms, type World } from "./program.ts";
import { sharingProgram } from "./sharing-program.ts";

const longMs = 240_000;
const isThere = ["/usr/bin/etcd", "/usr/local/bin/etcd"].some((path) => existsSync(path));

interface ServerFacts {
  readonly name: string;
  readonly role: "leader" | "follower" | "learner";
  readonly urls: readonly string[];
  readonly troubles: readonly string[];
}

class Members {
  readonly world: World;
  readonly running = new Map<string, Running>();
  #seed = "";

  constructor(world: World) {
    this.world = world;
    mkdirSync(world.path("files"));
    world.write("main.mcl", sharingProgram(world.path("files")));
  }

  async first(name: string, ...more: readonly string[]): Promise<void> {
    const [client, server] = [await freePort(), await freePort()];
    this.#seed = `http://127.0.0.1:${client}`;
    this.start(name, "--client-urls", this.#seed, "--server-urls", `http://127.0.0.1:${server}`, ...more);
    await this.exchanged();
  }

  start(name: string, ...more: readonly string[]): void {
    const args = ["run", "--hostname", name, "--prefix", this.world.path(`state-${name}`), ...more, "main.mcl"];
    this.running.set(name, this.world.start(args, { limitMs: 590_000 }));
  }

  async end(name: string, signal: NodeJS.Signals): Promise<void> {
    const running = this.running.get(name);
    this.running.delete(name);
    running?.signal(signal);
    await running?.ended;
  }

  /** Where a host offers to keep the store, whether it does or not. */
  placeOf(name: string): string {
    const path = this.world.path(`state-${name}/etcd/place.json`);
    if (!existsSync(path)) return this.#seed;
    const { host, clientPort } = JSON.parse(readFileSync(path, "utf8")) as { host: string; clientPort: number };
    return `http://${host}:${clientPort}`;
  }

  /** Each host has its own two files, and two of every host that was ever there. */
  async exchanged(...alsoOf: readonly string[]): Promise<void> {
    const shown = [...this.running.keys(), ...alsoOf];
    const has = (name: string): boolean => {
      const directory = this.world.path(`files/${name}`);
      return existsSync(directory) && readdirSync(directory).length === 2 + 2 * shown.length;
    };
    await eventually(`all have the files of ${shown.join()}`, () => [...this.running.keys()].every(has), longMs);
  }

  async servers(): Promise<readonly ServerFacts[]> {
    const [name = ""] = this.running.keys();
    const { stdout } = await this.world.run(["cluster", "--json", "--prefix", this.world.path(`state-${name}`)]);
    if (stdout === "") return [];
    return (JSON.parse(stdout) as { readonly servers: readonly ServerFacts[] }).servers;
  }

  /** All of them vote and are well. */
  async keptBy(count: number, allOf: readonly string[], noneOf: readonly string[] = []): Promise<void> {
    let last: readonly ServerFacts[] = [];
    const isSo = async (): Promise<boolean> => {
      last = await this.servers();
      const names = last.map(({ name }) => name);
      return (
        last.length === count &&
        last.every(({ role, troubles }) => role !== "learner" && troubles.length === 0) &&
        allOf.every((name) => names.includes(name)) &&
        !noneOf.some((name) => names.includes(name))
      );
    };
    await eventually(`${count} hosts keep the store`, isSo, longMs).catch((reason: unknown) => {
      const said = [...this.running].map(([name, { stderr }]) => `--- ${name}\n${stderr}`).join("\n");
      throw new Error(`${JSON.stringify(last)}\n${said}`, { cause: reason });
    });
  }

  serverProcesses(name: string): readonly number[] {
    const directory = this.world.path(`state-${name}/etcd/server`);
    return readdirSync("/proc").flatMap((id) => {
      if (!/^\d+$/.test(id)) return [];
      try {
        const argv = readFileSync(`/proc/${id}/cmdline`, "utf8").split("\0");
        return argv[0] === "etcd" && argv.includes(directory) ? [Number(id)] : [];
      } catch {
        return [];
      }
    });
  }

  async size(wanted: number): Promise<void> {
    const [name = ""] = this.running.keys();
    const done = await this.world.run(["cluster", "size", `${wanted}`, "--seeds", this.placeOf(name)]);
    assert.equal(done.status, 0, done.stderr);
  }
}

function check(title: string, body: (members: Members) => Promise<void>): void {
  if (isThere) testPrograms(title, (world) => body(new Members(world)), { timeout: 600_000 });
  else test(title, (context) => context.diagnostic("not tried: etcd is not installed (Debian: etcd-server)"));
}

check("five hosts keep the store by three, then by five, also when servers and hosts are killed", async (members) => {
  const { world } = members;
  await members.first("h1", "--ideal-cluster-size=3", "--replace-after=10");
  for (const [name, seed] of [
    ["h2", "h1"],
    ["h3", "h2"],
    ["h4", "h3"],
    ["h5", "h4"],
  ] as const) {
    // biome-ignore format: one line
    members.start(name, "--seeds", members.placeOf(seed), "--replace-after=10");
    await members.exchanged();
    await eventually("it has chosen a place", () => members.placeOf(name) !== members.placeOf("h1"));
  }
  await members.keptBy(3, ["h1"]);
  const three = (await members.servers()).map(({ name }) => name);
  const others = ["h2", "h3", "h4", "h5"].filter((name) => !three.includes(name));
  assert.equal(others.length, 2);
  for (const name of others) assert.deepEqual(members.serverProcesses(name), [], "it is a client");
  assert.equal((await world.run(["cluster", "size", "--seeds", members.placeOf("h4")])).stdout, "3\n");

  await members.size(5);
  await members.keptBy(5, ["h1", "h2", "h3", "h4", "h5"]);

  const [server = 0] = members.serverProcesses("h2");
  process.kill(server, "SIGKILL");
  await eventually("it is started again", () => members.serverProcesses("h2").some((id) => id !== server), longMs);
  await members.keptBy(5, ["h2"]);

  await members.size(3);
  await members.keptBy(3, []);
  const [gone = ""] = (await members.servers()).map(({ name }) => name).filter((name) => name !== "h1");
  await members.end(gone, "SIGKILL");
  rmSync(world.path(`files/${gone}`), { recursive: true });
  await members.keptBy(3, [], [gone]);
  members.start("h6", "--seeds", members.placeOf("h1"));
  await members.exchanged(gone);
  assert.equal(members.running.size, 5, "and nothing is lost");

  members.start(gone, "--seeds", members.placeOf("h1"));
  await members.exchanged();
  const makesRoom = (): boolean =>
    members.running.get(gone)?.stderr.includes("does not keep the store any more") === true;
  await eventually("it makes room, for others keep the store", makesRoom, longMs);
  assert.equal(existsSync(world.path(`state-${gone}/etcd/server`)), false);
});
