// SPDX-License-Identifier: Apache-2.0
// Whole agents, each with its program, its engine and a machine in memory, that share a store: one edit on one of them, until
// all have made the file that they collect.

import { catalogFor } from "../src/agent/catalog.ts";
import type { Run } from "../src/agent/run.ts";
import { runProgram } from "../src/agent/run-program.ts";
import { memoryCluster } from "../src/cluster/memory/index.ts";
import { drivenClock } from "../src/host/memory/clock.ts";
import { type MemoryHost, memoryHost } from "../src/host/memory/index.ts";

export class Fleet {
  readonly #clock = drivenClock();
  readonly #cluster = memoryCluster(this.#clock);
  readonly #agents: { readonly host: MemoryHost; readonly run: Run }[] = [];
  readonly #count: number;
  readonly #program: Program;

  constructor(count: number, program: Program = collectsAll) {
    this.#count = count;
    this.#program = program;
  }

  /** Each begins when all before it have everything, so every host hears of every other one by itself. */
  async measureArrivals(): Promise<void> {
    console.log(`  ${this.#count} whole agents, one after the other, each makes those of all in a loop`);
    const started = process.cpuUsage();
    for (let at = 0; at < this.#count; at += 1) {
      this.#start(`host${at}`);
      const latest = `/srv/file-host${at}`;
      await this.#until(() => this.#agents.every(({ host }) => host.outside.read(latest) !== undefined));
    }
    this.#tell("all come up", started);
    await this.#end();
  }

  async measure(): Promise<void> {
    console.log(`  ${this.#count} whole agents, each exports one file to all and makes those of all`);
    const files = (): number => this.#agents.reduce((sum, { host }) => sum + (host.outside.read("/srv/file-host0") === undefined ? 0 : 1), 0); // biome-ignore format: one line
    const started = process.cpuUsage();
    for (let at = 0; at < this.#count; at += 1) this.#start(`host${at}`);
    await this.#until(() => files() === this.#count);
    this.#tell("all come up", started);
    const edited = process.cpuUsage();
    this.#agents[0]?.host.outside.write("/site/main.mcl", this.#program("host0", "2"));
    await this.#clock.advance(60);
    await this.#until(() => this.#agents.every(({ host }) => host.outside.read("/srv/file-host0") === "2"));
    this.#tell("one program is edited", edited);
    await this.#end();
  }

  async #end(): Promise<void> {
    for (const { run } of this.#agents) run.stop();
    await this.#clock.advance(2000);
    await Promise.all(this.#agents.map(({ run }) => run.ended));
  }

  #start(name: string): void {
    const host = memoryHost({ clock: this.#clock, hostname: name });
    host.outside.makeDirectory("/site");
    host.outside.makeDirectory("/srv");
    host.outside.write("/site/main.mcl", this.#program(name, "1"));
    const run = runProgram({
      path: "/site/main.mcl",
      reading: { workingDirectory: "/", readStandardInput: () => Promise.resolve("") },
      host,
      catalog: catalogFor(name),
      hostname: name,
      prefix: "/state",
      cluster: this.#cluster.door(),
      noop: false,
      watchProgram: true,
      convergedMs: undefined,
      maxRuntimeMs: undefined,
      graphvizFile: undefined,
      emit: () => {},
      onProblems: (problems) => {
        throw new Error(problems[0]?.message.title);
      },
      onReload: () => {},
    });
    this.#agents.push({ host, run });
  }

  async #until(isSo: () => boolean): Promise<void> {
    for (let turn = 0; !isSo(); turn += 1) {
      if (turn > 100_000) throw new Error("the agents do not come to rest");
      await this.#clock.settle();
    }
  }

  #tell(what: string, since: NodeJS.CpuUsage): void {
    const { user, system } = process.cpuUsage(since);
    const ms = (user + system) / 1000;
    console.log(`    ${what.padEnd(21)} ${ms.toFixed(0)} ms, ${(ms / this.#count).toFixed(2)} ms a host`);
  }
}

type Program = (name: string, text: string) => string;

const shows: Program = (name, text) => `import "world/collect"

file "/srv/file-${name}" {
	state => "exists",
	content => "${text}",

	Meta:hidden => true,
	Meta:export => ["*"],
}
`;

const collectsAll: Program = (name, text) => `${shows(name, text)}collect file collect.res("file") {}\n`;

/** With something of its own for each of them. */
export const collectsEach: Program = (name, text) => `${shows(name, text)}for $i, $one in collect.res("file") {
	collect file [$one] {
		mode => "0644",
	}
}
`;
