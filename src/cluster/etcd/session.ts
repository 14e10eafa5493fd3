// SPDX-License-Identifier: Apache-2.0
// A session is a lease of etcd, kept alive from here. It is over when etcd says so, and as soon as it may be: when
// nothing was heard for its whole time, by our own clock.

import type { Session } from "../../contract/cluster.ts";
import { Failure } from "../../contract/failure.ts";
import type { Clock } from "../../contract/host.ts";
import { grant, keepAlive, revoke } from "./messages.ts";
import { sessionName } from "./ranges.ts";
import type { Revisions } from "./revisions.ts";
import type { Servers } from "./servers.ts";

const againMs = 250;

export interface SessionSetting {
  readonly servers: Servers;
  readonly revisions: Revisions;
  readonly clock: Clock;
  /** Aborts when the store has become another one, which knows nothing of sessions of the former. */
  readonly era: AbortSignal;
}

export async function openSession(ttlMs: number, setting: SessionSetting, signal: AbortSignal): Promise<Session> {
  const askedMs = setting.clock.monotonicMs();
  const request = { seconds: Math.max(1, Math.ceil(ttlMs / 1000)) };
  const answer = await setting.servers.ask(grant, request, signal, { isRepeatable: true });
  setting.revisions.see(answer.header);
  return new LeasedSession(answer.id, answer.seconds * 1000, askedMs, setting);
}

class LeasedSession implements Session {
  readonly id: string;
  readonly #lease: bigint;
  readonly #ttlMs: number;
  readonly #setting: SessionSetting;
  readonly #over = new AbortController();
  /** Aborts when it is not to be kept alive any more. */
  readonly #leaving = new AbortController();
  /** Until then it is certainly there. */
  #untilMs: number;
  #cancelEnd = (): void => {};

  constructor(lease: bigint, ttlMs: number, grantedMs: number, setting: SessionSetting) {
    this.id = sessionName(lease);
    this.#lease = lease;
    this.#ttlMs = ttlMs;
    this.#setting = setting;
    this.#untilMs = grantedMs + ttlMs;
    this.#endAtItsTime();
    const { era, servers } = setting;
    const keeping = AbortSignal.any([this.#leaving.signal, this.#over.signal, servers.closing]);
    era.addEventListener("abort", this.#end, { once: true });
    servers.closing.addEventListener("abort", this.#cancel, { once: true });
    this.#keep(keeping).catch(() => {}); // Ends with its signal; what is refused is tried again until its time is over.
  }

  get over(): AbortSignal {
    return this.#over.signal;
  }

  async end(signal: AbortSignal): Promise<void> {
    if (this.#over.signal.aborted) return;
    this.#leaving.abort();
    try {
      await this.#setting.servers.ask(revoke, { id: this.#lease }, signal, { isRepeatable: true });
    } catch (reason) {
      if (!(reason instanceof Failure) || reason.code !== "not-found") throw reason;
    }
    this.#end();
  }

  leave(): void {
    if (this.#leaving.signal.aborted || this.#over.signal.aborted) return;
    this.#leaving.abort();
    // Its time begins now, not when it was heard of last.
    this.#renew(AbortSignal.any([this.#over.signal, this.#setting.servers.closing])).catch(() => {});
  }

  async #keep(signal: AbortSignal): Promise<void> {
    const { clock } = this.#setting;
    for (;;) {
      // A third of its time after it was asked for, however long the answer took.
      await clock.sleep(Math.max(0, this.#untilMs - (this.#ttlMs * 2) / 3 - clock.monotonicMs()), signal);
      for (;;) {
        try {
          await this.#renew(signal);
          break;
        } catch (reason) {
          if (!(reason instanceof Failure)) throw reason;
          await clock.sleep(againMs, signal);
        }
      }
    }
  }

  async #renew(signal: AbortSignal): Promise<void> {
    const { servers, revisions, clock } = this.#setting;
    const askedMs = clock.monotonicMs();
    const { header, seconds } = await servers.exchange(keepAlive, { id: this.#lease }, signal);
    revisions.see(header);
    if (seconds <= 0) return this.#end();
    this.#untilMs = askedMs + seconds * 1000;
    this.#endAtItsTime();
  }

  #endAtItsTime(): void {
    this.#cancelEnd();
    const { clock } = this.#setting;
    this.#cancelEnd = clock.after(Math.max(0, this.#untilMs - clock.monotonicMs()), this.#end);
  }

  readonly #end = (): void => {
    this.#cancel();
    this.#over.abort();
  };

  readonly #cancel = (): void => {
    this.#cancelEnd();
    this.#setting.era.removeEventListener("abort", this.#end);
    this.#setting.servers.closing.removeEventListener("abort", this.#cancel);
  };
}
