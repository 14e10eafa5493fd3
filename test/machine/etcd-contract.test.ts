// SPDX-License-Identifier: Apache-2.0
// Real etcd is held to the same as every store.

import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { contract } from "../../src/cluster/contract.test-support.ts";
import { EtcdLab, missing } from "./etcd.test-support.ts";

if (missing === undefined) {
  contract("etcd", async () => {
    const lab = await EtcdLab.start();
    const cluster = lab.open();
    const forget = async () => {
      await cluster.members.compact(new AbortController().signal);
      return lab.open();
    };
    // etcd looks for leases that are over twice a second.
    const pass = async (ms: number): Promise<void> => sleep(ms + 250);
    return { cluster, pass, forget, close: () => lab.stop() };
  });
} else {
  test("the contract of stores is not tried on etcd", (context) => context.diagnostic(missing ?? ""));
}
