// SPDX-License-Identifier: Apache-2.0
// A file that several processes share as their store: what can be done to it and to them.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sharedFileCluster, type SharedFileCluster } from "../../src/cluster/shared-file/index.ts";
import type { Clock } from "../../src/contract/host.ts";
import { linuxHost } from "../../src/host/linux/index.ts";
import { machineClock } from "./machine-clock.ts";
import { type Plan, planOf } from "./faults.ts";
import type { Recorded } from "./history.ts";
import { Processes } from "./processes.ts";
import { type Actor, clientKinds, live, type Story, type World } from "./world.ts";

const kinds = ["the store forgets"] as const;

class FileWorld implements World {
  readonly clock: Clock = machineClock();
  readonly #path: string;
  readonly #processes: Processes;
  readonly #cluster: SharedFileCluster;
  readonly #own: Recorded[] = [];

  constructor(directory: string) {
    const { clock, random } = linuxHost();
    this.#path = join(directory, "cluster.db");
    this.#processes = new Processes(directory);
    this.#cluster = sharedFileCluster({ path: this.#path, clock, random, readOnly: false, onTrouble: () => {} });
  }

  begin(name: string, seed: number): Promise<Actor> {
    return this.#processes.begin({ name, seed, store: { path: this.#path } });
  }

  async harm(): Promise<() => Promise<void>> {
    this.#own.push({ what: "compacts", client: "the world", atMs: this.clock.monotonicMs() });
    for (;;) {
      try {
        this.#cluster.forget();
        return async () => {};
      } catch {
        await this.clock.sleep(5, new AbortController().signal); // Somebody is writing.
      }
    }
  }

  async heal(): Promise<void> {}

  read() {
    return this.#cluster.read({ prefix: "/" }, new AbortController().signal);
  }

  events(): readonly Recorded[] {
    return [...this.#processes.events(), ...this.#own];
  }

  async stop(): Promise<void> {
    await this.#processes.stop();
    await this.#cluster.close();
  }
}

export async function liveInFile(seed: number): Promise<Story & { readonly plan: Plan }> {
  const plan = planOf(seed, [...kinds, ...clientKinds]);
  const directory = mkdtempSync(join(tmpdir(), "mgmt-history-"));
  const world = new FileWorld(directory);
  try {
    return { ...(await live(world, plan)), plan };
  } finally {
    await world.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}
