// SPDX-License-Identifier: Apache-2.0
// `mgmt provisioner` keeps the store that its machines share with it, and lets each in by an invitation of its own.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { notTried, proves, shows } from "../proofs.ts";
import { runInNamespace } from "./namespace.ts";

test("a machine that is done with its installation joins the cluster of the provisioner", (context) => {
  if (!["/usr/bin/etcd", "/usr/local/bin/etcd"].some((path) => existsSync(path)))
    return notTried(context, "etcd is not installed");
  let isTried = true;
  const telling = {
    diagnostic(message: string) {
      isTried = false;
      notTried(context, message);
    },
  };
  runInNamespace(telling as typeof context, join(import.meta.dirname, "provisioner-cluster.test-support.ts"), {
    flags: ["--net", "--mount"],
    empty: ["/run"],
    programs: ["ip"],
  });
  if (isTried) shows("http:server:invitation", "real part");
  return undefined;
});

proves("http:server:invitation", "real part");
