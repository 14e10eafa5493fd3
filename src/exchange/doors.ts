// SPDX-License-Identifier: Apache-2.0
// The doors of a store that has none: it is in a file of one run, or in memory.

import { Pulses } from "../base/pulse.ts";
import type { StoreDoors } from "../contract/exchange.ts";
import { Failure } from "../contract/failure.ts";

export const noDoors: StoreDoors = {
  now() {
    throw new Failure("no other machine can use the store of this run", {
      code: "unsupported",
      hint: "Keep one for others: `mgmt run --client-urls=http://127.0.0.1:2379 …` (it needs etcd; Debian: `apt-get install etcd-server`). Or use one that is there, with --seeds.",
    });
  },
  changes(signal) {
    const pulses = new Pulses(signal);
    pulses.pulse();
    return pulses;
  },
  async invite() {
    throw new Failure("this host lets nobody into the cluster", {
      code: "unsupported",
      hint: "On the host where the cluster began: `mgmt cluster invite --name=NAME`, then `mgmt run --join=…` once on the other one. Or run this on that host, with --accept-joins.",
    });
  },
};
