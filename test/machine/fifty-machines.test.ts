// SPDX-License-Identifier: Apache-2.0
// Fifty machines that boot at once, on a network of their own.

import { join } from "node:path";
import { test } from "node:test";
import { runInNamespace } from "./namespace.ts";

test("fifty machines get addresses, loaders, kernels and are heard, all at once", (context) => {
  runInNamespace(context, join(import.meta.dirname, "fifty-machines.test-support.ts"), {
    flags: ["--net", "--mount"],
    empty: ["/run"],
    programs: ["ip", "ss"],
  });
});
