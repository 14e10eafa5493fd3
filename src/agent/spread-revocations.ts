// SPDX-License-Identifier: Apache-2.0
// Whom nobody is to believe any more, as hosts tell each other through the store; and servers that begin to believe it.

import type { EtcdServer } from "../cluster/etcd/server/index.ts";
import type { Connection } from "../exchange/connection.ts";
import { open, seal } from "../exchange/envelope.ts";
import { revocationsKey } from "../exchange/keys.ts";
import { Mirrors } from "../exchange/mirrors.ts";
import type { StoreServers } from "../membership/servers.ts";
import { inTurn } from "../membership/take-turns.ts";
import { TrustFiles } from "../trust/files.ts";
import { parseRevocations, type Revocations } from "../trust/revocation.ts";
import { type HearingOptions, hearOfRemoval } from "./hear-of-removal.ts";
import { beliefsNow, isRemoved } from "./trust.ts";

export interface SpreadOptions extends HearingOptions {
  readonly hostname: string;
  readonly servers: StoreServers;
  /** That of this host, if it has one now. */
  readonly server: () => EtcdServer | undefined;
  /** What the server of this host believed when it began. */
  readonly believed: () => string;
  /** Others are believed than before. */
  readonly onBeliefs: () => Promise<void>;
  /** Nobody is to believe this host itself any more. */
  readonly onRemoved: () => Promise<void>;
}

const startingMs = 1000;

/**
 * Until the signal, or until this host is removed itself. Our connections to whoever is believed no more are cut at once, and those to our server by starting it once
 * more in its turn.
 */
export async function spreadRevocations(options: SpreadOptions, signal: AbortSignal): Promise<void> {
  const { host, prefix, connection } = options;
  const files = new TrustFiles(host, prefix, signal);
  const { pulses, views } = new Mirrors(connection).changes([{ key: revocationsKey }], signal, { patient: true });
  const hearing = new AbortController();
  const look = (): void => {
    if (isRemoved(prefix)) pulses.pulse();
  };
  const heard = hearOfRemoval(options, look, AbortSignal.any([signal, hearing.signal])).catch(pulses.fail);
  let heeded: string | undefined;
  try {
    for await (const _ of pulses) {
      const text = views[0]?.entries?.get(revocationsKey)?.value;
      const told = text === undefined ? undefined : parseRevocations(open(text));
      if (told !== undefined) await files.takeRevocations(told);
      const beliefs = beliefsNow(prefix);
      if (beliefs !== heeded) await options.onBeliefs();
      heeded = beliefs;
      // What it would tell nobody takes from it, and its server has no turn.
      if (isRemoved(prefix)) return await options.onRemoved();
      const own = await files.revocations();
      if (own !== undefined && (told === undefined || told.number < own.number)) {
        // It was away when this one was made.
        await tellRevocations(connection, own, signal).catch(() => {});
      }
      while (isOld(options) && !signal.aborted) {
        await inTurn({ ...options, clock: host.clock }, async () => options.server()?.restart(signal), signal);
        if (isOld(options)) await host.clock.sleep(startingMs, signal); // It is about to begin.
      }
    }
  } finally {
    hearing.abort();
    await heard;
  }
}

/** Our server runs, and believes whom it is not to believe any more. */
function isOld({ server, believed, prefix }: SpreadOptions): boolean {
  const state = server()?.state;
  return state !== undefined && state !== "stopped" && state !== "removed" && believed() !== beliefsNow(prefix);
}

async function tellRevocations(
  connection: Pick<Connection, "commit">,
  { number, list, signature }: Revocations,
  signal: AbortSignal,
): Promise<void> {
  const put = { do: "put", key: revocationsKey, value: seal({ number, list, signature }) } as const;
  await connection.commit({ conditions: [], changes: [put] }, signal);
}
