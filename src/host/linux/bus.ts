// SPDX-License-Identifier: Apache-2.0
// The buses of this machine: where they are, when to connect and when to connect again. What goes over a connection is
// the matter of bus-link.ts.

import type { Bus, BusCall, Buses, BusMatch } from "../../contract/bus.ts";
import { isAbort } from "../../contract/failure.ts";
import type { Clock } from "../../contract/host.ts";
import { type BusScope, noSession } from "../bus-failures.ts";
import { Listener } from "../bus-news.ts";
import { BusLink } from "./bus-link.ts";

/** How long a bus may be away before those who listen are told: one that is started again is back within a second. */
const awayMs = 15_000;
const firstDelayMs = 50;
const longestDelayMs = 1_000;

export function linuxBuses(clock: Clock, env: NodeJS.ProcessEnv): Buses {
  const systemAddress = () => env["DBUS_SYSTEM_BUS_ADDRESS"] || "unix:path=/run/dbus/system_bus_socket";
  const sessionAddress = () => {
    const address = env["DBUS_SESSION_BUS_ADDRESS"];
    if (address) return address;
    const runtime = env["XDG_RUNTIME_DIR"];
    return runtime ? `unix:path=${runtime}/bus` : undefined;
  };
  return {
    system: new LinuxBus("system", systemAddress, clock),
    session: new LinuxBus("session", sessionAddress, clock),
  };
}

export class LinuxBus implements Bus {
  readonly #scope: BusScope;
  readonly #address: () => string | undefined;
  readonly #clock: Clock;
  readonly #listeners = new Set<Listener>();
  #link: Promise<BusLink> | undefined;

  constructor(scope: BusScope, address: () => string | undefined, clock: Clock) {
    this.#scope = scope;
    this.#address = address;
    this.#clock = clock;
  }

  /** What it gives is of the types that the call says, which the compiler cannot follow here. */
  async call(call: BusCall<string>, signal: AbortSignal): Promise<never> {
    signal.throwIfAborted();
    const link = await this.#connected();
    return (await link.call(call, signal)) as never;
  }

  signals(match: BusMatch, signal: AbortSignal): AsyncIterableIterator<never, undefined> {
    let heldBy: BusLink | undefined;
    const over = new AbortController();
    const listener = new Listener(match, signal, () => {
      this.#listeners.delete(listener);
      over.abort();
      heldBy?.ignore(match);
      heldBy = undefined;
    });
    /** Until signals come; a link that is lost on the way is tried again. */
    const arm = async (giveUpAtMs: number) => {
      for (let delayMs = firstDelayMs; !listener.isEnded; delayMs = Math.min(2 * delayMs, longestDelayMs)) {
        try {
          const link = await this.#connected();
          if (listener.isEnded) return;
          heldBy = link;
          await link.listen(match, over.signal);
          listener.arm();
          return;
        } catch (reason) {
          heldBy = undefined;
          if (isAbort(reason, over.signal) || listener.isEnded) return;
          if (this.#clock.monotonicMs() >= giveUpAtMs) {
            listener.fail(reason);
            return;
          }
          await this.#clock.sleep(delayMs, over.signal).catch(() => {});
        }
      }
    };
    this.#rearm.set(listener, () => {
      heldBy = undefined;
      return arm(this.#clock.monotonicMs() + awayMs);
    });
    if (!listener.isEnded) {
      this.#listeners.add(listener);
      this.#started(arm(0), listener);
    }
    return listener as AsyncIterableIterator<unknown, undefined> as AsyncIterableIterator<never, undefined>;
  }

  readonly #rearm = new WeakMap<Listener, () => Promise<void>>();

  /** Only a mistake of ours throws there; it goes to whoever listens. */
  #started(task: Promise<void>, listener: Listener): void {
    task.catch((reason: unknown) => listener.fail(reason));
  }

  #connected(): Promise<BusLink> {
    this.#link ??= this.#open();
    return this.#link;
  }

  #open(): Promise<BusLink> {
    const address = this.#address();
    if (address === undefined) return Promise.reject(noSession());
    const forget = () => {
      if (this.#link === opened) this.#link = undefined;
    };
    const opened = BusLink.open(this.#scope, address, {
      heard: (heard) => {
        for (const listener of this.#listeners) listener.hear(heard);
      },
      nameTaken: (name) => {
        for (const listener of this.#listeners) if (listener.match.sender === name) listener.arm();
      },
      lost: () => {
        forget();
        for (const listener of this.#listeners) {
          const again = this.#rearm.get(listener);
          if (again !== undefined) this.#started(again(), listener);
        }
      },
    });
    opened.catch(forget);
    return opened;
  }

  /** For tests: whether there is a connection. */
  get isConnected(): boolean {
    return this.#link !== undefined;
  }
}
