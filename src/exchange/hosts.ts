// SPDX-License-Identifier: Apache-2.0
// Who is alive: each host has a key that goes with its session. In it stands whether the host has converged.

import type { Cluster } from "../contract/cluster.ts";
import type { Hosts } from "../contract/exchange.ts";
import { Failure } from "../contract/failure.ts";
import { type Connection, isOutage } from "./connection.ts";
import { open, seal } from "./envelope.ts";
import { hostKey, hostsPrefix, partsAfter } from "./keys.ts";
import type { Mirrors } from "./mirrors.ts";
import type { Sessions } from "./sessions.ts";

/** Who has not been heard of for so long is not alive. */
const ttlMs = 10_000;
const pauseMs = 1000;
/** What is not so for so long is told to nobody: a small change would else be two more that all hosts hear of. */
const heldMs = 500;

export class LivingHosts implements Hosts {
  readonly #hostname: string;
  readonly #connection: Connection;
  readonly #mirrors: Mirrors;
  readonly #sessions: Sessions;
  readonly #stopping = new AbortController();
  #announced: Promise<void> | undefined;
  #isConverged = false;
  #changed = Promise.withResolvers<void>();
  #cancelTelling = (): void => {};

  constructor(hostname: string, connection: Connection, mirrors: Mirrors, sessions: Sessions) {
    this.#hostname = hostname;
    this.#connection = connection;
    this.#mirrors = mirrors;
    this.#sessions = sessions;
  }

  /** Lets others know that this host is alive, from now on. */
  announce(): void {
    this.#announced ??= this.#announce(this.#stopping.signal);
  }

  /** It is not kept in order any more; what was told goes with its session. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#cancelTelling();
    await this.#announced;
  }

  /** What others are told of this host, if they are told anything. */
  setConverged(isConverged: boolean): void {
    this.#cancelTelling();
    if (this.#isConverged === isConverged || this.#stopping.signal.aborted) return;
    this.#cancelTelling = this.#connection.clock.after(heldMs, () => {
      this.#isConverged = isConverged;
      this.#changed.resolve();
    });
  }

  /** Whether all hosts that are alive have converged, this one too. */
  followConvergence(signal: AbortSignal): AsyncGenerator<boolean, void, undefined> {
    this.announce();
    return this.#mirrors.follow(
      [{ prefix: hostsPrefix }],
      ([entries]) => {
        const told = Array.from(entries?.from(hostsPrefix) ?? [], ([, entry]) => open(entry.value)?.["converged"]);
        return told.length > 0 && told.every((converged) => converged === true);
      },
      (left, right) => left === right,
      signal,
    );
  }

  followConverged(host: string, signal: AbortSignal): AsyncGenerator<boolean | undefined, void, undefined> {
    return this.#mirrors.follow(
      [{ prefix: hostsPrefix }],
      ([entries]) => {
        for (const [key, entry] of entries?.from(hostsPrefix) ?? []) {
          if (partsAfter(hostsPrefix, key)[0] === host) return open(entry.value)?.["converged"] === true;
        }
        return undefined;
      },
      (left, right) => left === right,
      signal,
    );
  }

  follow(signal: AbortSignal): AsyncGenerator<readonly string[], void, undefined> {
    this.announce();
    return this.#mirrors.follow(
      [{ prefix: hostsPrefix }],
      ([entries]) => {
        const names = new Set([this.#hostname]); // Whoever asks is alive.
        for (const [key] of entries?.from(hostsPrefix) ?? []) names.add(partsAfter(hostsPrefix, key)[0] ?? "");
        return [...names].sort((left, right) => (left < right ? -1 : 1));
      },
      (left, right) => left.length === right.length && left.every((host, at) => host === right[at]),
      signal,
    );
  }

  /** The same without this one, unless it has announced itself. */
  living(signal: AbortSignal): AsyncGenerator<readonly string[], void, undefined> {
    return this.#mirrors.follow(
      [{ prefix: hostsPrefix }],
      ([entries]) => [...(entries?.from(hostsPrefix) ?? [])].map(([key]) => partsAfter(hostsPrefix, key)[0] ?? ""),
      (left, right) => left.length === right.length && left.every((host, at) => host === right[at]),
      signal,
    );
  }

  async #announce(signal: AbortSignal): Promise<void> {
    let isLost = false;
    while (!signal.aborted) {
      try {
        const session = await this.#sessions.get(ttlMs, "end");
        const over = AbortSignal.any([session.over, signal]);
        while (!over.aborted) {
          this.#changed = Promise.withResolvers();
          const value = seal({ converged: this.#isConverged });
          const put = { do: "put", key: hostKey(this.#hostname), value, session: session.id } as const;
          await this.#connection.commit({ conditions: [], changes: [put] }, signal);
          if (isLost) this.#connection.tell("others know again that this host is alive");
          isLost = false;
          await Promise.race([aborted(over), this.#changed.promise]);
        }
        if (signal.aborted) return;
        isLost = true;
        this.#connection.tell("nothing was heard of this host for too long: others took it for lost");
      } catch (reason) {
        if (signal.aborted) return;
        if (!(reason instanceof Failure)) throw reason;
        if (reason.code === "read-only") return; // It only looks.
        await this.#worthAnotherAttempt(reason, signal);
      }
    }
  }

  async #worthAnotherAttempt(reason: Failure, signal: AbortSignal): Promise<void> {
    const waiting = Promise.withResolvers<void>();
    const stop = isOutage(reason)
      ? this.#connection.onReachable(waiting.resolve)
      : this.#connection.clock.after(pauseMs, waiting.resolve);
    signal.addEventListener("abort", () => waiting.resolve(), { once: true });
    await waiting.promise;
    stop();
  }
}

/** One that is alive. */
export interface KnownHost {
  readonly name: string;
  readonly hasConverged: boolean;
}

/** Those that are alive, by name, for somebody who is no host. */
export async function knownHosts(cluster: Pick<Cluster, "read">, signal: AbortSignal): Promise<readonly KnownHost[]> {
  const { entries } = await cluster.read({ prefix: hostsPrefix }, signal);
  return entries.map(({ key, value }) => ({
    name: partsAfter(hostsPrefix, key)[0] ?? "",
    hasConverged: open(value)?.["converged"] === true,
  }));
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
