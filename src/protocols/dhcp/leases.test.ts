// SPDX-License-Identifier: Apache-2.0
// Who gets which address, and that no address ever has two owners.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Leases, type Range } from "./leases.ts";

const range = (first: number, last: number, ...except: readonly number[]): Range => ({
  first,
  last,
  except: new Set(except),
});
const hour = 3_600_000;

test("a client keeps its address, and a new one gets the next", () => {
  const leases = new Leases(range(10, 20, 11));
  assert.equal(leases.offer("a", undefined, 0), 10);
  assert.ok(leases.confirm("a", 10, hour, 0));
  assert.equal(leases.offer("b", undefined, 0), 12);
  assert.equal(leases.offer("a", 15, 1), 10);
  assert.equal(leases.offer("c", 17, 1), 17);
});

test("an address is free again when its time is up, but its owner comes first", () => {
  const leases = new Leases(range(10, 11));
  for (const client of ["a", "b"]) leases.confirm(client, leases.offer(client, undefined, 0) ?? 0, hour, 0);
  assert.equal(leases.offer("c", undefined, hour - 1), undefined);
  assert.equal(leases.offer("b", undefined, hour + 1), 11);
  assert.equal(leases.offer("c", undefined, hour + 2), 10);
  assert.equal(leases.offer("a", undefined, hour + 3), undefined);
});

test("an address that was given back or declined is not given away at once", () => {
  const leases = new Leases(range(10, 12));
  leases.confirm("a", leases.offer("a", undefined, 0) ?? 0, hour, 0);
  leases.release("a", 10);
  assert.equal(leases.offer("b", undefined, 1), 11);
  assert.equal(leases.offer("a", undefined, 2), 10);
  leases.decline("a", 10, 3);
  assert.equal(leases.offer("a", undefined, 4), 12);
  leases.release("b", 12); // Not its own.
  assert.equal(leases.offer("c", undefined, 5), undefined);
  const later = ["c", "d", "e"].map((client) => leases.offer(client, undefined, 2 * hour));
  assert.deepEqual(later, [11, 12, 10]); // The one that has been free for the longest time comes first.
});

test("nobody is granted what another one has, or what is not ours", () => {
  const leases = new Leases(range(10, 12, 11));
  assert.ok(leases.confirm("a", 10, hour, 0));
  assert.ok(!leases.confirm("b", 10, hour, 1));
  assert.ok(!leases.confirm("b", 11, hour, 1));
  assert.ok(!leases.confirm("b", 13, hour, 1));
  assert.ok(leases.confirm("b", 10, hour, hour + 1));
  assert.equal(leases.of("a"), undefined);
});

test("what was bound is bound after a restart, as far as it is in the range", () => {
  const leases = new Leases(range(10, 20));
  for (const client of ["a", "b", "c"]) leases.confirm(client, leases.offer(client, undefined, 0) ?? 0, hour, 0);
  leases.offer("d", undefined, 0);
  const kept = leases.bound(1);
  assert.deepEqual(
    kept.map(({ client, address }) => [client, address]),
    [
      ["a", 10],
      ["b", 11],
      ["c", 12],
    ],
  );
  const after = new Leases(range(11, 20), kept);
  assert.deepEqual(
    after.bound(1).map(({ client }) => client),
    ["b", "c"],
  );
  assert.equal(after.offer("a", undefined, 2), 13);
});

type Deed =
  | { readonly do: "offer"; readonly client: string; readonly wanted: number | undefined }
  | { readonly do: "confirm" | "release" | "decline"; readonly client: string; readonly address: number }
  | { readonly do: "wait"; readonly ms: number };
const client = fc.constantFrom("a", "b", "c", "d", "e", "f");
const address = fc.integer({ min: 8, max: 15 });
const deeds: fc.Arbitrary<readonly Deed[]> = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant("offer" as const), client, wanted: fc.option(address, { nil: undefined }) }),
    fc.record({
      do: fc.constantFrom("confirm" as const, "confirm" as const, "release" as const, "decline" as const),
      client,
      address,
    }),
    fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 2 * hour }) }),
  ),
  { maxLength: 60 },
);

test("whatever happens, no address has two owners and no owner an address that is not ours", () => {
  fc.assert(
    fc.property(deeds, (all) => {
      const leases = new Leases(range(10, 13, 12));
      const owners = new Map<number, { readonly client: string; readonly untilMs: number }>();
      let nowMs = 0;
      for (const deed of all) {
        if (deed.do === "wait") nowMs += deed.ms;
        else if (deed.do === "offer") {
          const offered = leases.offer(deed.client, deed.wanted, nowMs);
          if (offered === undefined) continue;
          assert.ok([10, 11, 13].includes(offered));
          const owner = owners.get(offered);
          assert.ok(owner === undefined || owner.client === deed.client || owner.untilMs <= nowMs);
        } else if (deed.do === "confirm") {
          if (!leases.confirm(deed.client, deed.address, hour, nowMs)) continue;
          const owner = owners.get(deed.address);
          assert.ok(owner === undefined || owner.client === deed.client || owner.untilMs <= nowMs);
          for (const [held, { client: name }] of owners) if (name === deed.client) owners.delete(held);
          owners.set(deed.address, { client: deed.client, untilMs: nowMs + hour });
        } else {
          if (owners.get(deed.address)?.client === deed.client) owners.delete(deed.address);
          leases[deed.do](deed.client, deed.address, nowMs);
        }
        const bound = leases.bound(nowMs);
        assert.equal(new Set(bound.map((lease) => lease.address)).size, bound.length);
        assert.equal(new Set(bound.map((lease) => lease.client)).size, bound.length);
      }
    }),
  );
});
