// SPDX-License-Identifier: Apache-2.0
// Mounts with a real kernel, in a namespace of its own.

import { join } from "node:path";
import { test } from "node:test";
import { runInNamespace } from "./namespace.ts";

test("mounts of a real machine", (context) => {
  runInNamespace(context, join(import.meta.dirname, "mounts.test-support.ts"), {
    flags: ["--mount"],
    copied: ["/etc"],
    empty: ["/srv"],
    programs: ["mount", "umount", "findmnt"],
  });
});
