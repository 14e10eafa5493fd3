// SPDX-License-Identifier: Apache-2.0
// Real etcd servers, each on a host of a network of its own, with a disk that can be filled and a monotonic clock of its own.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { etcdCluster, type EtcdCluster } from "../../src/cluster/etcd/index.ts";
import { linuxHost } from "../../src/host/linux/index.ts";
import type { NetworkHost } from "./network.ts";

/** Two files of 64 MiB for the log of etcd, and what it writes beside. */
const diskMiB = 140;
const readyMs = 60_000;

export interface Server {
  readonly host: NetworkHost;
  readonly url: string;
  readonly data: string;
  /** What its clock is ahead of that of the machine. */
  readonly clockSeconds: number;
}

export class EtcdServers {
  readonly all: readonly Server[];
  /** How many have ended by themselves. */
  ended = 0;
  readonly #directory: string;
  readonly #processes = new Map<Server, ChildProcess>();
  readonly #cluster: EtcdCluster;
  readonly #hasDisks: boolean;
  readonly #killed = new WeakSet<ChildProcess>();

  /** `hasDisks`: each has a small disk of its own, so that one can be filled. */
  constructor(directory: string, hosts: readonly NetworkHost[], clocks: readonly number[], hasDisks: boolean) {
    this.#directory = directory;
    this.#hasDisks = hasDisks;
    this.all = hosts.map((host, at) => ({
      host,
      url: `http://${host.address}:2379`,
      data: join(directory, host.name),
      clockSeconds: clocks[at] ?? 0,
    }));
    for (const { data } of this.all) {
      mkdirSync(data, { recursive: true });
      if (hasDisks) execFileSync("mount", ["-t", "tmpfs", "-o", `size=${diskMiB}m`, "tmpfs", data]);
    }
    const { clock } = linuxHost();
    this.#cluster = etcdCluster({ urls: this.urls, clock, readOnly: false, onTrouble: () => {} });
  }

  get urls(): readonly string[] {
    return this.all.map(({ url }) => url);
  }

  /** A way in that is not noted. */
  get cluster(): EtcdCluster {
    return this.#cluster;
  }

  isRunning(server: Server): boolean {
    return this.#processes.has(server);
  }

  /** Starts it, again with its data. */
  begin(server: Server): void {
    if (this.isRunning(server)) return;
    const peer = ({ host }: Server): string => `http://${host.address}:2380`;
    const log = openSync(join(this.#directory, `${server.host.name}.log`), "a");
    const [program = "", ...argv] = [
      ...server.host.through,
      ...["unshare", "--time", "--monotonic", `${server.clockSeconds}`],
      ...[
        "setpriv",
        "--pdeathsig",
        "KILL",
        "etcd",
        "--name",
        server.host.name,
        "--data-dir",
        join(server.data, "etcd"),
      ],
      ...["--listen-client-urls", server.url, "--advertise-client-urls", server.url],
      ...["--listen-peer-urls", peer(server), "--initial-advertise-peer-urls", peer(server)],
      ...["--initial-cluster", this.all.map((each) => `${each.host.name}=${peer(each)}`).join(",")],
      ...["--unsafe-no-fsync", "--logger", "zap", "--log-level", "warn"],
      ...["--heartbeat-interval", "50", "--election-timeout", "500"],
    ];
    const child = spawn(program, argv, { stdio: ["ignore", log, log] });
    closeSync(log);
    this.#processes.set(server, child);
    child.once("exit", () => {
      if (!this.#killed.has(child)) this.ended += 1;
      if (this.#processes.get(server) === child) this.#processes.delete(server);
    });
  }

  async kill(server: Server): Promise<void> {
    const child = this.#processes.get(server);
    if (child === undefined) return;
    const ended = once(child, "exit");
    this.#killed.add(child);
    child.kill("SIGKILL");
    await ended;
  }

  /** It does nothing until the returned function is called. */
  pause(server: Server): () => void {
    const child = this.#processes.get(server);
    child?.kill("SIGSTOP");
    return () => void child?.kill("SIGCONT");
  }

  /** Nothing more fits on its disk until the returned function is called. */
  fill(server: Server): () => void {
    const filler = join(server.data, "filler");
    const file = openSync(filler, "w");
    try {
      for (const size of [1 << 20, 1 << 12]) {
        const block = Buffer.alloc(size);
        try {
          while (writeSync(file, block) === size);
        } catch (reason) {
          if (!(reason instanceof Error) || !("code" in reason) || reason.code !== "ENOSPC") throw reason;
        }
      }
    } finally {
      closeSync(file);
    }
    return () => rmSync(filler, { force: true });
  }

  /** Undefined: nobody leads, as far as those say that answer. */
  async leader(): Promise<Server | undefined> {
    const { signal } = new AbortController();
    const asked = this.all.map(async (server) => {
      const status = await this.#cluster.members.status(server.url, signal).catch(() => undefined);
      return status !== undefined && status.leader === status.id ? [server] : [];
    });
    return (await Promise.all(asked)).flat()[0];
  }

  /** Until somebody leads and each answers. */
  async ready(): Promise<void> {
    const { signal } = new AbortController();
    const until = performance.now() + readyMs;
    for (const server of this.all) {
      for (;;) {
        for (const each of this.all) this.begin(each);
        const status = await this.#cluster.members.status(server.url, signal).catch(() => undefined);
        if (status?.leader !== undefined) break;
        if (performance.now() > until) throw new Error(`no etcd on ${server.host.name}:\n${this.#log(server)}`);
        await sleep(50);
      }
    }
  }

  async stop(): Promise<void> {
    await this.#cluster.close();
    await Promise.all(this.all.map((server) => this.kill(server)));
    if (this.#hasDisks) for (const { data } of this.all) execFileSync("umount", ["--lazy", data]);
  }

  #log({ host }: Server): string {
    return readFileSync(join(this.#directory, `${host.name}.log`), "utf8").slice(-1000);
  }
}
