// SPDX-License-Identifier: Apache-2.0
// Many machines that boot from the network, in one process: `node booting-machines.test-support.ts DIRECTORY COUNT`, where the
// directory has what the servers hand out. Speaks by the codecs of the product; ends with 1 when one machine fails.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { readFileSync } from "node:fs";
import { decodeMessage, encodeMessage, type Message } from "../../src/protocols/dhcp/message.ts";
import { bytesOfAddresses, bytesOfNumber, bytesOfText, numberOf, option } from "../../src/protocols/dhcp/options.ts";
import { type Ipv4, parseIpv4 } from "../../src/protocols/ipv4.ts";
import { decodePacket, encodePacket } from "../../src/protocols/tftp/packet.ts";

const [directory = "", text = "1"] = process.argv.slice(2);
const count = Number(text);
const server = "192.168.42.1";
const everybody = "192.168.42.255";
const patienceMs = 60_000;
const againMs = 3000;

/** Asks until there is an answer that `accept` takes. */
async function until<Result>(
  what: string,
  ask: () => void,
  listen: (take: (result: Result) => void) => void,
): Promise<Result> {
  const { promise, resolve, reject } = Promise.withResolvers<Result>();
  const repeat = setInterval(ask, againMs);
  const limit = setTimeout(() => reject(new Error(`no ${what}`)), patienceMs);
  listen(resolve);
  ask();
  try {
    return await promise;
  } finally {
    clearInterval(repeat);
    clearTimeout(limit);
  }
}

// ---- DHCP ----

const lan = createSocket({ type: "udp4", reuseAddr: true });
const heard = new Map<number, (message: Message) => void>();
lan.on("message", (bytes) => {
  const message = decodeMessage(bytes);
  if (!("malformed" in message)) heard.get(message.transaction)?.(message);
});

function request(index: number, type: number, options: readonly (readonly [number, Uint8Array])[]): Uint8Array {
  return encodeMessage({
    op: "request",
    hardwareType: 1,
    hardwareAddress: `52:54:00:00:00:${index.toString(16).padStart(2, "0")}`,
    hops: 0,
    transaction: 1000 + index,
    seconds: 0,
    broadcast: true,
    clientAddress: 0,
    yourAddress: 0,
    nextServer: 0,
    relayAddress: 0,
    serverName: "",
    bootFile: "",
    options: new Map([
      [option.messageType, bytesOfNumber(type, 1)],
      [option.vendorClass, bytesOfText("PXEClient:Arch:00007:UNDI:003016")],
      [option.clientArchitecture, bytesOfNumber(index % 2 === 0 ? 7 : 0, 2)],
      ...options,
    ]),
  });
}

async function lease(index: number): Promise<{ readonly address: Ipv4; readonly file: string }> {
  const say = (bytes: Uint8Array) => () => {
    lan.send(bytes, 67, everybody);
    if (index % 2 === 0) lan.send(randomBytes(1 + Math.floor(Math.random() * 600)), 67, everybody);
  };
  const answer = (type: number) => (take: (message: Message) => void) =>
    heard.set(1000 + index, (message) => {
      if (numberOf(message.options.get(option.messageType)) === type) take(message);
    });
  const offer = await until("offer", say(request(index, 1, [])), answer(2));
  const wanted = [
    [option.requestedAddress, bytesOfAddresses([offer.yourAddress])],
    [option.serverIdentifier, bytesOfAddresses([parseIpv4(server) ?? 0])],
  ] as const;
  const { yourAddress: address, bootFile: file } = await until("lease", say(request(index, 3, wanted)), answer(5));
  assert.equal(address, offer.yourAddress);
  return { address, file };
}

// ---- TFTP ----

async function load(file: string, index: number): Promise<Buffer> {
  const socket: Socket = createSocket("udp4");
  const pieces: Uint8Array[] = [];
  const options = new Map([["blksize", "1468"], ...(index % 3 === 0 ? [] : ([["windowsize", "8"]] as const))]);
  const begin = encodePacket({ type: "read", file, mode: "octet", options });
  let last = begin;
  let port = 69;
  const reply = (bytes: Uint8Array): void => {
    last = bytes;
    socket.send(bytes, port, server);
  };
  const window = index % 3 === 0 ? 1 : 8;
  try {
    await until<true>(
      "loader",
      () => socket.send(last, port, server),
      (take) =>
        socket.on("message", (bytes, from) => {
          port = from.port;
          const packet = decodePacket(bytes);
          if (packet.type === "options") return reply(encodePacket({ type: "acknowledgement", block: 0 }));
          if (packet.type !== "data") throw new Error(JSON.stringify(packet));
          const isNext = packet.block === ((pieces.length + 1) & 0xffff);
          if (isNext) pieces.push(Uint8Array.from(packet.bytes));
          const isLast = isNext && packet.bytes.length < 1468;
          if (!isNext || isLast || pieces.length % window === 0) {
            reply(encodePacket({ type: "acknowledgement", block: pieces.length & 0xffff }));
          }
          if (isLast) take(true);
          return undefined;
        }),
    );
    // A last acknowledgement that is on its way must get there.
    await new Promise((resolve) => setTimeout(resolve, 20));
    return Buffer.concat(pieces);
  } finally {
    socket.close();
  }
}

// ---- All of it ----

const [loader, kernel] = ["loader", "kernel"].map((name) => readFileSync(`${directory}/${name}`));

async function boot(index: number): Promise<Ipv4> {
  const { address, file } = await lease(index);
  assert.equal(file, "/loader");
  assert.ok(loader?.equals(await load(file, index)));
  const url = `http://${server}`;
  const got = await fetch(`${url}/kernel`);
  assert.ok(kernel?.equals(Buffer.from(await got.arrayBuffer())));
  const part = await fetch(`${url}/kernel`, { headers: { range: "bytes=1000-1999" } });
  assert.ok(kernel?.subarray(1000, 2000).equals(Buffer.from(await part.arrayBuffer())));
  const tell = async (token: string) =>
    (await fetch(`${url}/done`, { method: "POST", body: new URLSearchParams({ state: "done", token }) })).status;
  assert.equal(await tell("a token of nobody"), 403);
  assert.equal(await tell(`token-of-machine-${index}`), 200);
  assert.equal(await tell(`token-of-machine-${index}`), 403);
  return address;
}

await new Promise<void>((resolve) => lan.bind(68, "0.0.0.0", resolve));
lan.setBroadcast(true);
const begun = performance.now();
const addresses = await Promise.all(Array.from({ length: count }, (_, index) => boot(index)));
assert.equal(new Set(addresses).size, count);
process.stdout.write(`${count} machines have booted\nin ${((performance.now() - begun) / 1000).toFixed(1)} s\n`);
process.exit(0);
