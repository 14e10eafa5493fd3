// SPDX-License-Identifier: Apache-2.0
// The part of one host in who keeps the store: offers itself, starts its server when it is told to, and makes room when its
// server does not belong to the others any more. Decides nothing about others; that its server was removed it believes the
// servers alone, so what the store knows is never thrown away while it may be needed.

import { Pulses } from "../base/pulse.ts";
import type { Session } from "../contract/cluster.ts";
import { Failure } from "../contract/failure.ts";
import type { Clock } from "../contract/host.ts";
import type { Connection } from "../exchange/connection.ts";
import { endpointKey, membershipPrefix, volunteerKey } from "../exchange/keys.ts";
import { Mirrors } from "../exchange/mirrors.ts";
import { Executor } from "./executor.ts";
import { type MembershipRecords, type Offer, recordsIn, renderEndpoint, renderOffer } from "./records.ts";
import type { OwnServer, StoreServers } from "./servers.ts";
import { Volunteers } from "./volunteers.ts";
import type { Limits } from "./world.ts";

export interface KeeperOptions {
  readonly hostname: string;
  readonly connection: Connection;
  readonly servers: StoreServers;
  readonly server: OwnServer;
  /** Where our own server answers. */
  readonly ownUrl: string;
  readonly offer: Offer;
  readonly clock: Clock;
  readonly limits: Limits;
  /** Who serves the store may be others than before. */
  readonly onServers: () => void;
  /** A sentence worth keeping. */
  readonly onNews: (text: string) => void;
  /** A sentence for the person who runs the program: whether this host keeps the store, and what is in its way. */
  readonly onTrouble: (text: string) => void;
}

/** How long a host is taken for one that would keep the store when nothing is heard of it. Nothing hurries. */
const offerMs = 30_000;
const firstPauseMs = 250;
const longestPauseMs = 10_000;
const leaveMs = 500;

export class Keeper {
  readonly #options: KeeperOptions;
  readonly #mirrors: Mirrors;
  readonly #volunteers: Volunteers;
  #pulses: Pulses | undefined;
  #pauseMs = firstPauseMs;
  #cancelAgain = (): void => {};
  #executor: { readonly stop: AbortController; readonly ended: Promise<void> } | undefined;
  #wasToldWhy = "";
  /** No host is to keep the store, and this one was the last. */
  #isShutDown = false;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#mirrors = new Mirrors(options.connection);
    this.#volunteers = new Volunteers(options.clock);
  }

  /** Until the signal; the server is left as it is then. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#keep(signal), this.#offer(signal)]);
  }

  /** The server has become another: it answers, or was removed. */
  readonly look = (): void => this.#pulses?.pulse();

  async #keep(signal: AbortSignal): Promise<void> {
    const { pulses, views } = this.#mirrors.changes([{ prefix: membershipPrefix }], signal, { patient: true });
    this.#pulses = pulses;
    pulses.pulse(); // What was kept before is kept again, whether the store answers or not: it may be waiting for us.
    try {
      for await (const _ of pulses) {
        const entries = views[0]?.entries?.from(membershipPrefix);
        const records = entries === undefined ? undefined : recordsIn(Array.from(entries, ([, entry]) => entry));
        if (records !== undefined) this.#options.onServers();
        try {
          await this.#act(records, signal);
          this.#pauseMs = firstPauseMs;
        } catch (reason) {
          if (signal.aborted) break;
          if (!(reason instanceof Failure)) throw reason;
          if (this.#isRemoved()) {
            this.look();
            continue;
          }
          this.#tellWhy(reason);
          this.#again();
        }
      }
    } finally {
      this.#cancelAgain();
      await this.#stopExecutor();
    }
  }

  /** What is to be done now, by what is told and how the server is. `records`: undefined while the store does not answer. */
  async #act(records: MembershipRecords | undefined, signal: AbortSignal): Promise<void> {
    const { server, hostname } = this.#options;
    if (this.#isShutDown) return this.#shutDown();
    if (this.#isRemoved()) return this.#makeRoom(records, signal);
    if (server.state === "stopped") {
      const nomination = records?.nominated.get(hostname);
      if (await server.hasData()) await server.start({ state: "existing", members: [] }, signal);
      else if (nomination?.id === undefined || !(await this.#begin(nomination.id, signal))) return;
    }
    if (this.#isReady()) await this.#serve(records, signal);
  }

  #isRemoved(): boolean {
    return this.#options.server.state === "removed";
  }

  #isReady(): boolean {
    return this.#options.server.state === "ready";
  }

  /** As a newcomer among those who are there. False: the servers do not know of it yet, or it is not meant as we are now. */
  async #begin(id: string, signal: AbortSignal): Promise<boolean> {
    const { server, servers, hostname, offer } = this.#options;
    const members = await servers.list({ isExact: false }, signal);
    const own = members.find((member) => member.id === id);
    if (own === undefined) {
      this.#again();
      return false;
    }
    if (!own.peerUrls.every((url) => offer.serverUrls.includes(url))) return false;
    const named = members.map((member) => ({
      name: member.id === id ? hostname : member.name || member.id,
      serverUrls: member.peerUrls,
    }));
    await server.start({ state: "existing", members: named }, signal);
    return true;
  }

  /** Our server answers: others are told where, and it takes part in deciding. */
  async #serve(records: MembershipRecords | undefined, signal: AbortSignal): Promise<void> {
    const { hostname, offer, connection, servers, ownUrl, onTrouble, clock, limits, onNews } = this.#options;
    if (this.#executor === undefined) {
      onTrouble(`this host keeps the store, at ${offer.clientUrls.join(", ")}`);
      this.#wasToldWhy = "";
      const stop = new AbortController();
      const bounded = AbortSignal.any([signal, stop.signal]);
      const volunteers = this.#volunteers;
      const onShutDown = (): void => {
        this.#isShutDown = true;
        this.look();
      };
      const executor = new Executor({ hostname, connection, servers, ownUrl, volunteers, clock, limits, onShutDown, onNews }); // biome-ignore format: one line
      const ended = Promise.all([executor.run(bounded), volunteers.look(this.#mirrors, () => {}, bounded)]);
      this.#executor = { stop, ended: ended.then(() => {}) };
    }
    if (records === undefined) return;
    const told = records.endpoints.get(hostname);
    if (told !== undefined && told.join() === offer.clientUrls.join()) return;
    await this.#correctPlace(signal);
    const put = { do: "put", key: endpointKey(hostname), value: renderEndpoint(offer.clientUrls) } as const;
    await connection.commit({ conditions: [], changes: [put] }, signal);
  }

  /** It may have been given other addresses since it became a member. */
  async #correctPlace(signal: AbortSignal): Promise<void> {
    const { servers, ownUrl, offer } = this.#options;
    const { id } = await servers.status(ownUrl, signal);
    const own = (await servers.at(ownUrl).list({ isExact: false }, signal)).find((member) => member.id === id);
    if (own === undefined || own.peerUrls.toSorted().join() === offer.serverUrls.toSorted().join()) return;
    await servers.update(id, offer.serverUrls, signal);
  }

  /** Until this host begins anew: then it keeps the store again, with all that was in it. */
  async #shutDown(): Promise<void> {
    const { server, onTrouble } = this.#options;
    if (server.state === "stopped") return;
    await this.#stopExecutor();
    await server.stop();
    onTrouble("the store is ended, for no host is to keep it; it begins again, as it was, when this host does");
  }

  async #makeRoom(records: MembershipRecords | undefined, signal: AbortSignal): Promise<void> {
    const { server, hostname, connection, onTrouble } = this.#options;
    await this.#stopExecutor();
    await server.removeData();
    onTrouble("this host does not keep the store any more; others do");
    if (records?.endpoints.has(hostname) === true) {
      await connection.commit({ conditions: [], changes: [{ do: "delete", key: endpointKey(hostname) }] }, signal);
    }
    this.look(); // It may have been told to begin anew meanwhile.
  }

  async #stopExecutor(): Promise<void> {
    this.#executor?.stop.abort();
    await this.#executor?.ended;
    this.#executor = undefined;
  }

  // ---- Offering ----

  async #offer(signal: AbortSignal): Promise<void> {
    const { clock, offer } = this.#options;
    if (offer.isLeaving && !(await this.#options.server.hasData())) return;
    let session: Session | undefined;
    for (let pauseMs = firstPauseMs; !signal.aborted; ) {
      try {
        session = await this.#tellOffer(signal);
        pauseMs = firstPauseMs;
        await aborted(AbortSignal.any([session.over, signal]));
      } catch (reason) {
        if (signal.aborted) break;
        if (!(reason instanceof Failure)) throw reason;
        await clock.sleep(pauseMs, signal).catch(() => {});
        pauseMs = Math.min(pauseMs * 2, longestPauseMs);
      }
    }
    const limit = new AbortController();
    const cancel = clock.after(leaveMs, () => limit.abort());
    if (session?.over.aborted === false) await session.end(limit.signal).catch(() => session.leave());
    cancel();
  }

  async #tellOffer(signal: AbortSignal): Promise<Session> {
    const { connection, hostname, offer } = this.#options;
    const session = await connection.openSession(offerMs, signal);
    const put = { do: "put", key: volunteerKey(hostname), value: renderOffer(offer), session: session.id } as const;
    await connection.commit({ conditions: [], changes: [put] }, signal);
    return session;
  }

  // ---- What is in its way ----

  #again(): void {
    this.#cancelAgain();
    this.#cancelAgain = this.#options.clock.after(this.#pauseMs, this.look);
    this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs);
  }

  #tellWhy({ message, code }: Failure): void {
    if (code === "unreachable" || code === "timed-out" || message === this.#wasToldWhy) return;
    this.#wasToldWhy = message;
    this.#options.onTrouble(message.replace(/\.$/, ""));
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
