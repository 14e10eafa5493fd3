// SPDX-License-Identifier: Apache-2.0
// Users and groups with the real programs, in a namespace in which the tables are copies.

import { join } from "node:path";
import { test } from "node:test";
import { runInNamespace } from "./namespace.ts";

test("users and groups of a real machine", (context) => {
  runInNamespace(context, join(import.meta.dirname, "accounts.test-support.ts"), {
    flags: ["--mount"],
    copied: ["/etc"],
    empty: ["/home", "/srv"],
  });
});
