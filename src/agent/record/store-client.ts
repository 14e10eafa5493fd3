// SPDX-License-Identifier: Apache-2.0
// The store that a run has for itself, as another process of the same user sees it: everything goes through the control socket
// of the run.

import { Pulses } from "../../base/pulse.ts";
import type {
  Cluster,
  Committed,
  Entry,
  KeyChange,
  KeyRange,
  Revision,
  Session,
  Snapshot,
  Transaction,
  WatchItem,
} from "../../contract/cluster.ts";
import { Failure } from "../../contract/failure.ts";
import { askAgent } from "./control-client.ts";
import type { Answer } from "./control-protocol.ts";
import type { StoreRequest } from "./store-protocol.ts";

/** Undefined: nobody runs there. Fails with a `Failure` when the run may not be asked. */
export async function hasOwnStore(prefix: string, key: string, signal: AbortSignal): Promise<boolean | undefined> {
  try {
    return (await askAgent(prefix, { ask: "read", range: { key } }, () => {}, signal)) ? true : undefined;
  } catch (reason) {
    if (reason instanceof Failure && reason.code === "unsupported") return false;
    throw reason;
  }
}

export function storeOfRun(prefix: string): Cluster {
  return new StoreOfRun(prefix);
}

class StoreOfRun implements Cluster {
  readonly isShared = false;
  readonly #prefix: string;
  readonly #closing = new AbortController();

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  async read(range: KeyRange, signal: AbortSignal): Promise<Snapshot> {
    const entries: Entry[] = [];
    let revision: Revision | undefined;
    const take = (answer: Answer): void => {
      if (answer.answer === "entry") entries.push(answer.entry);
      if (answer.answer === "revision") revision = answer.revision;
    };
    await this.#ask({ ask: "read", range }, take, signal);
    if (revision === undefined) throw isGone();
    return { revision, entries };
  }

  async commit(transaction: Transaction, signal: AbortSignal): Promise<Committed> {
    let committed: Committed | undefined;
    const take = (answer: Answer): void => {
      if (answer.answer === "committed") committed = { held: answer.held, revision: answer.revision };
    };
    await this.#ask({ ask: "commit", transaction }, take, signal);
    if (committed === undefined) throw isGone();
    return committed;
  }

  async *watch(
    range: KeyRange,
    after: Revision | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<WatchItem, void, undefined> {
    const enough = new AbortController();
    const items: WatchItem[] = [];
    const pulses = new Pulses(signal);
    let changes: KeyChange[] = [];
    const take = (answer: Answer): void => {
      if (answer.answer === "change") return void changes.push({ key: answer.key, entry: answer.entry });
      if (answer.answer === "revision") {
        items.push({ kind: "changes", revision: answer.revision, changes });
        changes = [];
      } else if (answer.answer === "compacted") items.push({ kind: "compacted" });
      pulses.pulse();
    };
    const request = { ask: "watch", range, ...(after === undefined ? {} : { after }) } as const;
    const told = this.#ask(request, take, AbortSignal.any([signal, enough.signal])).then(
      () => {
        if (items.at(-1)?.kind !== "compacted") pulses.fail(isGone());
      },
      (reason: unknown) => (this.#closing.signal.aborted ? pulses.end() : pulses.fail(reason)),
    );
    try {
      for await (const _ of pulses) {
        for (const item of items.splice(0)) {
          yield item;
          if (item.kind === "compacted") return;
        }
      }
    } finally {
      enough.abort();
      await told;
    }
  }

  async openSession(ttlMs: number, signal: AbortSignal): Promise<Session> {
    signal.throwIfAborted();
    const over = new AbortController();
    const { promise: id, resolve, reject } = Promise.withResolvers<string>();
    const take = (answer: Answer): void => {
      if (answer.answer === "session") resolve(answer.session);
    };
    const opening = AbortSignal.any([signal, over.signal]);
    const giveUp = (): void => reject(opening.reason);
    opening.addEventListener("abort", giveUp, { once: true });
    // Without its connection nobody keeps it alive.
    const kept = this.#ask({ ask: "session", ttlMs }, take, over.signal).then(
      () => reject(isGone()),
      (reason: unknown) => reject(reason),
    );
    kept.finally(() => over.abort(new DOMException("the session is over", "AbortError"))).catch(() => {});
    const session = await id.finally(() => {
      opening.removeEventListener("abort", giveUp);
      if (signal.aborted) over.abort();
    });
    return {
      id: session,
      over: over.signal,
      end: async (ending) => {
        ending.throwIfAborted();
        if (!over.signal.aborted) await this.#ask({ ask: "end session", session }, () => {}, ending);
        await kept;
        over.abort();
      },
      leave: () => {
        // When that cannot be said, the end of the connection says it.
        this.#ask({ ask: "leave session", session }, () => {}, this.#closing.signal).catch(() => {});
      },
    };
  }

  /** Ends every connection, and with that leaves the sessions. */
  async close(): Promise<void> {
    this.#closing.abort(closed());
  }

  async #ask(request: StoreRequest, take: (answer: Answer) => void, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const whole = AbortSignal.any([signal, this.#closing.signal]);
    if (!(await askAgent(this.#prefix, request, take, whole))) throw isGone();
  }
}

function isGone(): Failure {
  return new Failure("The mgmt that ran here has ended, and its store with it.", {
    code: "unreachable",
    retry: "backoff",
  });
}

function closed(): Failure {
  return new Failure("The store is closed.", { code: "unreachable" });
}
