// SPDX-License-Identifier: Apache-2.0
// Who is chosen, for any candidates.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Candidate, decide, optionsOf } from "./decide.ts";

function candidate(host: string, created: number, candidacy: Partial<Candidate["candidacy"]> = {}): Candidate {
  return { host, created, changed: created, candidacy: { persist: false, ...candidacy } };
}

const anyCandidates = fc.uniqueArray(
  fc.record({
    host: fc.constantFrom(..."abcdefgh"),
    created: fc.nat(5),
    changed: fc.nat(9),
    candidacy: fc.record({
      strategy: fc.option(fc.constantFrom("rr", "alpha", "unknown", ""), { nil: undefined }),
      max: fc.option(fc.integer({ min: -1, max: 5 }), { nil: undefined }),
      persist: fc.boolean(),
    }),
  }),
  { selector: ({ host }) => host },
) as fc.Arbitrary<Candidate[]>;
const anyHosts = fc.array(fc.constantFrom(..."abcdefgh"));

test("never more than the maximum are chosen, each once, and only candidates", () => {
  const property = fc.property(anyCandidates, anyHosts, (candidates, former) => {
    const chosen = decide(candidates, [...new Set(former)]);
    const { max } = optionsOf(candidates);
    assert.ok(chosen.length <= Math.max(0, max));
    assert.equal(new Set(chosen).size, chosen.length);
    for (const host of chosen) assert.ok(candidates.some((each) => each.host === host));
  });
  fc.assert(property, { numRuns: 2000 });
});

test("the order in which candidates are read does not matter, and deciding again changes nothing", () => {
  const shuffled = anyCandidates.chain((candidates) =>
    fc.tuple(fc.constant(candidates), fc.shuffledSubarray(candidates, { minLength: candidates.length })),
  );
  const property = fc.property(shuffled, anyHosts, ([candidates, others], former) => {
    const chosen = decide(candidates, former);
    assert.deepEqual(decide(others, former), chosen);
    assert.deepEqual(decide(candidates, chosen), chosen);
  });
  fc.assert(property, { numRuns: 2000 });
});

test("with rr as many as may be are chosen, and who was chosen stays while it can", () => {
  const property = fc.property(anyCandidates, anyHosts, (given, former) => {
    const candidates = given.map((each) => ({ ...each, candidacy: { max: 3, persist: false } }));
    const before = [...new Set(former)].slice(0, 3);
    const chosen = decide(candidates, before);
    assert.equal(chosen.length, Math.min(3, candidates.length));
    const stayed = before.filter((host) => candidates.some((each) => each.host === host));
    assert.deepEqual(chosen.slice(0, stayed.length), stayed);
  });
  fc.assert(property, { numRuns: 2000 });
});

test("rr takes who came first, alpha the first by name", () => {
  const came = [candidate("c", 1, { max: 2 }), candidate("b", 2), candidate("a", 3), candidate("d", 2)];
  assert.deepEqual(decide(came, []), ["c", "b"]);
  assert.deepEqual(decide(came, ["d"]), ["d", "c"]);
  assert.deepEqual(decide([...came, candidate("e", 9, { strategy: "alpha" })], ["d"]), ["a", "b"]);
});

test("one host is chosen by rr when nobody says anything else", () => {
  assert.deepEqual(optionsOf([candidate("a", 1)]), { strategy: "rr", max: 1 });
  assert.deepEqual(decide([candidate("b", 1), candidate("a", 1)], []), ["a"]);
  assert.deepEqual(decide([], ["a"]), []);
});

test("the last word counts, for each option by itself", () => {
  const said = [
    candidate("a", 1, { max: 2, strategy: "alpha" }),
    candidate("b", 3, { max: 3 }),
    candidate("c", 2, { max: 4, strategy: "rr" }),
  ];
  assert.deepEqual(optionsOf(said), { strategy: "rr", max: 3 });
});

test("with a strategy that is not known here nobody is chosen anew", () => {
  const candidates = [candidate("a", 1, { strategy: "later", max: 2 }), candidate("b", 2), candidate("c", 3)];
  assert.deepEqual(decide(candidates, ["c", "gone"]), ["c"]);
});
