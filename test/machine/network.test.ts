// SPDX-License-Identifier: Apache-2.0
// Network interfaces and packet filters with a real kernel, in a network of their own.

import { join } from "node:path";
import { test } from "node:test";
import { runInNamespace } from "./namespace.ts";

test("the network of a real machine", (context) => {
  runInNamespace(context, join(import.meta.dirname, "network.test-support.ts"), {
    flags: ["--mount", "--net"],
    empty: ["/etc/systemd/network"],
    programs: ["ip", "nft"],
  });
});
