// SPDX-License-Identifier: Apache-2.0
// The rules of the engine on random graphs, with random delays, failures, events and changes of the graph.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { EngineEvent } from "../contract/event.ts";
import type { ResourceGraph } from "../resource-graph/vertex.ts";
import { DrivenClock } from "./driven-clock.test-support.ts";
import { createEngine, type Engine } from "./engine.ts";
import { begin, type Call, type Declared, type DeclaredEdge, graphOf, World } from "./scripted.test-support.ts";
import { exchangeAlone } from "../exchange/alone.test-support.ts";
import { memoryLocalStore } from "../host/memory/local-store.ts";

const names = ["a", "b", "c", "d", "e", "f"];

type Action =
  | { readonly do: "write"; readonly name: string; readonly content: string }
  | { readonly do: "break"; readonly name: string }
  | { readonly do: "fail"; readonly name: string; readonly what: "observe" | "apply" | "watch"; readonly times: number }
  | { readonly do: "swap"; readonly program: Program }
  | { readonly do: "advance"; readonly ms: number };

interface Program {
  readonly resources: readonly Declared[];
  readonly edges: readonly DeclaredEdge[];
}

const name = fc.constantFrom(...names);
const delay = fc.constantFrom(0, 0, 1, 5, 20);

const program: fc.Arbitrary<Program> = fc
  .record({
    cells: fc.array(
      fc.record({
        isThere: fc.constantFrom(true, true, true, false),
        content: fc.constantFrom("1", "2"),
        where: fc.constantFrom("here", "here", "there"),
        steps: fc.constantFrom(1, 2),
        retry: fc.constantFrom(0, 1, 2),
        retryreset: fc.boolean(),
        delay: fc.constantFrom(0, 10),
        noop: fc.constantFrom(false, false, false, true),
      }),
      { minLength: names.length, maxLength: names.length },
    ),
    edges: fc.array(
      fc.record({ from: fc.nat(5), to: fc.nat(5), how: fc.constantFrom("plain", "notify", "notify", "send") }),
      { minLength: 2, maxLength: 9 },
    ),
    order: fc.shuffledSubarray(names, { minLength: names.length }),
  })
  .map(({ cells, edges, order }) => {
    const resources = cells.flatMap(
      ({ isThere, content, where, steps, retry, retryreset, delay: delayMs, noop }, at) => {
        const meta = { retry, retryreset, delay: delayMs, noop };
        return isThere ? [{ name: names[at] ?? "", content, where, steps, meta }] : [];
      },
    );
    const present = new Set(resources.map((resource) => resource.name));
    const byEnds = new Map<string, DeclaredEdge>();
    const receivers = new Set<string>();
    for (const { from, to, how } of edges) {
      const [tail = "", head = ""] = [order[Math.min(from, to)], order[Math.max(from, to)]];
      if (tail === head || !present.has(tail) || !present.has(head) || byEnds.has(`${tail} ${head}`)) continue;
      const send = how === "send" && !receivers.has(head);
      if (send) receivers.add(head);
      byEnds.set(`${tail} ${head}`, { from: tail, to: head, notify: how === "notify", send });
    }
    return { resources, edges: [...byEnds.values()] };
  });

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("write"), name, content: fc.constantFrom("1", "x", "y") }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("break"), name }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("fail"),
      name,
      what: fc.constantFrom("observe", "apply", "watch"),
      times: fc.constantFrom(1, 2, 4),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("swap"), program }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("advance"), ms: fc.constantFrom(0, 1, 3, 7, 30) }) },
);

/** Watches the engine while it runs, and what must be true at the end. */
class Witness {
  readonly engine: Engine;
  readonly #clock = new DrivenClock();
  readonly #world = new World(this.#clock);
  /** Counts whatever happens. */
  #now = 0;
  readonly #running = new Set<string>();
  readonly #watching = new Set<string>();
  /** Of which the engine may not have heard yet. */
  readonly #brokenWatches = new Set<string>();
  readonly #lastWrite = new Map<string, number>();
  readonly #lastObservation = new Map<string, number>();
  /** Edges along which work that was done must be told once its resource has settled. */
  readonly #owed = new Set<string>();
  /** Refreshes that a child has not served: since when. */
  readonly #pending = new Map<string, number>();
  readonly #broken: unknown[] = [];
  #graph: ResourceGraph | undefined;
  #program: Program = { resources: [], edges: [] };

  constructor(
    delays: readonly { readonly observeMs: number; readonly applyMs: number; readonly armMs: number }[],
    own: boolean,
  ) {
    names.forEach((cell, at) => Object.assign(this.#world.cell(cell), delays[at], { seesOwnWrites: own }));
    this.#world.onCall = (call) => {
      try {
        this.#onCall(call);
      } catch (reason) {
        this.#broken.push(reason); // Thrown here it would only be a failure of the resource.
      }
    };
    this.engine = createEngine({
      host: this.#world.host,
      local: memoryLocalStore(),
      exchange: exchangeAlone(this.#world.host.clock),
      emit: (event) => this.#onEvent(event),
      noop: false,
      stateRoot: "/state",
    });
  }

  async act(action: Action): Promise<void> {
    this.#now += 1;
    switch (action.do) {
      case "write":
        this.#lastWrite.set(`cell[${action.name}]`, this.#now);
        return this.#world.write(action.name, action.content);
      case "break":
        this.#brokenWatches.add(`cell[${action.name}]`);
        return this.#world.break(action.name);
      case "fail":
        this.#world.cell(action.name).failing[action.what] = action.times;
        return;
      case "swap":
        this.#program = action.program;
        begin(this.engine.swap(graphOf(this.#world, action.program.resources, action.program.edges)));
        return;
      case "advance":
        return this.#clock.advance(action.ms);
    }
  }

  // ---- At every call of the kind ----

  #onCall(call: Call): void {
    this.#now += 1;
    const { resource } = call;
    switch (call.type) {
      case "observe-begins":
        this.#begin(resource);
        this.#checkDependencies(resource);
        this.#lastObservation.set(resource, this.#now);
        return;
      case "apply-begins":
        this.#begin(resource);
        this.#checkServed(resource, call.refresh);
        return;
      case "observe-ends":
        this.#running.delete(resource);
        return;
      case "apply-ends":
        this.#running.delete(resource);
        return;
      case "watch-begins":
        assert.ok(!this.#watching.has(resource), `${resource} has one watch at a time`);
        assert.ok(!this.#running.has(resource), `${resource} begins no watch while it works`);
        this.#brokenWatches.delete(resource);
        this.#watching.add(resource);
        return;
      case "watch-ends":
        this.#watching.delete(resource);
    }
  }

  #begin(resource: string): void {
    assert.ok(!this.#running.has(resource), `${resource} does one thing at a time`);
    const isWatched = this.#watching.has(resource) || this.#brokenWatches.has(resource);
    assert.ok(isWatched, `${resource} is watched before it is looked at`);
    this.#running.add(resource);
  }

  /** All that it depends on, however far away, has settled, and nothing has happened to it since. */
  #checkDependencies(resource: string): void {
    const states = new Map(this.engine.report().map(({ vertex, state }) => [vertex.key, state]));
    const edges = this.engine.graph.shape.edges;
    const ancestors = new Set([resource]);
    for (const at of ancestors) for (const { from, to } of edges) if (to === at) ancestors.add(from);
    ancestors.delete(resource);
    for (const ancestor of ancestors) {
      assert.equal(states.get(ancestor), "settled", `${ancestor} has settled before ${resource} is observed`);
    }
  }

  // ---- Refreshes ----

  #onEvent(event: EngineEvent): void {
    this.#now += 1;
    if (event.type === "graph-swapped") this.#forgetRefreshes();
    else if (event.type === "step-applied") this.#eachNotified(event.resource, (key) => this.#owed.add(key));
    else if (event.type === "settled") {
      this.#eachNotified(event.resource, (key) => {
        if (this.#owed.delete(key)) this.#pending.set(key, this.#now);
      });
    }
  }

  #eachNotified(resource: string, visit: (key: string) => void): void {
    for (const { from, to, notify } of this.engine.graph.shape.edges) {
      if (notify && from === resource) visit(`${from} ${to}`);
    }
  }

  #checkServed(resource: string, refresh: boolean): void {
    if (!refresh) return;
    for (const [key, since] of this.#pending) {
      const observedAt = this.#lastObservation.get(resource) ?? 0;
      if (key.endsWith(` ${resource}`) && observedAt > since) this.#pending.delete(key);
    }
  }

  /** A refresh lives as long as its edge and both its ends. */
  #forgetRefreshes(): void {
    const former = this.#graph?.shape.numberOf ?? new Map<string, number>();
    this.#graph = this.engine.graph;
    const notified = new Set(
      this.engine.graph.shape.edges.flatMap(({ from, to, notify }) => (notify ? [`${from} ${to}`] : [])),
    );
    for (const key of [...this.#pending.keys(), ...this.#owed]) {
      const [from = "", to = ""] = key.split(" ");
      if (notified.has(key) && former.has(from) && former.has(to)) continue;
      this.#pending.delete(key);
      this.#owed.delete(key);
    }
  }

  // ---- At the end ----

  async checkEnd(): Promise<void> {
    // Longer than a revival or a watch that is armed again ever waits.
    await this.#clock.advance(120_000);
    assert.deepEqual(this.#broken, []);
    assert.ok(this.engine.converged, `it converges, but: ${this.#showStates()}`);
    assert.deepEqual(
      [...this.engine.graph.shape.keys].sort(),
      this.#program.resources.map((cell) => `cell[${cell.name}]`).sort(),
    );
    const report = new Map(this.engine.report().map((entry) => [entry.vertex.key, entry]));
    for (const { vertex, state, failedForGood, blockedBy, want } of report.values()) {
      assert.ok(state === "settled" || state === "blocked" || failedForGood, `${vertex.key} is ${state}`);
      if (blockedBy !== undefined) assert.ok(report.get(blockedBy)?.failedForGood, `${blockedBy} has failed for good`);
      const isObserved = (this.#lastObservation.get(vertex.key) ?? 0) > (this.#lastWrite.get(vertex.key) ?? 0);
      // One that has failed for good is tried again as well, unless a value that it receives cannot be used.
      const receives = this.#program.edges.some(({ to, send }) => send && `cell[${to}]` === vertex.key);
      if (state === "settled" || (failedForGood && !receives)) {
        assert.ok(isObserved, `${vertex.key}, ${state}, has been observed since its last event`);
      }
      if (state !== "settled") continue;
      if (!vertex.meta.noop)
        assert.equal(this.#world.cell(vertex.name).content, want["content"], `${vertex.key} is true`);
    }
    for (const { from, to, send } of this.#program.edges) {
      const [sender, receiver] = [report.get(`cell[${from}]`), report.get(`cell[${to}]`)];
      if (!send || sender?.state !== "settled" || receiver?.state !== "settled") continue;
      assert.equal(receiver.want["content"], this.#world.cell(from).content, `${to} has what ${from} sent last`);
    }
    for (const key of this.#pending.keys()) {
      const receiver = report.get(key.split(" ")[1] ?? "");
      assert.ok(receiver?.state !== "settled" || receiver.vertex.meta.noop, `the refresh ${key} has been served`);
    }
    await this.#checkStop();
  }

  async #checkStop(): Promise<void> {
    const stopped = this.engine.stop();
    await this.#clock.advance(100);
    await stopped;
    assert.equal(this.#clock.pending, 0, "no timer is left");
    assert.deepEqual([...this.#watching], [], "no watch is left");
  }

  #showStates(): string {
    return this.engine
      .report()
      .map(({ vertex, state }) => `${vertex.key} ${state}`)
      .join(", ");
  }
}

test("whatever happens, order, watches, refreshes and values hold, and all ends settled, failed or blocked", async () => {
  const delays = fc.array(fc.record({ observeMs: delay, applyMs: delay, armMs: delay }), {
    minLength: 6,
    maxLength: 6,
  });
  await fc.assert(
    fc.asyncProperty(
      program,
      delays,
      fc.boolean(),
      fc.array(action, { minLength: 5, maxLength: 30 }),
      async (first, ms, own, actions) => {
        const witness = new Witness(ms, own);
        await witness.act({ do: "swap", program: first });
        for (const next of actions) await witness.act(next);
        await witness.checkEnd();
      },
    ),
    { numRuns: Number(process.env["RUNS"] ?? 150) },
  );
});
