// SPDX-License-Identifier: Apache-2.0
// Connections over TCP that are only listened to.

import { type AddressInfo, createServer, type Socket } from "node:net";
import { Places } from "../../base/places.ts";
import type { HearStream, Listening, StreamOptions } from "../../contract/serving.ts";
import { listenTcp, peerOf } from "./tcp.ts";

export async function listenStreams(options: StreamOptions, hear: HearStream, signal: AbortSignal): Promise<Listening> {
  signal.throwIfAborted();
  const places = new Places<Socket>(options.mostConnections, ({ bytesRead }) => bytesRead);
  const server = createServer((socket) => {
    const loser = places.take(socket);
    loser?.destroy();
    if (loser === socket) return;
    const listener = hear(peerOf(socket));
    socket.setTimeout(options.silentMs, () => socket.destroy());
    socket.on("data", (bytes: Buffer) => listener.receive(bytes));
    socket.on("error", () => {}); // The close that follows says enough.
    socket.once("close", () => {
      places.leave(socket);
      listener.end();
    });
  });
  const closed = Promise.withResolvers<void>();
  server.once("close", closed.resolve);
  await listenTcp(server, options);
  const close = (): void => {
    server.close();
    for (const socket of places.all()) socket.destroy();
  };
  if (signal.aborted) close();
  else signal.addEventListener("abort", close, { once: true });
  return { port: (server.address() as AddressInfo).port, closed: closed.promise };
}
