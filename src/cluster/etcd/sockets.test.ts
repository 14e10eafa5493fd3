// SPDX-License-Identifier: Apache-2.0
// A server that takes connections and says nothing, as one does that is stopped, costs nothing for longer than it is asked.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { test } from "node:test";
import { Endpoint } from "./endpoint.ts";

for (const scheme of ["http", "https"]) {
  test(`a connection that is given up before it is made is closed: ${scheme}`, async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => sockets.push(socket.on("error", () => {}).resume()));
    await once(server.listen(0, "127.0.0.1"), "listening");
    const address = server.address();
    const endpoint = new Endpoint(`${scheme}://127.0.0.1:${typeof address === "object" ? address?.port : 0}`, {});
    try {
      for (let attempt = 1; attempt <= 3; attempt += 1) {
        const giving = new AbortController();
        const connecting = endpoint.connect(giving.signal);
        const signal = AbortSignal.timeout(30_000);
        while (sockets.length < attempt) await once(server, "connection", { signal });
        giving.abort();
        assert.equal(await connecting, false);
        endpoint.drop();
        const socket = sockets[attempt - 1];
        if (socket?.destroyed === false) await once(socket, "close", { signal });
      }
    } finally {
      endpoint.drop();
      server.close();
    }
  });
}
