// SPDX-License-Identifier: Apache-2.0
// `http:client` against real servers on loopback, plain and with TLS.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { notTried, proves } from "../proofs.ts";
import type { AnyWant } from "../../src/contract/resource.ts";
import { linuxHost } from "../../src/host/linux/index.ts";
import { serve, type Served } from "../../src/host/linux/serve.test-support.ts";
import type { Server, ServedRequest } from "../../src/host/memory/http.ts";
import { httpClient } from "../../src/resources/http/client.ts";
import { type DrivenResource, drive } from "../resource.ts";

async function inDirectory(run: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "mgmt-http-"));
  try {
    await run(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function withServer(server: Server, run: (served: Served) => Promise<void>): Promise<void> {
  const served = await serve(server);
  try {
    await run(served);
  } finally {
    await served.close();
  }
}

function client(directory: string, fields: AnyWant, signal?: AbortSignal): DrivenResource {
  const options = { stateDirectory: join(directory, "state"), ...(signal === undefined ? {} : { signal }) };
  return drive(httpClient, join(directory, "file"), fields, linuxHost(), options);
}

test("a big download that breaks off is continued, checked, and put in its place in one piece", () =>
  inDirectory(async (directory) => {
    const content = randomBytes(20 * 1024 * 1024);
    const sha256 = createHash("sha256").update(content).digest("hex");
    const asked: ServedRequest[] = [];
    const server: Server = (request) => {
      asked.push(request);
      const start = Number(/^bytes=(\d+)-$/.exec(request.headers.get("range") ?? "")?.[1] ?? "0");
      const headers = { ETag: '"v1"', "Last-Modified": "Sun, 06 Nov 1994 08:49:37 GMT" };
      const part = content.subarray(start);
      // Each answer but the last ends in the middle.
      const end = asked.length < 3 ? 7 * 1024 * 1024 : part.length;
      const body = async function* () {
        for (let at = 0; at < end; at += 65_536) yield new Uint8Array(part.subarray(at, Math.min(end, at + 65_536)));
        if (end < part.length) throw new Error("broken off");
      };
      const range = { "Content-Range": `bytes ${start}-${content.length - 1}/${content.length}` };
      return { status: start === 0 ? 200 : 206, headers: { ...headers, ...(start === 0 ? {} : range) }, body: body() };
    };
    await withServer(server, async ({ origin }) => {
      const resource = client(directory, { url: `${origin}/big`, sha256 });
      const before = process.memoryUsage().rss;
      await assert.rejects(resource.settle(), { code: "unreachable" });
      await assert.rejects(resource.settle(), { code: "unreachable" });
      assert.equal(existsSync(join(directory, "file")), false);
      await resource.settle();
      assert.ok(process.memoryUsage().rss - before < 96 * 1024 * 1024);
      assert.match(asked[1]?.headers.get("range") ?? "", /^bytes=[1-9]\d+-$/);
      assert.match(asked[2]?.headers.get("if-range") ?? "", /^"v1"$/);
    });
    assert.deepEqual(readFileSync(join(directory, "file")), content);
    assert.equal(statSync(join(directory, "file")).mtimeMs, 784_111_777_000);
  }));

test("what has not changed is not sent again, and what is spoilt is mended on the event", () =>
  inDirectory(async (directory) => {
    const statuses: number[] = [];
    const server: Server = ({ headers }) => {
      const status = headers.get("if-none-match") === '"v1"' ? 304 : 200;
      statuses.push(status);
      return { status, headers: { ETag: '"v1"' }, body: status === 304 ? "" : "hello\n" };
    };
    await withServer(server, async ({ origin }) => {
      const stop = new AbortController();
      const resource = client(directory, { url: `${origin}/motd` }, stop.signal);
      await resource.settle();
      assert.deepEqual(await resource.plan(), []);
      assert.deepEqual(statuses, [200, 304]);
      const watch = resource.watch();
      await watch.next();
      writeFileSync(join(directory, "file"), "spoilt\n");
      await watch.next();
      await resource.settle();
      assert.equal(readFileSync(join(directory, "file"), "utf8"), "hello\n");
      stop.abort();
    });
  }));

test("a long poll brings a new version at once", () =>
  inDirectory(async (directory) => {
    let [version, wake] = [1, () => {}];
    const server: Server = async ({ headers, signal }) => {
      const isKnown = () => headers.get("if-none-match") === `"${version}"`;
      if (isKnown() && headers.get("prefer") === "wait=60") {
        await new Promise<void>((resolve) => {
          wake = resolve;
          signal.addEventListener("abort", () => resolve());
        });
      }
      if (isKnown()) return { status: 304 };
      return { status: 200, headers: { ETag: `"${version}"` }, body: `version ${version}` };
    };
    await withServer(server, async ({ origin }) => {
      const stop = new AbortController();
      const fields = { url: `${origin}/`, longpoll: true, longpoll_conditional: true };
      const resource = client(directory, fields, stop.signal);
      const watch = resource.watch();
      for (const next of [1, 2, 3]) {
        version = next;
        wake();
        while ((await resource.plan()).length === 0 || (await resource.settle()).length === 0) await watch.next();
        assert.equal(readFileSync(join(directory, "file"), "utf8"), `version ${next}`);
      }
      stop.abort();
    });
  }));

test("a certificate that nobody vouches for is not accepted", (context) =>
  inDirectory(async (directory) => {
    const [key, certificate] = [join(directory, "key"), join(directory, "certificate")];
    const made = spawnSync("openssl", [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"],
      ...["-keyout", key, "-out", certificate, "-subj", "/CN=localhost"],
    ]);
    if (made.status !== 0) {
      notTried(context, "openssl is not installed");
      return;
    }
    const server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (_, response) =>
      response.end("x"),
    );
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      const url = `https://localhost:${(server.address() as AddressInfo).port}/`;
      await assert.rejects(client(directory, { url }).settle(), { code: "denied", message: /is not accepted/ });
      assert.equal(existsSync(join(directory, "file")), false);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  }));

proves("http:client", "real part");
