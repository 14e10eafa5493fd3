// SPDX-License-Identifier: Apache-2.0
// A client as a process of its own, which can be killed and stopped. It writes each thing that it notes into its file before
// it goes on, so a kill loses nothing that it did. Its argument says what it is to be; what it is told comes from its parent.

import { openSync, writeSync } from "node:fs";
import { etcdCluster } from "../../src/cluster/etcd/index.ts";
import { sharedFileCluster } from "../../src/cluster/shared-file/index.ts";
import type { Cluster } from "../../src/contract/cluster.ts";
import { linuxHost } from "../../src/host/linux/index.ts";
import { Client } from "./client.ts";
import { machineClock } from "./machine-clock.ts";
import type { Recorded, Told } from "./history.ts";
import { recordedCluster } from "./recorded-cluster.ts";

export interface AgentOptions {
  readonly name: string;
  readonly seed: number;
  readonly store: { readonly urls: readonly string[] } | { readonly path: string };
  /** Where it writes what it notes. */
  readonly notes: string;
}

/** Of a jump nothing is said. */
export type Order = { readonly do: "rest" | "look" } | { readonly do: "jump"; readonly ms: number };
export type Reply = "began" | "done" | { readonly failed: string };

/** It looks so often whether it has been asleep. */
const tickMs = 20;
const sleepMs = 50;

const options = JSON.parse(process.argv[2] ?? "") as AgentOptions;
const host = linuxHost();
let skewMs = 0;
const clock = machineClock(() => skewMs);
const notes = openSync(options.notes, "a");
const note = (told: Told): void => {
  const recorded: Recorded = { ...told, client: options.name, atMs: clock.monotonicMs() };
  writeSync(notes, `${JSON.stringify(recorded)}\n`);
};
let lastMs = clock.monotonicMs();
setInterval(() => {
  const nowMs = clock.monotonicMs();
  if (nowMs - lastMs > sleepMs) note({ what: "asleep", fromMs: lastMs + tickMs });
  lastMs = nowMs;
}, tickMs);

const cluster = recordedCluster(open(), options.name, clock, note);
const client = new Client({ name: options.name, cluster, clock, seed: options.seed, note });
const reply = (said: Reply): void => void process.send?.(said);
process.on("message", (order: Order) => {
  if (order.do === "jump") {
    skewMs += order.ms;
    return;
  }
  obey(order).then(
    () => reply("done"),
    (reason: unknown) => reply({ failed: String(reason) }),
  );
});
process.on("disconnect", () => process.exit(0));
client.start();
reply("began");

function open(): Cluster {
  const { store } = options;
  const onTrouble = (): void => {};
  return "urls" in store
    ? etcdCluster({ urls: store.urls, clock, readOnly: false, onTrouble })
    : sharedFileCluster({ path: store.path, clock, random: host.random, readOnly: false, onTrouble });
}

async function obey(order: Order): Promise<void> {
  if (order.do === "rest") await client.rest();
  else await client.look();
}
