// SPDX-License-Identifier: Apache-2.0
// Carries out who keeps the store. Every host that keeps it has one of these; only the one at work whose server leads the
// others, which holds the key of the executor with a session. All that it writes is on condition that it still holds it,
// all that it asks of the servers is put to its own, and stops with that session: so there is never a second one.
//
// A change is a few steps: the nomination, then the servers, then what follows from it. Whoever dies in between leaves what
// the next one understands: `decide` sees it as it is, and `#tidy` writes down what was not.

import type { Change as StoreChange, Revision, Session, Snapshot } from "../contract/cluster.ts";
import { Failure } from "../contract/failure.ts";
import type { Clock } from "../contract/host.ts";
import type { Connection } from "../exchange/connection.ts";
import { hostIn, seal } from "../exchange/envelope.ts";
import { readIdealSize, sizeIn } from "../exchange/ideal-size.ts";
import { endpointKey, executorKey, leavingKey, membershipPrefix, nominatedKey, setbackKey } from "../exchange/keys.ts";
import { decide } from "./decide.ts";
import { Lead } from "./lead.ts";
import { type HostedMember, hostedMember, Observation, worldOf } from "./observation.ts";
import { type MembershipRecords, recordsIn, renderNomination, renderSetback } from "./records.ts";
import type { StoreServers, StoreServerStatus } from "./servers.ts";
import type { Volunteers } from "./volunteers.ts";
import type { Change, Limits } from "./world.ts";

export interface ExecutorOptions {
  readonly hostname: string;
  readonly connection: Connection;
  readonly servers: StoreServers;
  /** Where the server of this host answers. */
  readonly ownUrl: string;
  readonly volunteers: Volunteers;
  readonly clock: Clock;
  readonly limits: Limits;
  /** No host is to keep the store any more, and this one is the last. */
  readonly onShutDown: () => void;
  /** A sentence worth keeping: what was changed, and why. */
  readonly onNews: (text: string) => void;
}

/** Others are asked so often how they are; by the one alone that decides. */
const roundMs = 1000;
const sessionMs = 10_000;
const resignMs = 500;

interface Office {
  readonly session: Session;
  /** That of the key that makes us the executor. */
  readonly held: Revision;
  readonly observation: Observation;
}

export class Executor {
  readonly #options: ExecutorOptions;
  readonly #own: StoreServers;
  #office: Office | undefined;
  readonly #lead: Lead;
  #lastNews = "";
  /** The store was as far when our server began. */
  #beganAt: Revision | undefined;

  constructor(options: ExecutorOptions) {
    this.#options = options;
    this.#own = options.servers.at(options.ownUrl);
    this.#lead = new Lead({ ...options, onNews: (text) => this.#tell(text) });
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    try {
      while (!signal.aborted) {
        try {
          await this.#round(signal);
        } catch (reason) {
          if (signal.aborted) break;
          // The store is away or somebody was faster: the next round sees how it is then.
          if (!(reason instanceof Failure) && this.#office?.session.over.aborted !== true) throw reason;
          if (reason instanceof Failure && reason.code !== "unreachable")
            this.#tell(`nothing was changed: ${reason.message}`);
        }
        await clock.sleep(roundMs, signal).catch(() => {});
      }
    } finally {
      await this.#resign();
    }
  }

  async #round(signal: AbortSignal): Promise<void> {
    const { connection } = this.#options;
    const status = await this.#own.status(this.#options.ownUrl, signal);
    this.#beganAt ??= (await connection.read({ prefix: membershipPrefix }, signal)).revision;
    if (status.isLearner || status.leader !== status.id) {
      await this.#resign();
      return this.#lead.take(status, await connection.read({ prefix: membershipPrefix }, signal), signal);
    }
    const office = await this.#enter(signal);
    if (office === undefined) return;
    await this.#decide(office, status, AbortSignal.any([signal, office.session.over]));
  }

  // ---- Being the executor ----

  /** Undefined: another one is it, whose session is not over yet, and who was not removed. */
  async #enter(signal: AbortSignal): Promise<Office | undefined> {
    const { connection, servers, clock, hostname } = this.#options;
    if (this.#office?.session.over.aborted === false) return this.#office;
    this.#office = undefined;
    const records = await connection.read({ prefix: membershipPrefix }, signal);
    const former = records.entries.find(({ key }) => key === executorKey);
    if (former !== undefined && !recordsIn(records.entries).leaving.has(hostIn(former.value))) return undefined;
    const session = await connection.openSession(sessionMs, signal);
    const put = { do: "put", key: executorKey, value: seal({ host: hostname }), session: session.id } as const;
    const { held, revision } = await connection.commit(
      { conditions: [{ key: executorKey, changed: former?.changed ?? 0 }], changes: [put] },
      signal,
    );
    if (held) this.#office = { session, held: revision, observation: new Observation(servers, clock) };
    else await session.end(signal);
    return this.#office;
  }

  async #resign(): Promise<void> {
    const office = this.#office;
    this.#office = undefined;
    if (office === undefined || office.session.over.aborted) return;
    const limit = new AbortController();
    const cancel = this.#options.clock.after(resignMs, () => limit.abort());
    await office.session.end(limit.signal).catch(() => office.session.leave()); // It goes after its time then.
    cancel();
  }

  // ---- Deciding ----

  async #decide(office: Office, leader: StoreServerStatus, signal: AbortSignal): Promise<void> {
    const { connection, volunteers, hostname, limits, clock } = this.#options;
    const [records, ideal, listed] = await Promise.all([
      connection.read({ prefix: membershipPrefix }, signal),
      readIdealSize(connection, signal),
      this.#own.list({ isExact: false }, signal),
    ]);
    if (!holds(records, office)) return this.#resign();
    const known = recordsIn(records.entries);
    const seen = volunteers.all;
    const members = listed.map((member) => hostedMember(member, known, seen));
    if (await this.#tidy(office, members, known, signal)) return;
    const isGone = (host: string): boolean => known.leaving.has(host);
    const wantsToLeave = (host: string): boolean => isGone(host) || volunteers.offerOf(host)?.isLeaving === true;
    const asked = await office.observation.ask(members, leader, { wantsToLeave, isGone }, signal);
    if (await this.#lead.giveUp(hostname, members, asked, { isGone }, signal)) return;
    const facts = { ideal: this.#wanted(sizeIn(ideal)), decider: hostname, nowMs: clock.now() };
    const { change } = decide(worldOf(asked, seen, known, facts), limits);
    if (change !== undefined) await this.#make(change, { office, members, known }, signal);
  }

  /** Whoever starts the last one again after the store was ended wants it again. */
  #wanted({ size, changed }: ReturnType<typeof sizeIn>): number {
    return size === 0 && changed <= (this.#beganAt ?? 0) ? 1 : size;
  }

  /** What a change leaves to be written down; true when there was something. */
  async #tidy(
    office: Office,
    members: readonly HostedMember[],
    { nominated, endpoints, leaving }: MembershipRecords,
    signal: AbortSignal,
  ): Promise<boolean> {
    const hosts = new Set(members.map(({ host }) => host));
    const changes: readonly StoreChange[] = [
      ...members.flatMap(({ host, id, peerUrls }): readonly StoreChange[] => {
        const told = nominated.get(host);
        if (told === undefined || told.id === id) return [];
        return [{ do: "put", key: nominatedKey(host), value: renderNomination({ serverUrls: peerUrls, id }) }];
      }),
      ...[...endpoints.keys()].filter((host) => !hosts.has(host)).map((host) => remove(endpointKey(host))),
      // Who has gone, and does not offer itself any more, may come back some day.
      ...[...leaving]
        .filter((host) => !hosts.has(host) && this.#options.volunteers.offerOf(host) === undefined)
        .map((host) => remove(leavingKey(host))),
    ];
    if (changes.length > 0) await this.#write(office, changes, signal);
    return changes.length > 0;
  }

  // ---- Changing ----

  async #make(
    change: Change,
    {
      office,
      members,
      known,
    }: { readonly office: Office; readonly members: readonly HostedMember[]; readonly known: MembershipRecords },
    signal: AbortSignal,
  ): Promise<void> {
    const { host } = change;
    const member = members.find((each) => each.host === host);
    this.#tell(sentenceOf(change));
    switch (change.do) {
      case "add-learner": {
        const serverUrls = this.#options.volunteers.offerOf(host)?.serverUrls;
        if (serverUrls !== undefined) await this.#add(office, host, serverUrls, known, signal);
        return;
      }
      case "promote":
        if (member !== undefined) await this.#own.promote(member.id, signal);
        if (known.setbacks.has(host)) await this.#write(office, [remove(setbackKey(host))], signal);
        return;
      case "remove": {
        const setback = change.isSetback ? [this.#setback(host, known)] : [];
        await this.#write(office, [remove(nominatedKey(host)), ...setback], signal);
        if (member !== undefined) await this.#own.remove(member.id, signal);
        if (known.endpoints.has(host)) await this.#write(office, [remove(endpointKey(host))], signal);
        return;
      }
      case "shut-down":
        return this.#options.onShutDown();
      case "hand-over":
        if (member !== undefined) await this.#own.moveLeader(this.#options.ownUrl, member.id, signal);
        return;
      case "nominate": {
        if (member === undefined) return;
        const value = renderNomination({ serverUrls: member.peerUrls, id: member.id });
        await this.#write(office, [{ do: "put", key: nominatedKey(host), value }], signal);
        return;
      }
      case "forget-nomination":
        await this.#write(office, [remove(nominatedKey(host))], signal);
    }
  }

  async #add(
    office: Office,
    host: string,
    serverUrls: readonly string[],
    known: MembershipRecords,
    signal: AbortSignal,
  ): Promise<void> {
    const nominate = (id?: string): StoreChange => ({
      do: "put",
      key: nominatedKey(host),
      value: renderNomination({ serverUrls, ...(id === undefined ? {} : { id }) }),
    });
    await this.#write(office, [nominate()], signal);
    try {
      const { added } = await this.#own.add(serverUrls, { isLearner: true }, signal);
      await this.#write(office, [nominate(added.id)], signal);
    } catch (reason) {
      // Its addresses are those of another one, or none at all: the same would come of it at once.
      const isItsFault = reason instanceof Failure && (reason.code === "exists" || reason.code === "invalid");
      if (isItsFault) await this.#write(office, [remove(nominatedKey(host)), this.#setback(host, known)], signal);
      throw reason;
    }
  }

  #setback(host: string, { setbacks }: MembershipRecords): StoreChange {
    const count = (setbacks.get(host)?.count ?? 0) + 1;
    return { do: "put", key: setbackKey(host), value: renderSetback({ count, atMs: this.#options.clock.now() }) };
  }

  /** Only as long as we are the executor. */
  async #write({ held }: Office, changes: readonly StoreChange[], signal: AbortSignal): Promise<void> {
    const conditions = [{ key: executorKey, changed: held }];
    const committed = await this.#options.connection.commit({ conditions, changes }, signal);
    if (committed.held) return;
    await this.#resign();
    throw new Failure("Another host decides now.", { code: "conflict", retry: "backoff" });
  }

  /** The same is tried again and again, and told once. */
  #tell(text: string): void {
    if (text !== this.#lastNews) this.#options.onNews(text);
    this.#lastNews = text;
  }
}

function holds({ entries }: Snapshot, { held }: Office): boolean {
  return entries.some(({ key, changed }) => key === executorKey && changed === held);
}

function remove(key: string): StoreChange {
  return { do: "delete", key };
}

function sentenceOf({ do: what, host, because }: Change): string {
  const words = {
    "add-learner": `${host} begins to keep the store`,
    promote: `${host} keeps the store and votes from now on`,
    remove: `${host} keeps the store no more`,
    "shut-down": `${host} ends the store`,
    "hand-over": `${host} leads the store`,
    nominate: `${host} goes on keeping the store`,
    "forget-nomination": `${host} is not to keep the store`,
  } as const;
  return `${words[what]}: ${because}`;
}
