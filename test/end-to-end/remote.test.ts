// SPDX-License-Identifier: Apache-2.0
// A laptop that reaches two hosts by SSH alone and runs one program on all of them: with machines that are namespaces.

import { join } from "node:path";
import { test } from "node:test";
import { runInNamespace } from "../machine/namespace.ts";
import { programs } from "./program.ts";

test("a laptop runs its program on hosts that it reaches by SSH alone", (context) => {
  const file = programs.find(({ path }) => path.endsWith("/dist/mgmt"));
  if (file === undefined) {
    context.diagnostic("not tried: only the single file can be run on another machine, and dist/mgmt is not built");
    return;
  }
  process.env["MGMT_SINGLE_FILE"] = file.path;
  runInNamespace(context, join(import.meta.dirname, "../machine/remote-hosts.test-support.ts"), {
    flags: ["--mount", "--net", "--uts"],
    copied: ["/etc"],
    empty: ["/root", "/run", "/srv"],
    programs: ["sshd", "ssh-keygen", "etcd", "ip", "nsenter", "setsid"],
  });
});
