// SPDX-License-Identifier: Apache-2.0
// SSH with a server of its own, in a namespace in which users and keys are ours.

import { join } from "node:path";
import { test } from "node:test";
import { runInNamespace } from "./namespace.ts";

test("SSH with a real server", (context) => {
  runInNamespace(context, join(import.meta.dirname, "ssh.test-support.ts"), {
    // With it ends what the server runs.
    flags: ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"],
    copied: ["/etc"],
    empty: ["/home", "/root", "/run"],
    programs: ["sshd", "ssh-keygen"],
  });
});
