// SPDX-License-Identifier: Apache-2.0
// `hostname` and `sysctl` with a real kernel, in a namespace in which the name of the machine is not that of ours.

import { notTried, proves, shows } from "../proofs.ts";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";

const script = join(import.meta.dirname, "kernel-names.test-support.ts");
const inNamespace = ["--uts", "--mount", "sh", "-c", 'mount -t tmpfs none /etc && exec "$0" "$@"'];

test("the kernel has the names that were set, and tells when one is changed", (context) => {
  if (spawnSync("unshare", [...inNamespace, "true"]).status !== 0) {
    notTried(context, "this user may make no namespaces");
    return;
  }
  const { stdout, stderr } = spawnSync("unshare", [...inNamespace, process.execPath, script], {
    encoding: "utf8",
    // Nothing that the runtime would look for in the /etc that is hidden there.
    env: { PATH: process.env["PATH"] },
  });
  assert.equal(stderr, "");
  const { named, namedTo, domain, repaired } = JSON.parse(stdout) as Record<string, readonly string[]>;
  assert.deepEqual(
    named?.map((step) => step.replace(/ \(was .*\)/, "")),
    ['+ set the static name "web1"', '~ set the transient name "web1"', '+ set the pretty name "Front door"'],
  );
  assert.deepEqual(namedTo, ["web1", "web1\n", 'PRETTY_HOSTNAME="Front door"\n']);
  assert.deepEqual(domain, ["example.com\n", "kernel.domainname = example.com\n"]);
  assert.deepEqual(repaired, ["~ set kernel.domainname to example.com (was other.example)"]);
  for (const kind of ["hostname", "sysctl"]) shows(kind, "real part");
});

proves("hostname", "real part");
proves("sysctl", "real part");
