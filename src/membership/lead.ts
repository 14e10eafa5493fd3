// SPDX-License-Identifier: Apache-2.0
// The lead of the store, when the host that has it cannot decide: it hangs, was removed, or hears nothing of the others. From
// both sides: another host takes the lead, and who leads in vain gives it away. The servers see to it that one leads.

import type { Snapshot } from "../contract/cluster.ts";
import type { Clock } from "../contract/host.ts";
import { executorKey } from "../exchange/keys.ts";
import { quorumOf } from "./decide.ts";
import type { HostedMember } from "./observation.ts";
import { recordsIn } from "./records.ts";
import type { StoreServers, StoreServerStatus } from "./servers.ts";
import type { Limits, Member } from "./world.ts";

export interface LeadOptions {
  readonly servers: StoreServers;
  /** Where the server of this host answers. */
  readonly ownUrl: string;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly onNews: (text: string) => void;
}

/** So long nobody need decide before another host does. */
const vainMs = 10_000;

export class Lead {
  readonly #options: LeadOptions;
  readonly #own: StoreServers;
  /** Since when nobody is the executor, or this host is it in vain, as far as we have seen. */
  #vacantSinceMs: number | undefined;
  #vainSinceMs: number | undefined;
  #given = 0;

  constructor(options: LeadOptions) {
    this.#options = options;
    this.#own = options.servers.at(options.ownUrl);
  }

  /** Our server follows. `records`: of all that is known of who keeps the store. */
  async take({ id, leader, isLearner }: StoreServerStatus, records: Snapshot, signal: AbortSignal): Promise<void> {
    const { servers, clock, onNews } = this.#options;
    this.#vainSinceMs = undefined;
    if (isLearner || leader === undefined) return this.#wait();
    const { leaving } = recordsIn(records.entries);
    const hasExecutor = records.entries.some(({ key }) => key === executorKey);
    if (hasExecutor && leaving.size === 0) return this.#wait();
    const leading = (await this.#own.list({ isExact: false }, signal)).find((member) => member.id === leader);
    const isGone = leading !== undefined && leaving.has(leading.name);
    if (hasExecutor && !isGone) return this.#wait();
    const nowMs = clock.monotonicMs();
    this.#vacantSinceMs ??= nowMs;
    if (!isGone && nowMs - this.#vacantSinceMs < vainMs) return;
    this.#wait();
    const why = isGone ? "was removed" : "decides nothing";
    onNews(`${leading?.name ?? leader} leads the store and ${why}: this host takes the lead`);
    for (const url of leading?.clientUrls ?? []) await servers.moveLeader(url, id, signal);
  }

  /** Our server leads. `asked`: how all are, as far as this host hears of them. True when it was given to another one. */
  async giveUp(
    hostname: string,
    members: readonly HostedMember[],
    asked: readonly Member[],
    { isGone }: { readonly isGone: (host: string) => boolean },
    signal: AbortSignal,
  ): Promise<boolean> {
    const { clock, limits, ownUrl, onNews } = this.#options;
    this.#wait();
    const voters = asked.filter(({ role }) => role === "voter");
    const heard = voters.filter(({ wasHeard, silentMs }) => wasHeard && silentMs <= limits.heardWithinMs);
    const nowMs = clock.monotonicMs();
    if (heard.length >= quorumOf(voters.length)) this.#vainSinceMs = undefined;
    else this.#vainSinceMs ??= nowMs;
    const isVain = this.#vainSinceMs !== undefined && nowMs - this.#vainSinceMs >= vainMs;
    if (!isGone(hostname) && !isVain) return false;
    this.#vainSinceMs = undefined;
    const heirs = members.filter(({ host, isLearner }) => host !== hostname && !isLearner && !isGone(host));
    const heir = heirs[this.#given++ % heirs.length];
    if (heir === undefined) return false;
    const why = isGone(hostname) ? "this host was removed" : "this host hears nothing of the others";
    onNews(`${heir.host} is to lead the store: ${why}`);
    await this.#own.moveLeader(ownUrl, heir.id, signal);
    return true;
  }

  #wait(): void {
    this.#vacantSinceMs = undefined;
  }
}
