// SPDX-License-Identifier: Apache-2.0
// A machine that a test must not touch: whatever is asked of it fails the test.

import type { Exchange } from "../contract/exchange.ts";
import type { Host } from "../contract/host.ts";
import type { LocalStore } from "../contract/local-store.ts";

export const unreachableHost: Host = new Proxy({} as Host, {
  get: (_, part) => {
    if (part === "clock" || part === "system" || part === "random") return {};
    throw new Error(`this test uses ${String(part)} of the host`);
  },
});

export const unreachableLocalStore: LocalStore = new Proxy({} as LocalStore, {
  get: (_, part) => {
    throw new Error(`this test uses ${String(part)} of the local store`);
  },
});

export const unreachableExchange: Exchange = new Proxy({} as Exchange, {
  get: (_, part) => {
    throw new Error(`this test uses ${String(part)} of the exchange`);
  },
});

/** For streams that must not begin. */
export const unreachableWorld = {
  host: unreachableHost,
  local: unreachableLocalStore,
  exchange: unreachableExchange,
  hostname: "h",
  isKind: (): boolean => true,
};
