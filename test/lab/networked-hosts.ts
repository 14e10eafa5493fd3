// SPDX-License-Identifier: Apache-2.0
// Hosts with a network of their own on one bridge, and runs of mgmt on them. They share the disk of the lab host, so each has a
// directory for its files, and one for its state. Works nowhere else.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { Network } from "../histories/network.ts";
import { install, run, until } from "./inside.ts";
import { mgmt } from "./program.ts";

/** Machines may be busy. */
const longMs = 60_000;
/** Hosts put their files into a directory of their name below this one. */
export const filesRoot = "/root/files";

export class NetworkedHosts {
  readonly network: Network;
  readonly #program: string;

  private constructor(network: Network, program: string) {
    this.network = network;
    this.#program = program;
    mkdirSync(filesRoot);
  }

  /** All of them run the same program, each its own copy. */
  static async make(names: readonly string[], program: string): Promise<NetworkedHosts> {
    await install("nftables", "etcd-server");
    await run("systemctl", "stop", "etcd");
    mkdirSync("/run/netns", { recursive: true });
    return new NetworkedHosts(await Network.make(1, names), program);
  }

  addressOf(name: string): string {
    return this.#host(name).address;
  }

  prefixOf(name: string): string {
    return `/root/state-${name}`;
  }

  programOf(name: string): string {
    return `/root/programs/${name}/main.mcl`;
  }

  start(name: string, ...options: readonly string[]): Agent {
    const directory = `/root/programs/${name}`;
    mkdirSync(directory, { recursive: true });
    if (!existsSync(this.programOf(name))) writeFileSync(this.programOf(name), this.#program);
    const argv = [...this.#host(name).through, mgmt, "run", "--hostname", name, "--prefix", this.prefixOf(name)];
    return new Agent([...argv, ...options, directory]);
  }

  /** Any other command, as somebody gives it there. */
  ask(name: string, ...words: readonly string[]): Promise<string> {
    const argv = [...this.#host(name).through, mgmt, ...words];
    return run(argv[0] ?? "", ...argv.slice(1));
  }

  count(...names: readonly string[]): number {
    const files = (name: string): number =>
      existsSync(`${filesRoot}/${name}`) ? readdirSync(`${filesRoot}/${name}`).length : 0;
    return names.reduce((sum, name) => sum + files(name), 0);
  }

  has(expected: number, ...names: readonly string[]): Promise<void> {
    return until(`${expected} files on ${names.join(", ")}`, () => this.count(...names) === expected, longMs);
  }

  #host(name: string): Network["hosts"][number] {
    const found = this.network.hosts.find((host) => host.name === name);
    assert.ok(found, name);
    return found;
  }
}

/** A run of mgmt on one of the hosts. */
export class Agent {
  said = "";
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;

  constructor(argv: readonly string[]) {
    const child = spawn(argv[0] ?? "", argv.slice(1), { stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.said += text;
      });
    }
    this.ended = once(child, "close").then(([status]) => status as number | null);
  }

  async stop(): Promise<void> {
    this.#child.kill("SIGTERM");
    assert.equal(await this.ended, 0, this.said);
  }

  /** Without any warning, as when the machine loses its power. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.ended;
  }
}
