// SPDX-License-Identifier: Apache-2.0
// Waves: decided as cases, and gone through by simulated hosts that share a store.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { DeployRecord, RolloutPlan, StoredDeploy } from "./deploy-record.ts";
import { collect, type FleetHost, never, withFleet } from "./fleet.test-support.ts";
import { matchesName } from "./name-pattern.ts";
import {
  chooseDeploy,
  type HostInRollout,
  type HostReport,
  isIn,
  nextState,
  placeOf,
  type RolloutState,
  splayOf,
} from "./rollout.ts";

const usual: RolloutPlan = {
  waves: [{ hosts: 1 }, { percent: 50 }],
  first: [],
  splayMs: 0,
  soakMs: 5_000,
  patienceMs: 60_000,
  mayFail: 0,
};

function recordOf(plan: Partial<RolloutPlan> = {}, id = 2): DeployRecord & { readonly rollout: RolloutPlan } {
  const settings = { noop: false, autoedges: true, autogroups: true };
  const rollout = { ...usual, ...plan };
  return { id, bundle: "0".repeat(64), frontend: "mcl", name: "site", settings, atMs: 0, by: "you", rollout };
}

const names = Array.from({ length: 10 }, (_, at) => `web${at}`);

function hostsWith(report: (host: string) => HostReport | undefined, ageMs = 10_000): readonly HostInRollout[] {
  return names.map((host) => {
    const given = report(host);
    return { host, isAlive: true, ageMs, ...(given === undefined ? {} : { report: given }) };
  });
}

const inside = (record: DeployRecord, state: RolloutState): readonly string[] =>
  names.filter((host) => isIn(record, state, host));

test("a wave begins when all of the one before are well for long enough", () => {
  const record = recordOf();
  const sizes: number[] = [];
  let state = nextState(record, undefined, hostsWith(() => undefined), 0); // biome-ignore format: one line
  for (let stage = 0; state?.state === "running"; stage += 1) {
    const present: RolloutState = state;
    sizes.push(inside(record, present).length);
    assert.equal(
      nextState(
        record,
        present,
        hostsWith(() => undefined),
        1000,
      ),
      undefined,
      "nobody has it yet",
    );
    const report = (now: HostReport["state"]) => (host: string) =>
      isIn(record, present, host) ? ({ deploy: 2, state: now } as const) : undefined;
    assert.equal(nextState(record, present, hostsWith(report("starting")), 1000), undefined);
    assert.equal(nextState(record, present, hostsWith(report("well"), 4_999), 1000), undefined, "not for long enough");
    state = nextState(record, present, hostsWith(report("well")), 1000);
  }
  assert.deepEqual(sizes, [1, 5, 10]);
  assert.equal(state?.state, "done");
});

test("a rollout stops when a host refuses, is unwell for long, is lost, or takes too long", () => {
  const record = recordOf();
  const state = nextState(record, undefined, hostsWith(() => undefined), 0) as RolloutState; // biome-ignore format: one line
  const [canary = ""] = inside(record, state);
  const judge = (host: Partial<HostInRollout>, stageMs = 1000) => {
    const hosts = hostsWith(() => undefined).map((each) => (each.host === canary ? { ...each, ...host } : each));
    const next = nextState(record, state, hosts, stageMs);
    return next === undefined ? "goes on" : `${next.state}: ${next.why}`;
  };
  const report = (now: HostReport["state"], why?: string) => ({ deploy: 2, state: now, ...(why && { why }) });
  assert.equal(
    judge({ report: report("refused", "no such kind") }),
    `stopped: it has failed on ${canary} (no such kind)`,
  );
  assert.equal(judge({ report: report("unwell"), ageMs: 4_000 }), "goes on", "it may mend itself");
  assert.equal(judge({ report: report("unwell", "disk full") }), `stopped: it has failed on ${canary} (disk full)`);
  assert.equal(
    judge({ report: report("starting"), isAlive: false }),
    `stopped: it has failed on ${canary} (it is lost)`,
  );
  assert.equal(judge({}, 60_001), `stopped: it was not well in time on ${canary}`);
  const other = { ...report("unwell"), deploy: 1 };
  assert.equal(judge({ report: other }), "goes on", "that is of the deploy before");
});

test("some hosts may fail when the plan says so", () => {
  const record = recordOf({ waves: [{ percent: 100 }], mayFail: 2 });
  const state: RolloutState = { stage: 0, upTo: 1, state: "running" };
  const failing = (count: number) =>
    hostsWith((host) => ({ deploy: 2, state: Number(host.slice(3)) < count ? "refused" : "well" }));
  assert.equal(nextState(record, state, failing(2), 0)?.state, "done");
  assert.equal(nextState(record, state, failing(3), 0)?.state, "stopped");
});

test("hosts that are named come first, and alone", () => {
  const record = recordOf({ first: ["web7", "db*"] });
  const state = nextState(record, undefined, hostsWith(() => undefined), 0) as RolloutState; // biome-ignore format: one line
  assert.deepEqual(inside(record, state), ["web7"]);
  const absent = recordOf({ first: ["db*"] });
  assert.equal(
    nextState(
      absent,
      undefined,
      hostsWith(() => undefined),
      0,
    )?.stage,
    1,
    "nobody has such a name",
  );
});

test("a host runs the newest deploy that it is in, and goes back from one that was stopped", () => {
  const stored = (record: DeployRecord): StoredDeploy => ({ record, text: "" });
  const { rollout: _, ...plain } = recordOf({}, 1);
  const deploys = [stored(plain), stored(recordOf({}, 2))];
  const choose = (state: RolloutState | undefined) =>
    chooseDeploy(deploys, new Map(state === undefined ? [] : [[2, state]]), "web0")?.record.id;
  assert.equal(choose(undefined), 1, "it has not begun");
  assert.equal(choose({ stage: 0, upTo: -1, state: "running" }), 1);
  assert.equal(choose({ stage: 0, upTo: 1, state: "running" }), 2);
  assert.equal(choose({ stage: 0, upTo: 0, state: "done" }), 2);
  assert.equal(choose({ stage: 0, upTo: 1, state: "stopped" }), 1);
});

test("places are spread evenly, and others come first each time", () => {
  const many = Array.from({ length: 10_000 }, (_, at) => `host-${at}.example.org`);
  const share = many.filter((host) => placeOf(1, host) < 0.1).length / many.length;
  assert.ok(share > 0.09 && share < 0.11, `${share}`);
  const both = many.filter((host) => placeOf(1, host) < 0.1 && placeOf(2, host) < 0.1).length / many.length;
  assert.ok(both < 0.02, `${both}`);
  const record = recordOf({ splayMs: 10_000 });
  const waits = many.map((host) => splayOf(record, host));
  assert.ok(Math.min(...waits) < 100 && Math.max(...waits) > 9_900 && Math.max(...waits) <= 10_000);
});

test("a pattern names hosts", () => {
  for (const [pattern, name, expected] of [
    ["web1", "web1", true],
    ["web1", "web10", false],
    ["web*", "web10", true],
    ["*", "", true],
    ["*.example.org", "a.example.org", true],
    ["a*b*c", "a-b-b-c", true],
    ["a*b*c", "abc", true],
    ["a*bb*c", "abc", false],
    ["ab*ba", "aba", false],
  ] as const) {
    assert.equal(matchesName(pattern, name), expected, `${pattern} ${name}`);
  }
});

// ---- In a store ----

async function publish(host: FleetHost, rollout: RolloutPlan | undefined): Promise<void> {
  const { id: _, rollout: __, ...record } = recordOf();
  const plan = rollout === undefined ? {} : { rollout };
  await host.exchange.deploys.publish(
    { record: { ...record, ...plan }, manifest: "", contents: new Map(), checksParent: false },
    never(),
  );
}

/** Takes what it is to run, and says that it is well, or what `fares` says. */
function agent(host: FleetHost, fares: (deploy: number) => HostReport["state"] = () => "well"): { runs: number[] } {
  const runs: number[] = [];
  const { rollouts } = host.exchange;
  host.exchange.announce();
  const follow = async (): Promise<void> => {
    for await (const { chosen } of rollouts.follow(host.signal)) {
      const deploy = chosen?.record.id ?? 0;
      if (deploy === (runs.at(-1) ?? 0)) continue;
      runs.push(deploy);
      await rollouts.report({ deploy, state: fares(deploy) }, host.signal).catch(() => {});
    }
  };
  follow().catch(() => {});
  rollouts.judge(host.signal).catch(() => {});
  return { runs };
}

test("hosts go through the waves, also when the one that judges is lost on the way", () =>
  withFleet(async (fleet) => {
    const hosts = names.slice(0, 4).map((name) => fleet.start(name));
    const agents = hosts.map((host) => agent(host));
    const watcher = fleet.start("laptop");
    await publish(watcher, undefined);
    await fleet.settle();
    assert.deepEqual(agents.map(({ runs }) => runs), [[1], [1], [1], [1]]); // biome-ignore format: one line
    const seen = collect(watcher.exchange.rollouts.follow(watcher.signal));
    await publish(watcher, usual);
    await fleet.settle();
    const having = () => agents.filter(({ runs }) => runs.at(-1) === 2).length;
    assert.equal(having(), 1);
    await fleet.clock.advance(4_000);
    assert.equal(having(), 1);
    const judge = await watcher.door.read({ key: "/_mgmt/rollout-judge" }, never());
    const name = (JSON.parse(judge.entries[0]?.value ?? "{}") as { host: string }).host;
    const lost = hosts.find((host) => host.name === name);
    const canary = agents.findIndex(({ runs }) => runs.at(-1) === 2);
    if (lost !== hosts[canary]) {
      lost?.crash();
      await fleet.clock.advance(30_000);
      assert.ok(having() >= 3, `another one judges: ${having()}`);
    }
    await fleet.clock.advance(60_000);
    await fleet.settle();
    assert.equal(seen.last?.states.get(2)?.state, "done");
  }));

test("a deploy that is unwell on the first host goes no further, and that host goes back", () =>
  withFleet(async (fleet) => {
    const agents = names.slice(0, 5).map((name) => agent(fleet.start(name), (deploy) => (deploy === 2 ? "unwell" : "well"))); // biome-ignore format: one line
    const watcher = fleet.start("laptop");
    await publish(watcher, undefined);
    await publish(watcher, usual);
    await fleet.settle();
    await fleet.clock.advance(120_000);
    await fleet.settle();
    const seen = collect(watcher.exchange.rollouts.follow(watcher.signal));
    await fleet.settle();
    const state = seen.last?.states.get(2);
    assert.equal(state?.state, "stopped");
    assert.match(state?.why ?? "", /it has failed on web\d/);
    assert.equal(agents.filter(({ runs }) => runs.includes(2)).length, 1);
    assert.deepEqual(agents.map(({ runs }) => runs.at(-1)), [1, 1, 1, 1, 1]); // biome-ignore format: one line
  }));

test("somebody may stop it", () =>
  withFleet(async (fleet) => {
    const agents = names.slice(0, 3).map((name) => agent(fleet.start(name)));
    const watcher = fleet.start("laptop");
    await publish(watcher, undefined);
    await publish(watcher, usual);
    await fleet.settle();
    assert.equal(await watcher.exchange.rollouts.stop(2, "no", never()), true);
    await fleet.clock.advance(60_000);
    assert.deepEqual(agents.map(({ runs }) => runs.at(-1)), [1, 1, 1]); // biome-ignore format: one line
    assert.equal(await watcher.exchange.rollouts.stop(2, "no", never()), false);
  }));
