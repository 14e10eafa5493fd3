// SPDX-License-Identifier: Apache-2.0
// Plays a scenario file: blocks of commands, and below each, after `----`, what happened. The commands:
//
//   cell a content=hi meta.retry=2    declares, or declares anew, a resource of the scripted kind `cell` (or `dull`, `hub`)
//   a -> b   a => b   a ~> b          declares an edge; one that notifies; one that sends `content`
//   forget a                          takes a resource, and its edges, out of the declarations; `a -> b` an edge
//   group a b c                       lets a take b and c in as its members; `group a` alone gives them up
//   swap                              gives the engine a graph of all that is declared
//   world a observeMs=100             sets how the cell behaves; `failing.apply=1` lets one call fail
//   write a text                      somebody else changes the cell
//   break a                           the watch of the cell fails
//   advance 500                       lets that many milliseconds pass
//   report   converged   stop   interrupt
//
// Each line of a trace begins with the time in milliseconds. `noop` on the first line makes the whole run so;
// `sema 2` lets two resources run at once.

import { DrivenClock } from "./driven-clock.test-support.ts";
import { createEngine, type Engine } from "./engine.ts";
import {
  begin,
  type Cell,
  type Declared,
  type DeclaredEdge,
  graphOf,
  renderEvent,
  World,
} from "./scripted.test-support.ts";
import { exchangeAlone } from "../exchange/alone.test-support.ts";
import { memoryLocalStore } from "../host/memory/local-store.ts";

/** The scenario with the traces that really happened; equal to `text` when nothing has changed. */
export async function playScenario(text: string): Promise<string> {
  const [, sema] = /^sema (\d+)$/m.exec(text) ?? [];
  const scenario = new Scenario(/^noop$/m.test(text), sema === undefined ? undefined : Number(sema));
  const blocks = text.trimEnd().split("\n\n");
  const played: string[] = [];
  for (const block of blocks) {
    const [commands = ""] = block.split(/^----$/m);
    if (commands.trimStart().startsWith("#")) played.push(block);
    else played.push(`${commands.trimEnd()}\n----\n${await scenario.play(commands.trim().split("\n"))}`.trimEnd());
  }
  await scenario.end();
  return `${played.join("\n\n")}\n`;
}

const arrow = /^(\S+) (->|=>|~>) (\S+)$/;

class Scenario {
  readonly #clock = new DrivenClock();
  readonly #world = new World(this.#clock);
  readonly #engine: Engine;
  readonly #resources = new Map<string, Declared>();
  readonly #edges = new Map<string, DeclaredEdge>();
  readonly #groups = new Map<string, readonly string[]>();
  #trace: string[] = [];

  constructor(noop: boolean, sema: number | undefined) {
    this.#engine = createEngine({
      host: this.#world.host,
      local: memoryLocalStore(),
      exchange: exchangeAlone(this.#world.host.clock),
      emit: (event) => this.#note(renderEvent(event)),
      noop,
      sema,
      stateRoot: "/state",
    });
  }

  async play(commands: readonly string[]): Promise<string> {
    this.#trace = [];
    for (const command of commands) await this.#do(command);
    await this.#clock.idle();
    return this.#trace.join("\n");
  }

  async end(): Promise<void> {
    await this.#engine.interrupt();
    if (this.#clock.pending > 0) throw new Error(`${this.#clock.pending} timers are left after the end`);
  }

  #note(line: string): void {
    this.#trace.push(`${String(this.#clock.now()).padStart(5)}  ${line}`);
  }

  async #do(command: string): Promise<void> {
    const [word = "", ...rest] = command.split(" ");
    if (arrow.test(command)) this.#connect(command);
    else if (word === "cell" || word === "dull" || word === "hub") this.#declare(word, rest);
    else if (word === "forget") this.#forget(rest.join(" "));
    else if (word === "group") this.#groups.set(rest[0] ?? "", rest.slice(1));
    else if (word === "swap") this.#swap();
    else if (word === "world") Object.assign(...this.#settings(rest));
    else if (word === "write") this.#world.write(rest[0] ?? "", rest.slice(1).join(" "));
    else if (word === "break") this.#world.break(rest[0] ?? "");
    else if (word === "advance") await this.#clock.advance(Number(rest[0]));
    else if (word === "report") this.#report();
    else if (word === "converged") this.#note(this.#engine.converged ? "it has converged" : "it has not converged");
    else if (word === "stop" || word === "interrupt") this.#end(word);
    else if (word !== "noop" && word !== "sema") throw new Error(`no such command: ${command}`);
  }

  #connect(command: string): void {
    const [, from = "", how, to = ""] = arrow.exec(command) ?? [];
    this.#edges.set(`${from} ${to}`, { from, to, notify: how === "=>", send: how === "~>" });
  }

  #declare(kind: "cell" | "dull" | "hub", [name = "", ...settings]: readonly string[]): void {
    const fields: Record<string, unknown> = {};
    const meta: Record<string, unknown> = {};
    for (const [key, value] of settings.map(parseSetting)) {
      if (key.startsWith("meta.")) meta[key.slice("meta.".length)] = value;
      else fields[key] = value;
    }
    // What a scenario sets is spelled as the engine has it.
    this.#resources.set(name, { kind, name, ...(fields as Partial<Declared>), meta });
  }

  #forget(what: string): void {
    const [from, , to] = what.split(" ");
    if (to !== undefined) this.#edges.delete(`${from} ${to}`);
    else this.#resources.delete(what);
    for (const [group, members] of this.#groups)
      this.#groups.set(
        group,
        members.filter((member) => member !== what),
      );
    this.#groups.delete(what);
    for (const [key, edge] of this.#edges) if (edge.from === what || edge.to === what) this.#edges.delete(key);
  }

  #swap(): void {
    const graph = graphOf(this.#world, [...this.#resources.values()], [...this.#edges.values()], this.#groups);
    begin(this.#engine.swap(graph));
  }

  #settings([name = "", ...settings]: readonly string[]): [object, object] {
    const cell = this.#world.cell(name);
    const changes: Record<string, unknown> = {};
    for (const [key, value] of settings.map(parseSetting)) {
      if (key.startsWith("failing."))
        cell.failing[key.slice("failing.".length) as keyof Cell["failing"]] = Number(value);
      else changes[key] = key === "reason" ? new Error(String(value)) : value;
    }
    return [cell, changes];
  }

  #report(): void {
    for (const {
      vertex,
      group,
      state,
      failedForGood,
      blockedBy,
      observations,
      steps,
      firstSettledMs,
      want,
    } of this.#engine.report()) {
      const more = failedForGood ? " for good" : blockedBy === undefined ? "" : ` by ${blockedBy}`;
      const inside = group === undefined ? "" : ` in ${group}`;
      const since = firstSettledMs === undefined ? "never settled" : `first settled at ${firstSettledMs}`;
      this.#note(
        `${vertex.reference}${inside} ${state}${more}: ${observations} observations, ${steps} steps, ${since}, content="${String(want["content"])}"`,
      );
    }
  }

  #end(how: "stop" | "interrupt"): void {
    const ended = how === "stop" ? this.#engine.stop() : this.#engine.interrupt();
    begin(ended.then(() => this.#note("the engine has stopped")));
  }
}

function parseSetting(text: string): readonly [key: string, value: unknown] {
  const [key = "", value = ""] = text.split("=");
  if (key === "meta.sema") return [key, value.split(",")];
  if (key === "content" || key === "where") return [key, value];
  if (value === "true" || value === "false") return [key, value === "true"];
  return [
    key,
    value !== "" && Number.isFinite(Number(value)) ? Number(value) : value === "Infinity" ? Infinity : value,
  ];
}
