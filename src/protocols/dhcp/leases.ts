// SPDX-License-Identifier: Apache-2.0
// Who has which address of a range, and until when (RFC 2131 section 4.3.1). Knows no messages, no clock and no disk: the
// time is an argument, and what must survive a restart is told by `bound`.

import type { Ipv4 } from "../ipv4.ts";

export interface Lease {
  /** Who has it: see `clientOf`. */
  readonly client: string;
  readonly address: Ipv4;
  /** `Clock.now` */
  readonly untilMs: number;
}

interface Held extends Lease {
  readonly state: "offered" | "bound" | "released" | "declined";
}

export interface Range {
  /** Both of them can be given away. */
  readonly first: Ipv4;
  readonly last: Ipv4;
  /** These are in it and are somebody else's. */
  readonly except: ReadonlySet<Ipv4>;
}

/** An offer that is not taken up is free again after this time. */
const offerMs = 60_000;
/** Somebody who is not in our book uses the address. */
const declinedMs = 3_600_000;

export class Leases {
  readonly #range: Range;
  readonly #byClient = new Map<string, Held>();
  readonly #byAddress = new Map<Ipv4, Held>();
  /** No address before this one has never been given away. */
  #fresh: Ipv4;
  /** Grows with each change of what `bound` tells. */
  changes = 0;

  /** `former` are those of before a restart, perhaps of another range. */
  constructor(range: Range, former: Iterable<Lease> = []) {
    this.#range = range;
    this.#fresh = range.first;
    for (const lease of former) {
      if (this.covers(lease.address) && !this.#byAddress.has(lease.address)) this.#hold({ ...lease, state: "bound" });
    }
  }

  /** An address for this client, kept for it for a while. Undefined when all are taken. */
  offer(client: string, wanted: Ipv4 | undefined, nowMs: number): Ipv4 | undefined {
    const present = this.#byClient.get(client);
    if (present?.state === "bound" && present.untilMs > nowMs) return present.address;
    const address =
      present === undefined || present.state === "declined" ? this.#choose(wanted, nowMs) : present.address;
    if (address === undefined) return undefined;
    this.#hold({ client, address, untilMs: nowMs + offerMs, state: "offered" });
    return address;
  }

  /** False when the address is not this client's to have. */
  confirm(client: string, address: Ipv4, leaseMs: number, nowMs: number): boolean {
    if (!this.covers(address)) return false;
    const holder = this.#byAddress.get(address);
    if (holder !== undefined && holder.client !== client && holder.untilMs > nowMs) return false;
    this.#hold({ client, address, untilMs: nowMs + leaseMs, state: "bound" });
    this.changes += 1;
    return true;
  }

  /** What this client has, or had last. */
  of(client: string): Ipv4 | undefined {
    const held = this.#byClient.get(client);
    return held === undefined || held.state === "declined" ? undefined : held.address;
  }

  /** Free from now on, but this client gets it again if it comes back before another needs it. */
  release(client: string, address: Ipv4): void {
    const held = this.#byAddress.get(address);
    if (held?.client !== client || held.state === "declined") return;
    this.#hold({ ...held, untilMs: 0, state: "released" });
    this.changes += 1;
  }

  /** The client has found that somebody uses the address already. */
  decline(client: string, address: Ipv4, nowMs: number): void {
    const held = this.#byAddress.get(address);
    if (held?.client !== client) return;
    this.#hold({ client, address, untilMs: nowMs + declinedMs, state: "declined" });
    this.changes += 1;
  }

  /** What must survive a restart, by address. */
  bound(nowMs: number): readonly Lease[] {
    return [...this.#byAddress.values()]
      .filter(({ state, untilMs }) => state === "bound" && untilMs > nowMs)
      .map(({ client, address, untilMs }) => ({ client, address, untilMs }))
      .sort((a, b) => a.address - b.address);
  }

  /** Whether it is one of the addresses that are given here. */
  covers(address: Ipv4): boolean {
    const { first, last, except } = this.#range;
    return address >= first && address <= last && !except.has(address);
  }

  /** The wanted one, else one that nobody had, else the one that has been free for the longest time. */
  #choose(wanted: Ipv4 | undefined, nowMs: number): Ipv4 | undefined {
    if (wanted !== undefined && this.covers(wanted) && this.#isFree(wanted, nowMs)) return wanted;
    for (; this.#fresh <= this.#range.last; this.#fresh += 1) {
      if (this.covers(this.#fresh) && !this.#byAddress.has(this.#fresh)) return this.#fresh;
    }
    let oldest: Held | undefined;
    for (const held of this.#byAddress.values()) {
      if (held.untilMs <= nowMs && (oldest === undefined || held.untilMs < oldest.untilMs)) oldest = held;
    }
    return oldest?.address;
  }

  #isFree(address: Ipv4, nowMs: number): boolean {
    const held = this.#byAddress.get(address);
    return held === undefined || held.untilMs <= nowMs;
  }

  /** One address for each client, and one client for each address. */
  #hold(held: Held): void {
    const before = this.#byClient.get(held.client);
    if (before !== undefined && before.address !== held.address && before.state !== "declined") {
      this.#byAddress.delete(before.address);
      this.#fresh = Math.min(this.#fresh, before.address);
    }
    const other = this.#byAddress.get(held.address);
    if (other !== undefined && this.#byClient.get(other.client) === other) this.#byClient.delete(other.client);
    this.#byClient.set(held.client, held);
    this.#byAddress.set(held.address, held);
  }
}
