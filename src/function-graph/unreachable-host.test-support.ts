// SPDX-License-Identifier: Apache-2.0
// A machine that a test must not touch: whatever is asked of it fails the test.

import type { Host } from "../contract/host.ts";

export const unreachableHost: Host = new Proxy({} as Host, {
  get: (_, part) => {
    if (part === "clock" || part === "system") return {};
    throw new Error(`this test uses ${String(part)} of the host`);
  },
});
