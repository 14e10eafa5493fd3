// SPDX-License-Identifier: Apache-2.0
// What this machine tells about itself.

import os from "node:os";
import type { System } from "../../contract/host.ts";

export function linuxSystem(): System {
  return {
    async load(signal) {
      signal.throwIfAborted();
      const [one = 0, five = 0, fifteen = 0] = os.loadavg();
      return [one, five, fifteen];
    },
    async uptimeSeconds(signal) {
      signal.throwIfAborted();
      return os.uptime();
    },
    environment: (name) => process.env[name],
  };
}
