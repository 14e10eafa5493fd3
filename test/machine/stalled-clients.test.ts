// SPDX-License-Identifier: Apache-2.0
// Thousands of clients that only hold what they were given: connections without a request, heads of requests that come letter by
// letter, answers that nobody takes, transfers that are never acknowledged. Others are served meanwhile, memory stays bounded,
// and whoever holds things is let go. On the loopback interface.

import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createSocket, type Socket as Datagrams } from "node:dgram";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { freePort } from "../free-port.ts";

const mgmt = join(import.meta.dirname, "../../mgmt");
const small = "what others want\n";
const limitMs = 60_000;
/** Of each sort of stalled client of the web server; together more than it lets in. */
const stalled = 900;
/** More than it serves at once. */
const transfers = 1500;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function serving(context: TestContext, program: (port: number, files: string) => string) {
  const directory = mkdtempSync(join(tmpdir(), "mgmt-stalled-"));
  const port = await freePort();
  mkdirSync(join(directory, "www"));
  writeFileSync(join(directory, "www/small"), small);
  writeFileSync(join(directory, "www/large"), "");
  truncateSync(join(directory, "www/large"), 256 * 1024 * 1024);
  writeFileSync(join(directory, "main.mcl"), program(port, `${directory}/www/`));
  const child = spawn(mgmt, ["run", "--prefix", join(directory, "state"), join(directory, "main.mcl")], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = gather(child);
  context.after(async () => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
    rmSync(directory, { recursive: true });
  });
  const pid = child.pid ?? 0;
  return { directory, port, pid, said };
}

function gather(child: ChildProcess): () => string {
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (piece: string) => (text += piece));
  return () => text;
}

const residentMb = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
const openFiles = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

async function eventually(what: () => string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const endMs = performance.now() + limitMs; !(await isSo()); await pause(200))
    assert.ok(performance.now() < endMs, what());
}

function untilServed(ask: () => Promise<unknown>, said: () => string): Promise<void> {
  const isServed = (): Promise<boolean> =>
    ask().then(
      () => true,
      () => false,
    );
  return eventually(() => `it never served:\n${said()}`, isServed);
}

test("a web server", async (context) => {
  const { port, pid, said } = await serving(
    context,
    (number, files) => `http:server "127.0.0.1:${number}" {}
http:server:file "/" {
	path => "${files}",
}
`,
  );
  const ask = async (): Promise<number> => {
    const begunMs = performance.now();
    const answer = await fetch(`http://127.0.0.1:${port}/small`, { headers: { connection: "close" } });
    assert.equal(await answer.text(), small);
    return performance.now() - begunMs;
  };
  await untilServed(ask, said);
  const beforeMb = residentMb(pid);
  const sockets: Socket[] = [];
  context.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  const ended = { silent: 0, slow: 0, greedy: 0 };
  const hold = async (sort: keyof typeof ended, words: string): Promise<Socket> => {
    const socket = connect({ host: "127.0.0.1", port });
    sockets.push(socket);
    socket.on("error", () => {});
    socket.once("close", () => (ended[sort] += 1));
    await new Promise((resolve) => socket.once("connect", resolve).once("close", resolve));
    if (words !== "") socket.write(words);
    return socket;
  };
  const slow: Socket[] = [];
  for (let index = 0; index < stalled; index += 1) {
    // A socket that nobody listens to reads nothing.
    (await hold("greedy", "GET /large HTTP/1.1\r\nHost: a\r\n\r\n")).pause();
    slow.push(await hold("slow", "GET /small HTTP/1.1\r\nHost: a\r\nX: "));
    await hold("silent", "");
  }
  const drip = setInterval(() => {
    for (const socket of slow) if (!socket.destroyed) socket.write("x");
  }, 1000);
  context.after(() => clearInterval(drip));

  const times: number[] = [];
  for (let count = 0; count < 40; count += 1) times.push(await ask());
  const worstMs = Math.max(...times);
  context.diagnostic(
    `${3 * stalled} held: others waited ${times.toSorted((a, b) => a - b)[20]?.toFixed(0)} ms, at the most ${worstMs.toFixed(0)} ms; ${(residentMb(pid) - beforeMb).toFixed(0)} MB more`,
  );
  assert.ok(worstMs < 5000, `somebody waited ${worstMs} ms`);
  assert.ok(residentMb(pid) - beforeMb < 400, `${residentMb(pid) - beforeMb} MB more`);
  assert.ok(openFiles(pid) < 4500, `${openFiles(pid)} open files`);
  // Whoever has not asked within twenty seconds, and who asks letter by letter, is not waited for any longer.
  await eventually(
    () => `ended: ${JSON.stringify(ended)}`,
    () => ended.slow === stalled && ended.silent === stalled,
  );
  await ask();
});

test("a server of TFTP", async (context) => {
  const { port, pid, directory, said } = await serving(
    context,
    (number, files) => `tftp:server "127.0.0.1:${number}" {
	root => "${files}",
}
`,
  );
  /** With a client of our own: any other would not be quick enough to tell how quick it is. */
  const ask = async (): Promise<number> => {
    const begunMs = performance.now();
    const socket = createSocket("udp4");
    try {
      const got = Promise.withResolvers<string>();
      socket.on("message", (bytes) => got.resolve(bytes.subarray(4).toString()));
      const send = (): void => socket.send("\0\x01small\0octet\0", port, "127.0.0.1");
      const limit = setTimeout(() => got.reject(new Error(`no answer:\n${said()}`)), 10_000);
      // As every client does.
      const again = setInterval(send, 1000);
      send();
      assert.equal(await got.promise, small);
      clearInterval(again);
      clearTimeout(limit);
      return performance.now() - begunMs;
    } finally {
      socket.close();
    }
  };
  await untilServed(ask, said);
  const beforeMb = residentMb(pid);
  const clients: Datagrams[] = [];
  context.after(() => {
    for (const client of clients) client.close();
  });
  for (let index = 0; index < transfers; index += 1) {
    const client = createSocket("udp4");
    clients.push(client);
    client.send("\0\x01large\0octet\0blksize\x001468\0windowsize\x0064\0", port, "127.0.0.1");
    if (index % 50 === 0) await pause(20);
  }
  const times: number[] = [];
  for (let count = 0; count < 40; count += 1) times.push(await ask());
  const worstMs = Math.max(...times);
  context.diagnostic(
    `${transfers} begun: others waited ${times.toSorted((a, b) => a - b)[20]?.toFixed(0)} ms, at the most ${worstMs.toFixed(0)} ms; ${(residentMb(pid) - beforeMb).toFixed(0)} MB more`,
  );
  assert.ok(worstMs < 9000, `somebody waited ${worstMs} ms`);
  assert.ok((times.toSorted((a, b) => a - b)[20] ?? 0) < 1000, String(times));
  assert.ok(residentMb(pid) - beforeMb < 300, `${residentMb(pid) - beforeMb} MB more`);
  assert.ok(openFiles(pid) < 2500, `${openFiles(pid)} open files`);
  // A whole file by a client that gets on, while all places are held by others.
  const get = ["-g", "-r", "small", "-l", join(directory, "got"), "127.0.0.1", String(port)];
  await promisify(execFile)("atftp", get).catch((reason: NodeJS.ErrnoException) => {
    if (reason.code !== "ENOENT") throw reason;
    context.diagnostic("not tried with atftp, which is not installed");
  });
});
