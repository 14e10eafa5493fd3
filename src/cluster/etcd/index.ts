// SPDX-License-Identifier: Apache-2.0
// The store that hosts share on the network: etcd, by the API of its version 3. Decides nothing about who serves it; see
// `members.ts` for that.

import {
  type Change,
  type Cluster,
  type Committed,
  type KeyRange,
  type Revision,
  type Session,
  type Transaction,
  transactionLimits,
} from "../../contract/cluster.ts";
import { Failure } from "../../contract/failure.ts";
import type { Clock } from "../../contract/host.ts";
import { byteLength, bytesOf } from "../../values/bytes.ts";
import { sessionIsOver, tooLarge } from "./failures.ts";
import { membersOf, type Members } from "./members.ts";
import { compareChanged, transact } from "./messages.ts";
import { keyBytes, leaseOf } from "./ranges.ts";
import { readRange } from "./read.ts";
import { Revisions } from "./revisions.ts";
import { Servers, type ServersOptions } from "./servers.ts";
import { openSession } from "./session.ts";
import { watchRange } from "./watch.ts";

export type { Tls } from "./endpoint.ts";
export type { Member, ServerStatus } from "./members.ts";

export interface EtcdOptions extends ServersOptions {
  readonly clock: Clock;
  /** Refuses to change anything. */
  readonly readOnly: boolean;
  /** A sentence for the person who runs the program. */
  readonly onTrouble: (message: string) => void;
  /** Closes what it has come with. */
  readonly onClose?: () => Promise<void>;
}

/** etcd as a store, and as servers that can be looked at and changed. */
export interface EtcdCluster extends Cluster {
  readonly members: Members;
  /** All addresses that are known, those that are asked first in front. */
  readonly urls: readonly string[];
  /** The one that is asked now; undefined before the first answer. */
  readonly current: string | undefined;
  /** By which etcd tells this store from others; undefined before the first answer. */
  readonly clusterId: bigint | undefined;
  /** Who serves the store may be others than before: learns it from them. */
  refresh(): void;
  /** Others are believed no more than before: breaks what is open to them. */
  leaveRevoked(): void;
  /** Nobody believes this host any more: nobody is asked from now on. */
  giveUp(): void;
  /** A socket of this machine that leads to the server at this address; absent: it is reached there. */
  readonly socketFor: ((url: string) => string) | undefined;
  /** Calls when `urls` may be others. The returned function ends that. */
  onUrls(listener: () => void): () => void;
  /** Calls with a list, still to be made sure of, by which somebody says that nobody is to believe us. The returned function ends that. */
  onRevocations(listener: (list: string) => void): () => void;
}

export function etcdCluster(options: EtcdOptions): EtcdCluster {
  return new Etcd(options);
}

class Etcd implements EtcdCluster {
  readonly isShared = true;
  readonly members: Members;
  readonly #options: EtcdOptions;
  readonly #servers: Servers;
  readonly #revisions: Revisions;
  readonly #listeners = new Set<() => void>();
  readonly #refusals = new Set<(list: string) => void>();
  #era = new AbortController();

  constructor(options: EtcdOptions) {
    this.#options = options;
    const onUrls = (urls: readonly string[]): void => {
      options.onUrls?.(urls);
      for (const listener of this.#listeners) listener();
    };
    const onRevocations = (list: string): void => {
      for (const listener of this.#refusals) listener(list);
    };
    this.#servers = new Servers({ ...options, onUrls, onRevocations });
    this.#revisions = new Revisions(() => this.#beginEra());
    this.members = membersOf(this.#servers, this.#revisions);
  }

  get urls(): readonly string[] {
    return this.#servers.urls;
  }

  get current(): string | undefined {
    return this.#servers.current;
  }

  get clusterId(): bigint | undefined {
    return this.#revisions.clusterId;
  }

  refresh(): void {
    this.#servers.refresh();
  }

  leaveRevoked(): void {
    this.#servers.leaveRevoked();
  }

  giveUp(): void {
    this.#servers.giveUp();
  }

  get socketFor(): EtcdCluster["socketFor"] {
    return this.#options.socketFor;
  }

  onUrls(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onRevocations(listener: (list: string) => void): () => void {
    this.#refusals.add(listener);
    return () => this.#refusals.delete(listener);
  }

  read(range: KeyRange, signal: AbortSignal) {
    return readRange(range, this.#servers, this.#revisions, signal);
  }

  async commit(transaction: Transaction, signal: AbortSignal): Promise<Committed> {
    signal.throwIfAborted();
    this.#mayChange();
    const { conditions, changes } = transaction;
    checkSize(transaction);
    const compare = conditions.map(({ key, changed }) => {
      const revision = changed === 0 ? 0 : (this.#revisions.etcds(changed) ?? -1);
      return { target: compareChanged, key: keyBytes(key), changed: revision };
    });
    const success = changes.map((change) => operationOf(change));
    // Whoever has a condition can tell afterwards whether it was done; nobody else is served by a second time either.
    const answer = await this.#servers.ask(transact, { compare, success }, signal, { isRepeatable: false });
    return { held: answer.succeeded, revision: this.#revisions.see(answer.header) };
  }

  async *watch(range: KeyRange, after: Revision | undefined, signal: AbortSignal) {
    yield* watchRange(range, after, this.#setting(), signal);
  }

  async openSession(ttlMs: number, signal: AbortSignal): Promise<Session> {
    signal.throwIfAborted();
    this.#mayChange();
    return openSession(ttlMs, this.#setting(), signal);
  }

  async close(): Promise<void> {
    this.#servers.close();
    await this.#options.onClose?.();
  }

  #setting() {
    return {
      servers: this.#servers,
      revisions: this.#revisions,
      clock: this.#options.clock,
      era: this.#era.signal,
    };
  }

  #beginEra(): void {
    this.#options.onTrouble("the servers of the store belong to another cluster than before: everything is read again");
    this.#era.abort();
    this.#era = new AbortController();
  }

  #mayChange(): void {
    if (!this.#options.readOnly) return;
    throw new Failure("Nothing is shared with other hosts while nothing may be changed.", { code: "read-only" });
  }
}

function checkSize({ conditions, changes }: Transaction): void {
  const most = transactionLimits.changes;
  if (changes.length > most || conditions.length > most) throw tooLarge(`it has more than ${most} changes`);
  let bytes = 0;
  for (const change of changes) bytes += change.key.length + (change.do === "put" ? byteLength(change.value) : 0);
  if (bytes > transactionLimits.bytes) throw tooLarge(`it has more than ${transactionLimits.bytes} bytes`);
}

function operationOf(change: Change) {
  const key = keyBytes(change.key);
  if (change.do === "delete") return { delete: { key } };
  const lease = change.session === undefined ? 0n : leaseOf(change.session);
  if (change.session !== undefined && lease === 0n) throw sessionIsOver();
  return { put: { key, value: bytesOf(change.value), lease } };
}
