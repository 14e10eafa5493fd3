// SPDX-License-Identifier: Apache-2.0
// Ranges of the store as they are now, kept here while somebody looks at them. However many look at a range, it is read
// and followed once. A broken watch goes on after the last revision that was told; the entries stay meanwhile.

import { Pulses } from "../base/pulse.ts";
import { SortedMap } from "../base/sorted-map.ts";
import type { Entry, KeyRange, Revision } from "../contract/cluster.ts";
import { Failure } from "../contract/failure.ts";
import { type Connection, mostPatienceMs, tooLong } from "./connection.ts";
import type { Remembered } from "./remembered.ts";

/** When the store has not answered for so long, what is remembered of it is in force until it does. */
const rememberAfterMs = 2000;

/** What is known of a range; undefined before the first answer. */
export interface View {
  readonly entries: SortedMap<Entry> | undefined;
}

/** The keys that have changed; undefined: any may have. */
export type Touched = ReadonlySet<string> | undefined;
type Listener = (touched: Touched) => void;

export class Mirrors {
  readonly #connection: Connection;
  readonly #remembered: Remembered | undefined;
  readonly #mirrors = new Map<string, Mirror>();

  constructor(connection: Connection, remembered?: Remembered) {
    this.#connection = connection;
    this.#remembered = remembered;
  }

  /** Of what is in force from an earlier run, because the store has not answered yet: since when it was not asked. */
  get rememberedFromMs(): number | undefined {
    const times = [...this.#mirrors.values()].flatMap(({ rememberedFromMs }) => rememberedFromMs ?? []);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Calls when the range may have changed, also when it is known at first. What is known already is there at once. */
  listen(range: KeyRange, listener: Listener): { readonly view: View; readonly stop: () => void } {
    const mirror = this.#mirrorOf(range);
    mirror.listeners.add(listener);
    return { view: mirror, stop: () => this.#leave(mirror, listener) };
  }

  /**
   * Tells that a range may have changed, once all of them are known. Nothing comes while the store cannot be reached; when
   * it is back, something does. `patient`: does not fail when the first answer takes too long.
   */
  changes(
    ranges: readonly KeyRange[],
    signal: AbortSignal,
    { patient }: { readonly patient: boolean },
  ): { readonly pulses: Pulses; readonly views: readonly View[] } {
    const mirrors = ranges.map((range) => this.#mirrorOf(range));
    let cancel = (): void => {};
    const tell = (): void => {
      if (mirrors.some(({ entries }) => entries === undefined)) return;
      cancel();
      pulses.pulse();
    };
    const pulses: Pulses = new Pulses(signal, () => {
      cancel();
      for (const mirror of mirrors) this.#leave(mirror, tell);
    });
    if (signal.aborted) return { pulses, views: mirrors };
    for (const mirror of mirrors) mirror.listeners.add(tell);
    if (!patient) cancel = this.#connection.clock.after(mostPatienceMs, () => pulses.fail(tooLong()));
    tell();
    return { pulses, views: mirrors };
  }

  /** What `read` makes of the ranges, at once and whenever it is another. */
  async *follow<Result>(
    ranges: readonly KeyRange[],
    read: (views: readonly SortedMap<Entry>[]) => Result,
    same: (left: Result, right: Result) => boolean,
    signal: AbortSignal,
  ): AsyncGenerator<Result, void, undefined> {
    const { pulses, views } = this.changes(ranges, signal, { patient: true });
    let last: { readonly result: Result } | undefined;
    for await (const _ of pulses) {
      const result = read(views.flatMap(({ entries }) => entries ?? []));
      if (last !== undefined && same(last.result, result)) continue;
      last = { result };
      yield result;
    }
  }

  #mirrorOf(range: KeyRange): Mirror {
    const name = nameOf(range);
    const known = this.#mirrors.get(name);
    if (known !== undefined) return known;
    const mirror = new Mirror(range, this.#connection, this.#remembered);
    this.#mirrors.set(name, mirror);
    return mirror;
  }

  #leave(mirror: Mirror, listener: Listener): void {
    mirror.listeners.delete(listener);
    if (mirror.listeners.size > 0) return;
    mirror.end();
    if (this.#mirrors.get(nameOf(mirror.range)) === mirror) this.#mirrors.delete(nameOf(mirror.range));
  }
}

function nameOf(range: KeyRange): string {
  return "key" in range ? `=${range.key}` : `${range.prefix}*`;
}

class Mirror implements View {
  entries: SortedMap<Entry> | undefined;
  /** What is in force is from an earlier run, and was so at this time. */
  rememberedFromMs: number | undefined;
  readonly range: KeyRange;
  readonly listeners = new Set<Listener>();
  readonly #connection: Connection;
  readonly #ending = new AbortController();
  readonly #stopListening: () => void;
  readonly #remembered: Remembered | undefined;
  readonly #cancelRemember: () => void;
  #revision: Revision | undefined;
  #isRunning = false;

  constructor(range: KeyRange, connection: Connection, remembered: Remembered | undefined) {
    this.range = range;
    this.#connection = connection;
    this.#remembered = remembered;
    this.#cancelRemember =
      remembered === undefined ? () => {} : connection.clock.after(rememberAfterMs, () => this.#remember(remembered));
    this.#stopListening = connection.onReachable(() => this.#begin({ again: true }));
    connection.closing.addEventListener("abort", this.end, { once: true });
    this.#begin({ again: false });
  }

  readonly end = (): void => {
    this.#ending.abort();
    this.#cancelRemember();
    this.#stopListening();
    this.#connection.closing.removeEventListener("abort", this.end);
  };

  #begin({ again }: { readonly again: boolean }): void {
    if (this.#isRunning || this.#ending.signal.aborted) return;
    this.#isRunning = true;
    const ended = (): void => {
      this.#isRunning = false;
    };
    const broken = (reason: unknown): void => {
      ended();
      if (this.#ending.signal.aborted) return;
      if (!(reason instanceof Failure)) throw reason;
      this.#connection.lost(reason); // It is begun anew when the store answers.
    };
    this.#run(again).then(ended, broken);
  }

  async #run(isAgain: boolean): Promise<void> {
    const { signal } = this.#ending;
    const { cluster } = this.#connection;
    let again = isAgain;
    for (;;) {
      if (this.#revision === undefined) {
        const { revision, entries } = await this.#connection.read(this.range, signal);
        this.#revision = revision;
        const known = new SortedMap<Entry>();
        for (const entry of entries) known.set(entry.key, entry);
        this.entries = known;
        this.rememberedFromMs = undefined;
        this.#cancelRemember();
        this.#changed(undefined);
        again = false;
      }
      for await (const item of cluster.watch(this.range, this.#revision, signal)) {
        if (item.kind === "compacted") {
          this.#revision = undefined;
          break;
        }
        this.#revision = item.revision;
        for (const { key, entry } of item.changes) {
          if (entry === undefined) this.entries?.delete(key);
          else this.entries?.set(key, entry);
        }
        if (item.changes.length > 0) this.#changed(new Set(item.changes.map(({ key }) => key)));
        else if (again) this.#tell(new Set());
        again = false;
      }
      if (signal.aborted) return;
    }
  }

  #remember(remembered: Remembered): void {
    const kept = this.entries === undefined ? remembered.load(nameOf(this.range)) : undefined;
    if (kept === undefined) return;
    this.entries = new SortedMap();
    for (const entry of kept.entries) this.entries.set(entry.key, entry);
    this.rememberedFromMs = kept.timeMs;
    this.#tell(undefined);
  }

  #changed(touched: Touched): void {
    const { entries } = this;
    if (entries !== undefined) this.#remembered?.save(nameOf(this.range), () => [...entries.values()]);
    this.#tell(touched);
  }

  #tell(touched: Touched): void {
    for (const listener of this.listeners) listener(touched);
  }
}
