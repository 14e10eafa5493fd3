// SPDX-License-Identifier: Apache-2.0
// A listener or a kind that is broken: whatever it throws, and whatever never ends, the engine goes on and ends.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { EngineEvent, Listener } from "../contract/event.ts";
import { defineResource, type ResourceEnv, type ResourceKind } from "../contract/resource.ts";
import { exchangeAlone } from "../exchange/alone.test-support.ts";
import { memoryLocalStore } from "../host/memory/local-store.ts";
import type { ResourceGraph } from "../resource-graph/vertex.ts";
import { DrivenClock } from "./driven-clock.test-support.ts";
import { createEngine, type Engine } from "./engine.ts";
import { begin, graphOf, World } from "./scripted.test-support.ts";
import { tellAll } from "./telling.ts";

type Method = "observe" | "plan" | "explain" | "apply" | "watch" | "check" | "areRead";

interface Started {
  readonly clock: DrivenClock;
  readonly world: World;
  readonly engine: Engine;
  readonly events: EngineEvent[];
}

function start(listener: Listener = () => {}): Started {
  const clock = new DrivenClock();
  const world = new World(clock);
  const events: EngineEvent[] = [];
  const emit = tellAll(listener, (event) => events.push(event));
  const engine = createEngine({
    host: world.host,
    local: memoryLocalStore(),
    exchange: exchangeAlone(world.host.clock),
    emit,
    noop: false,
    stateRoot: "/state",
  });
  return { clock, world, engine, events };
}

/** A kind that does nothing well, but for what it is given. */
function kindWith(world: World, parts: Partial<ResourceKind>): ResourceKind {
  return defineResource({
    kind: "broken",
    summary: "Does what a test says.",
    fields: world.kinds.cell.fields,
    traits: { receives: true },
    observe: async () => ({}),
    plan: () => [{ do: "it" }],
    explain: () => ({ mark: "!", text: "it" }),
    apply: async () => {},
    watch: (_, env) => world.kinds.cell.watch({}, env),
    ...parts,
  });
}

/** `broken[bad]` before `cell[after]`, beside `cell[beside]` and receiving from it. */
function graphWith(world: World, kind: ResourceKind): ResourceGraph {
  const graph = graphOf(
    world,
    [{ name: "bad" }, { name: "after", content: "1" }, { name: "beside", content: "1" }],
    [
      { from: "bad", to: "after" },
      { from: "beside", to: "bad", send: true },
    ],
  );
  const vertices = graph.vertices.map((vertex) => (vertex.name === "bad" ? { ...vertex, kind } : vertex));
  return { ...graph, vertices };
}

async function hasEnded(promise: Promise<void>, clock: DrivenClock, ms = 0): Promise<boolean> {
  let ended = false;
  begin(
    promise.then(() => {
      ended = true;
    }),
  );
  if (ms > 0) await clock.advance(ms);
  await clock.idle();
  return ended;
}

test("a listener that throws at every event changes nothing, and the others are told of it once", async () => {
  const { engine, clock, world, events } = start(() => {
    throw new Error("no space left");
  });
  await engine.swap(
    graphOf(
      world,
      [
        { name: "a", content: "1" },
        { name: "b", content: "1" },
      ],
      [{ from: "a", to: "b" }],
    ),
  );
  await clock.idle();
  assert.ok(engine.converged);
  assert.equal(world.cell("b").content, "1");
  world.write("a", "x");
  await clock.idle();
  assert.equal(world.cell("a").content, "1");
  await engine.swap(graphOf(world, [{ name: "c", content: "1" }]));
  await clock.idle();
  assert.ok(await hasEnded(engine.stop(), clock));
  const mistakes = events.filter(({ type }) => type === "mistake");
  assert.deepEqual(mistakes, [{ type: "mistake", of: "a listener of events", message: "Error: no space left" }]);
});

test("a listener that throws, alone, throws at nobody", async () => {
  const clock = new DrivenClock();
  const world = new World(clock);
  const emit = (): never => {
    throw new Error("broken");
  };
  const engine = createEngine({
    host: world.host,
    local: memoryLocalStore(),
    exchange: exchangeAlone(world.host.clock),
    emit,
    noop: false,
    stateRoot: "/state",
  });
  await engine.swap(graphOf(world, [{ name: "a", content: "1" }]));
  await clock.idle();
  assert.equal(world.cell("a").content, "1");
  assert.ok(await hasEnded(engine.stop(), clock));
});

const throwing: Readonly<Record<Method, Partial<ResourceKind>>> = {
  observe: { observe: bug },
  plan: { plan: bug },
  explain: { explain: bug },
  apply: { apply: bug },
  watch: { watch: bug },
  check: { check: bug },
  areRead: { peers: { reads: [], areRead: bug } },
};

function bug(): never {
  throw new TypeError("undefined is not a function");
}

for (const [method, parts] of Object.entries(throwing)) {
  test(`a kind whose ${method} throws fails its own resource at the most`, async () => {
    const { engine, clock, world } = start();
    const kind = kindWith(world, parts);
    await engine.swap(graphWith(world, kind));
    await clock.advance(120_000);
    assert.ok(engine.converged);
    assert.equal(world.cell("beside").content, "1");
    const isWhole = method === "areRead";
    assert.equal(world.cell("after").content, isWhole ? "1" : "");
    const failures = engine.report().flatMap(({ failure }) => failure?.message ?? []);
    const told = ["something unexpected went wrong: TypeError: undefined is not a function"];
    assert.deepEqual(failures, isWhole ? [] : told);
    // Peers are looked at when one of their kind has gone.
    const graph = graphWith(world, kind);
    const others = graph.vertices.map((vertex) => (vertex.name === "beside" ? { ...vertex, kind } : vertex));
    await engine.swap({ ...graph, vertices: others });
    await engine.swap(graphOf(world, [{ name: "bad", content: "2" }]));
    await clock.advance(120_000);
    assert.ok(engine.converged);
    assert.ok(await hasEnded(engine.stop(), clock));
    assert.equal(clock.pending, 0);
  });
}

const deaf = new Promise<never>(() => {});

for (const [what, parts] of Object.entries({
  "an observation": { observe: () => deaf },
  "a watch": {
    watch: async function* () {
      yield;
      await deaf;
    },
  },
} satisfies Readonly<Record<string, Partial<ResourceKind>>>)) {
  test(`${what} that never ends holds up neither a change of the graph nor the end for long, and is told`, async () => {
    const { engine, clock, world, events } = start();
    await engine.swap(graphWith(world, kindWith(world, parts)));
    await clock.idle();
    assert.equal(world.cell("beside").content, "1");
    const next = graphOf(world, [{ name: "other", content: "1" }]);
    assert.ok(await hasEnded(engine.swap(next), clock, 10_000));
    assert.equal(world.cell("other").content, "1");
    assert.match(events.map((event) => (event.type === "mistake" ? event.message : "")).join(""), /did not end within/);
    assert.ok(await hasEnded(engine.stop(), clock));
    await engine.stop();
    const again = start();
    await again.engine.swap(graphWith(again.world, kindWith(again.world, parts)));
    await again.clock.idle();
    assert.ok(await hasEnded(again.engine.stop(), again.clock, 10_000));
    assert.equal(again.clock.pending, 0);
  });
}

test("a step that never ends is waited for by a stop, and not by an interrupt", async () => {
  const { engine, clock, world } = start();
  const apply = (_step: unknown, _want: unknown, _env: ResourceEnv): Promise<void> => deaf;
  await engine.swap(graphWith(world, kindWith(world, { apply })));
  await clock.idle();
  assert.equal(await hasEnded(engine.stop(), clock, 60_000), false);
  assert.ok(await hasEnded(engine.interrupt(), clock, 10_000));
});
