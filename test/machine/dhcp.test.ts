// SPDX-License-Identifier: Apache-2.0
// A DHCP server with the clients of others, on networks of its own.

import { join } from "node:path";
import { test } from "node:test";
import { runInNamespace } from "./namespace.ts";

test("udhcpc and dhclient get addresses, each on the network that is served alone", (context) => {
  runInNamespace(context, join(import.meta.dirname, "dhcp.test-support.ts"), {
    flags: ["--net", "--mount"],
    empty: ["/run"],
    programs: ["ip", "udhcpc", "dhclient"],
  });
});
