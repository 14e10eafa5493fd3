// SPDX-License-Identifier: Apache-2.0
// Schedules among simulated hosts, with hosts that are lost in every way.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Candidacy } from "../contract/exchange.ts";
import { collect, createFleet, type Fleet, type FleetHost, never, withFleet } from "./fleet.test-support.ts";

const plain: Candidacy = { persist: false };

async function enter(fleet: Fleet, host: FleetHost, candidacy: Candidacy = plain): Promise<void> {
  collect(host.exchange.schedules.attend("ns", host.signal));
  await host.exchange.schedules.enter("ns", candidacy, never());
  await fleet.settle();
}

function chosenAt({ exchange, signal }: FleetHost) {
  return collect(exchange.schedules.follow("ns", signal));
}

test("who comes first is chosen and stays, and another one follows when it withdraws", () =>
  withFleet(async (fleet) => {
    const [a, b, c] = [fleet.start("a"), fleet.start("b"), fleet.start("c")];
    const seen = chosenAt(c);
    await fleet.settle();
    for (const host of [b, a, c]) await enter(fleet, host);
    assert.deepEqual(seen.all, [[], ["b"]]);
    await b.exchange.schedules.withdraw("ns", never());
    await fleet.settle();
    assert.deepEqual(seen.last, ["a"]);
    assert.equal(await b.exchange.schedules.candidacy("ns", never()), undefined);
    assert.deepEqual(await a.exchange.schedules.candidacy("ns", never()), plain);
    for (const host of [a, c]) await host.exchange.schedules.withdraw("ns", never());
    await fleet.settle();
    assert.deepEqual(seen.last, []);
    await a.exchange.schedules.withdraw("ns", never());
  }));

test("options are taken up at once, also the strategy", () =>
  withFleet(async (fleet) => {
    const [a, b, c] = [fleet.start("a"), fleet.start("b"), fleet.start("c")];
    const seen = chosenAt(a);
    for (const host of [c, b, a]) await enter(fleet, host, { persist: false, max: 2 });
    assert.deepEqual(seen.last, ["b", "c"]);
    await enter(fleet, c, { persist: false, max: 2, strategy: "alpha" });
    assert.deepEqual(seen.last, ["a", "b"]);
    await enter(fleet, b, { persist: false, max: 3 });
    assert.deepEqual(seen.last, ["a", "b", "c"]);
    await enter(fleet, b, { persist: false, max: 0 });
    assert.deepEqual(seen.last, []);
  }));

test("a host that stops in order goes at once", () =>
  withFleet(async (fleet) => {
    const [a, b] = [fleet.start("a"), fleet.start("b")];
    const seen = chosenAt(b);
    for (const host of [a, b]) await enter(fleet, host);
    assert.deepEqual(seen.last, ["a"]);
    await a.stop();
    await fleet.clock.advance(1);
    assert.deepEqual(seen.last, ["b"]);
  }));

test("a host that is lost goes after ten seconds, one with a time of its own after that, also when it stops", () =>
  withFleet(async (fleet) => {
    const hosts = ["a", "b", "c", "d"].map((name) => fleet.start(name));
    const [a, b, c, d] = hosts as [FleetHost, FleetHost, FleetHost, FleetHost];
    const seen = chosenAt(d);
    await enter(fleet, a, { persist: false, max: 4 });
    await enter(fleet, b, { persist: false, ttl: 3 });
    await enter(fleet, c, { persist: false, ttl: 3 });
    await enter(fleet, d);
    assert.deepEqual(seen.last, ["a", "b", "c", "d"]);
    a.crash();
    b.crash();
    await c.stop();
    await fleet.clock.advance(2999);
    assert.deepEqual(seen.last, ["a", "b", "c", "d"]);
    await fleet.clock.advance(1);
    assert.deepEqual(seen.last, ["a", "d"]);
    await fleet.clock.advance(7001);
    assert.deepEqual(seen.last, ["d"]);
  }));

test("one that persists stays whatever happens to it, and can be withdrawn later", () =>
  withFleet(async (fleet) => {
    const [a, b] = [fleet.start("a"), fleet.start("b")];
    const seen = chosenAt(b);
    await enter(fleet, a, { persist: true });
    await enter(fleet, b);
    await a.stop();
    await fleet.clock.advance(3_600_000);
    assert.deepEqual(seen.last, ["a"]);
    const again = fleet.start("a");
    await again.exchange.schedules.withdraw("ns", never());
    await fleet.settle();
    assert.deepEqual(seen.last, ["b"]);
  }));

test("when the first of those who are left does nothing, the next one decides", () =>
  withFleet(async (fleet) => {
    const [a, b, c] = [fleet.start("a"), fleet.start("b"), fleet.start("c")];
    const seen = chosenAt(c);
    await enter(fleet, a);
    await enter(fleet, b, { persist: true }); // It comes next, but it will not be there.
    await enter(fleet, c);
    b.crash();
    await a.stop();
    await fleet.clock.advance(1000);
    assert.deepEqual(seen.last, ["b"], "it persists");
  }));

test("schedules of other names have nothing to do with each other", () =>
  withFleet(async (fleet) => {
    const a = fleet.start("a");
    const other = collect(a.exchange.schedules.follow("ns/x", a.signal));
    await enter(fleet, a);
    assert.deepEqual(other.all, [[]]);
    await a.exchange.schedules.enter("ns/x", plain, never());
    await fleet.settle();
    assert.deepEqual(other.last, ["a"]);
  }));

// ---- Histories ----

type Happening =
  | { readonly do: "enter" | "withdraw" | "cut off" | "heal" | "crash" | "stop" | "start"; readonly host: number }
  | { readonly do: "wait"; readonly ms: number };

const hostCount = 4;
const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({
    do: fc.constantFrom<"enter" | "withdraw" | "cut off" | "heal" | "crash" | "stop" | "start">(
      "enter",
      "enter",
      "withdraw",
      "cut off",
      "heal",
      "crash",
      "stop",
      "start",
    ),
    host: fc.nat(hostCount - 1),
  }),
  fc.record({ do: fc.constant<"wait">("wait"), ms: fc.constantFrom(0, 100, 300, 4000, 11_000) }),
);

test("whatever happens, never too many are chosen, and in the end all hosts agree on as many as may be", async () => {
  const max = 2;
  const run = async (history: readonly Happening[], strategy: "rr" | "alpha"): Promise<void> => {
    const fleet = createFleet();
    const candidacy: Candidacy = { persist: false, max, strategy };
    const hosts = new Map<number, FleetHost>();
    const wanting = new Set<number>();
    const watched: { readonly all: (readonly string[])[]; readonly host: number; readonly life: FleetHost }[] = [];
    const begin = (number: number): void => {
      const host = fleet.start(`h${number}`);
      hosts.set(number, host);
      wanting.delete(number);
      watched.push({ all: chosenAt(host).all, host: number, life: host });
      collect(host.exchange.schedules.attend("ns", host.signal));
    };
    const tolerant = async (task: Promise<void>): Promise<boolean> => {
      const done = task.then(
        () => true,
        () => false,
      );
      await fleet.settle();
      return done;
    };
    for (let number = 0; number < hostCount; number += 1) begin(number);
    for (const each of history) {
      const host = each.do === "wait" ? undefined : hosts.get(each.host);
      if (each.do === "wait") await fleet.clock.advance(each.ms);
      else if (each.do === "start") {
        if (host === undefined) begin(each.host);
      } else if (host !== undefined) {
        if (each.do === "enter" && (await tolerant(host.exchange.schedules.enter("ns", candidacy, never()))))
          wanting.add(each.host);
        if (each.do === "withdraw" && (await tolerant(host.exchange.schedules.withdraw("ns", never()))))
          wanting.delete(each.host);
        if (each.do === "cut off") host.door.cutOff();
        if (each.do === "heal") host.door.heal();
        if (each.do === "crash" || each.do === "stop") {
          hosts.delete(each.host);
          wanting.delete(each.host);
          if (each.do === "crash") host.crash();
          else await host.stop();
        }
      }
      await fleet.settle();
    }
    // Everything heals, and those who are there say once more what they want, as their resources would.
    for (const host of hosts.values()) host.door.heal();
    await fleet.clock.advance(30_000);
    for (const number of wanting) await hosts.get(number)?.exchange.schedules.enter("ns", candidacy, never());
    await fleet.clock.advance(30_000);
    for (const { all } of watched) for (const chosen of all) assert.ok(chosen.length <= max);
    const living = watched.filter(({ host, life }) => hosts.get(host) === life);
    const present = [...wanting].map((number) => `h${number}`);
    for (const { all } of living) {
      const chosen = all.at(-1) ?? [];
      assert.deepEqual(chosen, living[0]?.all.at(-1), "all agree");
      assert.equal(chosen.length, Math.min(max, present.length));
      for (const host of chosen) assert.ok(present.includes(host));
    }
    await fleet.stop();
  };
  const property = fc.asyncProperty(fc.array(happening, { maxLength: 25 }), fc.constantFrom("rr", "alpha"), run);
  await fc.assert(property, { numRuns: 100 });
});

test("a host that was lost does not believe again what it knew of before, when it comes back", () =>
  withFleet(async (fleet) => {
    const [a, b] = [fleet.start("a"), fleet.start("b")];
    const seen = chosenAt(a);
    for (const host of [a, b]) await enter(fleet, host);
    assert.deepEqual(seen.all, [[], ["a"]]);
    a.door.cutOff();
    await fleet.clock.advance(15_000);
    assert.deepEqual(seen.last, ["a"], "what was known last stays in force");
    a.door.heal();
    await a.exchange.schedules.enter("ns", plain, never());
    await fleet.settle();
    assert.deepEqual(seen.last, ["b"], "at once, without waiting for the next probe");
  }));

test("a host that withdraws is not chosen from then on, and is again only by what was decided since", () =>
  withFleet(async (fleet) => {
    const a = fleet.start("a");
    const seen = chosenAt(a);
    await enter(fleet, a);
    a.door.stall();
    const withdrawing = a.exchange.schedules.withdraw("ns", never());
    await fleet.settle();
    assert.deepEqual(seen.all, [[], ["a"]]);
    a.door.heal();
    await withdrawing;
    await a.exchange.schedules.enter("ns", plain, never());
    await fleet.settle();
    assert.deepEqual(seen.last, ["a"]);
    assert.deepEqual(seen.all, [[], ["a"], [], ["a"]]);
  }));

test("a host whose withdrawal was refused is chosen on, once it has seen that it is a candidate", () =>
  withFleet(async (fleet) => {
    const a = fleet.start("a");
    const seen = chosenAt(a);
    await enter(fleet, a);
    a.door.cutOff();
    await assert.rejects(a.exchange.schedules.withdraw("ns", never()));
    a.door.heal();
    await fleet.settle();
    assert.deepEqual(await a.exchange.schedules.candidacy("ns", never()), plain);
    await fleet.clock.advance(1000);
    assert.deepEqual(seen.last, ["a"]);
  }));
