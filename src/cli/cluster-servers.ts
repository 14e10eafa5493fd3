// SPDX-License-Identifier: Apache-2.0
// `mgmt cluster servers`: how those are that keep the store, and who shares it.

import { type ClusterFacts, lookAtCluster, lookAtFile, type ServerFacts } from "../agent/look-at-cluster.ts";
import { thisMachine } from "../agent/machine.ts";
import { findOwnStore } from "../agent/own-store.ts";
import { askStatus } from "../agent/record/ask.ts";
import { connectTo } from "../agent/store.ts";
import { toldSeeds, usualScheme } from "../agent/trust.ts";
import { seedsOf } from "../agent/store-choice.ts";
import { whomToAsk } from "./asking.ts";
import type { Invocation } from "./command.ts";
import { exitStatus } from "./exit-status.ts";
import { listOption } from "./option-values.ts";
import { storeWay } from "./run-setting.ts";

export async function showServers(invocation: Invocation, signal: AbortSignal): Promise<number> {
  const { options, terminal } = invocation;
  const { host, prefix } = await whomToAsk(invocation);
  const given = listOption(invocation, "seeds");
  // Without seeds that of the run which has the state directory is meant.
  const told = options.sshUrl === undefined ? [] : await toldSeeds(host, prefix, signal);
  const known = given.length > 0 ? given : told;
  const places = known.length > 0 ? known : [(await askStatus(prefix, host))?.store?.place ?? ""];
  const file = /^(?:file:(?:\/\/)?)?(\/.*)$/.exec(places[0] ?? "")?.[1];
  if (places.length === 1 && file !== undefined) return showFile(invocation, { file, host, prefix }, signal);
  const seeds = seedsOf(places, usualScheme(prefix));
  if (seeds.length === 0) {
    if ((await findOwnStore(prefix, signal)) !== undefined) return showOwn(invocation, prefix);
    terminal.stderr("mgmt: nothing says which store is meant\n");
    terminal.stderr("  hint: give --seeds, or --prefix of a run that shares one\n");
    return exitStatus.usage;
  }
  const onTrouble = (message: string): void => terminal.stderr(`mgmt: ${message}\n`);
  const cluster = await connectTo(seeds, {
    prefix,
    readOnly: true,
    hostname: "",
    host,
    onTrouble,
    ...storeWay(invocation, told),
  });
  try {
    const facts = await lookAtCluster(cluster, host.clock, signal);
    if (options.json === true) terminal.stdout(`${JSON.stringify({ version: 1, ...facts })}\n`);
    else terminal.stdout(`${linesOf(facts).join("\n")}\n`);
    if (facts.hosts === undefined) return exitStatus.refused;
    return facts.servers.every(isWell) ? exitStatus.good : exitStatus.wrong;
  } finally {
    await cluster.close();
  }
}

async function showFile(
  { options, terminal }: Invocation,
  { file, host, prefix }: { readonly file: string } & Awaited<ReturnType<typeof whomToAsk>>,
  signal: AbortSignal,
): Promise<number> {
  const onTrouble = (message: string): void => terminal.stderr(`mgmt: ${message}\n`);
  const facts = await lookAtFile(file, { prefix, readOnly: true, hostname: "", host, onTrouble }, signal);
  if (options.json === true) terminal.stdout(`${JSON.stringify({ version: 1, ...facts })}\n`);
  else
    terminal.stdout(
      `The store is the file ${file}, which needs no servers.\n${linesOfHosts(facts.hosts ?? []).join("\n")}\n`,
    );
  return exitStatus.good;
}

/** Of a host that has it for itself. */
async function showOwn({ options, terminal }: Invocation, prefix: string): Promise<number> {
  const status = await askStatus(prefix, thisMachine());
  const { hostname = "", isConverged = false } = status ?? {};
  const hosts = status?.isRunning === true ? [{ name: hostname, hasConverged: isConverged }] : [];
  if (options.json === true) terminal.stdout(`${JSON.stringify({ version: 1, servers: [], needed: 0, hosts })}\n`);
  else {
    terminal.stdout(
      `This host has its store for itself, in ${prefix}/cluster.db.\n${linesOfHosts(hosts).join("\n")}\n`,
    );
  }
  return exitStatus.good;
}

function isWell({ troubles }: ServerFacts): boolean {
  return troubles.length === 0;
}

function linesOf({ servers, needed, hosts, failure, ideal, volunteers = [] }: ClusterFacts): readonly string[] {
  const well = servers.filter(isWell).length;
  const width = Math.max(...servers.map(({ name }) => name.length));
  const lines = [`${count(servers.length, "server")} of the store, ${well} well; it takes ${needed}.`];
  for (const server of servers) {
    const { name, role, urls, version, behind = 0, bytes = 0, ms = 0, troubles } = server;
    const facts = [
      ...(version === undefined ? [] : [`etcd ${version}`, size(bytes), `answers in ${ms} ms`]),
      ...(behind > 0 ? [`${behind} entries behind`] : []),
      ...troubles.map((trouble) => `wrong: ${trouble}`),
    ];
    lines.push(`  ${name.padEnd(width)}  ${role.padEnd(8)}  ${urls.join(" ")}  ${facts.join(", ")}`);
  }
  if (hosts === undefined) return [...lines, `Nothing can be done: ${failure ?? "it does not answer"}`];
  const others = volunteers.length === 0 ? "" : `; these would, too: ${volunteers.join(", ")}`;
  lines.push(`${keepersOf(ideal)}${others}.`);
  return [...lines, ...linesOfHosts(hosts)];
}

function keepersOf(ideal: number | undefined): string {
  if (ideal === 0) return "It is to end";
  return ideal === 1 ? "1 host is to keep it" : `Up to ${ideal} hosts are to keep it`;
}

function linesOfHosts(hosts: NonNullable<ClusterFacts["hosts"]>): readonly string[] {
  const busy = hosts.filter(({ hasConverged }) => !hasConverged).map(({ name }) => name);
  const names = hosts.map(({ name }) => name).join(", ");
  const first = hosts.length === 0 ? "No host is alive." : `${count(hosts.length, "host")} alive: ${names}.`;
  return busy.length === 0 ? [first] : [first, `At work: ${busy.join(", ")}.`];
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

function size(bytes: number): string {
  return bytes < 1024 * 1024 ? `${Math.round(bytes / 1024)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
