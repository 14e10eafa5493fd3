// SPDX-License-Identifier: Apache-2.0
// A made-up life of a cluster, from a seed: hosts that come, leave, crash, are cut off and have slow disks, under a model of
// how etcd changes its members. It holds every change to the promises of decide.ts and throws when one is broken.
//
// The model: a change is made by the leader and needs a quorum of the members before it; a learner does not count for the
// quorum, and catches up only while it runs and reaches the leader; a leader knows of others what it has heard since its
// election. The leader may die between nomination and change, and between the decision and both.

import assert from "node:assert/strict";
import { decide, quorumOf } from "./decide.ts";
import { type Change, type Limits, usualLimits, type World } from "./world.ts";

export interface Life {
  readonly changes: number;
  /** There was a quorum when the quiet time began; else nothing could be done any more. */
  readonly hadQuorum: boolean;
  readonly voters: number;
}

interface SimulatedHost {
  readonly name: string;
  readonly zone: string | undefined;
  isUp: boolean;
  isGone: boolean;
  wantsToLeave: boolean;
  /** Undefined: its server never runs. */
  catchUpMs: number | undefined;
  side: number;
  /** Since when its session is there. */
  volunteeredMs: number | undefined;
  lastSeenMs: number;
}

interface ModelMember {
  role: "voter" | "learner";
  sinceMs: number;
  progressMs: number;
}

interface Operation {
  readonly change: Change;
  readonly world: World;
  readonly leader: string;
  readonly nominateMs: number;
  readonly doneMs: number;
  isNominated: boolean;
}

const sessionMs = 10_000;

export function simulate(seed: number, limits: Limits = usualLimits): Life {
  return new Simulation(seed, limits).run();
}

class Simulation {
  readonly #seed: number;
  readonly #limits: Limits;
  readonly #random: () => number;
  readonly #hosts = new Map<string, SimulatedHost>();
  readonly #members = new Map<string, ModelMember>();
  readonly #nominated = new Set<string>();
  readonly #setbacks = new Map<string, { count: number; atMs: number }>();
  /** By the leader, since its election at `#electedMs`. */
  readonly #heardMs = new Map<string, number>();
  #electedMs = 0;
  #ideal = 5;
  #nowMs = 0;
  #leader: string | undefined;
  #operation: Operation | undefined;
  #isQuiet = false;
  #isShutDown = false;
  #changes = 0;
  readonly #log: string[] = [];

  constructor(seed: number, limits: Limits) {
    this.#seed = seed;
    this.#limits = limits;
    this.#random = randomFrom(seed);
    const count = 1 + this.#upTo(9);
    for (let each = 0; each < count; each += 1) this.#join();
    this.#ideal = this.#random() < 0.7 ? 5 : 1 + this.#upTo(8);
    const [first] = this.#hosts.keys();
    this.#host(first ?? "").catchUpMs ??= 1000;
    this.#members.set(first ?? "", { role: "voter", sinceMs: 0, progressMs: 0 });
    this.#nominated.add(first ?? "");
  }

  run(): Life {
    try {
      const wildMs = 300_000 + this.#upTo(1_500_000);
      let nextFaultMs = 0;
      while (this.#nowMs < wildMs && !this.#isShutDown) {
        if (this.#nowMs >= nextFaultMs) {
          this.#fault();
          nextFaultMs = this.#nowMs + this.#upTo(this.#random() < 0.3 ? 4_000 : 120_000);
        }
        this.#step(Math.min(nextFaultMs, wildMs) - this.#nowMs);
      }
      return this.#isShutDown ? this.#end() : this.#rest();
    } catch (reason) {
      const story = this.#log.slice(-40).join("\n");
      throw new Error(`seed ${this.#seed}: ${reason instanceof Error ? reason.message : ""}\n${story}`, {
        cause: reason,
      });
    }
  }

  /** All that still live are whole and reach each other, for long. */
  #rest(): Life {
    this.#isQuiet = true;
    for (const host of this.#hosts.values()) {
      host.side = 0;
      if (!host.isUp && !host.isGone && this.#random() < 0.6) host.isUp = true;
      if (host.catchUpMs !== undefined) host.catchUpMs = Math.min(host.catchUpMs, 60_000);
    }
    this.#note("quiet");
    this.#elect();
    const hadQuorum = this.#leader !== undefined;
    const until = (ms: number): void => {
      const endMs = this.#nowMs + ms;
      while (this.#nowMs < endMs && !this.#isShutDown) this.#step(endMs - this.#nowMs);
    };
    until(3_600_000);
    if (this.#isShutDown) return this.#end();
    // Hosts whose server never runs are tried again, ever more rarely; without any, nothing may happen any more.
    const hasBroken = [...this.#hosts.values()].some(({ isUp, catchUpMs }) => isUp && catchUpMs === undefined);
    const before = this.#changes;
    until(3_600_000);
    const mostTries = hasBroken ? 4 * this.#hosts.size * 6 : 0;
    assert.ok(this.#changes - before <= mostTries, `${this.#changes - before} changes in an hour of rest`);
    if (hadQuorum && !hasBroken) this.#checkEnd();
    return { changes: this.#changes, hadQuorum, voters: this.#voters().length };
  }

  /** It was ended, by the last one that kept it. */
  #end(): Life {
    return { changes: this.#changes, hadQuorum: true, voters: 1 };
  }

  #checkEnd(): void {
    const voters = this.#voters();
    const dead = voters.filter((name) => !this.#isRunning(name));
    const willing = [...this.#hosts.values()].filter(({ isUp, wantsToLeave }) => isUp && !wantsToLeave);
    const most = Math.max(1, Math.min(this.#ideal, willing.length));
    const wanted = most % 2 === 0 ? most - 1 : most;
    if (dead.length === 0) {
      assert.notEqual(this.#ideal, 0, "none are wanted, and the store was not ended");
      // The last one stays although its host wants to go.
      assert.equal(voters.length, wanted, `${wanted} voters are wanted, there are ${voters.join()}`);
      if (willing.length > 0)
        assert.ok(
          voters.every((name) => !this.#host(name).wantsToLeave),
          "who wants to leave has left",
        );
      return;
    }
    assert.equal(dead.length, 1, "of the dead, one at the most is left");
    assert.equal(voters.length % 2, 1, "and the others survive no more without it");
    const spare = willing.filter(({ name }) => !voters.includes(name));
    assert.ok(spare.length === 0 || voters.length - 1 >= wanted, "and there is nobody to replace it");
    assert.ok(voters.length <= most + 1);
  }

  // ---- Time ----

  #step(mostMs: number): void {
    this.#elect();
    this.#hear();
    let stepMs = Math.min(mostMs, 5_000);
    if (this.#operation !== undefined) {
      this.#operate(this.#operation);
      stepMs = Math.min(stepMs, 500);
    } else if (this.#leader !== undefined) {
      const world = this.#worldOf(this.#leader);
      const { change, lookAgainMs } = decide(world, this.#limits);
      if (change !== undefined) this.#begin(change, world, this.#leader);
      stepMs = Math.min(stepMs, change === undefined ? (lookAgainMs ?? stepMs) : 500);
    }
    this.#pass(Math.max(1, stepMs));
  }

  #pass(ms: number): void {
    this.#nowMs += ms;
    for (const [name, member] of this.#members) {
      if (member.role === "learner" && this.#isRunning(name) && this.#reaches(this.#leader, name)) member.progressMs += ms;
    } // biome-ignore format: one line
  }

  #elect(): void {
    const voters = this.#voters();
    const hasQuorum = (name: string): boolean =>
      this.#isRunning(name) && voters.filter((other) => this.#reaches(name, other)).length >= quorumOf(voters.length);
    if (this.#leader !== undefined && voters.includes(this.#leader) && hasQuorum(this.#leader)) return;
    const able = voters.filter(hasQuorum);
    const former = this.#leader;
    this.#leader = able[this.#upTo(able.length - 1)];
    if (this.#leader === former) return;
    this.#beginToHear();
    this.#note(`leader ${this.#leader}`);
  }

  #beginToHear(): void {
    this.#heardMs.clear();
    this.#electedMs = this.#nowMs;
  }

  #hear(): void {
    for (const name of this.#members.keys())
      if (this.#reaches(this.#leader, name)) this.#heardMs.set(name, this.#nowMs);
    for (const host of this.#hosts.values()) {
      const isSeen = host.isUp && this.#leader !== undefined && this.#host(this.#leader).side === host.side;
      if (isSeen) {
        host.lastSeenMs = this.#nowMs;
        if (!host.wantsToLeave) host.volunteeredMs ??= this.#nowMs;
      }
      if (host.wantsToLeave || this.#nowMs - host.lastSeenMs > sessionMs) host.volunteeredMs = undefined;
    }
  }

  #worldOf(leader: string): World {
    return {
      ideal: this.#ideal,
      decider: leader,
      members: [...this.#members].map(([host, { role, sinceMs, progressMs }]) => ({
        host,
        role,
        silentMs: this.#nowMs - Math.max(this.#heardMs.get(host) ?? 0, this.#electedMs, sinceMs),
        wasHeard: this.#heardMs.has(host),
        sinceMs: this.#nowMs - sinceMs,
        isCaughtUp: progressMs >= (this.#host(host).catchUpMs ?? Number.POSITIVE_INFINITY),
        wantsToLeave: this.#host(host).wantsToLeave,
      })),
      volunteers: [...this.#hosts.values()].flatMap(({ name, zone, volunteeredMs }) =>
        volunteeredMs === undefined
          ? []
          : [{ host: name, aliveMs: this.#nowMs - volunteeredMs, ...(zone === undefined ? {} : { zone }) }],
      ),
      nominated: new Set(this.#nominated),
      setbacks: new Map([...this.#setbacks].map(([host, { count, atMs }]) => [host, { count, agoMs: this.#nowMs - atMs }])),
    }; // biome-ignore format: one line
  }

  // ---- Changes ----

  #begin(change: Change, world: World, leader: string): void {
    this.#note(`${leader} decides ${change.do} ${change.host}: ${change.because}`);
    const nominateMs = this.#nowMs + this.#upTo(1000);
    const doneMs = nominateMs + this.#upTo(this.#random() < 0.1 ? 8000 : 1500);
    this.#operation = { change, world, leader, nominateMs, doneMs, isNominated: false };
  }

  #operate(operation: Operation): void {
    const { change, leader, nominateMs, doneMs, isNominated } = operation;
    if (leader !== this.#leader) {
      this.#operation = undefined; // It died or lost its place on the way.
      return;
    }
    if (!isNominated && this.#nowMs >= nominateMs) {
      operation.isNominated = true;
      if (change.do === "add-learner" || change.do === "nominate") this.#nominated.add(change.host);
      if (change.do === "remove" || change.do === "forget-nomination") this.#nominated.delete(change.host);
    }
    if (this.#nowMs < doneMs) return;
    this.#operation = undefined;
    this.#changes += 1;
    this.#make(operation);
  }

  #make({ change, world, leader }: Operation): void {
    const before = this.#voters();
    switch (change.do) {
      case "add-learner":
        assert.ok(!this.#members.has(change.host));
        this.#members.set(change.host, { role: "learner", sinceMs: this.#nowMs, progressMs: 0 });
        this.#heardMs.delete(change.host);
        break;
      case "promote": {
        const member = this.#members.get(change.host);
        assert.equal(member?.role, "learner");
        this.#members.set(change.host, { role: "voter", sinceMs: this.#nowMs, progressMs: 0 });
        this.#setbacks.delete(change.host);
        break;
      }
      case "remove":
        assert.notEqual(change.host, leader, "nobody decides its own removal");
        assert.ok(this.#members.delete(change.host));
        if (change.isSetback) {
          const count = (this.#setbacks.get(change.host)?.count ?? 0) + 1;
          this.#setbacks.set(change.host, { count, atMs: this.#nowMs });
        }
        break;
      case "shut-down":
        assert.equal(world.ideal, 0, "nobody ends a store that is wanted");
        assert.deepEqual([...this.#members.keys()], [leader], "the last one ends it");
        this.#isShutDown = true;
        break;
      case "hand-over":
        assert.ok(before.includes(change.host));
        if (this.#isRunning(change.host) && this.#reaches(leader, change.host)) {
          this.#leader = change.host;
          this.#beginToHear();
        }
        break;
      default:
        break;
    }
    assert.ok([...this.#members.values()].filter(({ role }) => role === "learner").length <= 1, "one learns at a time");
    const after = this.#voters();
    assert.ok(Math.abs(after.length - before.length) <= 1, "one change at a time");
    this.#checkQuorum(before, after, world, leader);
  }

  /** What was known when it was decided may be old by then: one host may have failed unnoticed. */
  #checkQuorum(before: readonly string[], after: readonly string[], world: World, leader: string): void {
    const failed = world.members.filter(
      ({ host, silentMs, wasHeard }) =>
        wasHeard && silentMs <= this.#limits.heardWithinMs && !this.#reaches(leader, host),
    );
    const mostFailed = Math.min(before.length, after.length) >= 3 ? 1 : 0;
    if (failed.length > mostFailed) return;
    const reached = after.filter((name) => this.#reaches(leader, name)).length;
    assert.ok(reached >= quorumOf(after.length), `${reached} of ${after.length} voters are no quorum after a change`);
  }

  // ---- Faults ----

  #fault(): void {
    const names = [...this.#hosts.keys()];
    const host = this.#host(names[this.#upTo(names.length - 1)] ?? "");
    const kind = this.#upTo(11);
    this.#note(`fault ${kind} ${host.name}`);
    if (kind <= 2) host.isUp = false;
    else if (kind <= 4) host.isUp = !host.isGone;
    else if (kind === 5) for (const each of this.#hosts.values()) each.side = this.#upTo(1);
    else if (kind === 6) for (const each of this.#hosts.values()) each.side = 0;
    else if (kind === 7) host.side = host.side === 0 ? 1 : 0;
    else if (kind === 8) this.#join();
    else if (kind === 9) host.wantsToLeave = this.#random() < 0.7;
    else if (kind === 10) this.#ideal = this.#random() < 0.1 ? 0 : 1 + this.#upTo(8);
    else host.catchUpMs = this.#someCatchUpMs();
    if (kind === 2 && this.#random() < 0.3) host.isGone = true;
  }

  #join(): void {
    if (this.#hosts.size >= 14) return;
    const name = `h${this.#hosts.size}`;
    const zone = this.#random() < 0.5 ? undefined : `z${this.#upTo(2)}`;
    const catchUpMs = this.#someCatchUpMs();
    const session = { volunteeredMs: undefined, lastSeenMs: this.#nowMs };
    this.#hosts.set(name, { name, zone, isUp: true, isGone: false, wantsToLeave: false, catchUpMs, side: 0, ...session });
  } // biome-ignore format: one line

  #someCatchUpMs(): number | undefined {
    const chance = this.#random();
    if (chance < 0.05) return undefined;
    return chance < 0.2 ? this.#upTo(400_000) : this.#upTo(20_000);
  }

  // ---- What is so ----

  #voters(): readonly string[] {
    return [...this.#members].filter(([, { role }]) => role === "voter").map(([name]) => name);
  }

  /** A voter has run before, so it runs again with its host; a newcomer runs when it was told to. */
  #isRunning(name: string): boolean {
    const member = this.#members.get(name);
    const { isUp, catchUpMs } = this.#host(name);
    if (member === undefined || !isUp) return false;
    return member.role === "voter" || (catchUpMs !== undefined && this.#nominated.has(name));
  }

  #reaches(from: string | undefined, to: string): boolean {
    return from !== undefined && this.#isRunning(to) && this.#host(from).side === this.#host(to).side;
  }

  #host(name: string): SimulatedHost {
    const host = this.#hosts.get(name);
    assert.ok(host !== undefined);
    return host;
  }

  #upTo(most: number): number {
    return Math.floor(this.#random() * (most + 1));
  }

  #note(text: string): void {
    const members = [...this.#members].map(([name, { role }]) => `${name}${role === "learner" ? "?" : ""}${this.#isRunning(name) ? "" : "!"}`); // biome-ignore format: one line
    this.#log.push(`${(this.#nowMs / 1000).toFixed(1)} ${this.#isQuiet ? "quiet " : ""}[${members.join(" ")}] of ${this.#ideal}: ${text}`); // biome-ignore format: one line
    if (this.#log.length > 200) this.#log.splice(0, 100);
  }
}

/** Mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
