// SPDX-License-Identifier: Apache-2.0
// The store of several hosts on one machine: a file that all of them write, each with a process of its own. Whoever has
// written something rings a bell, a file that the others watch. A session is proven alive by a number that its owner
// raises; whoever sees that it has not grown for the session's whole time, by its own clock, ends it.

import { closeSync, constants, type FSWatcher, mkdirSync, openSync, watch, writeSync } from "node:fs";
import { basename, dirname } from "node:path";
import { Pulses } from "../../base/pulse.ts";
import type {
  Cluster,
  Committed,
  KeyRange,
  Revision,
  Session,
  Transaction,
  WatchItem,
} from "../../contract/cluster.ts";
import { Failure } from "../../contract/failure.ts";
import type { Clock, Random } from "../../contract/host.ts";
import { isBusy } from "../../database/database.ts";
import { refusedFromTheStart, sessionIsOver } from "../limits.ts";
import { SharedDatabase } from "./database.ts";

export interface SharedFileOptions {
  /** The file; made when it is not there, in a directory that is. */
  readonly path: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Looks at what there is; refuses to keep anything. */
  readonly readOnly: boolean;
  /** A sentence for the person who runs the program. */
  readonly onTrouble: (message: string) => void;
}

export interface SharedFileCluster extends Cluster {
  /** Forgets what happened up to now: who was away has to read everything again. */
  forget(): void;
}

export function sharedFileCluster(options: SharedFileOptions): SharedFileCluster {
  return new SharedFile(options);
}

/** How long to wait until another process may have written. */
const busyMs = 3;
/** A write can be heard of a moment before it can be seen, if its writer has died before the bell. */
const lookAgainMs = 100;

interface Watched {
  beat: number;
  readonly ttlMs: number;
  sinceMs: number;
}

class SharedFile implements SharedFileCluster {
  readonly isShared = true;
  readonly #options: SharedFileOptions;
  readonly #database: SharedDatabase;
  readonly #bell: number;
  readonly #listener: FSWatcher;
  readonly #followers = new Set<Pulses>();
  /** All sessions of whomever, as they were seen. */
  readonly #seen = new Map<string, Watched>();
  readonly #own = new Map<string, { readonly over: AbortController; stop: () => void }>();
  #version: number;
  #cancelLook: (() => void) | undefined;
  #cancelSecondLook: (() => void) | undefined;
  #waiting: (() => void)[] = [];
  #isClosed = false;

  constructor(options: SharedFileOptions) {
    this.#options = options;
    const { path, onTrouble } = options;
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      this.#database = new SharedDatabase(path, (movedTo, why) => {
        onTrouble(`the store ${path} cannot be used, because ${why}; it was moved to ${movedTo} and a new one begun`);
      });
      this.#bell = openSync(`${path}-bell`, constants.O_RDWR | constants.O_CREAT, 0o600);
      this.#listener = watch(dirname(path), (_, name) => {
        if (name === null || name.startsWith(basename(path))) this.#hear();
      });
      this.#listener.on("error", () => {});
    } catch (reason) {
      throw this.#failureFrom(reason);
    }
    this.#version = this.#database.version;
    this.#look();
  }

  async read(range: KeyRange, signal: AbortSignal) {
    return this.#asking(signal, () =>
      this.#database.reading(() => ({
        revision: this.#database.revision().last,
        entries: this.#database.range(range),
      })),
    );
  }

  async commit(transaction: Transaction, signal: AbortSignal): Promise<Committed> {
    signal.throwIfAborted();
    if (this.#options.readOnly) throw mayOnlyLook();
    const refused = refusedFromTheStart(transaction);
    if (refused !== undefined) throw refused;
    return this.#writing(signal, (): Committed => {
      const { last } = this.#database.revision();
      for (const change of transaction.changes) {
        const isOver =
          change.do === "put" && change.session !== undefined && !this.#database.hasSession(change.session);
        if (isOver) throw sessionIsOver();
      }
      const held = transaction.conditions.every(
        ({ key, changed }) => (this.#database.get(key)?.changed ?? 0) === changed,
      );
      const isChanged = held && this.#database.apply(transaction.changes, last + 1);
      return { held, revision: isChanged ? last + 1 : last };
    });
  }

  async *watch(
    range: KeyRange,
    after: Revision | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<WatchItem, void, undefined> {
    const pulses: Pulses = new Pulses(signal, () => this.#followers.delete(pulses));
    this.#followers.add(pulses);
    pulses.pulse();
    const look = (told: Revision | undefined): { readonly last: Revision; readonly item: WatchItem | undefined } =>
      this.#database.reading(() => {
        const { last, forgotten } = this.#database.revision();
        const from = told ?? last;
        if (from < forgotten || from > last) return { last, item: { kind: "compacted" } };
        const changes = this.#database.changes(range, from);
        return { last, item: { kind: "changes", revision: last, changes } };
      });
    let told = after;
    let isFirst = true;
    for await (const _ of pulses) {
      const { last, item } = await this.#asking(signal, () => look(told));
      if (item === undefined) continue;
      told = last;
      if (item.kind === "changes" && item.changes.length === 0 && !isFirst) continue;
      isFirst = false;
      yield item;
      if (item.kind === "compacted") return;
    }
    if (!signal.aborted && this.#isClosed) throw isClosed();
  }

  async openSession(ttlMs: number, signal: AbortSignal): Promise<Session> {
    signal.throwIfAborted();
    if (this.#options.readOnly) throw mayOnlyLook();
    const id = [...this.#options.random.bytes(8)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    await this.#writing(signal, () => this.#database.addSession(id, ttlMs));
    const over = new AbortController();
    const own = { over, stop: () => {} };
    this.#own.set(id, own);
    this.#beatOn(id, ttlMs / 3);
    this.#look();
    return {
      id,
      over: over.signal,
      end: async (ending) => {
        own.stop();
        await this.#writing(ending, () => this.#database.endSession(id));
        this.#look();
      },
      leave: () => own.stop(),
    };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listener.close();
    this.#cancelLook?.();
    this.#cancelSecondLook?.();
    for (const { stop } of this.#own.values()) stop();
    for (const pulses of this.#followers) pulses.end();
    for (const wake of this.#waiting) wake();
    closeSync(this.#bell);
    this.#database.close();
  }

  forget(): void {
    this.#database.writing(() => this.#database.forgetAll());
  }

  // ---- Others ----

  /** Something has happened to the file. */
  #hear(): void {
    if (this.#isClosed || this.#hasNews()) return;
    this.#cancelSecondLook ??= this.#options.clock.after(lookAgainMs, () => {
      this.#cancelSecondLook = undefined;
      if (!this.#isClosed) this.#hasNews();
    });
  }

  #hasNews(): boolean {
    const version = this.#database.version;
    if (version === this.#version) return false;
    this.#version = version;
    this.#tell();
    this.#look();
    return true;
  }

  #tell(): void {
    for (const pulses of this.#followers) pulses.pulse();
  }

  /** At the sessions: which are over, and when to look again. */
  #look(): void {
    const { clock, readOnly } = this.#options;
    const nowMs = clock.monotonicMs();
    let rows: ReturnType<SharedDatabase["sessions"]>;
    try {
      rows = this.#database.sessions();
    } catch (reason) {
      if (!isBusy(reason)) throw reason;
      this.#lookIn(busyMs);
      return;
    }
    const ids = new Set(rows.map(({ id }) => id));
    for (const id of this.#seen.keys()) if (!ids.has(id)) this.#seen.delete(id);
    for (const [id, { over, stop }] of this.#own) {
      if (ids.has(id)) continue;
      stop();
      this.#own.delete(id);
      over.abort(new DOMException("the session is over", "AbortError"));
    }
    let nextMs: number | undefined;
    const late: string[] = [];
    for (const { id, ttlMs, beat } of rows) {
      const seen = this.#seen.get(id);
      if (seen === undefined) this.#seen.set(id, { beat, ttlMs, sinceMs: nowMs });
      else if (seen.beat !== beat) Object.assign(seen, { beat, sinceMs: nowMs });
      const leftMs = (this.#seen.get(id)?.sinceMs ?? nowMs) + ttlMs - nowMs;
      if (leftMs <= 0) late.push(id);
      else nextMs = Math.min(nextMs ?? leftMs, leftMs);
    }
    if (nextMs !== undefined) this.#lookIn(nextMs);
    if (late.length > 0 && !readOnly) this.#endLate(late);
  }

  #lookIn(ms: number): void {
    this.#cancelLook?.();
    this.#cancelLook = this.#options.clock.after(ms, () => {
      this.#cancelLook = undefined;
      if (!this.#isClosed) this.#look();
    });
  }

  #endLate(ids: readonly string[]): void {
    const end = (): void => {
      const present = new Map(this.#database.sessions().map((row) => [row.id, row.beat]));
      for (const id of ids) if (present.get(id) === this.#seen.get(id)?.beat) this.#database.endSession(id);
    };
    this.#writing(new AbortController().signal, end).then(
      () => this.#look(),
      () => {
        if (!this.#isClosed) this.#lookIn(lookAgainMs);
      },
    );
  }

  #beatOn(id: string, everyMs: number): void {
    const own = this.#own.get(id);
    if (own === undefined) return;
    const stopping = new AbortController();
    const cancel = this.#options.clock.after(everyMs, () => {
      this.#writing(stopping.signal, () => this.#database.beat(id)).then(
        () => {
          this.#look();
          if (!stopping.signal.aborted) this.#beatOn(id, everyMs);
        },
        () => {
          if (!stopping.signal.aborted) this.#beatOn(id, everyMs); // Its time will tell.
        },
      );
    });
    own.stop = () => {
      cancel();
      stopping.abort();
    };
  }

  // ---- Asking the file ----

  async #writing<Result>(signal: AbortSignal, work: () => Result): Promise<Result> {
    const result = await this.#asking(signal, () => this.#database.writing(work));
    writeSync(this.#bell, ".", 0);
    this.#tell();
    return result;
  }

  /** Again and again while another process is writing, until the signal aborts. */
  async #asking<Result>(signal: AbortSignal, work: () => Result): Promise<Result> {
    for (;;) {
      signal.throwIfAborted();
      if (this.#isClosed) throw isClosed();
      try {
        return work();
      } catch (reason) {
        if (!isBusy(reason)) throw this.#failureFrom(reason);
      }
      await this.#pause(signal);
    }
  }

  async #pause(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const [chance = 0] = this.#options.random.bytes(1);
    const cancel = this.#options.clock.after(busyMs + chance / 32, resolve);
    this.#waiting.push(resolve);
    signal.addEventListener("abort", () => resolve(), { once: true });
    await promise;
    cancel();
    this.#waiting = this.#waiting.filter((each) => each !== resolve);
  }

  #failureFrom(reason: unknown): unknown {
    if (!(reason instanceof Error) || !("errcode" in reason || "errno" in reason)) return reason;
    const number = "errcode" in reason && typeof reason.errcode === "number" ? reason.errcode & 0xff : undefined;
    const code = number === 13 ? "full" : number === 8 ? "read-only" : "unreachable";
    return new Failure(`The store ${this.#options.path} cannot be used: ${reason.message}.`, {
      code,
      hint: "Look at its disk, and whether it belongs to you.",
      retry: "backoff",
      cause: reason,
    });
  }
}

function mayOnlyLook(): Failure {
  return new Failure("Nothing is shared with other hosts while nothing may be changed.", { code: "read-only" });
}

function isClosed(): Failure {
  return new Failure("The store is closed.", { code: "unreachable" });
}
