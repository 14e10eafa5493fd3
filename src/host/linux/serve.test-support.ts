// SPDX-License-Identifier: Apache-2.0
// Real servers on loopback and on a socket, from the functions that the machine in memory takes as servers.

import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Server } from "../memory/http.ts";

export interface Served {
  readonly origin: string;
  readonly socketPath: string;
  close(): Promise<void>;
}

export async function serve(server: Server): Promise<Served> {
  const directory = mkdtempSync(join(tmpdir(), "mgmt-serve-"));
  const socketPath = join(directory, "socket");
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    answer(server, request, response).catch(() => request.socket.destroy());
  };
  const [overNetwork, overSocket] = [createServer(listener), createServer(listener)];
  overNetwork.listen(0, "127.0.0.1");
  overSocket.listen(socketPath);
  await Promise.all([once(overNetwork, "listening"), once(overSocket, "listening")]);
  return {
    origin: `http://127.0.0.1:${(overNetwork.address() as AddressInfo).port}`,
    socketPath,
    async close() {
      for (const one of [overNetwork, overSocket]) {
        const closed = once(one, "close");
        one.close();
        one.closeAllConnections();
        await closed;
      }
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export async function answer(server: Server, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const over = new AbortController();
  const closed = once(response, "close");
  response.on("close", () => over.abort());
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  const headers = new Map(Object.entries(request.headers).map(([name, value]) => [name, String(value)] as const));
  const {
    status,
    headers: own = {},
    body = "",
  } = await server({
    method: request.method ?? "",
    path: request.url ?? "",
    headers,
    body: new Uint8Array(Buffer.concat(parts)),
    signal: over.signal,
  });
  response.writeHead(status, own);
  if (typeof body === "string" || body instanceof Uint8Array) {
    response.end(body);
    return;
  }
  response.flushHeaders();
  for await (const piece of body) {
    if (over.signal.aborted) return;
    if (response.write(Uint8Array.from(piece))) continue;
    const drained = new AbortController();
    await Promise.race([once(response, "drain", { signal: drained.signal }).catch(() => {}), closed]);
    drained.abort();
  }
  response.end();
}
