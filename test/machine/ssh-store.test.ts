// SPDX-License-Identifier: Apache-2.0
// A host that gets to the store of its cluster over SSH alone: it is let in, shares values, and finds the way again.

import { join } from "node:path";
import { test } from "node:test";
import { runInNamespace } from "./namespace.ts";

test("a host that only SSH leads to the others joins, shares values, and comes back after a break", (context) => {
  runInNamespace(context, join(import.meta.dirname, "ssh-store.test-support.ts"), {
    flags: ["--mount", "--net", "--uts"],
    empty: ["/run", "/srv"],
    programs: ["sshd", "ssh-keygen", "ip", "nsenter", "etcd"],
  });
});
