// SPDX-License-Identifier: Apache-2.0
// A way into a store that notes all that is asked, before it is asked, and all that is answered. Each transaction that
// changes something also puts the name of its call, so that the end tells whether it was done.

import type { Cluster, KeyRange, Session, Transaction, WatchItem } from "../../src/contract/cluster.ts";
import type { Clock } from "../../src/contract/host.ts";
import { Failure } from "../../src/contract/failure.ts";
import { callsPrefix, type Told } from "./history.ts";

export type Note = (told: Told) => void;

export function recordedCluster(cluster: Cluster, client: string, clock: Clock, note: Note): Cluster {
  let calls = 0;
  const nameCall = (): string => `${client}.${(calls += 1)}`;
  const answered = async <Answer>(call: string, asking: Promise<Answer>): Promise<Answer> => {
    try {
      return await asking;
    } catch (reason) {
      note({ what: "refused", call, code: reason instanceof Failure ? reason.code : "unknown" });
      throw reason;
    }
  };
  return {
    isShared: cluster.isShared,
    async read(range, signal) {
      const call = nameCall();
      note({ what: "reads", call, range });
      const snapshot = await answered(call, cluster.read(range, signal));
      note({ what: "read", call, snapshot });
      return snapshot;
    },
    async commit({ conditions, changes }, signal) {
      const call = nameCall();
      const mark = { do: "put", key: `${callsPrefix}${call}`, value: "" } as const;
      const transaction: Transaction = { conditions, changes: changes.length === 0 ? [] : [...changes, mark] };
      note({ what: "commits", call, transaction });
      const committed = await answered(call, cluster.commit(transaction, signal));
      note({ what: "committed", call, committed });
      return committed;
    },
    watch: (range, after, signal) => recordedWatch(cluster, nameCall(), range, after, signal, note),
    async openSession(ttlMs, signal) {
      const askedMs = clock.monotonicMs();
      const session = await cluster.openSession(ttlMs, signal);
      note({ what: "session", session: session.id, ttlMs, askedMs });
      return recordedSession(session, note);
    },
    close: () => cluster.close(),
  };
}

async function* recordedWatch(
  cluster: Cluster,
  watch: string,
  range: KeyRange,
  after: number | undefined,
  signal: AbortSignal,
  note: Note,
): AsyncGenerator<WatchItem, void, undefined> {
  note({ what: "watches", watch, range, ...(after === undefined ? {} : { after }) });
  try {
    for await (const item of cluster.watch(range, after, signal)) {
      note({ what: "told", watch, item });
      yield item;
    }
  } finally {
    note({ what: "watch-ended", watch });
  }
}

function recordedSession(session: Session, note: Note): Session {
  const { id, over } = session;
  const isOver = (): void => note({ what: "session-over", session: id });
  over.addEventListener("abort", isOver, { once: true });
  return {
    id,
    over,
    end(signal) {
      note({ what: "session-ends", session: id });
      return session.end(signal);
    },
    leave: () => session.leave(),
  };
}
