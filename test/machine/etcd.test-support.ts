// SPDX-License-Identifier: Apache-2.0
// Real etcd servers on loopback addresses of their own, which tests kill, pause and start again. They end with the test,
// however that ends.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, openSync, readFileSync, rmSync, closeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { linuxHost } from "../../src/host/linux/index.ts";
import { etcdCluster, type EtcdCluster, type EtcdOptions, type Tls } from "../../src/cluster/etcd/index.ts";

/** Why tests on real servers cannot be tried here; undefined: they can. */
export const missing: string | undefined = findMissing();

function findMissing(): string | undefined {
  try {
    execFileSync("etcd", ["--version"], { stdio: "pipe" });
    return undefined;
  } catch {
    return "not tried: etcd is not installed (Debian: etcd-server)";
  }
}

const never = (): AbortSignal => new AbortController().signal;

export interface LabOptions {
  readonly members?: number;
  /** More arguments for each. */
  readonly arguments?: readonly string[];
  readonly scheme?: "http" | "https";
  /** Called once with the address of the first member: more arguments, and what clients need. */
  readonly prepare?: (address: string) => { readonly arguments: readonly string[]; readonly tls: Tls };
}

export class EtcdLab {
  readonly directory = mkdtempSync(join(tmpdir(), "mgmt-etcd-"));
  readonly #network = `127.${randomInt(64, 255)}.${randomInt(1, 255)}`;
  readonly #options: LabOptions;
  readonly #processes = new Map<number, ChildProcess>();
  readonly #clusters: EtcdCluster[] = [];
  readonly #prepared: ReturnType<NonNullable<LabOptions["prepare"]>> | undefined;
  #lives = 1;

  private constructor(options: LabOptions) {
    this.#options = options;
    this.#prepared = options.prepare?.(`${this.#network}.1`);
  }

  /** With all of its members ready. */
  static async start(options: LabOptions = {}): Promise<EtcdLab> {
    const lab = new EtcdLab(options);
    for (const member of lab.members) lab.begin(member);
    try {
      await lab.ready();
    } catch (reason) {
      await lab.stop();
      throw reason;
    }
    return lab;
  }

  get members(): readonly number[] {
    return Array.from({ length: this.#options.members ?? 1 }, (_, at) => at + 1);
  }

  url(member: number): string {
    return `${this.#options.scheme ?? "http"}://${this.#network}.${member}:2379`;
  }

  get urls(): readonly string[] {
    return this.members.map((member) => this.url(member));
  }

  /** Starts it, again with its data. */
  begin(member: number): void {
    const peer = (each: number): string => `http://${this.#network}.${each}:2380`;
    const log = openSync(join(this.directory, `${member}.log`), "a");
    const argv = [
      ...["--pdeathsig", "KILL", "etcd", "--name", `m${member}`, "--data-dir", join(this.directory, `${member}`)],
      ...["--listen-client-urls", this.url(member), "--advertise-client-urls", this.url(member)],
      ...["--listen-peer-urls", peer(member), "--initial-advertise-peer-urls", peer(member)],
      ...["--initial-cluster", this.members.map((each) => `m${each}=${peer(each)}`).join(",")],
      ...[
        "--initial-cluster-token",
        `${this.#network}-${this.#lives}`,
        "--unsafe-no-fsync",
        "--logger",
        "zap",
        "--log-level",
        "warn",
      ],
      ...["--heartbeat-interval", "20", "--election-timeout", "200", ...(this.#prepared?.arguments ?? [])],
      ...(this.#options.arguments ?? []),
    ];
    const child = spawn("setpriv", argv, { stdio: ["ignore", log, log] });
    closeSync(log);
    this.#processes.set(member, child);
  }

  /** Until somebody leads and each that runs answers. */
  async ready(): Promise<void> {
    const cluster = this.open();
    const until = Date.now() + 30_000;
    for (const member of this.#processes.keys()) {
      for (;;) {
        try {
          const { leader } = await cluster.members.status(this.url(member), never());
          if (leader !== undefined) break;
        } catch (reason) {
          if (Date.now() > until) throw new Error(`no etcd:\n${this.log(member)}`, { cause: reason });
        }
        await sleep(20);
      }
    }
    await cluster.close();
  }

  log(member: number): string {
    return readFileSync(join(this.directory, `${member}.log`), "utf8");
  }

  /** A way in; closed with the lab. */
  open(options: Partial<EtcdOptions> = {}): EtcdCluster {
    const { clock } = linuxHost();
    const cluster = etcdCluster({
      urls: this.urls,
      clock,
      readOnly: false,
      onTrouble: () => {},
      ...(this.#prepared === undefined ? {} : { tls: this.#prepared.tls }),
      ...options,
    });
    this.#clusters.push(cluster);
    return cluster;
  }

  async leader(): Promise<number> {
    const cluster = this.open();
    try {
      for (;;) {
        for (const member of this.#processes.keys()) {
          const status = await cluster.members.status(this.url(member), never()).catch(() => undefined);
          if (status !== undefined && status.leader === status.id) return member;
        }
        await sleep(20);
      }
    } finally {
      await cluster.close();
    }
  }

  async kill(member: number): Promise<void> {
    const child = this.#processes.get(member);
    if (child === undefined) return;
    this.#processes.delete(member);
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  /** Of one that was killed; what begins then is another cluster. */
  loseData(member: number): void {
    rmSync(join(this.directory, `${member}`), { recursive: true });
    this.#lives += 1;
  }

  pause(member: number): void {
    this.#processes.get(member)?.kill("SIGSTOP");
  }

  resume(member: number): void {
    this.#processes.get(member)?.kill("SIGCONT");
  }

  async stop(): Promise<void> {
    for (const cluster of this.#clusters) await cluster.close();
    await Promise.all([...this.#processes.keys()].map((member) => this.kill(member)));
    rmSync(this.directory, { recursive: true, force: true });
  }
}
