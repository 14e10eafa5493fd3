// SPDX-License-Identifier: Apache-2.0
// A DHCP server with hosts and ranges, as programs declare them, on a machine in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryHost, type MemoryHost } from "../host/memory/index.ts";
import { decodeMessage, encodeMessage, type Message } from "../protocols/dhcp/message.ts";
import {
  addressOf,
  bytesOfAddresses,
  bytesOfNumber,
  bytesOfText,
  numberOf,
  option,
} from "../protocols/dhcp/options.ts";
import { parseIpv4, renderIpv4 } from "../protocols/ipv4.ts";
import { Trial } from "./trial.test-support.ts";

function machine(): MemoryHost {
  const host = memoryHost();
  host.outside.setInterfaces([
    {
      name: "eth1",
      isLoopback: false,
      isUp: true,
      isWireless: false,
      mtu: 1500,
      hardwareAddress: "52:54:00:00:00:fe",
      addresses: ["192.168.42.1/24"],
    },
  ]);
  return host;
}

const types = { discover: 1, request: 3 } as const;

/** What a client hears, as it would tell a friend. */
async function ask(
  trial: Trial,
  type: keyof typeof types,
  mac: string,
  wanted?: string,
  boots = false,
): Promise<string> {
  const { strangers } = trial.host.outside;
  const message: Message = {
    op: "request",
    hardwareType: 1,
    hardwareAddress: mac,
    hops: 0,
    transaction: 1,
    seconds: 0,
    broadcast: true,
    clientAddress: 0,
    yourAddress: 0,
    nextServer: 0,
    relayAddress: 0,
    serverName: "",
    bootFile: "",
    options: new Map([
      [option.messageType, bytesOfNumber(types[type], 1)],
      [option.parameterRequestList, Uint8Array.of(1, 3, 6)],
      ...(wanted === undefined ? [] : [[option.requestedAddress, bytesOfAddresses([parseIpv4(wanted) ?? 0])] as const]),
      ...(boots ? [[option.vendorClass, bytesOfText("PXEClient:Arch:00000")] as const] : []),
    ]),
  };
  strangers.send(67, encodeMessage(message), { host: "0.0.0.0", port: 68 });
  await trial.host.clock.settle();
  const [heard, ...more] = strangers.heard();
  assert.equal(more.length, 0);
  if (heard === undefined) return "nothing";
  const reply = decodeMessage(heard.bytes);
  assert.ok(!("malformed" in reply));
  const kind = { 2: "offer", 5: "yours", 6: "no" }[numberOf(reply.options.get(option.messageType)) ?? 0] ?? "?";
  const router = addressOf(reply.options.get(option.routers));
  const parts = [kind, renderIpv4(reply.yourAddress), ...(router === undefined ? [] : [`via ${renderIpv4(router)}`])];
  return [...parts, ...(reply.bootFile === "" ? [] : [`boot ${reply.bootFile}`]), `to ${heard.to.host}`].join(" ");
}

const [one, two, known] = ["52:54:00:00:00:01", "52:54:00:00:00:02", "52:54:00:12:34:56"];

const program = (more = "", range = `network => "192.168.42.0/29",`): string => `
dhcp:server ":67" {
	interface => "eth1",
	routers => ["192.168.42.1"],
	nbp => "tftp://192.168.42.1/pxelinux.0",
}
dhcp:host "printer" { mac => "${known}", ip => "192.168.42.2/24", nbp_path => "printer.img", }
dhcp:range "pool" { ${range} persist => true, }
${more}`;

test("hosts get their address and others the next one, never ours or that of a host", async () => {
  const trial = await Trial.start(program(), machine());
  assert.equal(await ask(trial, "discover", known), "offer 192.168.42.2 via 192.168.42.1 to 255.255.255.255");
  assert.equal(await ask(trial, "discover", one), "offer 192.168.42.3 via 192.168.42.1 to 255.255.255.255");
  trial.news();
  assert.match(await ask(trial, "request", one, "192.168.42.3"), /^yours 192\.168\.42\.3/);
  assert.deepEqual(trial.news(), [`dhcp:server[:67] says ${one} has 192.168.42.3`]);
  assert.match(await ask(trial, "request", two, "192.168.42.3"), /^no 0\.0\.0\.0/);
  assert.match(await ask(trial, "discover", two), /^offer 192\.168\.42\.4/);
  await trial.stop();
});

test("who boots from the network is told the program, its own or that of the server", async () => {
  const trial = await Trial.start(program(), machine());
  assert.match(await ask(trial, "discover", one, undefined, true), /boot \/pxelinux\.0/);
  assert.match(await ask(trial, "discover", known, undefined, true), /boot printer\.img/);
  await trial.stop();
});

test("leases outlive a change of the program and a restart", async () => {
  const host = machine();
  const trial = await Trial.start(program(), host);
  await ask(trial, "discover", one);
  assert.match(await ask(trial, "request", one, "192.168.42.3"), /^yours/);
  await trial.edit(program(`dhcp:host "more" { mac => "52:54:00:00:00:09", ip => "192.168.42.4/24", }\n`));
  assert.match(await ask(trial, "discover", two), /^offer 192\.168\.42\.5/);
  await trial.stop();
  const again = await Trial.start(program(), host);
  assert.match(await ask(again, "discover", two), /^offer 192\.168\.42\.4/);
  assert.match(await ask(again, "discover", one), /^offer 192\.168\.42\.3/);
  await again.stop();
});

test("an interface that is not there, and two hosts with one address, are told", async () => {
  const failures = async (text: string, host: MemoryHost): Promise<readonly string[]> => {
    const trial = await Trial.start(text, host);
    const found = trial.events.flatMap((event) => (event.type === "failed" ? [event.failure.message] : []));
    await trial.stop();
    return [...new Set(found)];
  };
  assert.deepEqual(await failures(program(), memoryHost()), ["this machine has no network interface eth1"]);
  const twice = program(`dhcp:host "other" { mac => "52:54:00:00:00:09", ip => "192.168.42.2/24", }\n`);
  assert.deepEqual(await failures(twice, machine()), [
    "dhcp:host[other] and dhcp:host[printer] both have the address 192.168.42.2",
  ]);
});
