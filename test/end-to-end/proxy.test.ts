// SPDX-License-Identifier: Apache-2.0
// A caching proxy with the clients of others, curl and apt, before a mirror over TLS that breaks off and goes away.

import assert from "node:assert/strict";
import { execFile, execFileSync, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { promisify } from "node:util";
import { freePort } from "../free-port.ts";
import { notTried, proves, shows } from "../proofs.ts";
import { buildDebianPackage, indexDebianSource } from "../machine/debian-source.test-support.ts";
import { eventually, testPrograms, type World } from "./program.ts";

const run = promisify(execFile);
const needed = ["curl", "openssl", "apt-get", "dpkg-deb"];
const missing = needed.filter((name) => spawnSync("sh", ["-c", `command -v ${name}`]).status !== 0);

/** As the usual ones: versions, conditions and parts. `breaksAfter`: how many bytes of a content it sends before it breaks off. */
async function startMirror(world: World, directory: string, asked: string[], moods: { breaksAfter?: number }) {
  const [key, certificate] = [world.path("key.pem"), world.path("certificate.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const files = ["-keyout", key, "-out", certificate, "-days", "2"];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...files, ...subject], { stdio: "ignore" });
  const secrets = { key: readFileSync(key), cert: readFileSync(certificate) };
  const server: Server = createServer(secrets, ({ url = "", headers, method }, answer) => {
    asked.push([method, url, ...(headers.range === undefined ? [] : [headers.range])].join(" "));
    let bytes: Buffer;
    try {
      bytes = readFileSync(directory + decodeURIComponent(url.replace("/debian", "")));
    } catch {
      return answer.writeHead(404).end();
    }
    const etag = `"${createHash("sha256").update(bytes).digest("hex").slice(0, 16)}"`;
    if (headers["if-none-match"] === etag) return answer.writeHead(304, { etag }).end();
    const from = headers["if-range"] === etag ? Number(/^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1] ?? 0) : 0;
    const part = bytes.subarray(from);
    const range = from === 0 ? {} : { "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
    answer.writeHead(from === 0 ? 200 : 206, { etag, "content-length": part.length, ...range });
    const { breaksAfter } = moods;
    if (breaksAfter === undefined || part.length < breaksAfter) return answer.end(part);
    return answer.write(part.subarray(0, breaksAfter), () => answer.destroy());
  }).listen(0, "localhost");
  await new Promise((resolve) => server.once("listening", resolve));
  return { server, certificate, port: (server.address() as AddressInfo).port };
}

/** An apt of its own, as on another machine. */
async function apt(world: World, name: string, source: string, ...args: readonly string[]): Promise<string> {
  const top = world.path(name);
  for (const part of ["state/lists/partial", "cache/archives/partial", "etc/apt.conf.d", "etc/preferences.d", "down"])
    mkdirSync(`${top}/${part}`, { recursive: true });
  writeFileSync(`${top}/status`, "");
  writeFileSync(`${top}/etc/sources.list`, `deb [trusted=yes] ${source} ./\n`);
  const settings = [
    `Dir::State=${top}/state`,
    `Dir::State::status=${top}/status`,
    `Dir::Cache=${top}/cache`,
    `Dir::Etc=${top}/etc`,
    "APT::Sandbox::User=root",
    "Acquire::http::Proxy=DIRECT",
    "Acquire::Languages=none",
  ].flatMap((setting) => ["-o", setting]);
  const { stdout } = await run("apt-get", ["-q", ...settings, ...args], { cwd: `${top}/down`, timeout: 60_000 });
  return stdout;
}

if (missing.length > 0) {
  test("curl and apt get from a mirror what a proxy keeps", (context) => {
    notTried(context, `${missing.join(" and ")} not installed`);
  });
} else {
  testPrograms("curl and apt get from a mirror what a proxy keeps", async (world) => {
    const directory = world.path("mirror");
    mkdirSync(`${directory}/pool`, { recursive: true });
    const [large, other] = [randomBytes(8_000_000), randomBytes(6_000_000)];
    writeFileSync(`${directory}/pool/large_1.deb`, large);
    writeFileSync(`${directory}/pool/other_1.deb`, other);
    buildDebianPackage(directory, "hello", "1.0", {});
    indexDebianSource(directory, "test");
    const asked: string[] = [];
    const moods: { breaksAfter?: number } = {};
    const { server, certificate, port } = await startMirror(world, directory, asked, moods);
    const http = await freePort();
    world.write(
      "main.mcl",
      `http:server "127.0.0.1:${http}" {}
http:server:proxy "/debian/" {
	sub => "/debian/",
	head => "https://localhost:${port}/debian/",
	cache => "${world.path("cache/debian/")}",
	age => 0,
}
`,
    );
    const env = { MGMT_PREFIX: world.path("prefix"), NODE_EXTRA_CA_CERTS: certificate };
    const running = world.start(["run", "main.mcl"], { env, limitMs: 160_000 });
    const url = `http://127.0.0.1:${http}/debian`;
    const curl = (...args: readonly string[]) => run("curl", ["-sS", "--max-time", "30", ...args]);
    await eventually(
      "it serves",
      async () =>
        curl(`${url}/Release`).then(
          ({ stdout }) => stdout !== "",
          () => false,
        ),
      30_000,
    );

    const got = (name: number | string) => world.path(`got-${name}`);
    const machines = Array.from({ length: 20 }, (_, index) => index);
    await Promise.all(machines.map((index) => curl("-f", "-o", got(index), `${url}/pool/large_1.deb`)));
    for (const index of machines) assert.equal(Buffer.compare(readFileSync(got(index)), large), 0);
    assert.equal(asked.filter((each) => each.includes("large")).length, 1);
    await curl("-f", "-r", "1000-1999", "-o", got("part"), `${url}/pool/large_1.deb`);
    assert.equal(Buffer.compare(readFileSync(got("part")), large.subarray(1000, 2000)), 0);
    const head = (await curl("-I", `${url}/pool/large_1.deb`)).stdout;
    assert.match(head, /content-length: 8000000\r\n/i);
    assert.match(head, /accept-ranges: bytes\r\n/i);

    // 18: a transfer that ended before all was there.
    moods.breaksAfter = 1_000_000;
    const broken = curl("-f", "-o", got("broken"), `${url}/pool/other_1.deb`);
    await assert.rejects(broken, (reason) => (reason as { code?: unknown }).code === 18);
    delete moods.breaksAfter;
    asked.splice(0);
    await curl("-f", "-o", got("whole"), `${url}/pool/other_1.deb`);
    assert.equal(Buffer.compare(readFileSync(got("whole")), other), 0);
    assert.equal(asked.length, 1);
    assert.match(asked[0] ?? "", /bytes=\d{6,}-$/);

    const machine = async (index: number): Promise<void> => {
      await apt(world, `apt-${index}`, `${url}/`, "update");
      await apt(world, `apt-${index}`, `${url}/`, "download", "hello");
      assert.ok(statSync(world.path(`apt-${index}/down/hello_1.0_all.deb`)).size > 0);
    };
    await Promise.all([0, 1, 2, 3].map(machine));
    buildDebianPackage(directory, "hello", "1.1", {});
    indexDebianSource(directory, "test");
    shows("http:server:proxy", "real part");
    await apt(world, "apt-0", `${url}/`, "update");
    await apt(world, "apt-0", `${url}/`, "download", "hello");
    assert.ok(statSync(world.path("apt-0/down/hello_1.1_all.deb")).size > 0);

    server.closeAllConnections();
    server.close();
    await apt(world, "apt-9", `${url}/`, "update");
    await apt(world, "apt-9", `${url}/`, "download", "hello");
    await assert.rejects(curl("-f", `${url}/pool/never_1.deb`));
    const code = async (path: string) =>
      (await curl("-o", "/dev/null", "-w", "%{http_code}", "--path-as-is", `${url}/${path}`)).stdout;
    assert.equal(await code("../../../etc/passwd"), "400");
    assert.equal(await code(".mgmt-proxy/"), "404");
    assert.match(running.stdout + running.stderr, /the mirror cannot be had/);
    running.signal("SIGTERM");
    assert.equal((await running.ended).status, 0);
  });
}

proves("http:server:proxy", "real part");
