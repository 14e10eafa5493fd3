// SPDX-License-Identifier: Apache-2.0
// A port of this machine for a program that cannot say which one it got.

import { once } from "node:events";
import { createServer } from "node:net";

/** Of 127.0.0.1, free when this was asked. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}
