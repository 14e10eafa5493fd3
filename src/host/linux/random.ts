// SPDX-License-Identifier: Apache-2.0
// Randomness that nobody can predict.

import { randomBytes } from "node:crypto";
import type { Random } from "../../contract/host.ts";

export function linuxRandom(): Random {
  return { bytes: (count) => new Uint8Array(randomBytes(count)) };
}
