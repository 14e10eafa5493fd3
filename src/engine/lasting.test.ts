// SPDX-License-Identifier: Apache-2.0
// Steps that last as long as something that they have begun: when they are told to end, and when they count as work.

import assert from "node:assert/strict";
import { test } from "node:test";
import { defineResource } from "../contract/resource.ts";
import { exchangeAlone } from "../exchange/alone.test-support.ts";
import { memoryLocalStore } from "../host/memory/local-store.ts";
import type { ResourceGraph } from "../resource-graph/vertex.ts";
import { DrivenClock } from "./driven-clock.test-support.ts";
import { createEngine } from "./engine.ts";
import { begin, graphOf, World } from "./scripted.test-support.ts";

/** `lasting[job]` before `cell[after]`; its step ends half a second after it was told to, or when `finish` is called. */
function start() {
  const clock = new DrivenClock();
  const world = new World(clock);
  const log: string[] = [];
  let rest: (isAtRest: boolean) => void = () => {};
  let finish = (): void => {};
  let isDone = false;
  const kind = defineResource({
    kind: "lasting",
    summary: "Does what a test says.",
    fields: world.kinds.cell.fields,
    traits: { lasting: true },
    observe: async () => isDone,
    plan: (_, done: boolean) => (done ? [] : [{ do: "work" }]),
    explain: () => ({ mark: "!", text: "work" }),
    async apply(_, __, env) {
      log.push("begun");
      rest = (isAtRest) => env.rest(isAtRest);
      await new Promise<void>((resolve) => {
        finish = () => {
          isDone = true;
          resolve();
        };
        env.signal.addEventListener("abort", () => resolve(), { once: true });
      });
      if (!env.signal.aborted) return;
      log.push("told to end");
      await clock.sleep(500, new AbortController().signal);
      log.push("ended");
      env.signal.throwIfAborted();
    },
    watch: (_, env) => world.kinds.cell.watch({}, env),
  });
  const graph = (content: string, names: readonly string[] = ["job", "after"]): ResourceGraph => {
    const edges = names.length > 1 ? [{ from: "job", to: "after" }] : [];
    const made = graphOf(world, names.map((name) => ({ name, content })), edges); // biome-ignore format: one line
    return { ...made, vertices: made.vertices.map((each) => (each.name === "job" ? { ...each, kind } : each)) };
  };
  const engine = createEngine({
    host: world.host,
    local: memoryLocalStore(),
    exchange: exchangeAlone(world.host.clock),
    emit: () => {},
    noop: false,
    stateRoot: "/state",
  });
  return { clock, world, engine, log, graph, rest: (isAtRest: boolean) => rest(isAtRest), finish: () => finish() };
}

test("a lasting step is told to end when the run stops, and is waited for", async () => {
  const { engine, clock, log, graph } = start();
  await engine.swap(graph("1"));
  await clock.idle();
  assert.deepEqual(log, ["begun"]);
  let hasStopped = false;
  begin(
    engine.stop().then(() => {
      hasStopped = true;
    }),
  );
  await clock.idle();
  assert.deepEqual([log, hasStopped], [["begun", "told to end"], false]);
  await clock.advance(500);
  assert.deepEqual([log, hasStopped], [["begun", "told to end", "ended"], true]);
});

test("it is told to end when its resource changes or goes, and not when another one does", async () => {
  const { engine, clock, log, graph } = start();
  await engine.swap(graph("1"));
  await engine.swap(graph("1", ["job"]));
  await clock.idle();
  assert.deepEqual(log, ["begun"]);
  begin(engine.swap(graph("2", ["job"])));
  await clock.advance(500);
  assert.deepEqual(log, ["begun", "told to end", "ended", "begun"]);
  begin(engine.swap(graph("2", ["after"])));
  await clock.advance(500);
  assert.deepEqual(log.slice(4), ["told to end", "ended"]);
  await engine.stop();
});

test("a step at rest is no work, unless something waits for it", async () => {
  const { engine, clock, world, graph, rest, finish } = start();
  await engine.swap(graph("1", ["job"]));
  await clock.idle();
  assert.equal(engine.converged, false);
  rest(true);
  assert.equal(engine.converged, true);
  rest(false);
  assert.equal(engine.converged, false);
  rest(true);
  await engine.swap(graph("1"));
  await clock.idle();
  assert.equal(engine.converged, false);
  assert.equal(world.cell("after").content, "");
  finish();
  await clock.idle();
  assert.equal(engine.converged, true);
  assert.equal(world.cell("after").content, "1");
  await engine.stop();
});
