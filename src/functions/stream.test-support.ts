// SPDX-License-Identifier: Apache-2.0
// Follows the stream of a built-in function in tests, on a machine in memory.

import assert from "node:assert/strict";
import { FunctionFailure } from "../contract/function.ts";
import type { LocalStore } from "../contract/local-store.ts";
import type { MemoryHost } from "../host/memory/index.ts";
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
}

export function follow(host: MemoryHost, name: string, args: readonly Value[], options: FollowOptions = {}): Follower {
  const definition = functionNamed(name);
  assert.ok("stream" in definition, `${name} is a stream`);
  const memory = new Map<string, unknown>();
  const local = options.local ?? memoryLocalStore();
  let values: Value[] = [];
  let end: "stopped" | Error | undefined;
  let abort = new AbortController();
  let task = begin(args);

  async function begin(given: readonly Value[]): Promise<void> {
    const { signal } = abort;
    assert.ok(definition !== undefined && "stream" in definition);
    const call = solvedCall(definition, given, [], options);
    try {
      for await (const value of definition.stream(given, { host, local, signal, hostname: "here", call, memory })) {
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
