// SPDX-License-Identifier: Apache-2.0
// Many datagrams at once over a network whose frames are smaller than one of them, or have just room for it.

import { join } from "node:path";
import { test } from "node:test";
import { runInNamespace } from "./namespace.ts";

test("pieces come whole over every network, whatever its frames", (context) => {
  runInNamespace(context, join(import.meta.dirname, "small-frames.test-support.ts"), {
    flags: ["--net", "--mount"],
    programs: ["ip", "nsenter"],
  });
});
