// SPDX-License-Identifier: Apache-2.0
// Whole dialogues of clients with the server, as the RFC tells them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Ipv4, parseIpv4, parseIpv4Network, renderIpv4 } from "../ipv4.ts";
import { type Answer, bootProgram, leaseTime, ownDisk, reservedAddress, serverIdentity, told } from "./answers.ts";
import { Leases } from "./leases.ts";
import type { Message } from "./message.ts";
import { addressOf, bytesOfAddresses, bytesOfNumber, bytesOfText, numberOf, option, textOf } from "./options.ts";
import { proxyAnswers, proxyPort } from "./proxy.ts";
import { pooledAddress } from "./pools.ts";
import type { BootClient } from "./request.ts";
import { answerTo, type Reply } from "./server.ts";

const ip = (text: string): Ipv4 => parseIpv4(text) ?? assert.fail(text);
const us = ip("192.168.42.1");
const network = parseIpv4Network("192.168.42.0/24") ?? assert.fail();
const minute = 60_000;
const types = { discover: 1, request: 3, decline: 4, release: 7, inform: 8 } as const;

const message = (over: Partial<Message>): Message => ({
  op: "request",
  hardwareType: 1,
  hardwareAddress: "52:54:00:00:00:01",
  hops: 0,
  transaction: 7,
  seconds: 0,
  broadcast: false,
  clientAddress: 0,
  yourAddress: 0,
  nextServer: 0,
  relayAddress: 0,
  serverName: "",
  bootFile: "",
  options: new Map(),
  ...over,
});

interface Said extends Partial<Message> {
  readonly wanted?: string;
  readonly server?: string;
  readonly more?: Readonly<Record<number, Uint8Array>>;
}

const say = (type: keyof typeof types, { wanted, server, more = {}, ...over }: Said = {}): Message =>
  message({
    ...over,
    options: new Map([
      [option.messageType, bytesOfNumber(types[type], 1)],
      [option.parameterRequestList, Uint8Array.of(1, 3, 6, 66, 67)],
      ...(wanted === undefined ? [] : [[option.requestedAddress, bytesOfAddresses([ip(wanted)])] as const]),
      ...(server === undefined ? [] : [[option.serverIdentifier, bytesOfAddresses([ip(server)])] as const]),
      ...Object.entries(more).map(([code, value]) => [Number(code), value] as const),
    ]),
  });

const programFor = (client: BootClient) =>
  client.loader === "none"
    ? undefined
    : client.loader === "http"
      ? { server: undefined, file: "http://192.168.42.1/boot.efi" }
      : { server: { name: "192.168.42.1", address: us }, file: client.firmware === "bios" ? "pxelinux.0" : "shim.efi" };

function server(): (heard: Message, nowMs?: number) => Reply | undefined {
  const leases = new Leases({ first: ip("192.168.42.10"), last: ip("192.168.42.11"), except: new Set() });
  const reserved = new Map([["52:54:00:00:00:99", { address: ip("192.168.42.99"), bits: 24 }]]);
  const chain: readonly Answer[] = [
    serverIdentity(us),
    leaseTime(10 * minute),
    told(option.nameServers, bytesOfAddresses([ip("9.9.9.9")])),
    told(option.routers, bytesOfAddresses([us]), { always: true }),
    bootProgram(({ boot }) => programFor(boot)),
    reservedAddress(reserved),
    pooledAddress([{ leases, network, answers: [] }], [us], 10 * minute),
  ];
  return (heard, nowMs = 0) => answerTo(heard, chain, nowMs);
}

const seen = (reply: Reply | undefined): readonly string[] =>
  reply === undefined
    ? ["nothing"]
    : [reply.type, renderIpv4(reply.message.yourAddress), `to ${renderIpv4(reply.to.address)}:${reply.to.port}`];

test("a client discovers, is offered an address, takes it, renews it and gives it back", () => {
  const ask = server();
  const offer = ask(say("discover"));
  assert.deepEqual(seen(offer), ["offer", "192.168.42.10", "to 255.255.255.255:68"]);
  const options = offer?.message.options ?? new Map<number, Uint8Array>();
  assert.equal(addressOf(options.get(option.serverIdentifier)), us);
  assert.equal(numberOf(options.get(option.leaseTime)), 600);
  assert.equal(renderIpv4(addressOf(options.get(option.subnetMask)) ?? 0), "255.255.255.0");
  assert.deepEqual(seen(ask(say("request", { wanted: "192.168.42.10", server: "192.168.42.1" }))), [
    "acknowledgement",
    "192.168.42.10",
    "to 255.255.255.255:68",
  ]);
  const renewal = say("request", { clientAddress: ip("192.168.42.10") });
  assert.deepEqual(seen(ask(renewal, 5 * minute)), ["acknowledgement", "192.168.42.10", "to 192.168.42.10:68"]);
  assert.deepEqual(seen(ask(say("release", { clientAddress: ip("192.168.42.10") }), 6 * minute)), ["nothing"]);
});

test("a client that has taken the offer of another server is not answered", () => {
  const ask = server();
  ask(say("discover"));
  assert.deepEqual(seen(ask(say("request", { wanted: "192.168.42.10", server: "192.168.42.2" }))), ["nothing"]);
});

test("a client that comes back with an address of elsewhere is refused, and everybody hears it", () => {
  const ask = server();
  const refusal = ask(say("request", { wanted: "10.1.2.3" }));
  assert.deepEqual(seen(refusal), ["refusal", "0.0.0.0", "to 255.255.255.255:68"]);
  assert.deepEqual([...(refusal?.message.options.keys() ?? [])], [53, 54, 56]);
  const relayed = ask(say("request", { wanted: "10.1.2.3", relayAddress: ip("192.168.42.250") }));
  assert.deepEqual(seen(relayed), ["refusal", "0.0.0.0", "to 192.168.42.250:67"]);
  assert.ok(relayed?.message.broadcast);
});

test("behind a relay a client gets an address of its own network, or none", () => {
  const pool = (first: string, name: string) => ({
    network: parseIpv4Network(name) ?? assert.fail(),
    leases: new Leases({ first: ip(first), last: ip(first) + 9, except: new Set() }),
    answers: [told(option.routers, bytesOfAddresses([ip(first) - 9]), { always: true })],
  });
  const pools = [pool("192.168.42.10", "192.168.42.0/24"), pool("10.1.2.10", "10.1.2.0/24")];
  const chain = [serverIdentity(us), pooledAddress(pools, [us], minute)];
  const ask = (heard: Message) => {
    const reply = answerTo(heard, chain, 0);
    return [...seen(reply).slice(0, 2), renderIpv4(addressOf(reply?.message.options.get(option.routers)) ?? 0)];
  };
  assert.deepEqual(ask(say("discover")), ["offer", "192.168.42.10", "192.168.42.1"]);
  const [far, farther] = [{ relayAddress: ip("10.1.2.1") }, { relayAddress: ip("10.9.9.1") }];
  assert.deepEqual(ask(say("discover", far)), ["offer", "10.1.2.10", "10.1.2.1"]);
  assert.deepEqual(ask(say("request", { ...far, wanted: "10.1.2.10" })), ["acknowledgement", "10.1.2.10", "10.1.2.1"]);
  assert.deepEqual(ask(say("request", { ...far, wanted: "192.168.42.10" })).slice(0, 1), ["refusal"]);
  assert.deepEqual(ask(say("discover", farther)), ["nothing", "0.0.0.0"]);
  // Of its own it renews without the relay.
  const renewal = say("request", { clientAddress: ip("10.1.2.10") });
  assert.deepEqual(ask(renewal).slice(0, 2), ["acknowledgement", "10.1.2.10"]);
  const link = { [option.relayAgentInformation]: Uint8Array.of(1, 1, 7, 5, 4, 10, 1, 2, 0) };
  const hardwareAddress = "52:54:00:00:00:02";
  assert.equal(ask(say("discover", { ...farther, hardwareAddress, more: link }))[1], "10.1.2.11");
});

test("a range that is full is followed by the next, and a client keeps what it has in either", () => {
  const network = parseIpv4Network("192.168.42.0/24") ?? assert.fail();
  const pools = ["192.168.42.10", "192.168.42.20"].map((only) => ({
    network,
    leases: new Leases({ first: ip(only), last: ip(only), except: new Set() }),
    answers: [],
  }));
  const chain = [serverIdentity(us), pooledAddress(pools, [us], minute)];
  const ask = (heard: Message) => seen(answerTo(heard, chain, 0)).slice(0, 2);
  const second = { hardwareAddress: "52:54:00:00:00:02" };
  assert.deepEqual(ask(say("discover")), ["offer", "192.168.42.10"]);
  assert.deepEqual(ask(say("discover", second)), ["offer", "192.168.42.20"]);
  assert.deepEqual(ask(say("request", { ...second, wanted: "192.168.42.20" })), ["acknowledgement", "192.168.42.20"]);
  assert.deepEqual(ask(say("release", { clientAddress: ip("192.168.42.10") })), ["nothing"]);
  assert.deepEqual(ask(say("discover", second)), ["offer", "192.168.42.20"]);
});

test("an address that somebody uses already is not offered again for a while", () => {
  const ask = server();
  ask(say("discover"));
  assert.deepEqual(seen(ask(say("decline", { wanted: "192.168.42.10", server: "192.168.42.1" }))), ["nothing"]);
  assert.deepEqual(seen(ask(say("discover"), 1)).slice(0, 2), ["offer", "192.168.42.11"]);
});

test("when all addresses are taken nobody is promised one", () => {
  const ask = server();
  for (const last of ["1", "2"]) {
    const hardwareAddress = `52:54:00:00:00:0${last}`;
    const offered = ask(say("discover", { hardwareAddress }))?.message.yourAddress ?? 0;
    ask(say("request", { hardwareAddress, wanted: renderIpv4(offered), server: "192.168.42.1" }));
  }
  assert.deepEqual(seen(ask(say("discover", { hardwareAddress: "52:54:00:00:00:03" }))), ["nothing"]);
});

test("a reserved address belongs to its client, also to one that knows no DHCP", () => {
  const ask = server();
  const hardwareAddress = "52:54:00:00:00:99";
  assert.deepEqual(seen(ask(say("discover", { hardwareAddress }))).slice(0, 2), ["offer", "192.168.42.99"]);
  assert.equal(ask(say("request", { hardwareAddress, wanted: "192.168.42.10" }))?.type, "refusal");
  const old = ask(message({ hardwareAddress }));
  assert.deepEqual(seen(old).slice(0, 2), ["bootp", "192.168.42.99"]);
  assert.equal(old?.limitBytes, 300);
  assert.equal(old?.message.options.has(option.messageType), false);
  assert.deepEqual(seen(ask(message({}))), ["nothing"]);
});

test("a client with an address of its own is told the rest, and no lease", () => {
  const reply = server()(say("inform", { clientAddress: ip("192.168.42.200") }));
  assert.deepEqual(seen(reply), ["acknowledgement", "0.0.0.0", "to 192.168.42.200:68"]);
  assert.equal(reply?.message.options.has(option.leaseTime), false);
  assert.ok(reply?.message.options.has(option.nameServers));
});

test("what a relay has put in goes back to it", () => {
  const more = { [option.relayAgentInformation]: Uint8Array.of(1, 2, 3, 4) };
  const reply = server()(say("discover", { relayAddress: ip("192.168.42.250"), hops: 1, more }));
  assert.deepEqual(seen(reply), ["offer", "192.168.42.10", "to 192.168.42.250:67"]);
  assert.deepEqual(reply?.message.options.get(option.relayAgentInformation), Uint8Array.of(1, 2, 3, 4));
  assert.equal(server()(say("discover", { hops: 17 })), undefined);
});

test("replies of others and types that only servers send are not answered", () => {
  assert.equal(server()(message({ op: "reply" })), undefined);
  assert.equal(server()(message({ options: new Map([[option.messageType, Uint8Array.of(5)]]) })), undefined);
});

const booting = (vendor: string, architecture: number, userClass?: string) => ({
  [option.vendorClass]: bytesOfText(vendor),
  [option.clientArchitecture]: bytesOfNumber(architecture, 2),
  ...(userClass === undefined ? {} : { [option.userClass]: bytesOfText(userClass) }),
});

test("each firmware gets its boot program, and a system none", () => {
  const ask = server();
  const boot = (more: Readonly<Record<number, Uint8Array>>): readonly unknown[] => {
    const reply = ask(say("discover", { more }))?.message;
    const text = (code: number): string | undefined => textOf(reply?.options.get(code));
    return [reply?.bootFile, renderIpv4(reply?.nextServer ?? 0), text(option.bootFileName), text(option.vendorClass)];
  };
  assert.deepEqual(boot(booting("PXEClient:Arch:00000", 0)), ["pxelinux.0", "192.168.42.1", "pxelinux.0", undefined]);
  assert.deepEqual(boot(booting("PXEClient:Arch:00007", 7)), ["shim.efi", "192.168.42.1", "shim.efi", undefined]);
  const url = "http://192.168.42.1/boot.efi";
  assert.deepEqual(boot(booting("HTTPClient:Arch:00016", 16)), [url, "0.0.0.0", url, "HTTPClient"]);
  assert.deepEqual(boot({}), ["", "0.0.0.0", undefined, undefined]);
});

/** The options inside of option 43, by their codes. */
function vendorOptions(reply: Reply | undefined): ReadonlyMap<number, readonly number[]> {
  const bytes = reply?.message.options.get(option.vendorSpecific) ?? new Uint8Array();
  const found = new Map<number, readonly number[]>();
  for (let at = 0; at < bytes.length && bytes[at] !== option.end; ) {
    const length = bytes[at + 1] ?? 0;
    found.set(bytes[at] ?? 0, [...bytes.subarray(at + 2, at + 2 + length)]);
    at += 2 + length;
  }
  return found;
}

test("a firmware is sent to the own disk by a menu with nothing else in it, taken at once", () => {
  const chain: readonly Answer[] = [bootProgram(() => ownDisk), () => "send"];
  const reply = answerTo(say("discover", { more: booting("PXEClient:Arch:00007", 7) }), chain, 0);
  assert.equal(textOf(reply?.message.options.get(option.vendorClass)), "PXEClient");
  assert.equal(reply?.message.bootFile, "");
  const own = vendorOptions(reply);
  const text = [...bytesOfText("own disk")];
  assert.deepEqual(own.get(6), [3]); // It looks for no other server.
  assert.deepEqual(own.get(9), [0, 0, text.length, ...text]);
  assert.deepEqual(own.get(10), [0, ...text]);
  for (const more of [{}, booting("PXEClient:Arch:00000", 0, "iPXE"), booting("HTTPClient:Arch:00016", 16)]) {
    const other = answerTo(say("discover", { more }), chain, 0);
    assert.deepEqual([...(other?.message.options.keys() ?? [])], [option.messageType]);
  }
});

test("beside a foreign server a firmware is sent to the own disk too", () => {
  const ask = (heard: Message): Reply | undefined =>
    answerTo(
      heard,
      proxyAnswers(us, 67, () => ownDisk),
      0,
    );
  const reply = ask(say("discover", { more: booting("PXEClient:Arch:00007", 7) }));
  assert.deepEqual([reply?.type, vendorOptions(reply).get(9)?.slice(0, 2)], ["offer", [0, 0]]);
  assert.equal(ask(say("discover", { more: booting("HTTPClient:Arch:00016", 16) })), undefined);
});

test("a long boot file is told where there is room for it", () => {
  const file = `http://192.168.42.1/${"a".repeat(200)}`;
  const chain: readonly Answer[] = [bootProgram(() => ({ server: undefined, file })), () => "send"];
  const plain = message({ options: new Map([[option.messageType, bytesOfNumber(types.discover, 1)]]) });
  const reply = answerTo(plain, chain, 0)?.message;
  assert.equal(reply?.bootFile, "");
  assert.equal(textOf(reply?.options.get(option.bootFileName)), file);
});

test("beside a foreign server we tell the boot program and nothing else", () => {
  const ask = (heard: Message, port: number): Reply | undefined =>
    answerTo(
      heard,
      proxyAnswers(us, port, ({ boot }) => programFor(boot)),
      0,
    );
  const more = booting("PXEClient:Arch:00007", 7);
  const offer = ask(say("discover", { more }), 67);
  assert.deepEqual([offer?.type, offer?.message.yourAddress, offer?.message.bootFile], ["offer", 0, "shim.efi"]);
  assert.equal(textOf(offer?.message.options.get(option.vendorClass)), "PXEClient");
  assert.equal(offer?.message.options.has(option.leaseTime), false);
  assert.equal(ask(say("request", { more, wanted: "192.168.42.10" }), 67), undefined);
  const second = ask(say("request", { more, clientAddress: ip("192.168.42.10") }), proxyPort);
  assert.deepEqual([second?.type, second?.message.bootFile], ["acknowledgement", "shim.efi"]);
  assert.equal(ask(say("discover"), 67), undefined);
});

test("an answer goes back to the port that it was asked from", () => {
  const heard = say("request", { clientAddress: ip("192.168.42.10"), more: booting("PXEClient:Arch:00007", 7) });
  const chain = proxyAnswers(us, proxyPort, ({ boot }) => programFor(boot));
  const to = (from: string, message: Message) =>
    seen(answerTo(message, chain, 0, { address: ip(from), port: 4011 }))[2];
  assert.equal(to("192.168.42.10", heard), "to 192.168.42.10:4011");
  assert.equal(to("0.0.0.0", { ...heard, clientAddress: 0 }), "to 255.255.255.255:4011");
});
