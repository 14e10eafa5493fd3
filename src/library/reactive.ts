// SPDX-License-Identifier: Apache-2.0
// Values that change over time, as a program in TypeScript writes them. How they are kept up to date is not known here.

import { CellSource, type Open, Source, sourceOf } from "./sources.ts";

/**
 * A value that changes over time. Wherever a field of a resource is given one, the resource follows it. It belongs to
 * no run: any number of runs can follow the same one, and where nothing follows it nothing is computed.
 */
export interface Reactive<out T> {
  /** Tells it from a plain value. */
  readonly isReactive: true;
  /**
   * Another one, computed from this one. `compute` must depend on its argument alone; it is called once for each change,
   * and an equal result is no change for whoever follows it.
   */
  map<Result>(compute: (value: T) => Result): Reactive<Result>;
}

/** A value of yours that you change when you like. */
export interface Cell<T> extends Reactive<T> {
  /** The present value. */
  get(): T;
  /** Changes it. All changes of one turn of the event loop are seen as one. */
  set(value: T): void;
  /** Changes it to what `change` makes of the present value. */
  update(change: (value: T) => T): void;
}

/**
 * A value that you change with `set`.
 *
 * @example
 * const level = cell(7);
 * const shown = file("/run/level", { state: "exists", content: level.map((n) => `${n}\n`) });
 * level.set(8);
 */
export function cell<T>(initial: T): Cell<T> {
  return new CellSource(initial);
}

/** The values that several reactive ones have. */
export type ValuesOf<Sources extends readonly Reactive<unknown>[]> = {
  readonly [At in keyof Sources]: Sources[At] extends Reactive<infer T> ? T : never;
};

/**
 * One value computed from several. Never sees a mixture of old and new ones.
 *
 * @example
 * const url = combine([host, port], (host, port) => `http://${host}:${port}/`);
 */
export function combine<const Sources extends readonly Reactive<unknown>[], Result>(
  sources: Sources,
  compute: (...values: ValuesOf<Sources>) => Result,
): Reactive<Result> {
  const inputs = sources.map((source) => {
    const known = sourceOf(source);
    if (known === undefined)
      throw new TypeError("combine takes reactive values: what cell, combine, stream and map give");
    return known;
  });
  // The sources are in the order of the type.
  return new Source<Result>({ inputs, compute: (values) => compute(...(values as unknown as ValuesOf<Sources>)) });
}

/**
 * The last item of a stream. Without `initial` it has no value before the first item, and what follows it waits. A
 * stream that ends keeps its last value; one that throws ends the run with that error.
 *
 * A function is called anew by each run that follows it, with a signal that says when to end; an iterable itself can be
 * read only once.
 *
 * @example
 * const minute = stream(async function* (signal) {
 *   for await (const _ of setInterval(60_000, undefined, { signal })) yield new Date().getMinutes();
 * }, 0);
 */
export function stream<T>(
  source: AsyncIterable<T> | ((signal: AbortSignal) => AsyncIterable<T>),
  ...initial: readonly [] | readonly [initial: T]
): Reactive<T> {
  const open: Open = typeof source === "function" ? source : () => source;
  return new Source<T>({ open, ...(initial.length === 0 ? {} : { initial: { value: initial[0] } }) });
}
