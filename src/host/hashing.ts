// SPDX-License-Identifier: Apache-2.0
// Digests of every host.

import { createHash } from "node:crypto";
import type { Hashing } from "../contract/host.ts";

export const hashing: Hashing = {
  sha256() {
    const sum = createHash("sha256");
    return { add: (bytes) => void sum.update(bytes), hex: () => sum.digest("hex") };
  },
};
