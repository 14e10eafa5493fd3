// SPDX-License-Identifier: Apache-2.0
// Follows the stream of a built-in function in tests, on a machine in memory.

import assert from "node:assert/strict";
import { FunctionFailure } from "../contract/function.ts";
import type { Exchange } from "../contract/exchange.ts";
import type { LocalStore } from "../contract/local-store.ts";
import type { MemoryHost } from "../host/memory/index.ts";
import { exchangeAlone } from "../exchange/alone.test-support.ts";
import { memoryLocalStore } from "../host/memory/local-store.ts";
import type { Value } from "../values/value.ts";
import { type CallOptions, functionNamed, solvedCall } from "./check.test-support.ts";

export interface Follower {
  /** Values since the last look; a failure that can be caught is its message in angle brackets. */
  take(): Promise<readonly Value[]>;
  /** How it ended: undefined while it goes on. */
  readonly end: "stopped" | Error | undefined;
  /** Begins anew with other arguments, as when an argument changes. */
  change(args: readonly Value[]): Promise<void>;
  stop(): Promise<void>;
}

export interface FollowOptions extends CallOptions {
  /** Absent: one of its own. */
  readonly local?: LocalStore;
  readonly exchange?: Exchange;
}

export function follow(host: MemoryHost, name: string, args: readonly Value[], options: FollowOptions = {}): Follower {
  const definition = functionNamed(name);
  assert.ok("stream" in definition, `${name} is a stream`);
  const memory = new Map<string, unknown>();
  const local = options.local ?? memoryLocalStore();
  const exchange = options.exchange ?? exchangeAlone(host.clock);
  const isKind = (kind: string): boolean => kind === "file";
  const world = { host, local, exchange, hostname: exchange.hostname, isKind };
  let values: Value[] = [];
  let end: "stopped" | Error | undefined;
  let abort = new AbortController();
  let task = begin(args);

  async function begin(given: readonly Value[]): Promise<void> {
    const { signal } = abort;
    assert.ok(definition !== undefined && "stream" in definition);
    const call = solvedCall(definition, given, constantsOf(given, options), options);
    try {
      for await (const value of definition.stream(given, { ...world, signal, call, memory })) {
        values.push(value instanceof FunctionFailure ? `<${value.message}>` : value);
      }
      end = "stopped";
    } catch (reason) {
      assert.ok(reason instanceof Error);
      end = reason;
    }
  }

  async function stop(): Promise<void> {
    abort.abort();
    await host.clock.settle();
    await task;
  }

  return {
    async take() {
      for (let turn = 0; turn < 10; turn += 1) await host.clock.settle();
      const taken = values;
      values = [];
      return taken;
    },
    get end() {
      return end;
    },
    async change(next) {
      await stop();
      end = undefined;
      abort = new AbortController();
      task = begin(next);
    },
    stop,
  };
}

function constantsOf(args: readonly Value[], { constant = [] }: CallOptions): readonly (Value | undefined)[] {
  return constant.length === 0 ? [] : args.map((value, index) => (constant.includes(index) ? value : undefined));
}
