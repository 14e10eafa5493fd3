// SPDX-License-Identifier: Apache-2.0
// A local store that forgets everything with the process: for looking at a program without leaving traces, and for tests.

import { Pulses } from "../../base/pulse.ts";
import type { LocalStore } from "../../contract/local-store.ts";
import type { Value } from "../../values/value.ts";
import { createDeployFiles } from "../deploy-files.ts";
import { expectKey, expectNames } from "../local-names.ts";
import { createResponses } from "../responses.ts";

export function memoryLocalStore(): LocalStore {
  const values = new Map<string, Value>();
  const watches = new Map<string, Set<Pulses>>();
  const tokens: string[] = [];
  const numbers = new Map<string, Map<string, bigint>>();
  return {
    responses: createResponses(),
    deploy: createDeployFiles(),
    values: {
      async get(key, signal) {
        signal.throwIfAborted();
        expectKey(key);
        return values.get(key);
      },
      async set(key, value, signal) {
        signal.throwIfAborted();
        expectKey(key);
        if (value === undefined) values.delete(key);
        else values.set(key, value);
        for (const pulses of watches.get(key) ?? []) pulses.pulse();
      },
      changes(key, signal) {
        const present = watches.get(key) ?? new Set();
        watches.set(key, present);
        const pulses: Pulses = new Pulses(signal, () => present.delete(pulses));
        present.add(pulses);
        pulses.pulse();
        return pulses;
      },
    },
    async number(space, name, signal) {
      signal.throwIfAborted();
      expectNames(space, name);
      const given = numbers.get(space) ?? new Map<string, bigint>();
      numbers.set(space, given);
      const number = given.get(name) ?? BigInt(given.size + 1);
      given.set(name, number);
      return number;
    },
    async token(name, signal) {
      signal.throwIfAborted();
      expectKey(name);
      if (!tokens.includes(name)) tokens.push(name);
      // Nothing is let in by it.
      return String(tokens.indexOf(name) + 1).padStart(32, "0");
    },
    async directory(path, signal) {
      signal.throwIfAborted();
      return `/var/lib/mgmt/local/vardir/functions/${path}/`.replace(/\/+/g, "/");
    },
    async mirror(_source, path, signal) {
      signal.throwIfAborted();
      return `/var/lib/mgmt/local/vardir/directory/${path}/`.replace(/\/+/g, "/");
    },
  };
}
