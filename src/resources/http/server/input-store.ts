// SPDX-License-Identifier: Apache-2.0
// Where the value of a form's element is kept: in the local store of the machine, in that of the cluster, or with the
// resource alone. `local://?key=k`, `world://?key=k`; without a key it is the name of the resource.

import type { ResourceEnv } from "../../../contract/resource.ts";

export interface InputStore {
  get(signal: AbortSignal): Promise<string | undefined>;
  set(value: string, signal: AbortSignal): Promise<void>;
  changes(signal: AbortSignal): AsyncIterable<void>;
}

export interface StorePlace {
  readonly scheme: "local" | "world";
  readonly key: string;
}

/** Undefined when the text is none. */
export function parseStore(store: string, name: string): StorePlace | undefined {
  const [, scheme = "", query = ""] = /^(local|world):\/\/\/?(?:\?(.*))?$/s.exec(store) ?? [];
  if (scheme !== "local" && scheme !== "world") return undefined;
  const key = new URLSearchParams(query).get("key") ?? "";
  return { scheme, key: key === "" ? name : key };
}

export function openStore({ scheme, key }: StorePlace, { local, exchange }: ResourceEnv): InputStore {
  if (scheme === "world") {
    const { texts } = exchange;
    return {
      get: (signal) => texts.get({ key }, signal),
      set: (value, signal) => texts.update({ key }, () => value, signal),
      changes: (signal) => texts.changes({ key }, signal),
    };
  }
  const { values } = local;
  return {
    async get(signal) {
      const value = await values.get(key, signal);
      return typeof value === "string" ? value : undefined;
    },
    set: (value, signal) => values.set(key, value, signal),
    changes: (signal) => values.changes(key, signal),
  };
}
