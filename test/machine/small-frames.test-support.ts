// SPDX-License-Identifier: Apache-2.0
// Run in a network of its own, with a cable to another one.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readlinkSync } from "node:fs";
import { after, before, it } from "node:test";
import { linuxHost } from "../../src/host/linux/index.ts";

const [near, far] = ["10.9.2.1", "10.9.2.2"];
const pieceBytes = 1472;
const pieces = 40;
const ip = (...args: readonly string[]): void => void execFileSync("ip", args);
const other = spawn("unshare", ["--net", "sleep", "1000"], { stdio: "ignore" });
const inside = ["-t", String(other.pid), "-n"];

/** Asks at the port, and says the length and the first byte of all that comes, until it has heard so many. */
const client = `
const socket = require("node:dgram").createSocket({ type: "udp4", recvBufferSize: 1 << 20 });
let heard = [];
socket.on("message", (bytes) => {
  heard.push([bytes.length, bytes[0], bytes.at(-1)]);
  if (heard.length === ${pieces + 1}) {
    console.log(JSON.stringify(heard));
    process.exit(0);
  }
});
socket.bind(0, () => socket.send("go", Number(process.argv[1]), "${near}"));
setTimeout(() => { console.log(JSON.stringify(heard)); process.exit(1); }, 30_000);
`;

before(async () => {
  const of = (pid: number | string): string => readlinkSync(`/proc/${pid}/ns/net`);
  for (const endMs = performance.now() + 30_000; of(other.pid ?? 0) === of("self"); ) {
    assert.ok(performance.now() < endMs);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  ip("link", "add", "cable", "type", "veth", "peer", "name", "eth0", "netns", String(other.pid));
  ip("address", "add", `${near}/24`, "dev", "cable");
  ip("link", "set", "cable", "up");
  execFileSync("nsenter", [...inside, "ip", "address", "add", `${far}/24`, "dev", "eth0"]);
  execFileSync("nsenter", [...inside, "ip", "link", "set", "eth0", "up"]);
});

after(() => {
  other.kill();
});

for (const frameBytes of [1500, 1280, 9000]) {
  it(`frames of ${frameBytes} bytes`, { timeout: 60_000 }, async () => {
    ip("link", "set", "cable", "mtu", String(frameBytes));
    execFileSync("nsenter", [...inside, "ip", "link", "set", "eth0", "mtu", String(frameBytes)]);
    const end = new AbortController();
    const bytes = new Uint8Array(pieces * pieceBytes + 100);
    for (let at = 0; at < bytes.length; at += 1) bytes[at] = Math.floor(at / pieceBytes);
    const socket = await linuxHost().serving.datagrams(
      { host: near, port: 0 },
      (_, from) => socket.sendPieces(bytes, pieceBytes, from),
      end.signal,
    );
    const child = spawn("nsenter", [...inside, process.execPath, "-e", client, String(socket.port)]);
    let heard = "";
    child.stdout.on("data", (text: Buffer) => (heard += text.toString()));
    await once(child, "close");
    end.abort();
    const expected = Array.from({ length: pieces + 1 }, (_, at) => [at === pieces ? 100 : pieceBytes, at, at]);
    assert.deepEqual(JSON.parse(heard), expected);
  });
}
