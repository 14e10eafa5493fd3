// SPDX-License-Identifier: Apache-2.0
// The machine that commands work on. The only place that chooses it.

import type { Host } from "../contract/host.ts";
import { linuxHost } from "../host/linux/index.ts";

export function thisMachine(): Host {
  return linuxHost();
}
