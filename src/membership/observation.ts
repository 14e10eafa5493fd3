// SPDX-License-Identifier: Apache-2.0
// What is known of the servers of the store by the one who decides: asks each of them, and remembers when it has heard of
// whom. All of it is forgotten when it ceases to decide.

import { Failure } from "../contract/failure.ts";
import type { Clock } from "../contract/host.ts";
import type { MembershipRecords } from "./records.ts";
import type { StoreMember, StoreServers, StoreServerStatus } from "./servers.ts";
import type { SeenVolunteer } from "./volunteers.ts";
import type { Member, World } from "./world.ts";

/** A member of the store with its host. */
export interface HostedMember extends StoreMember {
  readonly host: string;
}

/** Whoever is asked may take so long, or is silent. */
const answerMs = 1000;
/** A newcomer that lacks no more than this has caught up, if the store says so too. */
const mostBehind = 500;

export class Observation {
  readonly #servers: StoreServers;
  readonly #clock: Clock;
  readonly #sinceMs: number;
  /** By ids. */
  readonly #heardMs = new Map<string, number>();
  readonly #roleSinceMs = new Map<string, number>();

  constructor(servers: StoreServers, clock: Clock) {
    this.#servers = servers;
    this.#clock = clock;
    this.#sinceMs = clock.monotonicMs();
  }

  /** How each of them is now. `leader`: what the one says who decides. */
  async ask(
    members: readonly HostedMember[],
    leader: StoreServerStatus,
    leaving: { readonly wantsToLeave: (host: string) => boolean; readonly isGone: (host: string) => boolean },
    signal: AbortSignal,
  ): Promise<readonly Member[]> {
    const answers = await Promise.all(members.map((member) => this.#answerOf(member, signal)));
    const nowMs = this.#clock.monotonicMs();
    return members.map(({ id, host, isLearner }, at) => {
      const answer = id === leader.id ? leader : answers[at];
      // One that follows somebody else is of no use to us yet.
      if (answer?.id === id && answer.leader === leader.id) this.#heardMs.set(id, nowMs);
      const role = isLearner ? "learner" : "voter";
      const roleKey = `${role} ${id}`;
      const sinceMs = this.#roleSinceMs.get(roleKey) ?? nowMs;
      this.#roleSinceMs.set(roleKey, sinceMs);
      const heardMs = this.#heardMs.get(id);
      const silentSinceMs = Math.max(heardMs ?? 0, this.#sinceMs, heardMs === undefined ? sinceMs : 0);
      return {
        host,
        role,
        // Nobody waits for one of which a person has said that it has gone.
        silentMs: leaving.isGone(host) && heardMs !== nowMs ? Number.MAX_SAFE_INTEGER : nowMs - silentSinceMs,
        wasHeard: heardMs !== undefined,
        sinceMs: nowMs - sinceMs,
        isCaughtUp: heardMs === nowMs && leader.index - (answer?.index ?? 0) <= mostBehind,
        wantsToLeave: leaving.wantsToLeave(host),
      };
    });
  }

  async #answerOf({ clientUrls }: StoreMember, signal: AbortSignal): Promise<StoreServerStatus | undefined> {
    const limit = new AbortController();
    const cancel = this.#clock.after(answerMs, () => limit.abort());
    const bounded = AbortSignal.any([limit.signal, signal]);
    try {
      return await Promise.any(clientUrls.map((url) => this.#servers.status(url, bounded)));
    } catch (reason) {
      signal.throwIfAborted();
      const reasons: readonly unknown[] = reason instanceof AggregateError ? reason.errors : [reason];
      if (limit.signal.aborted || reasons.every((each) => each instanceof Failure)) return undefined;
      throw reason;
    } finally {
      cancel();
    }
  }
}

/** One that was never started has no name: it is known by its place. */
export function hostedMember(
  member: StoreMember,
  { nominated }: MembershipRecords,
  volunteers: readonly SeenVolunteer[],
): HostedMember {
  const isSame = (urls: readonly string[]): boolean => urls.some((url) => member.peerUrls.includes(url));
  const told = [...nominated].find(([, { id, serverUrls }]) =>
    id === undefined ? isSame(serverUrls) : id === member.id,
  );
  const offering = volunteers.find(({ offer }) => isSame(offer.serverUrls));
  const host = member.name === "" ? (told?.[0] ?? offering?.host ?? `server ${member.id}`) : member.name;
  return { ...member, host };
}

export function worldOf(
  members: readonly Member[],
  volunteers: readonly SeenVolunteer[],
  { nominated, setbacks, leaving }: MembershipRecords,
  { ideal, decider, nowMs }: { readonly ideal: number; readonly decider: string; readonly nowMs: number },
): World {
  const willing = volunteers.filter(({ host, offer }) => !offer.isLeaving && !leaving.has(host));
  return {
    ideal,
    decider,
    members,
    volunteers: willing.map(({ host, aliveMs, offer: { zone } }) => ({
      host,
      aliveMs,
      ...(zone === undefined ? {} : { zone }),
    })),
    nominated: new Set(nominated.keys()),
    setbacks: new Map(
      Array.from(setbacks, ([host, { count, atMs }]) => [host, { count, agoMs: Math.max(0, nowMs - atMs) }] as const),
    ),
  };
}
