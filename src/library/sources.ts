// SPDX-License-Identifier: Apache-2.0
// What a reactive value is made of. It is a description: each run that follows it has nodes of its own for it.

import type { Cell, Reactive } from "./reactive.ts";

export type Open = (signal: AbortSignal) => AsyncIterable<unknown>;

export type Recipe =
  | { readonly read: () => unknown; readonly watch: (listener: () => void) => () => void }
  | { readonly inputs: readonly Source<unknown>[]; readonly compute: (values: readonly unknown[]) => unknown }
  | { readonly open: Open; readonly initial?: { readonly value: unknown } };

export class Source<out T> implements Reactive<T> {
  readonly isReactive = true;
  readonly recipe: Recipe;

  constructor(recipe: Recipe) {
    this.recipe = recipe;
  }

  map<Result>(compute: (value: T) => Result): Reactive<Result> {
    // Its only input is this one.
    return new Source<Result>({ inputs: [this], compute: ([value]) => compute(value as T) });
  }
}

export class CellSource<T> extends Source<T> implements Cell<T> {
  #value: T;
  readonly #listeners: Set<() => void>;

  constructor(initial: T) {
    const listeners = new Set<() => void>();
    super({
      read: () => this.#value,
      watch: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    });
    this.#value = initial;
    this.#listeners = listeners;
  }

  get(): T {
    return this.#value;
  }

  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const listener of this.#listeners) listener();
  }

  update(change: (value: T) => T): void {
    this.set(change(this.#value));
  }
}

/** Undefined for a plain value. */
export function sourceOf(value: unknown): Source<unknown> | undefined {
  return value instanceof Source ? value : undefined;
}

/** Its value now, where that needs no waiting. */
export function peek(source: Source<unknown>): { readonly value: unknown } | undefined {
  const { recipe } = source;
  if ("read" in recipe) return { value: recipe.read() };
  if ("open" in recipe) return recipe.initial;
  const values: unknown[] = [];
  for (const input of recipe.inputs) {
    const known = peek(input);
    if (known === undefined) return undefined;
    values.push(known.value);
  }
  return { value: recipe.compute(values) };
}

/** Equal for whoever follows a value: texts and numbers, and lists, maps and plain objects of such. */
export function sameItem(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (Array.isArray(left)) {
    return (
      Array.isArray(right) && left.length === right.length && left.every((item, index) => sameItem(item, right[index]))
    );
  }
  if (left instanceof Map) {
    if (!(right instanceof Map) || left.size !== right.size) return false;
    for (const [key, item] of left) if (!right.has(key) || !sameItem(item, right.get(key))) return false;
    return true;
  }
  if (!isRecord(left) || !isRecord(right)) return false;
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && sameItem(left[name], right[name]))
  );
}

/** An object without a class. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
