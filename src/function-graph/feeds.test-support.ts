// SPDX-License-Identifier: Apache-2.0
// Streams that a test drives: `feed.number("name")` in a program has the value that the test last set under that name, and
// none before. Each call in a program is a stream of its own.

import { createCatalog } from "../contract/catalog.ts";
import { defineFunction, type FunctionDefinition, FunctionFailure } from "../contract/function.ts";
import { textAt } from "../functions/arguments.ts";
import { constants, functions } from "../functions/index.ts";
import { kindConstants, kinds } from "../resources/index.ts";
import type { Value } from "../values/value.ts";

type Item = { readonly item: Value | FunctionFailure } | { readonly thrown: Error } | { readonly ended: true };

const types: Readonly<Record<string, string>> = {
  number: "int",
  flag: "bool",
  text: "str",
  numbers: "[]int",
  texts: "[]str",
  table: "map{str: int}",
};

export class Feeds {
  /** By name: how many streams have been begun, and how many have not let go yet. */
  readonly begun = new Map<string, number>();
  readonly running = new Map<string, number>();
  readonly #values = new Map<string, Item>();
  readonly #readers = new Map<string, Set<() => void>>();
  /** While true, streams that should end do not. */
  isHolding = false;
  #letGo: (() => void)[] = [];

  readonly catalog = createCatalog({
    kinds,
    functions: [...functions, ...Object.entries(types).map(([name, type]) => this.#declare(name, type))],
    constants: [...constants, ...kindConstants],
  });

  set(name: string, item: Value | FunctionFailure): void {
    this.#give(name, { item });
  }

  /** From now on the value fails in a way that `<|>` catches. */
  fail(name: string, message: string): void {
    this.set(name, new FunctionFailure(message, { catchable: true }));
  }

  throwFrom(name: string, message: string): void {
    this.#give(name, { thrown: new Error(message) });
  }

  /** No more values come; whoever begins later gets none. */
  end(name: string): void {
    this.#give(name, { ended: true });
  }

  letGo(): void {
    this.isHolding = false;
    for (const resolve of this.#letGo.splice(0)) resolve();
  }

  valueOf(name: string): Value | FunctionFailure | undefined {
    const last = this.#values.get(name);
    return last !== undefined && "item" in last ? last.item : undefined;
  }

  #give(name: string, item: Item): void {
    this.#values.set(name, item);
    for (const wake of [...(this.#readers.get(name) ?? [])]) wake();
  }

  #declare(name: string, type: string): FunctionDefinition {
    return defineFunction({
      module: "feed",
      name,
      doc: "What the test says.",
      type: `func(name str) ${type}`,
      stream: (args, { signal }) => this.#read(textAt(args, 0), signal),
    });
  }

  async *#read(name: string, signal: AbortSignal): AsyncGenerator<Value | FunctionFailure, void, undefined> {
    count(this.begun, name, 1);
    count(this.running, name, 1);
    try {
      let seen: Item | undefined;
      while (!signal.aborted) {
        const last = this.#values.get(name);
        if (last === undefined || last === seen) {
          await this.#change(name, signal);
          continue;
        }
        seen = last;
        if ("ended" in last) return;
        if ("thrown" in last) throw last.thrown;
        yield last.item;
      }
    } finally {
      if (this.isHolding) await new Promise<void>((resolve) => this.#letGo.push(resolve));
      count(this.running, name, -1);
    }
  }

  #change(name: string, signal: AbortSignal): Promise<void> {
    const readers = this.#readers.get(name) ?? new Set();
    this.#readers.set(name, readers);
    return new Promise((resolve) => {
      const wake = (): void => {
        readers.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      readers.add(wake);
      signal.addEventListener("abort", wake);
    });
  }
}

function count(counts: Map<string, number>, name: string, change: number): void {
  counts.set(name, (counts.get(name) ?? 0) + change);
}
