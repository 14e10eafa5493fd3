// SPDX-License-Identifier: Apache-2.0
// Where the control socket is. The kernel takes no socket path of more than 107 bytes, but a prefix may be longer: then
// its directory is named by an open descriptor.

import { closeSync, openSync } from "node:fs";

const longestPath = 100;

export function withSocketPath<Result>(prefix: string, use: (path: string) => Result): Result {
  const path = `${prefix}/control.sock`;
  if (Buffer.byteLength(path) <= longestPath) return use(path);
  const directory = openSync(prefix, "r");
  try {
    return use(`/proc/self/fd/${directory}/control.sock`);
  } finally {
    // Binding and connecting happen at once, so the name is not needed any longer.
    closeSync(directory);
  }
}
