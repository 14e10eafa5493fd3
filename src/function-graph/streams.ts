// SPDX-License-Identifier: Apache-2.0
// Nodes whose value comes from the world. A stream runs while its node is necessary and its arguments stay the same;
// it has no value before its first item, and keeps its last one when it ends.

import type { Span } from "../base/span.ts";
import { FunctionFailure, type SolvedCall, type StreamEnv, type StreamFunction } from "../contract/function.ts";
import { sameValue, type Value } from "../values/value.ts";
import { obstacle, valuesOf } from "./behaviours.ts";
import type { Evaluator } from "./evaluator.ts";
import { type Behaviour, Failed, type Node, type Result } from "./node.ts";

/** What all streams are given alike. */
export type StreamWorld = Pick<StreamEnv, "host" | "local" | "exchange" | "hostname" | "isKind">;

/** Owns every running stream of one function graph. */
export class Streams {
  readonly #evaluator: Evaluator;
  readonly #world: StreamWorld;
  readonly #running = new Set<Promise<void>>();
  readonly #unneeded = new Set<() => void>();
  #active = 0;
  #items = 0;

  constructor(evaluator: Evaluator, world: StreamWorld) {
    this.#evaluator = evaluator;
    this.#world = world;
  }

  /** Streams that may still bring a value. */
  get active(): number {
    return this.#active;
  }

  /** How many items have come so far. */
  get items(): number {
    return this.#items;
  }

  behaviour(shownAs: string, at: Span, definition: StreamFunction, call: SolvedCall): Behaviour {
    const memory = new Map<string, unknown>();
    let run: { readonly args: readonly Value[]; readonly abort: AbortController; latest: Result } | undefined;
    const end = (): void => {
      run?.abort.abort();
      run = undefined;
    };
    return {
      label: shownAs,
      origin: { function: shownAs, at },
      compute: (node) => {
        this.#unneeded.delete(end);
        const blocked = obstacle(node.inputs);
        if (blocked !== undefined) {
          end();
          return blocked.result;
        }
        const args = valuesOf(node.inputs);
        if (run !== undefined && sameArguments(run.args, args)) return run.latest;
        end();
        const begun = { args, abort: new AbortController(), latest: undefined as Result };
        run = begun;
        const accept = (item: Value | FunctionFailure): void => {
          this.#items += 1;
          begun.latest = item instanceof FunctionFailure ? new Failed(item, at, shownAs) : item;
          if (run === begun) this.#evaluator.invalidate(node);
        };
        const { signal } = begun.abort;
        const env = { ...this.#world, signal, call, memory };
        this.#start(definition, args, env, accept);
        return undefined;
      },
      stop: (node: Node) => {
        this.#unneeded.add(end);
        this.#evaluator.forget(node);
      },
    };
  }

  /**
   * To be called between rounds: ends the streams that nobody needs. Not done at once, because what one branch gives up
   * may be needed by the next one that comes to life in the same round; the stream then goes on.
   */
  endUnneeded(): void {
    for (const end of this.#unneeded) end();
    this.#unneeded.clear();
  }

  /** Resolves when every stream has let go of what it held. Their nodes must have been given up before. */
  async ended(): Promise<void> {
    this.endUnneeded();
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  #start(
    definition: StreamFunction,
    args: readonly Value[],
    env: StreamEnv,
    accept: (item: Value | FunctionFailure) => void,
  ): void {
    const read = async (): Promise<void> => {
      try {
        for await (const item of definition.stream(args, env)) {
          if (env.signal.aborted) return;
          accept(item);
        }
      } catch (reason) {
        if (!env.signal.aborted) accept(reason instanceof FunctionFailure ? reason : failureOf(reason));
      }
    };
    this.#active += 1;
    const task = read().finally(() => {
      this.#active -= 1;
      this.#running.delete(task);
    });
    this.#running.add(task);
  }
}

/** The world refused, or a function has a bug: neither can be caught in a program. */
function failureOf(reason: unknown): FunctionFailure {
  const message = reason instanceof Error ? reason.message : String(reason);
  return new FunctionFailure(message, { catchable: false, cause: reason });
}

/** A float that is not a number is the same argument as before, though not an equal value. */
function sameArguments(before: readonly Value[], after: readonly Value[]): boolean {
  return before.every((value, index) => Object.is(value, after[index]) || sameValue(value, after[index] as Value));
}
