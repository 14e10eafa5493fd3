// SPDX-License-Identifier: Apache-2.0
// What every host must do with requests to servers, as cases that run on each.

import assert from "node:assert/strict";
import { describe } from "node:test";
import type { HttpResponse } from "../contract/http.ts";
import { bytesOf, textOf } from "../values/bytes.ts";
import { benches, fails, type MakeBench, never } from "./bench.test-support.ts";
import type { Server } from "./memory/http.ts";

export async function textIn(response: HttpResponse): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const piece of response.body) parts.push(Uint8Array.from(piece));
  return textOf(Buffer.concat(parts));
}

const echo: Server = ({ method, path, headers, body }) => ({
  status: 207,
  headers: { "X-Seen": headers.get("x-sent") ?? "", "Content-Type": "text/plain" },
  body: `${method} ${path} ${headers.get("authorization") ?? "-"} ${textOf(body)}`,
});

export function httpContract(name: string, makeBench: MakeBench): void {
  describe(`requests of ${name}`, () => {
    const { check } = benches(makeBench);

    check("a request is sent whole, and its answer is read", async ({ host, serve }) => {
      const { origin, socketPath } = await serve(echo);
      const headers = new Map([["X-Sent", "yes"]]);
      const answer = await host.http.request(
        { method: "POST", url: `${origin}/a%20b?c=d`, headers, body: bytesOf("body") },
        never(),
      );
      assert.equal(answer.status, 207);
      assert.equal(answer.headers.get("x-seen"), "yes");
      assert.equal(await textIn(answer), "POST /a%20b?c=d - body");
      const withPassword = origin.replace("//", "//me:secret@");
      const known = await host.http.request({ method: "GET", url: withPassword }, never());
      assert.equal(await textIn(known), `GET / Basic ${btoa("me:secret")} `);
      const local = await host.http.request({ method: "GET", url: "http://local/version", socketPath }, never());
      assert.equal(await textIn(local), "GET /version - ");
    });

    check("redirects and failures are answers as well", async ({ host, serve }) => {
      const { origin } = await serve(({ path }) =>
        path === "/away"
          ? { status: 302, headers: { Location: "/else" } }
          : { status: 503, headers: { "Retry-After": "5" } },
      );
      const away = await host.http.request({ method: "GET", url: `${origin}/away` }, never());
      assert.deepEqual([away.status, away.headers.get("location")], [302, "/else"]);
      await away.body.return?.();
      const busy = await host.http.request({ method: "GET", url: `${origin}/busy` }, never());
      assert.deepEqual([busy.status, busy.headers.get("retry-after")], [503, "5"]);
      await busy.body.return?.();
    });

    check("a body comes in pieces, and may be left", async ({ host, serve }) => {
      const { origin } = await serve(({ path, signal }) => ({
        status: 200,
        body: (async function* () {
          for (let count = 0; path === "/endless" || count < 50; count += 1) {
            if (signal.aborted) break;
            yield new Uint8Array(20_000).fill(count);
            await Promise.resolve();
          }
        })(),
      }));
      const whole = await host.http.request({ method: "GET", url: `${origin}/` }, never());
      let size = 0;
      for await (const piece of whole.body) size += piece.length;
      assert.equal(size, 1_000_000);
      const endless = await host.http.request({ method: "GET", url: `${origin}/endless` }, never());
      for await (const _ of endless.body) break;
      // That we get here is the point: nobody waits for the rest.
    });

    check("what breaks off, is refused or says nothing is told", async ({ host, serve }) => {
      const { origin } = await serve(({ path }) => {
        if (path === "/break") throw new Error("it breaks off");
        return {
          status: 200,
          headers: { "Content-Length": "100" },
          body: (async function* () {
            yield bytesOf("half");
            if (path === "/stall") await new Promise(() => {});
            throw new Error("it breaks off");
          })(),
        };
      });
      await fails(
        "unreachable",
        host.http.request({ method: "GET", url: `${origin}/break` }, never()),
        `${origin}/break`,
      );
      const half = await host.http.request({ method: "GET", url: `${origin}/half?secret` }, never());
      await fails("unreachable", textIn(half), `${origin}/half?…`);
      const nobody = "http://127.0.0.1:1";
      await fails("unreachable", host.http.request({ method: "GET", url: `${nobody}/` }, never()), nobody);
      const socket = { method: "GET", url: "http://local/", socketPath: "/run/none.sock" };
      await fails("unreachable", host.http.request(socket, never()));
      await fails("invalid", host.http.request({ method: "GET", url: "ftp://x/" }, never()), "ftp://x/");
      await fails("invalid", host.http.request({ method: "GET", url: "nonsense" }, never()), "nonsense");
    });

    check("a server that falls silent is given up after the time for it", async ({ host, serve, pass }) => {
      const { origin } = await serve(async ({ path, signal }) => {
        if (path === "/head") await new Promise((resolve) => signal.addEventListener("abort", resolve));
        return {
          status: 200,
          body: (async function* () {
            yield bytesOf("half");
            await new Promise((resolve) => signal.addEventListener("abort", resolve));
          })(),
        };
      });
      const head = fails(
        "timed-out",
        host.http.request({ method: "GET", url: `${origin}/head`, idleMs: 100 }, never()),
      );
      await pass(150);
      await head;
      const half = await host.http.request({ method: "GET", url: `${origin}/body`, idleMs: 100 }, never());
      const body = fails("timed-out", textIn(half));
      await pass(10);
      await pass(150);
      await body;
    });

    check("a request stops with its signal, also in the body", async ({ host, serve }) => {
      const { origin } = await serve(async ({ path, signal }) => {
        if (path === "/head") await new Promise((resolve) => signal.addEventListener("abort", resolve));
        return {
          status: 200,
          body: (async function* () {
            yield bytesOf("half");
            await new Promise((resolve) => signal.addEventListener("abort", resolve));
          })(),
        };
      });
      const stop = new AbortController();
      const reason = new Error("stop");
      const waiting = assert.rejects(host.http.request({ method: "GET", url: `${origin}/head` }, stop.signal), reason);
      stop.abort(reason);
      await waiting;
      const again = new AbortController();
      const half = await host.http.request({ method: "GET", url: `${origin}/body` }, again.signal);
      const first = await half.body.next();
      assert.equal(first.done, false);
      const rest = assert.rejects(half.body.next(), reason);
      again.abort(reason);
      await rest;
    });
  });
}
