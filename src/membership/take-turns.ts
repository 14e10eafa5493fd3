// SPDX-License-Identifier: Apache-2.0
// Hosts that keep the store start their servers once more, one after the other, and never so that too few are left.

import { Failure } from "../contract/failure.ts";
import type { Clock } from "../contract/host.ts";
import type { Connection } from "../exchange/connection.ts";
import { hostIn, seal } from "../exchange/envelope.ts";
import { leavingKey, turnKey } from "../exchange/keys.ts";
import { quorumOf } from "./decide.ts";
import type { StoreServers } from "./servers.ts";

export interface TurnOptions {
  readonly hostname: string;
  readonly connection: Connection;
  readonly servers: StoreServers;
  readonly clock: Clock;
}

const turnMs = 30_000;
const pauseMs = 1000;
const leaveMs = 500;

/** Does the work when it is our turn and the others can do without us for that long. */
export async function inTurn(options: TurnOptions, work: () => Promise<void>, signal: AbortSignal): Promise<void> {
  const { connection, clock } = options;
  while (!signal.aborted) {
    try {
      if (await attempt(options, work, signal)) return;
    } catch (reason) {
      if (signal.aborted) return;
      if (!(reason instanceof Failure)) throw reason;
    }
    await clock.sleep(pauseMs, AbortSignal.any([signal, connection.closing])).catch(() => {});
  }
}

async function attempt(options: TurnOptions, work: () => Promise<void>, signal: AbortSignal): Promise<boolean> {
  const { hostname, connection, clock } = options;
  // Who was removed has no turn, and nobody waits for the end of one that it has: its server may never be ready again.
  const isRemoved = async (host: string): Promise<boolean> =>
    (await connection.read({ key: leavingKey(host) }, signal)).entries.length > 0;
  const [former] = (await connection.read({ key: turnKey }, signal)).entries;
  if (former !== undefined && !(await isRemoved(hostIn(former.value)))) return false;
  if (await isRemoved(hostname)) return false;
  const session = await connection.openSession(turnMs, signal);
  try {
    const put = { do: "put", key: turnKey, value: seal({ host: hostname }), session: session.id } as const;
    const { held } = await connection.commit(
      { conditions: [{ key: turnKey, changed: former?.changed ?? 0 }], changes: [put] },
      signal,
    );
    if (!held || !(await canDoWithout(options, signal))) return false;
    await work();
    return true;
  } finally {
    const limit = new AbortController();
    const cancel = clock.after(leaveMs, () => limit.abort());
    await session.end(limit.signal).catch(() => session.leave());
    cancel();
  }
}

/** Two servers or one are away for the moment that it takes in any case. */
async function canDoWithout({ hostname, servers }: TurnOptions, signal: AbortSignal): Promise<boolean> {
  const voters = (await servers.list({ isExact: false }, signal)).filter(({ isLearner }) => !isLearner);
  if (voters.length < 3) return true;
  const others = voters.filter(({ name }) => name !== hostname);
  const answers = await Promise.all(
    others.map(({ clientUrls: [url = ""] }) =>
      servers.status(url, signal).then(
        ({ leader }) => leader !== undefined,
        () => false,
      ),
    ),
  );
  return answers.filter(Boolean).length >= quorumOf(voters.length);
}
