// SPDX-License-Identifier: Apache-2.0
// Histories on real etcd, by the hundred, for a night: `npm run bench -- histories [COUNT [FIRST-SEED [WIDTH]]]`. Each is told
// with what was done to servers, networks, disks and clients; those that break a promise are kept in a file. Without a seed
// it begins anywhere. Needs etcd and root.

import { once } from "node:events";
import { runOnEtcd, whyNotOnEtcd } from "../test/histories/namespaces.ts";

const [count = 200, first = Math.floor(Math.random() * 1e6), width = 5] = process.argv.slice(2).map(Number);
const reason = whyNotOnEtcd();
if (reason !== undefined) {
  console.log(reason);
  process.exitCode = 3;
} else {
  console.log(`${count} histories from seed ${first} on, ${width} at a time`);
  const [status] = (await once(runOnEtcd({ count, first, width }, "inherit"), "close")) as [number | null];
  process.exitCode = status ?? 1;
}
