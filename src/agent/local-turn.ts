// SPDX-License-Identifier: Apache-2.0
// Of several runs that look for the store of this machine at the same instant, one at a time looks, and begins it if there is
// none. Whose turn it is the kernel says, by a name that one process has at a time in this network, and that goes with it.

import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { clientPort } from "../cluster/etcd/urls.ts";
import type { Clock } from "../contract/host.ts";

/** Nobody waits for longer: any user of the machine could have the name. */
const patienceMs = 30_000;

/** Returns what ends the turn. */
export async function takeTurn(clock: Clock): Promise<() => void> {
  // In front of it stands what says that it is no file.
  const path = `\0mgmt-join-local-${clientPort}`;
  const limit = new AbortController();
  const cancel = clock.after(patienceMs, () => limit.abort());
  try {
    while (!limit.signal.aborted) {
      const turn = await claim(path);
      if (turn !== undefined) return turn;
      await untilFree(path, limit.signal);
    }
    return () => {};
  } finally {
    cancel();
  }
}

/** Undefined: somebody else has it. */
function claim(path: string): Promise<(() => void) | undefined> {
  const waiting = new Set<Socket>();
  const server: Server = createServer((socket) => {
    waiting.add(socket.unref().on("error", () => {}));
    socket.once("close", () => waiting.delete(socket));
  });
  const { promise, resolve } = Promise.withResolvers<(() => void) | undefined>();
  server.once("error", () => resolve(undefined));
  server.listen(path, () => {
    server.unref();
    resolve(() => {
      server.close();
      for (const socket of waiting) socket.destroy();
    });
  });
  return promise;
}

/** Whoever has the name closes what is open to it when its turn or its process ends. */
async function untilFree(path: string, signal: AbortSignal): Promise<void> {
  const socket = connect(path).on("error", () => {});
  await once(socket.resume(), "close", { signal }).catch(() => {});
  socket.destroy();
}
