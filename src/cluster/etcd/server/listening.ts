// SPDX-License-Identifier: Apache-2.0
// Whether the addresses of a server are free. Asked before it is started: whoever else is there would answer in its
// place, and be taken for it.

import { once } from "node:events";
import { createServer } from "node:net";
import { Failure } from "../../../contract/failure.ts";

/** Fails with `busy` when somebody listens there. What else is wrong with them, the server itself says better. */
export async function checkFree(urls: readonly string[]): Promise<void> {
  for (const url of urls) {
    if (url.startsWith("unix:")) continue;
    const { hostname, port } = new URL(url);
    const listener = createServer();
    try {
      listener.listen({ host: hostname.replace(/^\[(.*)\]$/, "$1"), port: Number(port), exclusive: true });
      await once(listener, "listening");
    } catch (reason) {
      if (reason instanceof Error && "code" in reason && reason.code === "EADDRINUSE") throw inUse(url);
    } finally {
      if (listener.listening) await new Promise((resolve) => listener.close(resolve));
    }
  }
}

export function inUse(place: string): Failure {
  return new Failure(`etcd cannot listen on ${place}: somebody else does.`, {
    code: "busy",
    hint: "If a store is there already, join it with --seeds; else choose other addresses with --client-urls and --server-urls.",
    retry: "backoff",
  });
}
