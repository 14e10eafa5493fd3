// SPDX-License-Identifier: Apache-2.0
// What hosts tell each other through real etcd, with whole runs of the program on this machine, as people have it: hosts come by
// an invitation, and prove to each other and to the store who they are. How long a host takes from its start, to be let in
// too, until it and all others have everything, and how much of the processor; from a text that is put to the files of three hosts that follow it,
// what such a run has in memory, how many exchanges a second the store and our client carry, and how long many hosts take
// that begin at once. Ratios are to what the store or the runtime take alone. Needs etcd.
// `npm run bench -- exchange [JOINS [HOSTS]]`

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { tlsNow } from "../src/agent/trust.ts";
import { etcdCluster, type EtcdCluster, type Tls } from "../src/cluster/etcd/index.ts";
import type { Cluster } from "../src/contract/cluster.ts";
import { createExchange, type OwnExchange } from "../src/exchange/index.ts";
import { linuxHost } from "../src/host/linux/index.ts";
import { sharingProgram } from "../test/end-to-end/sharing-program.ts";
import { costsOf } from "./process-costs.ts";
import { report } from "./report.ts";

const [joins = 50, crowd = 50] = process.argv.slice(2).map(Number);
const puts = 300;
const root = join(import.meta.dirname, "..");
const built = join(root, "dist/mgmt");
const program = process.env["MGMT_BIN"] ?? (existsSync(built) ? built : join(root, "mgmt"));
const directory = mkdtempSync(join(tmpdir(), "mgmt-bench-"));
const network = `127.${randomInt(64, 255)}.${randomInt(1, 255)}.1`;
const seed = `https://${network}:2379`;
const entrance = `${network}:2381`;
const { clock } = linuxHost();
const running = new Set<ChildProcess>();
const never = (): AbortSignal => new AbortController().signal;

writeFileSync(
  join(directory, "main.mcl"),
  sharingProgram(
    directory,
    `
import "world"

$text = world.getval("text")
$content = $text->value
file "\${directory}/text" {
	state => $const.res.file.state.exists,
	content => "\${content}",
}
`,
  ),
);

function start(name: string, ...more: readonly string[]): ChildProcess {
  const args = ["run", "--hostname", name, "--prefix", prefixOf(name), ...more, "main.mcl"];
  const child = spawn(resolve(program), args, { cwd: directory, stdio: "ignore" });
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

/** By an invitation of its own, and nothing else. */
async function invited(name: string): Promise<string> {
  const args = ["cluster", "invite", "--prefix", prefixOf("a"), `--address=${entrance}`, `--name=${name}`];
  const child = spawn(resolve(program), args, { cwd: directory, stdio: ["ignore", "pipe", "ignore"] });
  let token = "";
  child.stdout.on("data", (text: Buffer) => (token += text.toString()));
  await once(child, "close");
  return `--join=${token.trim()}`;
}

const prefixOf = (name: string): string => join(directory, `state-${name}`);

async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}

function has(...paths: readonly string[]): boolean {
  return paths.every((path) => existsSync(join(directory, path)));
}

async function until(what: string, probe: () => boolean, limitMs = 60_000): Promise<void> {
  const began = performance.now();
  while (!probe()) {
    if (performance.now() - began > limitMs) throw new Error(`not within ${limitMs / 1000} s: ${what}`);
    await new Promise((turn) => setImmediate(turn));
    if (performance.now() - began > 1) await sleep(0.2);
  }
}

const filesOf = (host: string, ...others: readonly string[]): readonly string[] => [
  ...[`${host}/f1${host}`, `${host}/f2${host}`, `${host}/text`],
  ...others.flatMap((each) => [`${host}/f3${each}`, `${host}/f4${each}`]),
];

/** Two hosts are there; a third begins. */
async function measureJoins(cluster: Cluster): Promise<void> {
  const times: number[] = [];
  const starts: number[] = [];
  const processor: number[] = [];
  for (let round = 0; round < joins; round += 1) {
    await forget(cluster, "c");
    const invitation = await invited("c");
    const began = performance.now();
    const c = start("c", invitation);
    await until("it makes its first file", () => has("c/f1c"));
    starts.push(performance.now() - began);
    const all = [...filesOf("a", "a", "b", "c"), ...filesOf("b", "a", "b", "c"), ...filesOf("c", "a", "b", "c")];
    await until("all have everything", () => has(...all));
    times.push(performance.now() - began);
    processor.push(costsOf(c.pid ?? 0, () => true).processorMs);
    await stop(c);
  }
  report("a host starts and is let in: to its first own file", starts);
  report("  to all 24 files on three hosts", times, 1000);
  process.stdout.write(`  worst ${Math.max(...times).toFixed(0)} ms\n`);
  report("  of the processor, the host that joins alone", processor);
  ratio("  the whole join, to the start of a bare runtime", middle(times), middle(runtimeStarts()));
}

function runtimeStarts(): readonly number[] {
  return Array.from({ length: 10 }, () => {
    const began = performance.now();
    spawnSync(process.execPath, ["-e", "0"]);
    return performance.now() - began;
  });
}

function middle(times: readonly number[]): number {
  return times.toSorted((left, right) => left - right)[Math.floor(times.length / 2)] ?? 0;
}

function ratio(what: string, ms: number, toMs: number): void {
  process.stdout.write(`  ${what.padEnd(54)} ${(ms / toMs).toFixed(1)} × (${toMs.toFixed(1)} ms)\n`);
}

/** As if the host had never been there. */
async function forget(cluster: Cluster, host: string): Promise<void> {
  const { entries } = await cluster.read({ prefix: "/_mgmt/" }, never());
  const own = entries.filter(({ key }) => key.endsWith(`/${host}`) || key.includes(`/exporters/${host}/`));
  await cluster.commit({ conditions: [], changes: own.map(({ key }) => ({ do: "delete", key })) }, never());
  await sleep(150);
  rmSync(join(directory, host), { recursive: true, force: true });
  rmSync(join(directory, `state-${host}`), { recursive: true, force: true });
  for (const each of ["a", "b"])
    for (const file of ["f3", "f4"]) rmSync(join(directory, each, `${file}${host}`), { force: true });
}

/** A text is put; three hosts write it into a file. */
async function measurePuts(exchange: OwnExchange): Promise<void> {
  const c = start("c", "--seeds", seed);
  await until("it is there", () => has("c/text"));
  await sleep(1000);
  const [first, last]: [number[], number[]] = [[], []];
  for (let round = 0; round < puts; round += 1) {
    const value = `text ${round}`;
    const waiting = new Set(["a", "b", "c"]);
    const began = performance.now();
    await exchange.texts.update({ key: "text" }, () => value, never());
    await until("it is in all files", () => {
      for (const host of waiting) {
        if (readFileSync(join(directory, host, "text"), "utf8") !== value) continue;
        (waiting.size === 3 ? first : []).push(performance.now() - began);
        waiting.delete(host);
      }
      return waiting.size === 0;
    });
    last.push(performance.now() - began);
    await sleep(5);
  }
  reportCosts("one of three runs", [c]);
  await stop(c);
  report("a text is put: to the file of the first of three hosts", first);
  report("  to the files of all", last);
  const bare = await timeBareStore();
  report("  to somebody who follows the store and does nothing", bare);
  ratio("  to the files of all, to the store alone", middle(last), middle(bare));
}

/** From a put to the item of a watch, both in this process. */
async function timeBareStore(): Promise<readonly number[]> {
  const [writer, reader] = [connect(), connect()];
  const times: number[] = [];
  const stopping = new AbortController();
  const items = reader.watch({ key: "/bare" }, undefined, stopping.signal);
  await items.next();
  for (let round = 0; round < puts; round += 1) {
    const began = performance.now();
    const told = items.next();
    await writer.commit({ conditions: [], changes: [{ do: "put", key: "/bare", value: `${round}` }] }, never());
    await told;
    times.push(performance.now() - began);
    await sleep(5);
  }
  stopping.abort();
  for (const each of [writer, reader]) await each.close();
  return times;
}

/** Without the store that the first of them keeps. */
function reportCosts(what: string, children: readonly ChildProcess[]): void {
  const each = children.flatMap(({ pid }) =>
    pid === undefined ? [] : costsOf(pid, (name) => !name.startsWith("etcd")),
  );
  const mean = (values: readonly number[]): string =>
    (values.reduce((sum, one) => sum + one, 0) / each.length).toFixed(0);
  const [resident, own] = [mean(each.map(({ rssMb }) => rssMb)), mean(each.map(({ pssMb }) => pssMb))];
  const processor = mean(each.map(({ processorMs }) => processorMs));
  const figures = `${resident} MB resident, ${own} MB with its part of what is shared, ${processor} ms of the processor`;
  process.stdout.write(`  ${what.padEnd(54)} ${figures}\n`);
}

/** Many hosts begin at once and take what all of them show. */
async function measureCrowd(cluster: Cluster): Promise<void> {
  const names = Array.from({ length: crowd - 1 }, (_, at) => `h${at + 1}`);
  await forget(cluster, "c");
  const invitations: string[] = [];
  for (const name of names) invitations.push(await invited(name));
  const began = performance.now();
  const children = names.map((name, at) => start(name, invitations[at] ?? ""));
  const waiting = new Set(["a", ...names]);
  const isComplete = (host: string): boolean => {
    if (!has(host)) return false;
    const shown = readdirSync(join(directory, host)).filter((name) => /^f[34]/.test(name));
    return shown.length >= 2 * crowd;
  };
  const looks = (): boolean => {
    for (const host of waiting) if (isComplete(host)) waiting.delete(host);
    return waiting.size === 0;
  };
  await until(`${crowd} hosts have everything`, looks, 600_000);
  const tookMs = performance.now() - began;
  const files = crowd * (2 * crowd + 2);
  process.stdout.write(`  ${`${crowd} hosts begin at once: all ${files} files on all`.padEnd(54)} ${(tookMs / 1000).toFixed(2)} s, ${(tookMs / crowd).toFixed(0)} ms a host\n`); // biome-ignore format: one line
  ratio("  a host of them, to the start of a bare runtime", tookMs / crowd, middle(runtimeStarts()));
  reportCosts(`  one of ${crowd} runs`, children);
  await Promise.all(children.map(stop));
}

/** Three followers in this process, so what is measured is the store and our client. */
async function measureThroughput(connect: () => EtcdCluster): Promise<void> {
  const count = 5000;
  const stopping = new AbortController();
  const clusters = [0, 1, 2].map(connect);
  const exchanges = clusters.map((cluster, at) =>
    createExchange({ cluster, hostname: `follower${at}`, clock, onTrouble: () => {} }),
  );
  const seen = exchanges.map(async ({ texts }) => {
    for await (const text of texts.follow({ key: "many" }, stopping.signal)) if (text === `${count - 1}`) return;
  });
  await sleep(200);
  const cluster = connect();
  let next = 0;
  const began = performance.now();
  const writer = async (): Promise<void> => {
    while (next < count - 1) {
      const value = JSON.stringify({ version: 1, value: `${next++}` });
      await cluster.commit({ conditions: [], changes: [{ do: "put", key: "/_mgmt/texts/many", value }] }, never());
    }
  };
  await Promise.all(Array.from({ length: 64 }, writer));
  const value = JSON.stringify({ version: 1, value: `${count - 1}` });
  await cluster.commit({ conditions: [], changes: [{ do: "put", key: "/_mgmt/texts/many", value }] }, never());
  const written = performance.now() - began;
  await Promise.all(seen);
  const followed = performance.now() - began;
  stopping.abort();
  for (const exchange of exchanges) await exchange.close();
  for (const each of [...clusters, cluster]) await each.close();
  const rate = (ms: number): string => `${Math.round((count / ms) * 1000)} a second`;
  process.stdout.write(`  ${"puts, 64 at a time, one process".padEnd(54)} ${rate(written)}\n`);
  process.stdout.write(`  ${"  seen by three followers in the same process".padEnd(54)} ${rate(followed)}\n`);
}

process.stdout.write(`exchange of hosts through etcd, ${program}\n`);
const tls = (): Tls => tlsNow(prefixOf("a"));
const connect = (): EtcdCluster => etcdCluster({ urls: [seed], tls, clock, readOnly: false, onTrouble: () => {} });
try {
  mkdirSync(directory, { recursive: true });
  // One host keeps the store: the others come and go as fast as they can.
  start(
    "a",
    "--ideal-cluster-size=1",
    `--accept-joins=${entrance}`,
    `--client-urls=${network}`,
    `--server-urls=${network}`,
  );
  await until("one host has its files", () => has(...filesOf("a", "a")));
  const b = start("b", await invited("b"));
  await until("two hosts have everything", () => has(...filesOf("a", "a", "b"), ...filesOf("b", "a", "b")));
  const cluster = connect();
  const exchange = createExchange({ cluster, hostname: "bench", clock, onTrouble: () => {} });
  await measureJoins(cluster);
  await measurePuts(exchange);
  await measureThroughput(connect);
  await stop(b);
  await forget(cluster, "b");
  await measureCrowd(cluster);
  await exchange.close();
  await cluster.close();
} finally {
  await Promise.all([...running].map(stop));
  rmSync(directory, { recursive: true, force: true });
}
