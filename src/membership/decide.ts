// SPDX-License-Identifier: Apache-2.0
// Who is to keep the store: from the present state of the world to at most one change of its members.
//
// - Never a change after which the voters that answer are no quorum, even if the newcomer fails at once. One voter
//   becomes two, and two become one, only on the way to or from three.
// - A newcomer learns first, and votes when it has caught up. One learns at a time.
// - An odd number of voters: an even one survives no more failures than the odd one below it.
// - A silent voter goes when its replacement has caught up, or when the others survive more without it.
// - Nobody decides its own removal. When none are wanted, the last one ends its server and remains a member.

import type { Change, Decision, Limits, Member, Volunteer, World } from "./world.ts";

export function decide(world: World, limits: Limits): Decision {
  const change = new Judgement(world, limits).change();
  const lookAgainMs = nextTime(world, limits);
  return { ...(change === undefined ? {} : { change }), ...(lookAgainMs === undefined ? {} : { lookAgainMs }) };
}

export function quorumOf(voters: number): number {
  return Math.floor(voters / 2) + 1;
}

class Judgement {
  readonly #world: World;
  readonly #limits: Limits;
  readonly #voters: readonly Member[];
  readonly #learner: Member | undefined;
  readonly #answering: readonly Member[];

  constructor(world: World, limits: Limits) {
    this.#world = world;
    this.#limits = limits;
    this.#voters = world.members.filter(({ role }) => role === "voter");
    this.#learner = world.members.find(({ role }) => role === "learner");
    this.#answering = this.#voters.filter((member) => this.#answers(member));
  }

  change(): Change | undefined {
    // Without a quorum nothing can be changed, and without its decider nothing is known.
    if (this.#answering.length < quorumOf(this.#voters.length)) return undefined;
    if (!this.#voters.some(({ host }) => host === this.#world.decider)) return undefined;
    return this.#putRight() ?? (this.#learner === undefined ? this.#next() : this.#judge(this.#learner));
  }

  /** What was broken off between a nomination and the configuration. */
  #putRight(): Change | undefined {
    const { nominated, members } = this.#world;
    // Of a learner that has lost its nomination, only the removal was not finished.
    for (const { host, role } of members) {
      if (nominated.has(host)) continue;
      if (role === "learner") return { do: "remove", host, isSetback: false, because: "its removal was broken off" };
      return { do: "nominate", host, because: "it is a member already" };
    }
    const hosts = new Set(members.map(({ host }) => host));
    for (const host of sorted(nominated)) {
      if (!hosts.has(host)) return { do: "forget-nomination", host, because: "it did not become a member" };
    }
    return undefined;
  }

  // ---- While somebody learns ----

  #judge(learner: Member): Change | undefined {
    const { host, isCaughtUp, sinceMs, silentMs, wantsToLeave } = learner;
    const remove = (because: string): Change => ({ do: "remove", host, isSetback: !wantsToLeave, because });
    if (wantsToLeave) return remove("its host wants to go");
    if (silentMs > this.#limits.replaceAfterMs) return remove("nothing is heard of it");
    if (sinceMs > this.#limits.learnerMs) return remove("it did not catch up in time");
    if (!isCaughtUp || !this.#answers(learner)) return undefined;
    const silent = this.#longSilent();
    const isReplacement = silent !== undefined || this.#quitter() !== undefined;
    // What is silent makes room first, so that the newcomer never raises the quorum above what answers.
    if (silent !== undefined && this.#mayGo(silent)) return this.#removal(silent);
    if (!isReplacement && this.#voters.length >= this.#target(1)) return remove("there are enough without it");
    if (this.#mayCome()) return { do: "promote", host, because: "it has caught up" };
    return undefined;
  }

  /** Whether the voters that answer are a quorum with one more voter that fails at once. */
  #mayCome(): boolean {
    const voters = this.#voters.length + 1;
    if (voters === 2) return this.#candidates().length > 0 || this.#quitter() !== undefined;
    return this.#answering.length >= quorumOf(voters);
  }

  // ---- While nobody learns ----

  #next(): Change | undefined {
    const voters = this.#voters.length;
    const silent = this.#longSilent();
    const quitter = this.#quitter();
    const [candidate] = this.#candidates();
    const add = (because: string): Change | undefined =>
      candidate === undefined ? undefined : { do: "add-learner", host: candidate.host, because };

    if (silent !== undefined) {
      if (this.#staying().length < this.#target(0)) {
        const replacement = add(`${silent.host} is silent`);
        if (replacement !== undefined) return replacement;
      }
      if ((silent.wantsToLeave || this.#isBetterWithout()) && this.#mayGo(silent)) return this.#removal(silent);
      return undefined;
    }
    if (quitter !== undefined) {
      const replacement = this.#staying().length < this.#target(0) ? add(`${quitter.host} wants to go`) : undefined;
      return replacement ?? this.#leave(quitter);
    }
    const target = this.#target(0);
    if (voters < target) return add(`${target} are wanted`);
    if (voters > target) return this.#surplus(target);
    if (this.#world.ideal === 0 && voters === 1) {
      return { do: "shut-down", host: this.#world.decider, because: "none are wanted" };
    }
    return undefined;
  }

  #surplus(target: number): Change | undefined {
    // One that is silent for a moment may be back soon; until then nothing is known of what it leaves.
    if (this.#answering.length < this.#voters.length) return undefined;
    const one = this.#voters
      .filter(({ host }) => host !== this.#world.decider)
      .sort((left, right) => this.#crowd(right.host) - this.#crowd(left.host) || left.sinceMs - right.sinceMs || byText(left.host, right.host))[0]; // biome-ignore format: one line
    if (one === undefined || !this.#mayGo(one)) return undefined;
    return { do: "remove", host: one.host, isSetback: false, because: `${target} are wanted` };
  }

  #leave(quitter: Member): Change | undefined {
    if (this.#voters.length === 1) return undefined; // What it keeps would be lost.
    if (quitter.host === this.#world.decider) {
      const heir = this.#answering.filter(({ wantsToLeave }) => !wantsToLeave).sort((left, right) => byText(left.host, right.host))[0]; // biome-ignore format: one line
      if (heir === undefined) return undefined;
      return { do: "hand-over", host: heir.host, because: "its host wants to go" };
    }
    if (!this.#mayGo(quitter)) return undefined;
    return { do: "remove", host: quitter.host, isSetback: false, because: "its host wants to go" };
  }

  #removal({ host, silentMs, wantsToLeave }: Member): Change {
    if (wantsToLeave) return { do: "remove", host, isSetback: false, because: "its host has gone" };
    const seconds = Math.round(silentMs / 1000);
    return { do: "remove", host, isSetback: false, because: `nothing was heard of it for ${seconds} s` };
  }

  /** Whether those that answer are a quorum without it. */
  #mayGo(voter: Member): boolean {
    if (voter.host === this.#world.decider || this.#voters.length === 1) return false;
    const left = this.#answering.length - (this.#answers(voter) ? 1 : 0);
    return left >= quorumOf(this.#voters.length - 1);
  }

  // ---- What is so ----

  #answers({ silentMs, wasHeard }: Member): boolean {
    return wasHeard && silentMs <= this.#limits.heardWithinMs;
  }

  #longSilent(): Member | undefined {
    return this.#voters
      .filter(({ silentMs }) => silentMs > this.#limits.replaceAfterMs)
      .sort((left, right) => right.silentMs - left.silentMs || byText(left.host, right.host))[0];
  }

  /** Those that others are removed before: the decider goes last. */
  #quitter(): Member | undefined {
    const { decider } = this.#world;
    return this.#answering
      .filter(({ wantsToLeave }) => wantsToLeave)
      .sort(
        (left, right) =>
          Number(left.host === decider) - Number(right.host === decider) || byText(left.host, right.host),
      )[0];
  }

  /** Voters that are neither lost nor about to go. */
  #staying(): readonly Member[] {
    return this.#voters.filter(
      ({ silentMs, wantsToLeave }) => silentMs <= this.#limits.replaceAfterMs && !wantsToLeave,
    );
  }

  /**
   * Without one of the silent voters, the others survive more failures, or as many with one host less; or it is
   * one too many, or stands in the way of one that wants to go.
   */
  #isBetterWithout(): boolean {
    if (this.#voters.length > oddUpTo(this.#world.ideal) || this.#quitter() !== undefined) return true;
    const silent = this.#voters.filter(({ silentMs }) => silentMs > this.#limits.replaceAfterMs).length;
    return this.#voters.length % 2 === 0 ? this.#voters.length > 2 : silent >= 2;
  }

  /**
   * How many voters there should be: not more than wanted, nor than there are hosts for, and an odd number. `learning`:
   * so many hosts more, which are not candidates any more.
   */
  #target(learning: number): number {
    const { ideal } = this.#world;
    const hosts = this.#staying().length + this.#candidates().length + learning;
    return oddUpTo(Math.min(ideal, hosts));
  }

  /** The best first: where the fewest voters are, then who has been alive for longest. */
  #candidates(): readonly Volunteer[] {
    const { volunteers, members } = this.#world;
    const hosts = new Set(members.map(({ host }) => host));
    return volunteers
      .filter(({ host, aliveMs }) => !hosts.has(host) && aliveMs >= this.#limits.steadyMs && !this.#isPaused(host))
      .toSorted(
        (left, right) =>
          this.#votersIn(left.zone) - this.#votersIn(right.zone) ||
          right.aliveMs - left.aliveMs ||
          byText(left.host, right.host),
      );
  }

  #isPaused(host: string): boolean {
    return pauseLeftMs(this.#world, host, this.#limits) > 0;
  }

  /** How many voters share the zone of this one. */
  #crowd(host: string): number {
    return this.#votersIn(this.#zoneOf(host));
  }

  #votersIn(zone: string | undefined): number {
    if (zone === undefined) return 0;
    return this.#staying().filter(({ host }) => this.#zoneOf(host) === zone).length;
  }

  #zoneOf(host: string): string | undefined {
    return this.#world.volunteers.find((volunteer) => volunteer.host === host)?.zone;
  }
}

function oddUpTo(count: number): number {
  return Math.max(1, count % 2 === 0 ? count - 1 : count);
}

// ---- Time ----

/** Until the first of the limits is passed by somebody. */
function nextTime({ members, volunteers, ...world }: World, limits: Limits): number | undefined {
  const times = [
    ...members.flatMap(({ role, silentMs, sinceMs }) => [
      ...(silentMs > 0 ? [limits.heardWithinMs - silentMs, limits.replaceAfterMs - silentMs] : []),
      ...(role === "learner" ? [limits.learnerMs - sinceMs] : []),
    ]),
    ...volunteers.map(({ aliveMs }) => limits.steadyMs - aliveMs),
    ...volunteers.map(({ host }) => pauseLeftMs({ members, volunteers, ...world }, host, limits)),
  ].filter((ms) => ms > 0);
  return times.length === 0 ? undefined : Math.min(...times) + 1;
}

function pauseLeftMs({ setbacks }: World, host: string, { pauseMs, longestPauseMs }: Limits): number {
  const setback = setbacks.get(host);
  if (setback === undefined) return 0;
  const pause = Math.min(pauseMs * 2 ** (setback.count - 1), longestPauseMs);
  return Math.max(0, pause - setback.agoMs);
}

function sorted(texts: Iterable<string>): readonly string[] {
  return [...texts].sort(byText);
}

function byText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
