// SPDX-License-Identifier: Apache-2.0
// The reactive values that one run follows, as nodes of the incremental evaluator. A node's result counts the versions
// of a value, which may be anything; the value itself stands beside it. So equal values stop there, as everywhere.

import { Pulses } from "../base/pulse.ts";
import { Evaluator } from "../function-graph/evaluator.ts";
import { type Behaviour, Node } from "../function-graph/node.ts";
import { type Open, sameItem, type Source } from "./sources.ts";

interface Living {
  readonly node: Node;
  /** Valid while the node has a result. */
  readonly value: () => unknown;
}

export class LivingValues {
  readonly evaluator: Evaluator;
  /** A round is due: one for all changes since the last. */
  readonly rounds: Pulses;
  readonly #living = new WeakMap<Source<unknown>, Living>();
  readonly #running = new Set<Promise<void>>();
  readonly #unneeded = new Set<() => void>();

  constructor(signal: AbortSignal) {
    this.rounds = new Pulses(signal);
    this.evaluator = new Evaluator(this.rounds.pulse);
  }

  nodeOf(source: Source<unknown>): Node {
    return this.#livingOf(source).node;
  }

  /** Only of a source whose node has a result. */
  valueOf(source: Source<unknown>): unknown {
    return this.#livingOf(source).value();
  }

  /** Throws what the program's own code throws. */
  round(): void {
    this.evaluator.stabilize();
    // What one part gave up may have been taken up by another one in the same round.
    for (const end of this.#unneeded) end();
    this.#unneeded.clear();
  }

  /** Resolves when every stream has ended. Whatever was observed must have been given up before. */
  async end(): Promise<void> {
    for (const end of this.#unneeded) end();
    this.#unneeded.clear();
    this.rounds.end();
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  #livingOf(source: Source<unknown>): Living {
    const known = this.#living.get(source);
    if (known !== undefined) return known;
    const made = this.#make(source);
    this.#living.set(source, made);
    return made;
  }

  #make({ recipe }: Source<unknown>): Living {
    if ("inputs" in recipe) {
      const inputs = recipe.inputs.map((input) => this.#livingOf(input));
      return this.#versioned(
        "combine",
        inputs.map(({ node }) => node),
        () => ({ value: recipe.compute(inputs.map((input) => input.value())) }),
      );
    }
    if ("open" in recipe) return this.#stream(recipe.open, recipe.initial);
    let unwatch: (() => void) | undefined;
    const living: Living = this.#versioned(
      "cell",
      [],
      () => {
        unwatch ??= recipe.watch(() => this.evaluator.invalidate(living.node));
        return { value: recipe.read() };
      },
      () => {
        unwatch?.();
        unwatch = undefined;
      },
    );
    return living;
  }

  #stream(open: Open, initial: { readonly value: unknown } | undefined): Living {
    let latest = initial;
    let running: AbortController | undefined;
    const end = (): void => {
      running?.abort();
      running = undefined;
    };
    const living: Living = this.#versioned(
      "stream",
      [],
      () => {
        this.#unneeded.delete(end);
        if (running === undefined) {
          const { signal } = (running = new AbortController());
          const accept = (value: unknown): void => {
            latest = { value };
            this.evaluator.invalidate(living.node);
          };
          this.#read(open, accept, signal);
        }
        return latest;
      },
      () => this.#unneeded.add(end),
    );
    return living;
  }

  #read(open: Open, accept: (value: unknown) => void, signal: AbortSignal): void {
    const aborted = new Promise<"aborted">((resolve) => {
      signal.addEventListener("abort", () => resolve("aborted"), { once: true });
    });
    const read = async (): Promise<void> => {
      try {
        const items = open(signal)[Symbol.asyncIterator]();
        for (;;) {
          // An iterable of others may not listen to the signal: the run ends all the same.
          const result = await Promise.race([items.next(), aborted]);
          if (result === "aborted" || signal.aborted) {
            items.return?.().catch(() => {}); // Not waited for: it may be deep in a wait of its own.
            return;
          }
          if (result.done === true) return;
          accept(result.value);
        }
      } catch (reason) {
        if (!signal.aborted) this.rounds.fail(reason);
      }
    };
    const task = read().finally(() => this.#running.delete(task));
    this.#running.add(task);
  }

  /** `next` is called when all inputs have values; undefined: it has none yet. */
  #versioned(
    label: string,
    inputs: readonly Node[],
    next: () => { readonly value: unknown } | undefined,
    stop?: () => void,
  ): Living {
    let version = 0n;
    let latest: unknown;
    const behaviour: Behaviour = {
      label,
      compute: (node) => {
        if (node.inputs.some((input) => input.result === undefined)) return undefined;
        const found = next();
        if (found === undefined) return undefined;
        if (version === 0n || !sameItem(latest, found.value)) version += 1n;
        latest = found.value;
        return version;
      },
      ...(stop === undefined
        ? {}
        : {
            stop: (node: Node) => {
              stop();
              this.evaluator.forget(node);
            },
          }),
    };
    return { node: new Node({ inputs, behaviour }), value: () => latest };
  }
}

/** The value of a source now and whenever it changes. Changes that come while the reader is busy are one. */
export async function* follow(source: Source<unknown>, signal: AbortSignal): AsyncGenerator<unknown, void, undefined> {
  const values = new LivingValues(signal);
  const node = values.nodeOf(source);
  const root = new Node({ inputs: [node], behaviour: { label: "follow", compute: () => node.result } });
  let version: unknown;
  try {
    values.evaluator.observe(root);
    values.rounds.pulse();
    for await (const _ of values.rounds) {
      values.round();
      if (root.result === undefined || root.result === version) continue;
      version = root.result;
      yield values.valueOf(source);
    }
  } finally {
    values.evaluator.unobserve(root);
    await values.end();
  }
}
