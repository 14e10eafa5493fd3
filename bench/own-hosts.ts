// SPDX-License-Identifier: Apache-2.0
// Whole runs of the program on this machine, as hosts of one cluster: the first keeps the store with its etcd and lets the others
// in, each by an invitation of its own, so all that they say goes over mutual TLS. Each run of a benchmark has a network of its own.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { tlsNow } from "../src/agent/trust.ts";
import { etcdCluster, type EtcdCluster } from "../src/cluster/etcd/index.ts";
import type { Cluster } from "../src/contract/cluster.ts";
import { linuxHost } from "../src/host/linux/index.ts";
import { sharingProgram } from "../test/end-to-end/sharing-program.ts";
import { type Costs, costsOf } from "./process-costs.ts";

const root = join(import.meta.dirname, "..");
const built = join(root, "dist/mgmt");
const network = `127.${randomInt(64, 255)}.${randomInt(1, 255)}.1`;
const entrance = `${network}:2381`;
const running = new Set<ChildProcess>();
/** Hosts that have ended by themselves. */
const fallen: string[] = [];

export const { clock } = linuxHost();
export const program = process.env["MGMT_BIN"] ?? (existsSync(built) ? built : join(root, "mgmt"));
export const directory = mkdtempSync(join(tmpdir(), "mgmt-bench-"));
export const seed = `https://${network}:2379`;
export const never = (): AbortSignal => new AbortController().signal;

/** What all hosts run: files that they show each other, one that follows a text of the store, and what else is said. */
export function writeProgram(more = ""): void {
  const followed = `
import "world"

$text = world.getval("text")
$content = $text->value
file "\${directory}/text" {
	state => $const.res.file.state.exists,
	content => "\${content}",
}
`;
  writeFileSync(join(directory, "main.mcl"), sharingProgram(directory, followed + more));
}

export function start(name: string, ...more: readonly string[]): ChildProcess {
  const args = ["run", "--hostname", name, "--prefix", prefixOf(name), ...more, "main.mcl"];
  const log = openSync(logOf(name), "a");
  const child = spawn(resolve(program), args, { cwd: directory, stdio: ["ignore", "ignore", log] });
  closeSync(log);
  running.add(child);
  child.once("exit", () => {
    if (running.delete(child) && !child.killed) fallen.push(name);
  });
  return child;
}

const logOf = (name: string): string => join(directory, `${name}.log`);

/** One host keeps the store: the others come and go as fast as they can. */
export function startFirst(): ChildProcess {
  const addresses = [`--accept-joins=${entrance}`, `--client-urls=${network}`, `--server-urls=${network}`];
  return start("a", "--ideal-cluster-size=1", ...addresses);
}

/** By an invitation of its own, and nothing else. */
export async function invited(name: string): Promise<string> {
  const args = ["cluster", "invite", "--prefix", prefixOf("a"), `--address=${entrance}`, `--name=${name}`];
  const child = spawn(resolve(program), args, { cwd: directory, stdio: ["ignore", "pipe", "ignore"] });
  let token = "";
  child.stdout.on("data", (text: Buffer) => (token += text.toString()));
  await once(child, "close");
  return `--join=${token.trim()}`;
}

const prefixOf = (name: string): string => join(directory, `state-${name}`);

/** To the store, as the first host. */
export function connect(): EtcdCluster {
  return etcdCluster({ urls: [seed], tls: () => tlsNow(prefixOf("a")), clock, readOnly: false, onTrouble: () => {} });
}

export async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}

/** The end of the benchmark. */
export async function leaveNothing(): Promise<void> {
  await Promise.all([...running].map(stop));
  rmSync(directory, { recursive: true, force: true });
}

export function has(...paths: readonly string[]): boolean {
  return paths.every((path) => existsSync(join(directory, path)));
}

export async function until(what: string, probe: () => boolean, limitMs = 60_000): Promise<void> {
  const began = performance.now();
  while (!probe()) {
    for (const name of fallen) throw new Error(`${name} has ended: ${readFileSync(logOf(name), "utf8").slice(-2000)}`);
    if (performance.now() - began > limitMs) throw new Error(`not within ${limitMs / 1000} s: ${what}`);
    await new Promise((turn) => setImmediate(turn));
    if (performance.now() - began > 1) await sleep(0.2);
  }
}

export const filesOf = (host: string, ...others: readonly string[]): readonly string[] => [
  ...[`${host}/f1${host}`, `${host}/f2${host}`, `${host}/text`],
  ...others.flatMap((each) => [`${host}/f3${each}`, `${host}/f4${each}`]),
];

/** As if the host had never been there. */
export async function forget(cluster: Cluster, host: string, present: readonly string[]): Promise<void> {
  const { entries } = await cluster.read({ prefix: "/_mgmt/" }, never());
  const own = entries.filter(({ key }) => key.endsWith(`/${host}`) || key.includes(`/exporters/${host}/`));
  await cluster.commit({ conditions: [], changes: own.map(({ key }) => ({ do: "delete", key })) }, never());
  await sleep(150);
  rmSync(join(directory, host), { recursive: true, force: true });
  rmSync(prefixOf(host), { recursive: true, force: true });
  for (const each of present)
    for (const file of ["f3", "f4"]) rmSync(join(directory, each, `${file}${host}`), { force: true });
}

// ---- Costs ----

/** Of each run, without the store that the first of them keeps. */
export function costsOfAgents(children: readonly ChildProcess[]): readonly Costs[] {
  return children.flatMap(({ pid }) => (pid === undefined ? [] : costsOf(pid, (name) => !name.startsWith("etcd"))));
}

export function costsOfStore({ pid }: ChildProcess): Costs {
  return costsOf(pid ?? 0, (name) => name.startsWith("etcd"));
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, one) => sum + one, 0) / values.length;
}

export function reportCosts(what: string, children: readonly ChildProcess[]): void {
  const each = costsOfAgents(children);
  const of = (cost: keyof Costs): string => mean(each.map((costs) => costs[cost])).toFixed(0);
  line(what, `${of("rssMb")} MB resident, ${of("pssMb")} MB with its part of what is shared, ${of("processorMs")} ms of the processor`); // biome-ignore format: one line
}

export function line(what: string, figures: string): void {
  process.stdout.write(`  ${what.padEnd(54)} ${figures}\n`);
}

export function runtimeStarts(): readonly number[] {
  return Array.from({ length: 10 }, () => {
    const began = performance.now();
    spawnSync(process.execPath, ["-e", "0"]);
    return performance.now() - began;
  });
}

export function middle(times: readonly number[]): number {
  return times.toSorted((left, right) => left - right)[Math.floor(times.length / 2)] ?? 0;
}

export function ratio(what: string, ms: number, toMs: number): void {
  line(what, `${(ms / toMs).toFixed(1)} × (${toMs.toFixed(1)} ms)`);
}
