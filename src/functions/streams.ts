// SPDX-License-Identifier: Apache-2.0
// The rhythms that streams share. Each ends quietly with its signal.

import { isAbort } from "../contract/failure.ts";
import type { Clock, Host, NetworkInterface } from "../contract/host.ts";

/** Tells at once, and then again at every full second of the wall clock. */
export function everySecond(clock: Clock, signal: AbortSignal): AsyncGenerator<void, void, undefined> {
  return ticks(clock, signal, () => 1000 - (clock.now() % 1000));
}

/** Tells at once, and then again and again after `ms`. */
export function every(ms: number, clock: Clock, signal: AbortSignal): AsyncGenerator<void, void, undefined> {
  return ticks(clock, signal, () => ms);
}

/** Tells at once, and then each time after as many milliseconds as `pauseMs` says then. */
export async function* ticks(
  clock: Clock,
  signal: AbortSignal,
  pauseMs: () => number,
): AsyncGenerator<void, void, undefined> {
  while (!signal.aborted) {
    yield;
    if (!(await slept(clock, pauseMs(), signal))) return;
  }
}

/** False when the signal aborted. */
export async function slept(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await clock.sleep(ms, signal);
    return !signal.aborted;
  } catch (reason) {
    if (isAbort(reason, signal)) return false;
    throw reason;
  }
}

/** Reads once the watch is armed, and again after each change. */
export async function* onChange<Item>(
  host: Host,
  path: string,
  signal: AbortSignal,
  read: () => Promise<Item>,
): AsyncGenerator<Item, void, undefined> {
  try {
    for await (const _ of host.files.watch([{ path }], signal)) yield await read();
  } catch (reason) {
    if (!isAbort(reason, signal)) throw reason;
  }
}

/** Reads the network interfaces once, and again after each change. */
export async function* onNetworkChange<Item>(
  host: Host,
  signal: AbortSignal,
  read: (interfaces: readonly NetworkInterface[]) => Item,
): AsyncGenerator<Item, void, undefined> {
  try {
    for await (const _ of host.network.changes(signal)) yield read(await host.network.interfaces(signal));
  } catch (reason) {
    if (!isAbort(reason, signal)) throw reason;
  }
}

/** The value that `read` finds at each tick. */
export async function* each<Item>(
  rhythm: AsyncIterable<void>,
  read: () => Item | Promise<Item>,
): AsyncGenerator<Item, void, undefined> {
  for await (const _ of rhythm) yield await read();
}

/** One value, when the world has answered. */
export async function* once<Item>(read: () => Promise<Item>): AsyncGenerator<Item, void, undefined> {
  yield await read();
}
