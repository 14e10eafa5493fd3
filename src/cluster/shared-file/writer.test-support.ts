// SPDX-License-Identifier: Apache-2.0
// A process that writes into a store's file and counts what it has written, in the same transactions: PATH NAME.

import { linuxHost } from "../../host/linux/index.ts";
import { sharedFileCluster } from "./index.ts";

const [path = "", name = ""] = process.argv.slice(2);
const { clock, random } = linuxHost();
const cluster = sharedFileCluster({ path, clock, random, readOnly: false, onTrouble: () => {} });
const { signal } = new AbortController();
for (let step = 0; step < 40; ) {
  const [count] = (await cluster.read({ key: "/count" }, signal)).entries;
  const { held } = await cluster.commit(
    {
      conditions: [{ key: "/count", changed: count?.changed ?? 0 }],
      changes: [
        { do: "put", key: "/count", value: `${Number(count?.value ?? 0) + 1}` },
        { do: "put", key: `/${name}/${step}`, value: "" },
      ],
    },
    signal,
  );
  if (held) step += 1;
}
await cluster.close();
process.disconnect?.();
