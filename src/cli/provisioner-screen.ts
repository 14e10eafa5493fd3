// SPDX-License-Identifier: Apache-2.0
// What a person sees of machines that are installed: a table that stays in its place, of each its stage and how long it has
// been in it. Where nobody looks on, a line for each stage; with --json an object.

import type { InstallerLog } from "../agent/provisioner/installer-logs.ts";
import type { Asked } from "../contract/asked.ts";
import type { EngineEvent } from "../contract/event.ts";
import type { Clock } from "../contract/host.ts";
import type { Terminal } from "./command.ts";
import type { FormerInstallations } from "./former-installations.ts";
import { type Activity, MachineActivity, renderActivity } from "./machine-activity.ts";
import { endedBy } from "./passing-remarks.ts";
import { rowOf, UnknownMachines } from "./unknown-machines.ts";

export interface ScreenOptions {
  readonly machines: readonly ScreenMachine[];
  readonly json: boolean;
  /** Draws in place, on a terminal. */
  readonly isQuiet: boolean;
  /** By which it is told how far an installation is; absent: by nothing. */
  readonly former?: Pick<FormerInstallations, "of" | "keep">;
  /** What the installer at this address has said last; undefined when nothing is known of it. */
  readonly readLog?: (address: string) => Promise<InstallerLog | undefined>;
}

export interface ScreenMachine {
  readonly name: string;
  readonly mac: string;
  /** How a person calls it. */
  readonly label: string;
  /** Empty: not known. */
  readonly ip: string;
  /** It is over when it is in the cluster, too. */
  readonly joins: boolean;
}

interface Line extends ScreenMachine {
  stage: string;
  /** What the installer does at the moment. */
  progress: string;
  sinceMs: number;
  readonly startedMs: number;
}

/** As the module embedded/provisioner tells of a machine that is done. */
const inCluster = "in the cluster";
const redrawMs = 1000;
/** With --json. */
const tellMs = 5000;
const mostNoticed = 10;
/** What every terminal has. */
const widestLine = 79;

export class MachineScreen {
  readonly #terminal: Pick<Terminal, "stdout" | "stderr" | "colour">;
  readonly #clock: Pick<Clock, "after" | "monotonicMs">;
  readonly #options: ScreenOptions;
  readonly #lines: ReadonlyMap<string, Line>;
  /** Resources that have failed, with what they said. */
  readonly #troubles = new Map<string, string>();
  /** Who else is on the network: machines that nobody named, other servers; the newest last. */
  #noticed: readonly string[] = [];
  /** What was told last of what each machine has fetched. */
  readonly #told = new Map<string, string>();
  readonly #unknown: UnknownMachines;
  readonly #activity: MachineActivity;
  #drawn = 0;
  #cancel = (): void => {};
  #hasEnded = false;
  readonly #inPlace: boolean;

  constructor(
    terminal: Pick<Terminal, "stdout" | "stderr" | "colour">,
    clock: Pick<Clock, "after" | "monotonicMs">,
    options: ScreenOptions,
  ) {
    this.#terminal = terminal;
    this.#clock = clock;
    this.#options = options;
    const now = clock.monotonicMs();
    const begin = { stage: "", progress: "", sinceMs: now, startedMs: now };
    this.#lines = new Map(options.machines.map((machine) => [machine.name, { ...machine, ...begin }]));
    this.#activity = new MachineActivity(options.machines, (name) => options.former?.of(name));
    this.#unknown = new UnknownMachines(options.machines.map(({ mac }) => mac));
    this.#inPlace = options.isQuiet && !options.json && terminal.colour.stdout;
    if (this.#inPlace || options.json) this.#tick();
  }

  /** Where no machine is named, others are waited for. */
  get allOver(): boolean {
    if (this.#lines.size === 0) return false;
    return [...this.#lines.values()].every(
      ({ stage, progress, joins }) => stage === "failed" || (stage === "done" && (!joins || progress === inCluster)),
    );
  }

  get hasFailed(): boolean {
    return [...this.#lines.values()].some(({ stage }) => stage === "failed");
  }

  notice(event: EngineEvent): void {
    const unknown = this.#unknown.notice(event);
    if (unknown !== undefined) this.#list(unknown);
    else if (event.type === "said" && event.resource.startsWith("dhcp:server[")) this.#overhear(event.line);
    else if (event.type === "said") this.#hear(event.resource, event.line);
    else if (event.type === "failed") this.#trouble(event.resource, event.failure.message);
    else if ((event.type === "settled" || event.type === "removed") && this.#troubles.delete(event.resource))
      this.#draw();
  }

  /** What others have asked of the servers. It is seen at the next stroke of the clock. */
  hearAsked(asked: Asked): void {
    this.#activity.hear(asked, this.#clock.monotonicMs());
  }

  #hear(resource: string, line: string): void {
    const name = /^print\[machine (.*)\]$/.exec(resource)?.[1];
    const machine = name === undefined ? undefined : this.#lines.get(name);
    if (machine === undefined) return;
    const [stage = "", progress = ""] = line.split(": ");
    const now = this.#clock.monotonicMs();
    this.#activity.say(machine.name, line, now);
    if (this.#options.json) this.#tellFetched();
    if (stage !== machine.stage) machine.sinceMs = now;
    if (stage === "failed" && machine.stage !== "failed") this.#tellLog(machine).catch(() => {}); // It is only a help.
    machine.stage = stage;
    machine.progress = progress;
    const course = stage === "done" ? this.#activity.end(machine.name, now) : undefined;
    if (course !== undefined) this.#options.former?.keep(machine.name, course);
    if (this.#options.json) {
      const { mac } = machine;
      this.#terminal.stdout(`${JSON.stringify({ version: 1, type: "machine", name, mac, stage, progress })}\n`);
    } else if (this.#inPlace) this.#draw();
    else this.#terminal.stdout(`${machine.label}: ${line}\n`);
  }

  async #tellLog({ name, label }: Line): Promise<void> {
    const address = this.#activity.addressOf(name);
    const log = address === undefined ? undefined : await this.#options.readLog?.(address);
    if (log === undefined) return;
    this.remark(`${label}: what its installer said is in ${log.path}; the last of it:`);
    for (const line of log.last) this.remark(`${label}: ${line}`);
  }

  /** Something that a person should know, of whatever speaks to one. */
  remark(line: string): void {
    const isEnded = endedBy(line);
    if (isEnded === undefined) return this.#note(`* ${line}`, line);
    this.#noticed = this.#noticed.filter((other) => !isEnded(other.replace(/^\* /, "")));
    return this.#show(line);
  }

  /** Of a remark that is over. */
  takeBack(line: string): void {
    this.#noticed = this.#noticed.filter((other) => other !== `* ${line}`);
    this.#draw();
  }

  #note(shown: string, line: string): void {
    this.#noticed = [...this.#noticed.filter((other) => other !== shown), shown].slice(-mostNoticed);
    this.#show(line);
  }

  #show(line: string): void {
    if (this.#options.json) this.#terminal.stdout(`${JSON.stringify({ version: 1, type: "noticed", text: line })}\n`);
    else if (this.#inPlace) this.#draw();
    else this.#terminal.stderr(`${line}\n`);
  }

  /** What it gives to machines that are declared is in the table already. */
  #overhear(line: string): void {
    if (line.includes(" asks: ") || line.startsWith("another DHCP server")) this.#note(`? ${line}`, line);
  }

  #list({ machine, isGone }: NonNullable<ReturnType<UnknownMachines["notice"]>>): void {
    if (this.#options.json) {
      const type = isGone ? "unknown-gone" : "unknown";
      this.#terminal.stdout(`${JSON.stringify({ version: 1, type, ...machine })}\n`);
    } else if (this.#inPlace) this.#draw();
    else if (!isGone) this.#terminal.stdout(`${rowOf(machine)}\n`);
  }

  #trouble(resource: string, message: string): void {
    if (this.#troubles.get(resource) === message) return;
    this.#troubles.set(resource, message);
    if (this.#options.json) {
      this.#terminal.stdout(`${JSON.stringify({ version: 1, type: "trouble", resource, message })}\n`);
    } else if (this.#inPlace) this.#draw();
    else this.#terminal.stderr(`${resource}: ${message}\n`);
  }

  /** The last picture stays. */
  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#cancel();
  }

  #tick(): void {
    if (this.#options.json) this.#tellFetched();
    else this.#draw();
    this.#cancel = this.#clock.after(this.#options.json ? tellMs : redrawMs, () => this.#tick());
  }

  #tellFetched(): void {
    for (const { name, mac } of this.#lines.values()) {
      const activity = this.#activityOf(name);
      if (activity === undefined) continue;
      const { files, packages, bytes, percent, formerPackages } = activity;
      const fetched = { files, packages, bytes, percent, formerPackages };
      const line = JSON.stringify({ version: 1, type: "fetched", name, mac, ...fetched });
      if (this.#told.get(name) === line) continue;
      this.#told.set(name, line);
      this.#terminal.stdout(`${line}\n`);
    }
  }

  /** Of a machine that is being installed. */
  #activityOf(name: string): Activity | undefined {
    const stage = this.#lines.get(name)?.stage;
    return stage === "done" || stage === "failed" ? undefined : this.#activity.of(name, this.#clock.monotonicMs());
  }

  #draw(): void {
    if (!this.#inPlace || this.#hasEnded) return;
    const now = this.#clock.monotonicMs();
    const all = [...this.#lines.values()];
    const widest = Math.max(...all.map(({ label }) => label.length), 7);
    const rows = all.flatMap(({ name, label, mac, stage, progress, sinceMs, startedMs }) => {
      const what = `${stage}${progress === "" ? "" : `: ${progress}`}`;
      const where = mac === "" ? "any machine".padEnd(17) : mac;
      const times = `${timeText(now - sinceMs)} (${timeText(now - startedMs)})`;
      const row = `${label.padEnd(widest)}  ${where}  ${what.padEnd(28)}  ${times}`;
      const activity = this.#activityOf(name);
      return activity === undefined
        ? [row]
        : [row, `${" ".repeat(widest)}  ${inOneLine(renderActivity(activity), widestLine - widest - 2)}`];
    });
    const troubles = [...this.#troubles].map(([resource, message]) => inOneLine(`! ${resource}: ${message}`));
    const lines = [
      `${"machine".padEnd(widest)}  ${"address".padEnd(17)}  ${"stage".padEnd(28)}  for (in all)`,
      ...rows,
      ...this.#unknown.rows.map((row) => inOneLine(`+ ${row}`)),
      ...this.#noticed.map((line) => inOneLine(line)),
      ...troubles,
    ];
    const back = this.#drawn === 0 ? "" : `\u001b[${this.#drawn}A`;
    this.#terminal.stdout(`${back}${lines.map((line) => `\u001b[2K${line}\n`).join("")}\u001b[J`);
    this.#drawn = lines.length;
  }
}

/** A line that is longer than the terminal would be two of them, and the table would not stay in its place. */
function inOneLine(text: string, widest = widestLine): string {
  const short = text.replaceAll(/"[^"]{40,}"/g, '"…"').replaceAll(/\s+/g, " ");
  return short.length <= widest ? short : `${short.slice(0, widest - 1)}…`;
}

/** `7:05`, `1:07:05` */
function timeText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours === 0 ? `${minutes}:${two(seconds % 60)}` : `${hours}:${two(minutes)}:${two(seconds % 60)}`;
}
