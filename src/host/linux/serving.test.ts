// SPDX-License-Identifier: Apache-2.0
// Sockets of this machine, with real clients on loopback.

import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { test } from "node:test";
import { servingContract } from "../serving.contract.test-support.ts";
import { linuxHost } from "./index.ts";

const host = linuxHost();

servingContract(() => ({
  host,
  async ask(port, { method = "GET", target, headers = {}, body }) {
    const { promise, resolve, reject } = Promise.withResolvers<import("node:http").IncomingMessage>();
    const asked = request({ host: "127.0.0.1", port, method, path: target, headers, agent: false }, resolve);
    asked.once("error", reject);
    asked.end(body);
    try {
      const answered = await promise;
      let text = "";
      for await (const piece of answered.setEncoding("utf8") as AsyncIterable<string>) text += piece;
      return { status: answered.statusCode ?? 0, headers: answered.headers as Record<string, string>, body: text };
    } catch (reason) {
      if ((reason as NodeJS.ErrnoException).code === "ECONNREFUSED") return undefined;
      throw reason;
    }
  },
  async exchange(port, text) {
    const socket = createSocket("udp4");
    try {
      socket.send(text, port, "127.0.0.1");
      const [bytes] = (await once(socket, "message")) as [Buffer];
      return bytes.toString();
    } finally {
      socket.close();
    }
  },
  async tell(port, pieces, stay) {
    const socket = connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
    } catch {
      return undefined;
    }
    socket.on("error", () => {});
    for (const piece of pieces) await new Promise((resolve) => socket.write(piece, resolve));
    if (stay === undefined) socket.end();
    return () => socket.destroy();
  },
}));

/** A test whose sockets are closed at the end, however it ends. */
function served(title: string, task: (signal: AbortSignal) => Promise<void>): void {
  test(title, { timeout: 20_000 }, async () => {
    const end = new AbortController();
    try {
      await task(end.signal);
    } finally {
      end.abort();
    }
  });
}

const listen = { host: "127.0.0.1", port: 0, shutdownMs: 0 } as const;

served("an address that the machine does not have is told", async (signal) => {
  const options = { ...listen, host: "192.0.2.77" };
  const listening = host.serving.http(options, async () => ({ status: 200 }), signal);
  await assert.rejects(listening, {
    code: "not-found",
    message: /cannot listen on 192.0.2.77:0 \(TCP\): this machine does not have/,
  });
});

served(
  "a socket hears the interface that it was made for, and an interface that is not there is told",
  async (signal) => {
    const options = { host: "127.0.0.1", port: 0 };
    const socket = await host.serving.datagrams({ ...options, interface: "lo" }, () => {}, signal);
    assert.ok(socket.port > 0);
    const missing = host.serving.datagrams({ ...options, interface: "nosuch0" }, () => {}, signal);
    await assert.rejects(missing, { code: "not-found", message: /interface nosuch0/ });
  },
);

served("pieces of all sizes come whole and in their order, also between other datagrams", async (signal) => {
  const socket = await host.serving.datagrams({ host: "127.0.0.1", port: 0 }, () => {}, signal);
  const client = createSocket({ type: "udp4", recvBufferSize: 4 * 1024 * 1024 });
  const heard: Buffer[] = [];
  const all = Promise.withResolvers<void>();
  client.on("message", (bytes) => {
    heard.push(bytes);
    if (bytes.toString() === "end") all.resolve();
  });
  client.bind(0, "127.0.0.1");
  await once(client, "listening");
  const to = { host: "127.0.0.1", port: client.address().port };
  const sent: Buffer[] = [];
  const send = (length: number): void => {
    const bytes = Buffer.alloc(length, `${length} `);
    sent.push(bytes);
    socket.send(bytes, to);
  };
  for (const [count, pieceBytes, more] of [
    [16, 1472, 100],
    [70, 12, 0],
    [64, 1472, 4],
    [3, 30_000, 1],
    [1, 516, 0],
  ] as const) {
    const bytes = Buffer.alloc(count * pieceBytes + more);
    for (let at = 0; at < bytes.length; at += 1) bytes[at] = at % 251;
    for (let at = 0; at < bytes.length; at += pieceBytes) sent.push(bytes.subarray(at, at + pieceBytes));
    socket.sendPieces(bytes, pieceBytes, to);
    send(20);
    send(2000); // More than a piece, and one datagram.
  }
  socket.send(Buffer.from("end"), to);
  await all.promise;
  client.close();
  assert.deepEqual(heard.slice(0, -1).map(String), sent.map(String));
});

served("a client that goes away stops the answer", async (signal) => {
  const stopped = Promise.withResolvers<void>();
  async function* endless() {
    try {
      for (;;) yield new Uint8Array(1024 * 1024);
    } finally {
      stopped.resolve();
    }
  }
  const { port } = await host.serving.http(listen, async () => ({ status: 200, body: endless() }), signal);
  const client = connect(port, "127.0.0.1");
  client.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  await once(client, "data");
  client.destroy();
  await stopped.promise;
});

served("what is no HTTP is refused, and the server goes on", async (signal) => {
  const { port } = await host.serving.http(listen, async () => ({ status: 200 }), signal);
  for (const text of ["\0\0\0\0\r\n\r\n", `GET / HTTP/1.1\r\nx: ${"y".repeat(70_000)}\r\n\r\n`, "GET /\r\n\r\n"]) {
    const client = connect(port, "127.0.0.1");
    client.on("error", () => {});
    client.end(text);
    client.resume();
    await new Promise((resolve) => client.once("close", resolve)); // `once` of the runtime minds errors.
  }
  const client = connect(port, "127.0.0.1");
  client.write("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
  const [bytes] = (await once(client, "data")) as [Buffer];
  assert.match(bytes.toString(), /^HTTP\/1\.1 200 OK/);
});

served("names of headers are spelt as boot loaders look for them", async (signal) => {
  const answer = async () => ({ status: 200, headers: { "x-made": "yes", "content-length": "2" }, body: pieces() });
  async function* pieces() {
    yield Uint8Array.of(1, 2);
  }
  const { port } = await host.serving.http(listen, answer, signal);
  const socket = connect(port, "127.0.0.1");
  socket.end("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  let text = "";
  for await (const piece of socket.setEncoding("latin1") as AsyncIterable<string>) text += piece;
  assert.match(text, /^Content-Length: 2\r$/m);
  assert.match(text, /^X-Made: yes\r$/m);
});

/** Asks, and takes nothing of the answer. Resolves when the connection is cut off. */
async function askAndStall(port: number, text: string): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  socket.pause();
  socket.on("error", () => {}); // That is how it may be cut off.
  socket.write(text);
  // A connection that is not read tells of its end only when something is sent on it.
  const poke = setInterval(() => socket.write("x"), 50);
  await new Promise((resolve) => socket.once("close", resolve));
  clearInterval(poke);
}

served("who takes nothing of a large answer holds it no longer than is said", async (signal) => {
  let released = 0;
  const piece = new Uint8Array(1024 * 1024);
  const endless: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      next: async () => ({ done: false, value: piece }),
      return: async () => {
        released += 1;
        return { done: true, value: undefined };
      },
    }),
  };
  const bodies = [endless, new Uint8Array(64 * 1024 * 1024)];
  const answer = async () => ({ status: 200, body: bodies.shift() ?? new Uint8Array() });
  const { port } = await host.serving.http({ ...listen, stalledMs: 300 }, answer, signal);
  await askAndStall(port, "GET /pieces HTTP/1.1\r\nHost: a\r\n\r\n");
  assert.ok(released > 0);
  await askAndStall(port, "GET /whole HTTP/1.1\r\nHost: a\r\n\r\n");
});

served("who sends half a form is cut off, and who waits for an answer is not", async (signal) => {
  const answer = async (asked: import("../../contract/serving.ts").IncomingRequest) => {
    await asked.body(100);
    await host.clock.sleep(1000, signal);
    return { status: 200, body: new TextEncoder().encode("late") };
  };
  const { port } = await host.serving.http({ ...listen, stalledMs: 300 }, answer, signal);
  const half = connect(port, "127.0.0.1");
  half.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf");
  await once(half.resume(), "close");
  const late = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: "whole" });
  assert.equal(await late.text(), "late");
});
