// SPDX-License-Identifier: Apache-2.0
// The exchange of a host that nobody else knows, for tests of other things.

import { memoryCluster } from "../cluster/memory/index.ts";
import type { Clock } from "../contract/host.ts";
import { createExchange, type OwnExchange } from "./index.ts";

export function exchangeAlone(clock: Clock, hostname = "here"): OwnExchange {
  return createExchange({ cluster: memoryCluster(clock).door(), hostname, clock, onTrouble: () => {} });
}
