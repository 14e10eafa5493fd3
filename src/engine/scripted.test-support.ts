// SPDX-License-Identifier: Apache-2.0
// A small world for engine tests: a kind whose resources are cells that hold a text, and do as the test says.

import type { Span } from "../base/span.ts";
import { Pulses } from "../base/pulse.ts";
import { createCatalog } from "../contract/catalog.ts";
import type { EngineEvent } from "../contract/event.ts";
import { Failure } from "../contract/failure.ts";
import { field } from "../contract/field.ts";
import type { Host } from "../contract/host.ts";
import { defaultMeta, type Meta } from "../contract/meta.ts";
import { defineResource, type ResourceEnv, type ResourceKind, type Step } from "../contract/resource.ts";
import { createGraph } from "../graph/graph.ts";
import { assemble, groupsOf, mergedShape } from "../resource-graph/groups.ts";
import { defaultsOf } from "../resource-graph/read-declaration.ts";
import type { ResourceEdge, ResourceGraph, Vertex } from "../resource-graph/vertex.ts";
import { printValue } from "../values/print.ts";
import { strType } from "../values/type.ts";
import type { DrivenClock } from "./driven-clock.test-support.ts";

/** What the world holds for one resource, and how it behaves. */
export interface Cell {
  content: string;
  /** Milliseconds that an observation, each step, and arming the watch take. */
  observeMs: number;
  applyMs: number;
  armMs: number;
  /** How many of the next calls fail, or for how long: Infinity. */
  readonly failing: { observe: number; apply: number; watch: number };
  /** What the failing calls throw; default a `Failure`. */
  reason: Error | undefined;
  /** Sends only what is asked for. */
  silent: boolean;
  /** Its own writes are seen by its watch, as those of real files are. */
  seesOwnWrites: boolean;
  /** Those that run now. */
  readonly watches: Set<Pulses>;
}

/** What a call of a kind was doing; tests subscribe to check rules while they run. */
export type Call =
  | { readonly type: "observe-begins" | "observe-ends"; readonly resource: string }
  | { readonly type: "apply-begins" | "apply-ends"; readonly resource: string; readonly refresh: boolean }
  | { readonly type: "watch-begins" | "watch-ends"; readonly resource: string };

export class World {
  readonly clock: DrivenClock;
  readonly #cells = new Map<string, Cell>();
  onCall: (call: Call) => void = () => {};

  constructor(clock: DrivenClock) {
    this.clock = clock;
  }

  cell(name: string): Cell {
    const known = this.#cells.get(name);
    if (known !== undefined) return known;
    const cell: Cell = {
      content: "",
      observeMs: 0,
      applyMs: 0,
      armMs: 0,
      failing: { observe: 0, apply: 0, watch: 0 },
      reason: undefined,
      silent: false,
      seesOwnWrites: false,
      watches: new Set(),
    };
    this.#cells.set(name, cell);
    return cell;
  }

  /** Somebody else changes the world. */
  write(name: string, content: string): void {
    const cell = this.cell(name);
    cell.content = content;
    for (const watch of cell.watches) watch.pulse();
  }

  /** The watch of the cell, if it runs, fails. */
  break(name: string): void {
    for (const watch of this.cell(name).watches) watch.fail(new Failure(`cannot watch ${name}`, { code: "busy" }));
  }

  /** The host that this world is. */
  get host(): Host {
    const host: Pick<Host, "clock"> = { clock: this.clock };
    return host as unknown as Host; // Neither the engine nor the scripted kind asks for more.
  }

  /**
   * `cell` serves refreshes and sends; `dull` is the same, but ignores refreshes. Groups of these run each by itself.
   * A `hub` does the work of all its members together.
   */
  readonly kinds: Readonly<Record<"cell" | "dull" | "hub", ResourceKind>> = {
    cell: this.#kind("cell", true),
    dull: this.#kind("dull", false),
    hub: this.#hub(),
  };
  readonly catalog = createCatalog({ kinds: Object.values(this.kinds), functions: [], constants: [] });

  #kind(kind: string, refresh: boolean): ResourceKind {
    return defineResource({
      kind,
      summary: "Holds a text.",
      fields: {
        content: field.str({ doc: "What it must hold." }),
        where: field.str({ doc: "What its watch depends on." }),
        steps: field.int({ doc: "How many steps a change takes.", bits: 32, default: 1 }),
      },
      watchedFields: ["where"],
      grouping: { reads: [], alike: () => "", run: "each" },
      traits: { sends: { content: strType }, receives: true, refresh },
      check: (want) => (want.content === "forbidden" ? [{ title: "the content is forbidden" }] : []),
      observe: async (_, env) => {
        const cell = this.cell(env.name);
        this.onCall({ type: "observe-begins", resource: env.resource });
        try {
          await this.#take(cell.observeMs, env);
          this.#failMaybe(cell, "observe", env);
        } finally {
          this.onCall({ type: "observe-ends", resource: env.resource });
        }
        if (!cell.silent) env.send({ content: cell.content });
        return { content: cell.content };
      },
      plan: (want, have, hints) => {
        const differs = have.content !== want.content;
        if (!differs && !(hints.refresh && refresh)) return [];
        const steps = Array.from({ length: differs ? want.steps - 1 : 0 }, () => ({ do: "prepare" as const }));
        const last = { do: differs ? ("write" as const) : ("refresh" as const), content: want.content };
        return [...steps, { ...last, refresh: hints.refresh }];
      },
      explain: (step) =>
        step.do === "write" ? { mark: "~", text: `write "${step.content}"` } : { mark: "!", text: step.do },
      apply: async (step, _, env) => {
        const cell = this.cell(env.name);
        const refresh = step.do !== "prepare" && step.refresh;
        this.onCall({ type: "apply-begins", resource: env.resource, refresh });
        try {
          await this.#take(cell.applyMs, env);
          this.#failMaybe(cell, "apply", env);
          if (step.do === "write") {
            cell.content = step.content;
            if (!cell.silent) env.send({ content: cell.content });
            if (cell.seesOwnWrites) for (const watch of cell.watches) watch.pulse();
          }
        } finally {
          this.onCall({ type: "apply-ends", resource: env.resource, refresh });
        }
      },
      watch: (_, env) => this.#watch(env),
    });
  }

  #hub(): ResourceKind {
    return defineResource({
      kind: "hub",
      summary: "Sees to what all its members hold.",
      fields: { content: field.str({ doc: "What it must hold." }) },
      traits: { sends: { content: strType }, receives: true },
      watchedFields: [],
      grouping: { reads: [], run: "together" },
      observe: async (_, env) => {
        const all = [env, ...env.members.map((member) => member.env)];
        for (const own of all) {
          const looks = Number(own.memory.get("looks") ?? 0) + 1;
          own.memory.set("looks", looks);
          own.say(`look ${looks}`);
          own.send({ content: this.cell(own.name).content });
        }
        return new Map(all.map(({ resource, name }) => [resource, this.cell(name).content]));
      },
      plan: (want, have, _, members): readonly HubStep[] => {
        const [ownContent] = have.values();
        return [
          ...(ownContent === want.content ? [] : [{ do: "write", content: want.content }]),
          ...members
            .filter(({ resource, want: inner }) => have.get(resource) !== inner["content"])
            .map(({ resource, want: inner }) => ({ do: "write", content: String(inner["content"]), member: resource })),
        ];
      },
      explain: ({ content }) => ({ mark: "~", text: `write "${content}"` }),
      apply: async ({ content, member }, _, env) => {
        const own = env.members.find(({ resource }) => resource === member)?.env ?? env;
        this.cell(own.name).content = content;
        own.send({ content });
      },
      watch: (_, env) => this.#watch(env),
    });
  }

  async *#watch(env: ResourceEnv): AsyncGenerator<void> {
    const cell = this.cell(env.name);
    this.onCall({ type: "watch-begins", resource: env.resource });
    const pulses = new Pulses(env.signal, () => cell.watches.delete(pulses));
    cell.watches.add(pulses);
    try {
      await this.#take(cell.armMs, env);
      this.#failMaybe(cell, "watch", env);
      yield;
      for await (const _ of pulses) yield;
    } finally {
      pulses.end();
      this.onCall({ type: "watch-ends", resource: env.resource });
    }
  }

  #take(ms: number, env: ResourceEnv): Promise<void> {
    return ms === 0 ? Promise.resolve() : this.clock.sleep(ms, env.signal);
  }

  #failMaybe(cell: Cell, what: keyof Cell["failing"], env: ResourceEnv): void {
    env.signal.throwIfAborted();
    if (cell.failing[what] === 0) return;
    cell.failing[what] -= 1;
    throw cell.reason ?? new Failure(`cannot ${what} ${env.name}`, { code: "busy" });
  }
}

interface HubStep extends Step {
  readonly content: string;
}

// ---- Graphs ----

export interface Declared {
  /** `cell` unless given. */
  readonly kind?: "cell" | "dull" | "hub";
  readonly name: string;
  readonly content?: string;
  readonly where?: string;
  readonly steps?: number;
  readonly meta?: Partial<Meta>;
}

export interface DeclaredEdge {
  readonly from: string;
  readonly to: string;
  readonly notify?: boolean;
  /** Sends `content` into `content`. */
  readonly send?: boolean;
}

const at: Span = { file: { path: "test.mcl", text: "" }, start: 0, end: 0 };
const statement = { at };

/** A resource graph as the passes would make it. */
export function graphOf(
  world: World,
  resources: readonly Declared[],
  edges: readonly DeclaredEdge[] = [],
  /** The members of each container, by name. */
  groups: ReadonlyMap<string, readonly string[]> = new Map(),
): ResourceGraph {
  const vertices = resources.map(({ kind = "cell", name, meta, content, where, steps }): Vertex => {
    const declared = world.kinds[kind];
    const given = {
      ...(content === undefined ? {} : { content }),
      ...(where === undefined ? {} : { where }),
      ...(steps === undefined ? {} : { steps }),
    };
    const want = { ...defaultsOf(declared.fields, name), ...given };
    const reference = `${kind}[${name}]`;
    return {
      key: reference,
      kind: declared,
      name,
      reference,
      want,
      given: Object.keys(given),
      meta: { ...defaultMeta, ...meta },
      at,
      statement,
      members: [],
    };
  });
  const keyOf = new Map(vertices.map(({ name, key }) => [name, key]));
  const links = edges.map(
    ({ from, to, notify = false, send = false }): ResourceEdge => ({
      from: keyOf.get(from) ?? from,
      to: keyOf.get(to) ?? to,
      notify,
      sends: send ? [{ key: "content", field: "content" }] : [],
      at,
    }),
  );
  const keys = vertices.map(({ key }) => key);
  const takenBy = new Int32Array(keys.length).fill(-1);
  for (const [container, members] of groups) {
    for (const member of members)
      takenBy[keys.indexOf(keyOf.get(member) ?? "")] = keys.indexOf(keyOf.get(container) ?? "");
  }
  const formed = groupsOf(keys, takenBy);
  const shape = mergedShape(createGraph(keys, links), formed);
  const byKey = new Map(vertices.map((vertex) => [vertex.key, vertex]));
  return { shape, vertices: shape.keys.map((key) => assemble(key, byKey, formed)), identity: {} };
}

/** Begins something whose end the test does not wait for. */
export function begin(task: Promise<void>): void {
  task.catch((reason: unknown) => {
    throw new Error("what the test began has failed", { cause: reason }); // Ends the test run: nothing that is begun so may fail.
  });
}

/** An event as one line of a trace. */
export function renderEvent(event: EngineEvent): string {
  switch (event.type) {
    case "graph-swapped":
      return `graph +${event.added} ~${event.changed} -${event.removed} =${event.kept}`;
    case "observed": {
      const { cause } = event;
      const from = "from" in cause ? ` of ${cause.from}` : "attempt" in cause ? ` ${cause.attempt}` : "";
      const plan = event.steps.map(({ text }) => text).join(", ");
      return `${event.resource} observed (${cause.kind}${from})${plan === "" ? "" : `: ${plan}`}`;
    }
    case "step-applied":
      return `${event.resource} applied: ${event.step.text}`;
    case "would-apply":
      return `${event.resource} would apply: ${event.step.text}`;
    case "would-receive":
      return `${event.resource} would receive ${event.values.join(", ")}`;
    case "settled":
      return `${event.resource} settled${event.first ? " for the first time" : ""}`;
    case "sent":
      return `${event.resource} sent ${Object.entries(event.values)
        .map(([key, value]) => `${key}=${value === undefined ? "nothing" : printValue(value)}`)
        .join(" ")}`;
    case "said":
      return `${event.resource} said ${event.line}`;
    case "ended":
      return `${event.resource} ended the run with ${event.status}`;
    case "failed": {
      const again = event.retryInMs === undefined ? "for good" : `again in ${event.retryInMs} ms`;
      const repeated = event.repeated ? ", as before" : "";
      return `${event.resource} failed (${event.failure.code}, ${again}${repeated}): ${event.failure.message}`;
    }
    case "contested":
      return `${event.resource} is contested: ${event.repairs} repairs, the last ${event.step?.text ?? "unknown"}`;
    case "edges-unknown":
      return `edges of ${event.kind} are unknown: ${event.failure.message}`;
    case "mistake":
      return `mistake of ${event.of}: ${event.message}`;
    case "uncontested":
      return `${event.resource} is uncontested`;
    case "blocked":
      return `${event.resource} blocked by ${event.by}`;
    case "removed":
      return `${event.resource} removed`;
    case "converged":
    case "unconverged":
      return event.type;
  }
}
