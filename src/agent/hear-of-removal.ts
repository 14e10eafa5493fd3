// SPDX-License-Identifier: Apache-2.0
// A host that was removed while it was away does not hear it through the store: its servers break off before a word is said. So it
// takes the list that whoever else refuses it shows, and asks, while the store does not answer, where it was let in. Nothing is
// believed but what the authority has signed, and nothing that is older than what is known.

import { Failure } from "../contract/failure.ts";
import type { Host } from "../contract/host.ts";
import type { SshPlace } from "../contract/ssh.ts";
import type { Connection } from "../exchange/connection.ts";
import { TrustFiles } from "../trust/files.ts";
import { askRevocations } from "../trust/join.ts";
import { parseRevocations } from "../trust/revocation.ts";
import { askRevocationsOverSsh } from "./entrance-over-ssh.ts";

export interface HearingOptions {
  readonly host: Host;
  readonly prefix: string;
  readonly connection: Connection;
  /** The machine that reaches the host which lets others in, when this one does not. */
  readonly over?: SshPlace;
  /** Calls with a list that somebody shows who refuses us. The returned function ends that. */
  readonly onShown: (listener: (list: string) => void) => () => void;
}

/** A store that is away for less has a leader again soon. */
const firstMs = 5000;
const longestMs = 10 * 60_000;

/** Until the signal. `onHeard`: there may be another list than before. */
export async function hearOfRemoval(options: HearingOptions, onHeard: () => void, signal: AbortSignal): Promise<void> {
  const { host, prefix, connection, over } = options;
  const files = new TrustFiles(host, prefix, signal);
  const heed = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
      onHeard();
    } catch (reason) {
      if (!signal.aborted && !(reason instanceof Failure)) throw reason;
    }
  };
  let last = Promise.resolve();
  const stopListening = options.onShown((list) => {
    last = last.then(() => heed(() => take(list, files)));
  });
  const ask = (): Promise<void> =>
    over === undefined ? askRevocations(files) : askRevocationsOverSsh({ host, prefix, place: over, signal });
  try {
    // Where others are let in nobody else is to be asked.
    const isElsewhere = (await files.entrance()) !== undefined;
    while (!signal.aborted) {
      await untilLost(connection, signal);
      let pauseMs = firstMs;
      while (!signal.aborted && connection.lostMs !== undefined) {
        await host.clock.sleep(pauseMs, signal).catch(() => {});
        pauseMs = Math.min(pauseMs * 2, longestMs);
        if (isElsewhere && !signal.aborted && connection.lostMs !== undefined) await heed(ask);
      }
    }
  } finally {
    stopListening();
    await last;
  }
}

async function take(list: string, files: TrustFiles): Promise<void> {
  let read: unknown;
  try {
    read = JSON.parse(list);
  } catch {
    return;
  }
  const revocations = parseRevocations(read);
  if (revocations !== undefined) await files.takeRevocations(revocations);
}

/** Or until the signal. */
function untilLost(connection: Connection, signal: AbortSignal): Promise<void> {
  if (signal.aborted || connection.lostMs !== undefined) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  const stopListening = connection.onLost(resolve);
  signal.addEventListener("abort", () => resolve(), { once: true });
  return promise.finally(stopListening);
}
