// SPDX-License-Identifier: Apache-2.0
// That a host can be chosen, as a resource keeps it.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { eachField } from "../../../test/fields.ts";
import { proves } from "../../../test/proofs.ts";
import { converge, drive, problemsOf } from "../../../test/resource.ts";
import { embeddedCluster } from "../../cluster/embedded/index.ts";
import { memoryCluster } from "../../cluster/memory/index.ts";
import { Failure } from "../../contract/failure.ts";
import { collect, withFleet } from "../../exchange/fleet.test-support.ts";
import { createExchange } from "../../exchange/index.ts";
import { memoryHost } from "../../host/memory/index.ts";
import { schedule } from "./schedule.ts";

test("a host enters, says something else, and withdraws; what is right stays", () =>
  withFleet(async (fleet) => {
    const a = fleet.start("a");
    const { exchange } = a;
    const host = memoryHost();
    const settle = (fields: Parameters<typeof converge>[2]) => converge(schedule, "ns", fields, host, { exchange });
    const chosen = collect(exchange.schedules.follow("ns", a.signal));
    assert.deepEqual(await settle({}), ["+ enter the schedule"]);
    assert.deepEqual(await settle({}), []);
    assert.deepEqual(await settle({ max: 0, ttl: -1 }), [], "as if they were not given");
    await fleet.settle();
    assert.deepEqual(chosen.last, ["a"]);
    assert.deepEqual(await settle({ strategy: "alpha", max: 3, ttl: 60 }), ["~ enter the schedule with other options"]);
    assert.deepEqual(await settle({ persist: true }), ["~ enter the schedule with other options"]);
    assert.deepEqual(await settle({ withdraw: true }), ["- withdraw from the schedule"]);
    assert.deepEqual(await settle({ withdraw: true }), []);
    await fleet.settle();
    assert.deepEqual(chosen.last, []);
  }));

test("one whose candidacy is lost because it was away for long enters again", () =>
  withFleet(async (fleet) => {
    const a = fleet.start("a");
    const { exchange } = a;
    const resource = drive(schedule, "ns", {}, memoryHost(), { exchange, signal: a.signal });
    const told = collect(resource.watch());
    await resource.settle();
    await fleet.settle();
    const before = told.all.length;
    a.door.cutOff();
    await fleet.clock.advance(20_000);
    a.door.heal();
    await fleet.clock.advance(20_000);
    assert.ok(told.all.length > before);
    assert.deepEqual(await resource.settle(), ["+ enter the schedule"]);
    assert.deepEqual(await resource.plan(), []);
  }));

test("after a restart on one host, it enters anew and keeps its place", async () => {
  const host = memoryHost();
  const { clock, random } = host;
  const directory = mkdtempSync(join(tmpdir(), "mgmt-schedule-"));
  const start = () => {
    const path = join(directory, "cluster.db");
    const cluster = embeddedCluster({ path, clock, random, readOnly: false, onTrouble: () => {} });
    return { cluster, exchange: createExchange({ cluster, hostname: "a", clock, onTrouble: () => {} }) };
  };
  try {
    const killed = start();
    assert.deepEqual(await converge(schedule, "ns", { ttl: 60 }, host, killed), ["+ enter the schedule"]);
    await killed.cluster.close();
    const next = start();
    assert.deepEqual(await converge(schedule, "ns", { ttl: 60 }, host, next), ["+ enter the schedule"]);
    await clock.advance(120_000);
    assert.deepEqual(await converge(schedule, "ns", { ttl: 60 }, host, next), [], "the former session ends alone");
    assert.deepEqual(await converge(schedule, "ns", { persist: true }, host, next), [
      "~ enter the schedule with other options",
    ]);
    await next.exchange.close();
    await next.cluster.close();
    const last = start();
    assert.deepEqual(await converge(schedule, "ns", { persist: true }, host, last), []);
    await last.exchange.close();
    await last.cluster.close();
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("two resources that speak for one host are refused", () =>
  withFleet(async (fleet) => {
    const { exchange } = fleet.start("a");
    const peers = [{ name: "other", fields: { namespace: "ns", max: 2 } }];
    const resource = drive(schedule, "ns", {}, memoryHost(), { exchange, peers });
    await assert.rejects(resource.plan(), (reason) => reason instanceof Failure && reason.code === "conflict");
  }));

test("what makes no sense is refused", () => {
  assert.deepEqual(problemsOf(schedule, "ns", { strategy: "" }), ['the strategy is "rr" or "alpha"']);
  assert.deepEqual(problemsOf(schedule, "ns", { persist: true, ttl: 0 }), []);
  assert.equal(problemsOf(schedule, "ns", { persist: true, ttl: 1 }).length, 1);
  for (const given of [{ strategy: "rr" }, { max: 1 }, { persist: true }, { ttl: 5 }]) {
    assert.equal(problemsOf(schedule, "ns", { withdraw: true, ...given }).length, 1);
  }
  assert.deepEqual(problemsOf(schedule, "", {}), ["the namespace must not be empty"]);
});

test("whatever this host was a candidate for, one pass settles it", async () => {
  const candidacy = fc.oneof(
    fc.record({ strategy: fc.constantFrom("rr", "alpha"), max: fc.constantFrom(0, 1, 3), persist: fc.boolean() }),
    fc.record({ ttl: fc.constantFrom(-1, 0, 60) }),
    fc.constant({ withdraw: true }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(candidacy, { maxLength: 2 }), fc.boolean(), candidacy, async (past, isLost, after) =>
      withFleet(async (fleet) => {
        const a = fleet.start("a");
        const { exchange } = a;
        const host = memoryHost();
        for (const each of past) await converge(schedule, "ns", each, host, { exchange });
        if (isLost) {
          a.door.cutOff();
          await fleet.clock.advance(20_000);
          a.door.heal();
          await fleet.clock.advance(20_000);
        }
        await converge(schedule, "ns", after, host, { exchange });
        const chosen = collect(exchange.schedules.follow("ns", a.signal));
        await fleet.settle();
        assert.deepEqual(chosen.last, "withdraw" in after ? [] : ["a"]);
      }),
    ),
    { numRuns: 300 },
  );
});

proves("schedule", "twice", "outside change", "bad values", "random starts");

const signal = new AbortController().signal;

/** Two lives of one host, of which one is another program. */
function twoOfOne() {
  const host = memoryHost();
  const cluster = memoryCluster(host.clock);
  const life = () =>
    createExchange({ cluster: cluster.door(), hostname: "here", clock: host.clock, onTrouble: () => {} });
  const other = life().schedules;
  return {
    host,
    withdraw: () => other.withdraw("ns", signal),
    enter: (persist = false) => other.enter("ns", { persist }, signal),
    options: { exchange: life() },
  };
}

eachField("schedule", {
  machine: twoOfOne,
  name: "ns",
  changes: {
    namespace: { outside: ({ withdraw }) => withdraw(), repair: ["+ enter the schedule"] },
    strategy: { fields: { strategy: "alpha" }, outside: ({ enter }) => enter(), repair: ["+ enter the schedule"] },
    max: { fields: { max: 3 }, outside: ({ enter }) => enter(), repair: ["+ enter the schedule"] },
    persist: { fields: { persist: true }, outside: ({ enter }) => enter(), repair: ["+ enter the schedule"] },
    ttl: { fields: { ttl: 60 }, outside: ({ enter }) => enter(), repair: ["+ enter the schedule"] },
    withdraw: {
      fields: { withdraw: true },
      outside: ({ enter }) => enter(true),
      repair: ["- withdraw from the schedule"],
    },
  },
});
