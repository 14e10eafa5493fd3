// SPDX-License-Identifier: Apache-2.0
// Users and groups with the real programs, in a namespace in which the tables are copies.

import { join } from "node:path";
import { test } from "node:test";
import { runInNamespace } from "./namespace.ts";

test("users and groups of a real machine", (context) => {
  runInNamespace(context, join(import.meta.dirname, "accounts.test-support.ts"), {
    // Processes of others may have the number of a user that is new in there.
    flags: ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"],
    copied: ["/etc"],
    empty: ["/home", "/srv"],
  });
});
