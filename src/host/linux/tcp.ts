// SPDX-License-Identifier: Apache-2.0
// What all servers over TCP share: to listen, and who is at the other end.

import type { Server, Socket } from "node:net";
import type { SocketAddress } from "../../contract/serving.ts";
import { listenFailureFrom } from "./failures.ts";

/** Resolves when it listens. Errors that come later are of single connections, which end by them. */
export async function listenTcp(server: Server, { host, port }: SocketAddress): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen({ port, ...(host === "" ? {} : { host }) }, resolve);
  try {
    await promise;
  } catch (reason) {
    throw listenFailureFrom(reason, "TCP", { host, port });
  } finally {
    server.off("error", reject);
  }
  server.on("error", () => {});
}

/** An IPv4 address is written as one, also when the socket is for both versions. */
export function peerOf({ remoteAddress = "", remotePort = 0 }: Socket): SocketAddress {
  return { host: remoteAddress.replace(/^::ffff:(?=\d+\.)/i, ""), port: remotePort };
}
