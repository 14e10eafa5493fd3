// SPDX-License-Identifier: Apache-2.0
// Decisions as cases, and made-up lives from chance seeds, which are printed.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decide } from "./decide.ts";
import { simulate } from "./simulation.test-support.ts";
import { type Member, usualLimits, type World } from "./world.ts";

/**
 * Members as words: `a` answers, `a?` learns, `a+` has caught up, `a!` is silent for long, `a~` for a moment, `a-` wants to
 * go. The first one decides. Everybody who answers volunteers, and so do the hosts after a bar.
 */
function check(picture: string, expected: string, more: Partial<World> = {}): void {
  const [members = "", others = ""] = picture.split("|");
  const parsed = words(members).map(memberOf);
  const alive = [...parsed.filter(({ silentMs, wantsToLeave }) => silentMs === 0 && !wantsToLeave).map(({ host }) => host), ...words(others)]; // biome-ignore format: one line
  const world: World = {
    ideal: 5,
    decider: parsed[0]?.host ?? "",
    members: parsed,
    volunteers: alive.map((host) => ({ host, aliveMs: 60_000 })),
    nominated: new Set(parsed.map(({ host }) => host)),
    setbacks: new Map(),
    ...more,
  };
  const { change } = decide(world, usualLimits);
  assert.equal(change === undefined ? "nothing" : `${change.do} ${change.host}`, expected, picture);
}

function words(text: string): readonly string[] {
  return text.split(" ").filter((word) => word !== "");
}

function memberOf(word: string): Member {
  const host = word.replace(/[?+!~-]/g, "");
  const silentMs = word.includes("!") ? 70_000 : word.includes("~") ? 6_000 : 0;
  return {
    host,
    role: /[?+]/.test(word) ? "learner" : "voter",
    silentMs,
    wasHeard: true,
    sinceMs: 100_000,
    isCaughtUp: word.includes("+"),
    wantsToLeave: word.includes("-"),
  };
}

describe("who keeps the store", () => {
  test("grows by one that learns first, up to the ideal size", () => {
    check("a | b c", "add-learner b");
    check("a b? | c", "nothing");
    check("a b+ | c", "promote b");
    check("a b | c", "add-learner c");
    check("a b c", "nothing");
    check("a b c | d e", "add-learner d");
    check("a b c d e | f", "nothing");
  });

  test("is an odd number of hosts", () => {
    check("a | b", "nothing");
    check("a b c | d", "nothing");
    check("a b c | d e", "nothing", { ideal: 4 });
    check("a b c d", "remove b");
    check("a b", "remove b");
    check("a b+", "remove b");
  });

  test("follows the ideal size", () => {
    check("a b c d e", "remove b", { ideal: 3 });
    check("a b c d", "remove b", { ideal: 3 });
    check("a b c", "remove b", { ideal: 1 });
    check("a b c | d e", "add-learner d", { ideal: 9 });
    check("a b c d~ e", "nothing", { ideal: 3 });
  });

  test("replaces one that is silent for long by one that has caught up", () => {
    check("a b c~ | d", "nothing");
    check("a b c! | d", "add-learner d");
    check("a b c! d?", "nothing");
    check("a b c! d+", "remove c");
    check("a b d+", "promote d");
  });

  test("keeps a silent one that nobody can replace, unless the others survive more without it", () => {
    check("a b c!", "nothing");
    check("a b c d e!", "nothing");
    check("a b c d! e!", "remove d");
    check("a b c d!", "remove d");
    check("a b c!", "remove c", { ideal: 1 });
  });

  test("changes nothing without a quorum, or when its decider is no voter", () => {
    check("a b! | c d", "nothing");
    check("a b~ c! | d", "nothing");
    check("a b c | d e", "nothing", { decider: "d" });
    check("a b+ | c", "nothing", { decider: "b" });
  });

  test("does not rely on one of whom its decider has heard nothing yet", () => {
    const unheard = (host: string): Member => ({ ...memberOf(host), wasHeard: false });
    check("a b c d", "nothing", { members: [memberOf("a"), memberOf("b"), memberOf("c"), unheard("d")] });
    check("a b", "nothing", { members: [memberOf("a"), unheard("b")] });
  });

  test("does not let a newcomer raise the quorum above what answers", () => {
    check("a b c~ d+ | e", "nothing");
    check("a b c d+ | e", "promote d");
  });

  test("lets go who wants to, after a replacement, and never the last one", () => {
    check("a b c- | d", "add-learner d");
    check("a b c- d+", "promote d");
    check("a b c- d", "remove c");
    check("a b c-", "remove c");
    check("a- b c", "hand-over b");
    check("b a- c", "remove a");
    check("a-", "nothing");
    check("a- | b", "add-learner b");
    check("a- b+", "promote b");
    check("a- b", "hand-over b");
  });

  test("gives up one that does not catch up, and tries it again after a pause", () => {
    const late: Member = { ...memberOf("d?"), sinceMs: 200_000 };
    const members = [memberOf("a"), memberOf("b"), memberOf("c"), late];
    const { change } = decide(
      {
        ideal: 5,
        decider: "a",
        members,
        volunteers: [],
        nominated: new Set(["a", "b", "c", "d"]),
        setbacks: new Map(),
      },
      usualLimits,
    );
    assert.deepEqual(change, { do: "remove", host: "d", isSetback: true, because: "it did not catch up in time" });
    const failed = (agoMs: number) => ({ setbacks: new Map([["d", { count: 2, agoMs }]]) });
    check("a b c! | d", "nothing", failed(59_000));
    check("a b c! | d e", "add-learner e", failed(59_000));
    check("a b c! | d", "add-learner d", failed(60_000));
    check("a b c | d e", "nothing", failed(59_000));
  });

  test("takes hosts of other zones first, and those that are alive for longest", () => {
    const volunteer = (host: string, aliveMs: number, zone: string) => ({ host, aliveMs, zone });
    const volunteers = [volunteer("a", 9e5, "x"), volunteer("b", 9e5, "x"), volunteer("c", 2e5, "y")];
    check("a | b c", "add-learner c", { volunteers });
    check("a | b c", "add-learner b", { volunteers: volunteers.map((each) => ({ ...each, zone: "x" })) });
    check("a b c d e", "remove b", {
      ideal: 3,
      volunteers: [..."abcde"].map((host) => volunteer(host, 9e5, host <= "b" ? "x" : host)),
    });
  });

  test("counts a host when it has been alive for a while, and looks again then", () => {
    const volunteers = [
      { host: "b", aliveMs: 2_000 },
      { host: "c", aliveMs: 60_000 },
    ];
    const world = { ideal: 5, decider: "a", members: [memberOf("a")], nominated: new Set(["a"]), setbacks: new Map() };
    assert.deepEqual(decide({ ...world, volunteers }, usualLimits), { lookAgainMs: 8_001 });
  });

  test("puts right what was broken off", () => {
    check("a b c", "nominate b", { nominated: new Set(["a", "c"]) });
    check("a b c d+", "remove d", { nominated: new Set(["a", "b", "c"]) });
    check("a b c", "forget-nomination d", { nominated: new Set(["a", "b", "c", "d"]) });
  });

  test("keeps its promises in two hundred made-up lives", (context) => {
    const first = Math.floor(Math.random() * 1e9);
    context.diagnostic(`seeds ${first} to ${first + 199}`);
    for (let seed = first; seed < first + 200; seed += 1) simulate(seed);
  });
});
