// SPDX-License-Identifier: Apache-2.0
// What a running server remembers between its watch, which answers requests, and its observations: what was posted and is
// not taken up yet, and who waits for a change. It goes with the memory of its resource, and does not outlive the process.

import type { ResourceEnv } from "../../../contract/resource.ts";
import { SmallFiles } from "./small-files.ts";

export interface ServerState {
  /** Values that were posted since the last observation, by the flag they are for. */
  readonly posted: Map<string, string>;
  /** To be called when contents may be others. */
  readonly waiting: Set<() => void>;
  /** As long as it is served. */
  serving: { readonly signal: AbortSignal; readonly pulse: () => void } | undefined;
  /** Stores that are followed, by their names. */
  readonly followed: Set<string>;
  readonly smallFiles: SmallFiles;
}

/** The engine keeps the memory of a resource as long as the resource, so this is as good as a part of it. */
const states = new WeakMap<ResourceEnv["memory"], ServerState>();

export function stateOf({ memory }: ResourceEnv): ServerState {
  const known = states.get(memory);
  if (known !== undefined) return known;
  const state: ServerState = {
    posted: new Map(),
    waiting: new Set(),
    serving: undefined,
    followed: new Set(),
    smallFiles: new SmallFiles(),
  };
  states.set(memory, state);
  return state;
}

/**
 * From now on the server is observed when this tells of a change, until it is not served any more. Resolves when nothing
 * will be missed; does nothing for what is followed already, and for a server that is only looked at.
 */
export async function follow(
  state: ServerState,
  name: string,
  begin: (signal: AbortSignal) => AsyncIterable<void>,
): Promise<void> {
  const { serving, followed } = state;
  if (serving === undefined || followed.has(name)) return;
  followed.add(name);
  const changes = begin(serving.signal)[Symbol.asyncIterator]();
  await changes.next();
  const goOn = async (): Promise<void> => {
    while ((await changes.next()).done !== true) serving.pulse();
  };
  goOn()
    .catch(() => {}) // It is begun again by the observation that follows.
    .finally(() => {
      followed.delete(name);
      if (!serving.signal.aborted) serving.pulse();
    });
}

/** Lets those look again who wait for another content. */
export function tellWaiting({ waiting }: ServerState): void {
  for (const wake of waiting) wake();
}

/** Resolves when contents may be others, or the signal aborts. */
export async function change({ waiting }: ServerState, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  waiting.add(resolve);
  signal.addEventListener("abort", () => resolve(), { once: true });
  if (signal.aborted) resolve();
  await promise;
  waiting.delete(resolve);
}
