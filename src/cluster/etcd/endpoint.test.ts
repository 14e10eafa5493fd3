// SPDX-License-Identifier: Apache-2.0
// A server that is away is not called more often than is of use, however often somebody wants a connection to it.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { makeAuthority } from "../../trust/certificate.ts";
import { Endpoint, type Tls } from "./endpoint.ts";

const validity = { fromMs: Date.now() - 60_000, untilMs: Date.now() + 60 * 60_000 };
const authority = () => makeAuthority("an authority", validity, randomBytes(15)).certificate;

for (const scheme of ["http", "https"]) {
  test(`attempts get rarer, until there is another certificate to show: ${scheme}`, async () => {
    let calls = 0;
    const server = createServer((socket) => {
      calls += 1;
      socket.on("error", () => {}).destroy();
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const address = server.address();
    let tls: Tls = { ca: authority() };
    const url = `${scheme}://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
    const endpoint = new Endpoint(url, () => tls);
    try {
      const want = async (): Promise<void> => {
        assert.equal(await endpoint.connect(AbortSignal.timeout(30_000)), false);
      };
      for (let turn = 0; turn < 200; turn += 1) {
        await want();
        await sleep(2);
      }
      // The package waits 25 ms, then longer and longer, up to a second, each a fifth more or less.
      assert.ok(calls >= 1 && calls < 20, `${calls} calls for 200 wishes`);
      const before = calls;
      tls = { ca: authority() };
      await want();
      await want();
      if (scheme === "https") assert.ok(calls > before, "the new certificate is tried at once");
    } finally {
      endpoint.drop();
      server.close();
    }
  });
}
