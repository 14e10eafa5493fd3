// SPDX-License-Identifier: Apache-2.0
// The back end for apk against a stand-in of its documented behaviour, on a tree of files of its own. The real apk has
// not been run, which the first case says.

import { it } from "node:test";
import { notTried } from "../../src/host/bench.test-support.ts";
import { packageContract } from "../../src/host/packages.contract.test-support.ts";
import { apkBench } from "./apk-bench.test-support.ts";

it("packages by the real apk", (context) => {
  notTried(context, "no real apk has run; what follows is tried on a stand-in that does what its documentation says");
});

packageContract("apk (a stand-in)", apkBench);
