// SPDX-License-Identifier: Apache-2.0
// What this host may collect of one kind, kept while somebody follows it. However many do, what one change of the store touches is
// read once, and only those who asked for that name are woken.

import { Pulses } from "../base/pulse.ts";
import { SortedMap } from "../base/sorted-map.ts";
import type { Entry } from "../contract/cluster.ts";
import type { Exported } from "../contract/exchange.ts";
import { fieldsOfStored } from "../values/stored.ts";
import { open } from "./envelope.ts";
import { exportedPrefix, partsAfter, placesPrefix } from "./keys.ts";
import type { Mirrors, Touched, View } from "./mirrors.ts";

/** Who asks for more names than this, or for none at all, is woken by everything: that is less work than a list for each name. */
const fewNames = 16;

/** One of the two places where the store has what this host may collect. */
interface Source {
  readonly prefix: string;
  readonly view: View;
  readonly stop: () => void;
}

export class Collectable {
  readonly #kind: string;
  readonly #hostname: string;
  readonly #mirrors: Mirrors;
  /** Only while somebody follows. What is for this host wins over what the same host exports under the same name for all. */
  #sources: readonly Source[] = [];
  /** By its place, the end of its key: name and host. Undefined before all is known. */
  #found: SortedMap<Exported> | undefined;
  /** The same as a list, until it changes. */
  #list: readonly Exported[] | undefined;
  readonly #ofAll = new Set<Pulses>();
  readonly #ofName = new Map<string, Set<Pulses>>();

  constructor(kind: string, hostname: string, mirrors: Mirrors) {
    this.#kind = kind;
    this.#hostname = hostname;
    this.#mirrors = mirrors;
  }

  async *follow(
    signal: AbortSignal,
    names?: ReadonlySet<string>,
  ): AsyncGenerator<readonly Exported[], void, undefined> {
    if (signal.aborted) return;
    const isForFew = names !== undefined && names.size > 0 && names.size <= fewNames;
    const asked = isForFew ? [...names] : undefined;
    const pulses: Pulses = new Pulses(signal, () => this.#leave(pulses, asked));
    this.#enter(pulses, asked);
    let last: readonly Exported[] | undefined;
    for await (const _ of pulses) {
      const all = this.#read(asked);
      const wanted = names === undefined || isForFew ? all : all.filter(({ name }) => names.has(name));
      if (last !== undefined && isSame(last, wanted)) continue;
      last = wanted;
      yield wanted;
    }
  }

  #enter(pulses: Pulses, names: readonly string[] | undefined): void {
    if (this.#sources.length === 0) this.#begin();
    if (names === undefined) this.#ofAll.add(pulses);
    for (const name of names ?? []) {
      const others = this.#ofName.get(name);
      if (others === undefined) this.#ofName.set(name, new Set([pulses]));
      else others.add(pulses);
    }
    if (this.#found !== undefined) pulses.pulse();
  }

  #leave(pulses: Pulses, names: readonly string[] | undefined): void {
    this.#ofAll.delete(pulses);
    for (const name of names ?? []) {
      const others = this.#ofName.get(name);
      others?.delete(pulses);
      if (others?.size === 0) this.#ofName.delete(name);
    }
    if (this.#ofAll.size > 0 || this.#ofName.size > 0) return;
    for (const { stop } of this.#sources) stop();
    this.#sources = [];
    this.#found = undefined;
    this.#list = undefined;
  }

  #begin(): void {
    this.#sources = [this.#hostname, "*"].map((to) => {
      const prefix = exportedPrefix(to, this.#kind);
      return { prefix, ...this.#mirrors.listen({ prefix }, (touched) => this.#touch(prefix, touched)) };
    });
    this.#touch("", undefined);
  }

  /** In the order of the places, which is that of the names as they stand in keys, then of the hosts. */
  #read(names: readonly string[] | undefined): readonly Exported[] {
    const found = this.#found ?? new SortedMap<Exported>();
    if (names === undefined) return (this.#list ??= [...found.values()]);
    const prefixes = names.map(placesPrefix);
    if (prefixes.length > 1) prefixes.sort();
    return prefixes.flatMap((prefix) => Array.from(found.from(prefix), ([, exported]) => exported));
  }

  #touch(prefix: string, touched: Touched): void {
    if (this.#sources.some(({ view }) => view.entries === undefined)) return;
    if (this.#found === undefined || touched === undefined) return this.#readAnew();
    const names = new Set<string>();
    for (const key of touched) {
      const changed = this.#readPlace(key.slice(prefix.length), this.#found);
      if (changed !== undefined) names.add(changed.name);
    }
    if (names.size === 0) return;
    this.#list = undefined;
    for (const pulses of this.#ofAll) pulses.pulse();
    for (const name of names) for (const pulses of this.#ofName.get(name) ?? []) pulses.pulse();
  }

  #readAnew(): void {
    this.#found = new SortedMap();
    this.#list = undefined;
    for (const { prefix, view } of this.#sources) {
      for (const [key] of view.entries?.from(prefix) ?? []) this.#readPlace(key.slice(prefix.length), this.#found);
    }
    for (const pulses of this.#ofAll) pulses.pulse();
    for (const others of this.#ofName.values()) for (const pulses of others) pulses.pulse();
  }

  /** What has become another one there, as it is or was. */
  #readPlace(place: string, found: SortedMap<Exported>): Exported | undefined {
    let present: Exported | undefined;
    for (const { prefix, view } of this.#sources) {
      const entry = view.entries?.get(prefix + place);
      present ??= entry && readingOf(this.#kind, place, entry);
    }
    const former = found.get(place);
    if (present === former) return undefined;
    if (present === undefined) found.delete(place);
    else found.set(place, present);
    return present ?? former;
  }
}

/** An entry never changes, so what is read of it is kept with it. */
const readings = new WeakMap<Entry, { readonly exported: Exported | undefined }>();

function readingOf(kind: string, place: string, entry: Entry): Exported | undefined {
  const known = readings.get(entry);
  if (known !== undefined) return known.exported;
  const [name = "", host = ""] = partsAfter("", place);
  const data = dataIn(entry);
  const exported = data === undefined || name === "" || host === "" ? undefined : { kind, name, host, data };
  readings.set(entry, { exported });
  return exported;
}

/** Undefined when it is not readable here. */
export function dataIn(entry: Entry): string | undefined {
  const fields = open(entry.value)?.["fields"];
  if (fields === undefined) return undefined;
  const data = JSON.stringify(fields);
  return fieldsOfStored(data) === undefined ? undefined : data;
}

function isSame(left: readonly Exported[], right: readonly Exported[]): boolean {
  return left === right || (left.length === right.length && left.every((exported, at) => exported === right[at]));
}
