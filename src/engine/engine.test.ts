// SPDX-License-Identifier: Apache-2.0
// What the engine promises to whoever runs it: convergence, the end, the report, cost at size, and what kinds may use.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { EngineEvent } from "../contract/event.ts";
import { Failure } from "../contract/failure.ts";
import type { Host } from "../contract/host.ts";
import { defineResource, type ResourceEnv } from "../contract/resource.ts";
import { exchangeAlone } from "../exchange/alone.test-support.ts";
import { memoryLocalStore } from "../host/memory/local-store.ts";
import { DrivenClock } from "./driven-clock.test-support.ts";
import { createEngine, type Engine } from "./engine.ts";
import { begin, type Call, type Declared, graphOf, World } from "./scripted.test-support.ts";

interface Started {
  readonly clock: DrivenClock;
  readonly world: World;
  readonly engine: Engine;
  readonly events: EngineEvent[];
  readonly calls: Call[];
}

function start(host?: Partial<Host>): Started {
  const clock = new DrivenClock();
  const world = new World(clock);
  const events: EngineEvent[] = [];
  const calls: Call[] = [];
  world.onCall = (call) => calls.push(call);
  const engine = createEngine({
    host: { ...world.host, ...host },
    local: memoryLocalStore(),
    exchange: exchangeAlone(world.host.clock),
    emit: (event) => events.push(event),
    noop: false,
    stateRoot: "/state",
  });
  return { clock, world, engine, events, calls };
}

/** What has become of a promise by now. */
async function stateOf(promise: Promise<void>, clock: DrivenClock): Promise<string> {
  let state = "pending";
  const note = (text: string): void => {
    state = text;
  };
  promise.then(
    () => note("resolved"),
    (reason: unknown) => note(reason instanceof Error ? reason.name : "rejected"),
  );
  await clock.idle();
  return state;
}

const never = new AbortController().signal;

test("an engine without a graph has not converged; an empty graph converges", async () => {
  const { engine, clock, world } = start();
  assert.equal(engine.converged, false);
  await engine.swap(graphOf(world, []));
  assert.equal(engine.converged, true);
  assert.equal(await stateOf(engine.whenConverged(0, never), clock), "resolved");
});

test("converged for a time means that long without a break", async () => {
  const { engine, clock, world } = start();
  begin(engine.swap(graphOf(world, [{ name: "a", content: "1" }])));
  await clock.idle();
  const waiting = engine.whenConverged(1000, never);
  await clock.advance(900);
  world.write("a", "x");
  await clock.advance(900);
  assert.equal(await stateOf(waiting, clock), "pending");
  await clock.advance(100);
  assert.equal(await stateOf(waiting, clock), "resolved");
  await clock.advance(500);
  assert.equal(await stateOf(engine.whenConverged(1500, never), clock), "resolved");
  assert.equal(clock.pending, 0);
});

test("whoever waits for convergence can give up, and is told when the engine stops", async () => {
  const { engine, clock, world } = start();
  begin(engine.swap(graphOf(world, [{ name: "a" }])));
  await clock.idle();
  const controller = new AbortController();
  const givenUp = engine.whenConverged(1000, controller.signal);
  const left = engine.whenConverged(1000, never);
  controller.abort(new Failure("enough", { code: "timed-out" }));
  assert.equal(await stateOf(givenUp, clock), "Failure");
  await engine.stop();
  assert.equal(await stateOf(left, clock), "AbortError");
  assert.equal(await stateOf(engine.whenConverged(0, never), clock), "AbortError");
  assert.equal(clock.pending, 0);
});

test("a swap resolves when its graph is in force, at once when nothing has to end", async () => {
  const { engine, clock, world } = start();
  world.cell("a").applyMs = 1000;
  const first = engine.swap(graphOf(world, [{ name: "a", content: "1" }]));
  assert.equal(engine.graph.vertices.length, 1);
  await first;
  await clock.idle();
  const second = engine.swap(graphOf(world, [{ name: "b" }]));
  const third = engine.swap(graphOf(world, [{ name: "c" }]));
  assert.equal(await stateOf(second, clock), "pending");
  await clock.advance(1000);
  assert.equal(await stateOf(second, clock), "resolved");
  assert.equal(await stateOf(third, clock), "resolved");
  assert.deepEqual(engine.graph.shape.keys, ["cell[c]"]);
  await engine.stop();
  assert.equal(await stateOf(engine.swap(graphOf(world, [])), clock), "resolved");
});

test("a listener may change the graph from inside an event", async () => {
  const clock = new DrivenClock();
  const world = new World(clock);
  let swaps = 0;
  const engine = createEngine({
    host: world.host,
    local: memoryLocalStore(),
    exchange: exchangeAlone(world.host.clock),
    emit: ({ type }) => {
      if (type !== "graph-swapped" || swaps === 3) return;
      swaps += 1;
      begin(engine.swap(graphOf(world, [{ name: "a", content: String(swaps) }])));
    },
    noop: false,
    stateRoot: "/state",
  });
  await engine.swap(graphOf(world, [{ name: "a", content: "0" }]));
  await clock.idle();
  assert.equal(world.cell("a").content, "3");
  assert.equal(engine.converged, true);
});

test("ten thousand resources settle, cost nothing while idle, answer one event alone, and stop at once", async () => {
  const { engine, clock, world, events, calls } = start();
  const resources: Declared[] = Array.from({ length: 10_000 }, (_, at) => ({ name: `n${at}`, content: "1" }));
  const edges = resources.slice(1).map(({ name }, at) => ({ from: `n${Math.floor(at / 2)}`, to: name }));
  await engine.swap(graphOf(world, resources, edges));
  while (!engine.converged) await clock.idle();
  assert.equal(clock.pending, 0);
  events.length = 0;
  calls.length = 0;
  world.write("n7000", "x");
  await clock.idle();
  assert.deepEqual(
    calls.map(({ type, resource }) => `${type} ${resource}`),
    ["observe-begins", "observe-ends", "apply-begins", "apply-ends"].map((type) => `${type} cell[n7000]`),
  );
  assert.deepEqual(
    events.map(({ type }) => type),
    ["unconverged", "observed", "step-applied", "settled", "converged"],
  );
  assert.equal(await stateOf(engine.stop(), clock), "resolved");
  assert.equal(calls.filter(({ type }) => type === "watch-ends").length, 10_000);
});

test("an interrupted engine leaves no timer, watch or operation behind", async () => {
  const { engine, clock, world, calls } = start();
  for (const name of ["a", "b", "c"]) world.cell(name).observeMs = 1000;
  world.cell("d").armMs = 1000;
  const resources = ["a", "b", "c", "d"].map((name) => ({ name, content: "1", meta: { timeout: 60, poll: 0 } }));
  begin(engine.swap(graphOf(world, [...resources, { name: "p", meta: { poll: 5 } }])));
  await clock.advance(10);
  await engine.interrupt();
  assert.equal(clock.pending, 0);
  const count = (type: Call["type"]): number => calls.filter((call) => call.type === type).length;
  assert.equal(count("observe-ends"), count("observe-begins"));
  assert.equal(count("watch-ends"), count("watch-begins"));
});

// ---- What a kind may use ----

/** Runs one resource of a kind whose observation does what the test says. */
async function observeWith(host: Partial<Host>, observe: (env: ResourceEnv) => Promise<void>): Promise<Started> {
  const started = start(host);
  const kind = defineResource({
    kind: "probe",
    summary: "Does what a test says.",
    fields: {},
    traits: {},
    observe: (_, env) => observe(env),
    plan: () => [],
    explain: () => ({ mark: "!", text: "" }),
    apply: async () => {},
    watch: (_, env) => started.world.kinds.cell.watch({}, env),
  });
  const graph = graphOf(started.world, [{ name: "a" }, { name: "b" }]);
  await started.engine.swap({
    ...graph,
    vertices: graph.vertices.map((vertex) => ({ ...vertex, kind, reference: `probe[${vertex.name}]` })),
  });
  await started.clock.idle();
  return started;
}

test("a kind sees the other resources of its kind, says lines, and keeps its memory", async () => {
  const seen: string[] = [];
  const { world, events, clock } = await observeWith({}, async (env) => {
    env.memory.set("count", Number(env.memory.get("count") ?? 0) + 1);
    seen.push(`${env.name}: ${[...env.peers()].map(({ name }) => name).join(" ")}, ${Number(env.memory.get("count"))}`);
    env.say("hello", "stderr");
  });
  world.write("a", "x");
  await clock.idle();
  assert.deepEqual(seen, ["a: b, 1", "b: a, 1", "a: b, 2"]);
  assert.deepEqual(
    events.find(({ type }) => type === "said"),
    { type: "said", resource: "probe[a]", stream: "stderr", line: "hello" },
  );
});

test("a private directory is made once, with its parents, and only for us; what is there already is taken", async () => {
  const made: unknown[] = [];
  const files = {
    createDirectory: async (path: string, options: object) => {
      made.push([path, options]);
      if (path.includes("+b")) throw new Failure("it exists", { code: "exists" });
    },
    inspect: async () => ({ kind: "directory" }),
  } as unknown as Host["files"]; // The engine asks for nothing else.
  const paths: string[] = [];
  await observeWith({ files }, async (env) => {
    paths.push(await env.stateDirectory(), await env.stateDirectory());
  });
  assert.deepEqual(paths.sort(), ["/state/probe-YQ+a", "/state/probe-YQ+a", "/state/probe-Yg+b", "/state/probe-Yg+b"]);
  assert.deepEqual(made, [
    ["/state/probe-YQ+a", { mode: 0o700, parents: true }],
    ["/state/probe-Yg+b", { mode: 0o700, parents: true }],
  ]);
});

test("a kind that sends what it does not declare fails alone, with a mistake of ours", async () => {
  const { engine } = await observeWith({}, async (env) => {
    if (env.name === "a") env.send({ undeclared: "x" });
  });
  const report = engine.report().map(({ vertex, state, failure }) => `${vertex.name} ${state} ${failure?.code ?? ""}`);
  assert.deepEqual(report, ["a failed unexpected", "b settled "]);
});
