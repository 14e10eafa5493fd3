// SPDX-License-Identifier: Apache-2.0
// `hostname` with a real kernel: each of its fields, in a namespace in which the name of the machine is not that of ours.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { notTried } from "../proofs.ts";

const script = join(import.meta.dirname, "fields-of-names.test-support.ts");
const inNamespace = ["--uts", "--mount", "sh", "-c", 'mount -t tmpfs none /etc && exec "$0" "$@"'];

test("names that others change are put right, whichever it is", (context) => {
  if (spawnSync("unshare", [...inNamespace, "true"]).status !== 0) {
    notTried(context, "this user may make no namespaces");
    return;
  }
  const { status, stdout } = spawnSync("unshare", [...inNamespace, process.execPath, script], {
    encoding: "utf8",
    // Nothing that the runtime would look for in the /etc that is hidden there.
    env: { PATH: process.env["PATH"] },
  });
  assert.equal(status, 0, stdout);
});
