// SPDX-License-Identifier: Apache-2.0
// The provisioner with a virtual machine that boots from it, on a network of its own.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { runInNamespace } from "./namespace.ts";

test("a machine boots from the network until it has told that it is done, and then from its disk", (context) => {
  const { status, stderr } = spawnSync(join(import.meta.dirname, "../lab/pxe-vm"), ["can"], { encoding: "utf8" });
  if (status !== 0) {
    context.diagnostic(`not tried: ${stderr.trim()}`);
    return;
  }
  runInNamespace(context, join(import.meta.dirname, "network-boot.test-support.ts"), {
    flags: ["--net", "--mount"],
    empty: ["/run"],
  });
});
