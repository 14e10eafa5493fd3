// SPDX-License-Identifier: Apache-2.0
// The buses of the machine in memory: programs on them are functions that a test gives.

import {
  type Bus,
  type BusArgument,
  type BusCall,
  type BusMatch,
  BusRefusal,
  type BusValue,
} from "../../contract/bus.ts";
import type { Clock } from "../../contract/host.ts";
import {
  argumentsDoNotConform,
  type BusScope,
  connectionLost,
  noAnswer,
  noBus,
  otherAnswer,
  refusedCall,
} from "../bus-failures.ts";
import { Listener } from "../bus-news.ts";
import { conform, mapVariants } from "../bus-signature.ts";

/** What a program on the bus answers to a call. */
export interface MemoryAnswer {
  readonly signature: string;
  readonly values: readonly unknown[];
}

export interface MemoryCall {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly method: string;
  readonly takes: string;
  readonly arguments: readonly BusArgument[];
}

/** Throws a `BusRefusal` to refuse the call; `undefined`: it never answers. */
export type MemoryService = (call: MemoryCall) => MemoryAnswer | undefined | Promise<MemoryAnswer | undefined>;

export interface MemorySignal {
  readonly sender: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature?: string;
  readonly arguments?: readonly unknown[];
}

export class MemoryBus implements Bus {
  readonly #scope: BusScope;
  readonly #clock: Clock;
  readonly #services = new Map<string, MemoryService>();
  readonly #listeners = new Set<Listener>();
  readonly #waiting = new Set<(reason: unknown) => void>();
  #isRunning = true;

  constructor(scope: BusScope, clock: Clock) {
    this.#scope = scope;
    this.#clock = clock;
  }

  // ---- Hands of a test ----

  /** A program takes this name; undefined: it gives it back. */
  serve(name: string, service: MemoryService | undefined): void {
    if (service === undefined) {
      this.#services.delete(name);
      return;
    }
    this.#services.set(name, service);
    for (const listener of this.#listeners) if (listener.match.sender === name) listener.arm();
  }

  emit(signal: MemorySignal): void {
    const { sender, path, interface: of, member, signature = "", arguments: values = [] } = signal;
    const isFrom = (name: string) => name === sender;
    const heard = { isFrom, path, interface: of, member, signature, arguments: values as readonly BusValue[] };
    for (const listener of this.#listeners) listener.hear(heard);
  }

  /** The connection is lost; there is another one at once. */
  restart(): void {
    this.#loseCalls();
    for (const listener of this.#listeners) listener.arm();
  }

  /** The bus does not run any more. */
  stop(): void {
    this.#isRunning = false;
    this.#loseCalls();
    for (const listener of this.#listeners) listener.fail(this.#absent());
  }

  start(): void {
    this.#isRunning = true;
  }

  /** How many listen now. */
  get listening(): number {
    return this.#listeners.size;
  }

  #absent(): Error {
    return noBus(this.#scope, "memory");
  }

  #loseCalls(): void {
    for (const lose of this.#waiting) lose(undefined);
  }

  // ---- What the engine sees ----

  /** What it gives is of the types that the call says, which the compiler cannot follow here. */
  async call(call: BusCall<string>, signal: AbortSignal): Promise<never> {
    return (await this.#call(call, signal)) as never;
  }

  async #call(call: BusCall<string>, signal: AbortSignal): Promise<readonly unknown[]> {
    signal.throwIfAborted();
    if (!this.#isRunning) throw this.#absent();
    const takes = call.takes ?? "";
    const given = call.arguments ?? [];
    if (!conform(given, takes)) throw argumentsDoNotConform(call);
    const service = this.#services.get(call.destination);
    if (service === undefined) {
      throw refusedCall(this.#scope, call, "org.freedesktop.DBus.Error.ServiceUnknown", "not provided");
    }
    const answer = await this.#answered(call, signal, async () => {
      const { destination, path, interface: of, method } = call;
      return service({ destination, path, interface: of, method, takes, arguments: given });
    });
    if (answer.signature !== call.returns) throw otherAnswer(call, call.returns, answer.signature);
    // As they come over a bus: a variant is the value in it.
    return mapVariants(answer.values as typeof given, answer.signature, (_type, value) => value);
  }

  /** Whichever comes first: the answer, the end of patience, of the connection, or of the interest. */
  async #answered(
    call: BusCall<string>,
    signal: AbortSignal,
    serve: () => Promise<MemoryAnswer | undefined>,
  ): Promise<MemoryAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<MemoryAnswer>();
    const { timeoutMs = 25_000 } = call;
    const cancel = timeoutMs === 0 ? () => {} : this.#clock.after(timeoutMs, () => reject(noAnswer(call)));
    const stopped = () => reject(signal.reason);
    const lost = () => reject(connectionLost(this.#scope, call));
    signal.addEventListener("abort", stopped, { once: true });
    this.#waiting.add(lost);
    serve().then((answer) => {
      if (answer !== undefined) resolve(answer);
    }, reject);
    try {
      return await promise;
    } catch (reason) {
      if (!(reason instanceof BusRefusal)) throw reason;
      throw refusedCall(this.#scope, call, reason.errorName, reason.message);
    } finally {
      cancel();
      this.#waiting.delete(lost);
      signal.removeEventListener("abort", stopped);
    }
  }

  signals(match: BusMatch, signal: AbortSignal): AsyncIterableIterator<never, undefined> {
    const listener = new Listener(match, signal, () => this.#listeners.delete(listener));
    if (!this.#isRunning) listener.fail(this.#absent());
    else if (!listener.isEnded) {
      this.#listeners.add(listener);
      listener.arm();
    }
    return listener as AsyncIterableIterator<unknown, undefined> as AsyncIterableIterator<never, undefined>;
  }
}
