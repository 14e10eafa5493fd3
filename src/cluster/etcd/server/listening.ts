// SPDX-License-Identifier: Apache-2.0
// Whether the addresses of a server are free. Asked before it is started: whoever else is there would answer in its
// place, and be taken for it.

import { once } from "node:events";
import { createServer } from "node:net";
import { Failure } from "../../../contract/failure.ts";
import type { Clock } from "../../../contract/host.ts";

/** A server that was killed is out of sight before the system has closed what it listened on. */
const closedWithinMs = 2000;
const lookAgainMs = 20;

/** Fails with `busy` when somebody goes on listening there. What else is wrong with them, the server itself says better. */
export async function untilFree(urls: readonly string[], clock: Clock, signal: AbortSignal): Promise<void> {
  const beganMs = clock.monotonicMs();
  for (const url of urls.filter((each) => !each.startsWith("unix:"))) {
    while (await isInUse(new URL(url))) {
      if (clock.monotonicMs() - beganMs > closedWithinMs) throw inUse(url);
      await clock.sleep(lookAgainMs, signal);
    }
  }
}

async function isInUse({ hostname, port }: URL): Promise<boolean> {
  const listener = createServer();
  try {
    listener.listen({ host: hostname.replace(/^\[(.*)\]$/, "$1"), port: Number(port), exclusive: true });
    await once(listener, "listening");
    return false;
  } catch (reason) {
    return reason instanceof Error && "code" in reason && reason.code === "EADDRINUSE";
  } finally {
    if (listener.listening) await new Promise((resolve) => listener.close(resolve));
  }
}

export function inUse(place: string): Failure {
  return new Failure(`etcd cannot listen on ${place}: somebody else does.`, {
    code: "busy",
    hint: "If a store is there already, join it with --seeds; else choose other addresses with --client-urls and --server-urls.",
    retry: "backoff",
  });
}
