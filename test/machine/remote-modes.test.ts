// SPDX-License-Identifier: Apache-2.0
// What `remote` starts and ends on machines that are namespaces, each with an sshd.

import { join } from "node:path";
import { test } from "node:test";
import { runInNamespace } from "./namespace.ts";

test("what runs on other machines is watched, ended and cleared away as was said", (context) => {
  runInNamespace(context, join(import.meta.dirname, "remote-modes.test-support.ts"), {
    flags: ["--mount", "--net", "--uts"],
    copied: ["/etc"],
    empty: ["/root", "/run", "/srv"],
    programs: ["sshd", "ssh-keygen", "ip", "nsenter", "setsid", "perl"],
  });
});
