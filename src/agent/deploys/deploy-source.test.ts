// SPDX-License-Identifier: Apache-2.0
// Agents that follow deploys, on machines in memory that share a store: starts without it, damage, settings.

import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { memoryCluster, type MemoryCluster, type MemoryDoor } from "../../cluster/memory/index.ts";
import type { EngineEvent } from "../../contract/event.ts";
import type { StoredDeploy } from "../../exchange/deploy-record.ts";
import { createExchange, type OwnExchange } from "../../exchange/index.ts";
import { type DrivenClock, drivenClock, type MemoryHost, memoryHost } from "../../host/memory/index.ts";
import { catalogFor } from "../catalog.ts";
import type { Run } from "../run.ts";
import { runProgram } from "../run-program.ts";
import { packProgram } from "./bundles.ts";
import { type DeployOptions, publishDeploy } from "./deploy.ts";
import { deploySource, type DeploySourceOptions } from "./deploy-source.ts";
import { type DeployKeys, parseDeployKeys, signerOf } from "./keys.ts";

const { signal } = new AbortController();
const catalog = catalogFor("web1");

class Site {
  readonly clock: DrivenClock = drivenClock();
  readonly cluster: MemoryCluster = memoryCluster(this.clock);
  readonly laptop: MemoryHost = memoryHost({ clock: this.clock, hostname: "laptop" });
  readonly web1: MemoryHost = memoryHost({ clock: this.clock, hostname: "web1" });
  readonly exchange: OwnExchange = createExchange({
    cluster: this.cluster.door(),
    hostname: "laptop",
    clock: this.clock,
    onTrouble: () => {},
  });
  door: MemoryDoor = this.cluster.door();
  run: Run | undefined;
  troubles: string[] = [];
  events: EngineEvent[] = [];

  constructor() {
    this.laptop.outside.makeDirectory("/site");
    this.web1.outside.makeDirectory("/srv");
  }

  async deploy(text: string, more: Partial<DeployOptions> = {}, path = "/site/main.mcl"): Promise<StoredDeploy> {
    this.laptop.outside.write(path, text);
    const reading = { host: this.laptop, signal, workingDirectory: "/", readStandardInput: () => Promise.resolve("") };
    const { packed, problems } = await packProgram(path, catalog, reading);
    assert.deepEqual(problems, []);
    const options: DeployOptions = {
      host: this.laptop,
      name: path,
      by: "you@laptop",
      settings: { noop: false, autoedges: true, autogroups: true },
      git: undefined,
      force: false,
      rollout: undefined,
      sign: undefined,
      ...more,
    };
    const deploy = await publishDeploy(this.exchange, packed, options, signal);
    await this.pass(0);
    return deploy;
  }

  async start(options: Partial<DeploySourceOptions> = {}): Promise<void> {
    this.troubles = [];
    this.events = [];
    const onTrouble = (text: string): void => void this.troubles.push(text);
    this.run = runProgram({
      path: "empty",
      reading: { workingDirectory: "/", readStandardInput: () => Promise.resolve("") },
      host: this.web1,
      catalog,
      hostname: "web1",
      prefix: "/state",
      cluster: this.door,
      noop: false,
      watchProgram: true,
      convergedMs: undefined,
      maxRuntimeMs: undefined,
      graphvizFile: undefined,
      emit: (event) => this.events.push(event),
      onProblems: () => {},
      onReload: () => {},
      onTrouble,
      source: (parts) =>
        deploySource({
          ...parts,
          host: this.web1,
          hostname: "web1",
          catalog,
          prefix: "/state",
          keys: undefined,
          waitsForNew: false,
          noop: false,
          plan: () => Promise.resolve({ plan: undefined }),
          onProblems: () => {},
          onTrouble,
          ...options,
        }),
    });
    await this.pass(0);
  }

  async stop(): Promise<void> {
    this.run?.stop();
    await this.pass(1500);
    await this.run?.ended;
    this.run = undefined;
    this.door = this.cluster.door();
  }

  async pass(ms: number): Promise<void> {
    await this.clock.advance(ms);
    for (let turn = 0; turn < 60; turn += 1) await this.clock.settle();
  }

  get motd(): string | undefined {
    return this.web1.outside.read("/srv/motd");
  }

  report(): Promise<unknown> {
    return this.exchange.rollouts
      .followReports(signal)
      .next()
      .then(({ value }) => (value as ReadonlyMap<string, unknown> | undefined)?.get("web1"));
  }
}

async function check(run: (site: Site) => Promise<void>): Promise<void> {
  const site = new Site();
  try {
    await run(site);
  } finally {
    site.door.heal();
    await site.stop();
    await site.exchange.close();
  }
}

const motd = (text: string): string => `file "/srv/motd" {\n\tstate => "exists",\n\tcontent => "${text}",\n}\n`;

test("the newest deploy runs, and each that follows", () =>
  check(async (site) => {
    await site.deploy(motd("1"));
    await site.start();
    assert.equal(site.motd, "1");
    assert.deepEqual(await site.report(), { deploy: 1, state: "well" });
    await site.deploy(motd("2"));
    assert.equal(site.motd, "2");
    assert.deepEqual(site.troubles, ["deploy 1, /site/main.mcl, is in force", "deploy 2, /site/main.mcl, is in force"]);
  }));

test("one that waits for a new deploy runs none that was there before", () =>
  check(async (site) => {
    await site.deploy(motd("1"));
    await site.start({ waitsForNew: true });
    assert.equal(site.motd, undefined);
    await site.deploy(motd("2"));
    assert.equal(site.motd, "2");
  }));

test("without the store a host begins with what it ran last, and follows when it is back", () =>
  check(async (site) => {
    await site.deploy(motd("1"));
    await site.start();
    await site.stop();
    site.web1.outside.write("/srv/motd", "changed");
    site.door.cutOff();
    await site.start();
    assert.equal(site.motd, "changed", "it waits a moment for the store");
    await site.pass(2_100);
    assert.equal(site.motd, "1");
    await site.deploy(motd("2"));
    site.door.heal();
    await site.pass(11_000);
    assert.equal(site.motd, "2");
    assert.deepEqual(await site.report(), { deploy: 2, state: "well" });
  }));

test("a host that was away while a bad deploy came has the good one", () =>
  check(async (site) => {
    await site.deploy(motd("1"));
    await site.start();
    await site.stop();
    site.web1.outside.write("/srv/motd", "changed");
    await site.deploy(`${motd("2")}nosuch "x" {}\n`);
    await site.start();
    await site.pass(100);
    assert.equal(site.motd, "1");
    assert.ok(site.troubles.some((text) => text.startsWith("deploy 2 is refused: There is no kind")), site.troubles.join()); // biome-ignore format: one line
    await site.deploy(motd("3"));
    assert.equal(site.motd, "3");
  }));

test("a program that is wrong here never takes the place of a good one", () =>
  check(async (site) => {
    await site.deploy(motd("1"));
    await site.start();
    for (const [bad, why] of [
      [`${motd("2")}nosuch "x" {}\n`, /There is no kind/],
      [`${motd("2")}file "/srv/motd" {\n\tstate => "absent",\n}\n`, /motd/],
      [`import "fmt"\n$x = [1]\n${motd("2")}print "p" {\n\tmsg => fmt.printf("%d", $x[5]),\n}\n`, /./], // biome-ignore format: one line
    ] as const) {
      const { record } = await site.deploy(bad);
      await site.pass(100);
      assert.equal(site.motd, "1", bad);
      const told = site.troubles.find((text) => text.startsWith(`deploy ${record.id} is refused: `)) ?? "";
      assert.match(told, why);
      assert.match(told, /; deploy 1 stays in force$/);
      const report = (await site.report()) as { deploy: number; state: string };
      assert.deepEqual([report.deploy, report.state], [record.id, "refused"]);
    }
    site.web1.outside.write("/srv/motd", "changed");
    await site.pass(10);
    assert.equal(site.motd, "1", "the good one goes on in full");
    await site.deploy(motd("9"));
    assert.equal(site.motd, "9");
  }));

test("files of the program are on the host, and a damaged copy is not believed", () =>
  check(async (site) => {
    site.laptop.outside.makeDirectory("/site/files");
    site.laptop.outside.write("/site/metadata.yaml", "main: main.mcl\n");
    site.laptop.outside.write("/site/files/motd", "from a file");
    const program =
      'import "deploy"\nfile "/srv/motd" {\n\tstate => "exists",\n\tcontent => deploy.readfile("/files/motd"),\n}\n';
    site.laptop.outside.write("/site/main.mcl", program);
    const deploy = await site.deploy(program, {}, "/site/main.mcl").catch(() => undefined);
    assert.ok(deploy !== undefined);
    await site.stop();
    const reading = { host: site.laptop, signal, workingDirectory: "/", readStandardInput: () => Promise.resolve("") };
    const { packed } = await packProgram("/site", catalog, reading);
    const settings = { noop: false, autoedges: true, autogroups: true };
    const more = { host: site.laptop, name: "site", by: "you", settings, git: undefined, force: true, rollout: undefined, sign: undefined }; // biome-ignore format: one line
    await publishDeploy(site.exchange, packed, more, signal);
    await site.start();
    assert.equal(site.motd, "from a file");
    const place = `/state/deploys/${packed?.bundle.id}`;
    assert.equal(site.web1.outside.read(`${place}/files/motd`), "from a file");
    await site.stop();
    site.web1.outside.write(`${place}/files/motd`, "damaged");
    site.web1.outside.write("/srv/motd", "changed");
    site.door.cutOff();
    await site.start();
    await site.pass(3_000);
    assert.equal(site.motd, "changed", "there is nothing to begin with");
    site.door.heal();
    await site.pass(11_000);
    assert.equal(site.motd, "from a file");
  }));

test("the settings of a deploy are those of its resources", () =>
  check(async (site) => {
    await site.deploy(motd("1"), { settings: { noop: true, sema: 1, autoedges: true, autogroups: true } });
    await site.start();
    assert.equal(site.motd, undefined);
    const [vertex] = site.run?.view.graph.vertices ?? [];
    assert.equal(vertex?.meta.noop, true);
    assert.deepEqual(vertex?.meta.sema, [":1"]);
    await site.deploy(motd("1"));
    assert.equal(site.motd, "1");
  }));

test("a graph in YAML can be deployed, and nothing at all", () =>
  check(async (site) => {
    await site.start();
    const graph = "graph: site\nresources:\n  file:\n  - name: motd\n    path: /srv/motd\n    content: yaml\n    state: exists\n"; // biome-ignore format: one line
    await site.deploy(graph, {}, "/site/graph.yaml");
    assert.equal(site.motd, "yaml");
    const nothing = { host: site.laptop, name: "empty", by: "you", settings: { noop: false, autoedges: true, autogroups: true }, git: undefined, force: false, rollout: undefined, sign: undefined }; // biome-ignore format: one line
    await publishDeploy(site.exchange, undefined, nothing, signal);
    await site.pass(0);
    assert.equal(site.run?.view.graph.vertices.length, 0);
    assert.deepEqual(await site.report(), { deploy: 2, state: "well" });
  }));

test("a signature holds for its deploy alone", () =>
  check(async (site) => {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    const sign = signerOf(privateKey.export({ type: "pkcs8", format: "pem" }).toString(), "key.pem");
    const keys: DeployKeys = parseDeployKeys(publicKey.export({ type: "spki", format: "pem" }).toString(), "keys.pem");
    await site.deploy(motd("1"), { sign });
    await site.start({ keys });
    assert.equal(site.motd, "1");
    const first = (await site.exchange.deploys.list(signal))[0] as StoredDeploy;
    const text = first.text.replace('"id":1', '"id":2');
    const value = JSON.stringify({ version: 1, record: text, signature: first.signature });
    await site.cluster.door().commit({ conditions: [], changes: [{ do: "put", key: "/_mgmt/deploys/0000000002", value }] }, signal); // biome-ignore format: one line
    await site.pass(0);
    assert.ok(site.troubles.includes("deploy 2 is refused: its signature is not true; deploy 1 stays in force"), site.troubles.join()); // biome-ignore format: one line
    await site.stop();
    site.web1.outside.write("/srv/motd", "changed");
    const other = generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }).toString();
    site.door.cutOff();
    await site.start({ keys: parseDeployKeys(other, "keys.pem") });
    await site.pass(3_000);
    assert.equal(site.motd, "changed", "nor is what ran last believed with other keys");
  }));

test("a run that ends when all is as declared has the newest deploy by then", () =>
  check(async (site) => {
    await site.deploy(motd("1"));
    await site.start();
    const [converged] = site.events.filter(({ type }) => type === "converged");
    const settled = site.events.findIndex(({ type }) => type === "settled");
    assert.ok(converged !== undefined && settled >= 0 && settled < site.events.indexOf(converged));
  }));
