// SPDX-License-Identifier: Apache-2.0
// `mgmt cluster servers`: how those are that keep the store, and who shares it.

import { type ClusterFacts, lookAtCluster, type ServerFacts } from "../agent/look-at-cluster.ts";
import { askStatus } from "../agent/record/ask.ts";
import { connectTo } from "../agent/store.ts";
import { usualScheme } from "../agent/trust.ts";
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
  const seeds = seedsOf(
    given.length > 0 ? given : [(await askStatus(prefix, host))?.store?.place ?? ""],
    usualScheme(prefix),
  );
  if (seeds.length === 0) {
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
    ...storeWay(invocation),
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
  lines.push(`Up to ${ideal} hosts are to keep it${others}.`);
  const busy = hosts.filter(({ hasConverged }) => !hasConverged);
  const names = hosts.map(({ name }) => name).join(", ");
  lines.push(hosts.length === 0 ? "No host is alive." : `${count(hosts.length, "host")} alive: ${names}.`);
  if (busy.length > 0) lines.push(`At work: ${busy.map(({ name }) => name).join(", ")}.`);
  return lines;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

function size(bytes: number): string {
  return bytes < 1024 * 1024 ? `${Math.round(bytes / 1024)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
