// SPDX-License-Identifier: Apache-2.0
// A DHCP server with hosts and ranges, as programs declare them, on a machine in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { eachField, inMemory } from "../../test/fields.ts";
import { cameTrue, proves, shows } from "../../test/proofs.ts";
import { problemsOf } from "../../test/resource.ts";
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
import { dhcpHost } from "../resources/dhcp/host.ts";
import { dhcpRange } from "../resources/dhcp/range.ts";
import { dhcpServer } from "../resources/dhcp/server.ts";
import { Trial } from "./trial.test-support.ts";

function machine(): MemoryHost {
  const host = memoryHost();
  makeInterface(host, 2);
  return host;
}

function makeInterface(host: MemoryHost, index: number, address = "192.168.42.1/24"): void {
  host.outside.setInterfaces([
    {
      name: "eth1",
      index,
      isLoopback: false,
      isUp: true,
      isWireless: false,
      mtu: 1500,
      hardwareAddress: "52:54:00:00:00:fe",
      addresses: [address],
    },
  ]);
}

const types = { discover: 1, request: 3 } as const;

interface Booting {
  readonly vendor?: string;
  readonly architecture?: number;
  readonly userClass?: string;
}
const bios: Booting = { vendor: "PXEClient:Arch:00000" };

/** A request, unless the options say something else. */
function request(hardwareAddress: string, options: readonly (readonly [number, Uint8Array])[]): Message {
  return {
    op: "request",
    hardwareType: 1,
    hardwareAddress,
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
    options: new Map([[option.messageType, bytesOfNumber(types.request, 1)], ...options]),
  };
}

/** What a client hears. */
async function hear(
  trial: Trial,
  type: keyof typeof types,
  mac: string,
  wanted?: string,
  { vendor, architecture, userClass }: Booting = {},
  port = 67,
): Promise<(Message & { readonly to: string }) | undefined> {
  const { strangers } = trial.host.outside;
  const message = request(mac, [
    [option.messageType, bytesOfNumber(types[type], 1)],
    [option.parameterRequestList, Uint8Array.of(1, 3, 6)],
    ...(wanted === undefined ? [] : [[option.requestedAddress, bytesOfAddresses([parseIpv4(wanted) ?? 0])] as const]),
    ...(vendor === undefined ? [] : [[option.vendorClass, bytesOfText(vendor)] as const]),
    ...(architecture === undefined ? [] : [[option.clientArchitecture, bytesOfNumber(architecture, 2)] as const]),
    ...(userClass === undefined ? [] : [[option.userClass, bytesOfText(userClass)] as const]),
  ]);
  strangers.send(port, encodeMessage(message), { host: "0.0.0.0", port: port === 67 ? 68 : port });
  await trial.host.clock.settle();
  const [heard, ...more] = strangers.heard();
  assert.equal(more.length, 0);
  if (heard === undefined) return undefined;
  const reply = decodeMessage(heard.bytes);
  assert.ok(!("malformed" in reply));
  return { ...reply, to: heard.to.host };
}

/** The same as it would tell a friend. */
async function ask(...question: Parameters<typeof hear>): Promise<string> {
  const reply = await hear(...question);
  if (reply === undefined) return "nothing";
  const kind = { 2: "offer", 5: "yours", 6: "no" }[numberOf(reply.options.get(option.messageType)) ?? 0] ?? "?";
  const router = addressOf(reply.options.get(option.routers));
  const parts = [kind, renderIpv4(reply.yourAddress), ...(router === undefined ? [] : [`via ${renderIpv4(router)}`])];
  return [...parts, ...(reply.bootFile === "" ? [] : [`boot ${reply.bootFile}`]), `to ${reply.to}`].join(" ");
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
  assert.match(await ask(trial, "discover", one, undefined, bios), /boot \/pxelinux\.0/);
  assert.match(await ask(trial, "discover", known, undefined, bios), /boot printer\.img/);
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

test("an interface that goes and comes again under its name is served again", async () => {
  const host = machine();
  const trial = await Trial.start(program(), host);
  assert.match(await ask(trial, "discover", known), /^offer 192\.168\.42\.2/);
  host.outside.setInterfaces([]);
  await host.clock.settle();
  assert.equal(await ask(trial, "discover", known), "nothing");
  assert.match(trial.news().join(), /this machine has no network interface eth1/);
  makeInterface(host, 3);
  await host.clock.settle();
  assert.match(await ask(trial, "discover", known), /^offer 192\.168\.42\.2/);
  shows("dhcp:server", "outside change");
  await trial.stop();
});

test("who it says it is goes with the address of its interface, unless that is given", async () => {
  const server = async (text: string): Promise<readonly (string | undefined)[]> => {
    const host = machine();
    const trial = await Trial.start(text, host);
    const names: (string | undefined)[] = [];
    for (const address of ["192.168.42.1/24", "192.168.42.6/24"]) {
      makeInterface(host, 2, address);
      await host.clock.settle();
      const told = addressOf((await hear(trial, "discover", known))?.options.get(option.serverIdentifier));
      names.push(told === undefined ? undefined : renderIpv4(told));
    }
    await trial.stop();
    return names;
  };
  assert.deepEqual(await server(program()), ["192.168.42.1", "192.168.42.6"]);
  const given = program().replace(`interface => "eth1",`, `interface => "eth1", serverid => "192.168.42.5",`);
  assert.deepEqual(await server(given), ["192.168.42.5", "192.168.42.5"]);
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

const mixed = `
dhcp:server ":67" {
	interface => "eth1",
	nbp => "tftp://192.168.42.1/pxelinux.0",
	nbp_for => {
		"uefi-x64" => "tftp://192.168.42.1/shimx64.efi",
		"11" => "tftp://192.168.42.1/arm.efi",
		"http" => "http://192.168.42.1/boot.efi",
		"ipxe" => "http://192.168.42.1/menu.ipxe",
		"ipxe-bios" => "http://192.168.42.1/bios.ipxe",
	},
}
dhcp:host "done" { mac => "52:54:00:00:00:0d", nbp => "none", }
dhcp:host "own" { mac => "52:54:00:00:00:0e", nbp_for => {"uefi-x64" => "tftp://192.168.42.1/own.efi"}, }
dhcp:range "192.168.42.0/24" {}
`;

test("each kind of machine boots its own program, a host what is its own, and who is done nothing", async () => {
  const trial = await Trial.start(mixed, machine());
  const boots = async (booting: Booting, mac = one): Promise<string | undefined> =>
    /boot (\S+)/.exec(await ask(trial, "discover", mac, undefined, booting))?.[1];
  const efi = (architecture: number, userClass?: string): Booting => ({
    vendor: `PXEClient:Arch:${String(architecture).padStart(5, "0")}:UNDI:003016`,
    architecture,
    ...(userClass === undefined ? {} : { userClass }),
  });
  assert.equal(await boots({ vendor: "PXEClient", architecture: 0 }), "/pxelinux.0");
  for (const number of [7, 9]) assert.equal(await boots(efi(number)), "/shimx64.efi");
  assert.equal(await boots({ vendor: "PXEClient:Arch:00007" }), "/shimx64.efi");
  assert.equal(await boots(efi(11)), "/arm.efi");
  assert.equal(
    await boots({ vendor: "HTTPClient:Arch:00016:UNDI:003001", architecture: 16 }),
    "http://192.168.42.1/boot.efi",
  );
  assert.equal(await boots(efi(7, "iPXE")), "http://192.168.42.1/menu.ipxe");
  assert.equal(await boots(efi(0, "iPXE")), "http://192.168.42.1/bios.ipxe");
  assert.equal(await boots({}), undefined);
  assert.equal(await boots(efi(7), "52:54:00:00:00:0e"), "/own.efi");
  assert.equal(await boots(efi(0), "52:54:00:00:00:0e"), "/pxelinux.0");
  for (const number of [0, 7]) assert.equal(await boots(efi(number), "52:54:00:00:00:0d"), undefined);
  await trial.stop();
});

test("with `known_only` a machine that is not declared is left alone, which is told once", async () => {
  const host = machine();
  const trial = await Trial.start(
    `
dhcp:server ":67" { interface => "eth1", known_only => true, }
dhcp:host "known" { mac => "${known}", }
dhcp:range "192.168.42.0/24" {}
`,
    host,
  );
  trial.news();
  assert.match(await ask(trial, "discover", known), /^offer 192\.168\.42\.2 /);
  const firmware = { vendor: "PXEClient:Arch:00007", architecture: 7 };
  for (let times = 0; times < 3; times += 1) {
    assert.equal(await ask(trial, "discover", one, undefined, firmware), "nothing");
  }
  const told = `dhcp:server[:67] says ${one}, PXE on uefi-x64, asks: is not declared, and is left alone`;
  assert.deepEqual(trial.news(), [told]);
  await host.clock.advance(3_600_000);
  assert.equal(await ask(trial, "discover", one, undefined, firmware), "nothing");
  assert.deepEqual(trial.news(), [told]);
  await trial.stop();
});

test("beside a foreign server only boot programs are told, at both ports, and a range is refused", async () => {
  const text = `
dhcp:server ":67" { interface => "eth1", proxy => true, nbp => "tftp://192.168.42.1/pxelinux.0", }
dhcp:host "own" { mac => "${known}", nbp => "tftp://192.168.42.1/own.0", }
`;
  const trial = await Trial.start(text, machine());
  trial.news();
  assert.equal(await ask(trial, "discover", one), "nothing");
  assert.equal(await ask(trial, "discover", one, undefined, bios), "offer 0.0.0.0 boot /pxelinux.0 to 255.255.255.255");
  assert.equal(await ask(trial, "request", one, "192.168.42.77", bios), "nothing");
  const asked = await ask(trial, "request", known, undefined, bios, 4011);
  assert.equal(asked, "yours 0.0.0.0 boot /own.0 to 255.255.255.255");
  assert.deepEqual(trial.news(), [`dhcp:server[:67] says ${known} boots /own.0`]);
  await trial.edit(`${text}dhcp:range "192.168.42.0/24" {}\n`);
  assert.match(
    trial.news().join("\n"),
    /dhcp:range\[192\.168\.42\.0\/24\] is a part of a server that gives no addresses/,
  );
  await trial.stop();
});

test("who else gives addresses on the network, and that a range is full, is told", async () => {
  const trial = await Trial.start(
    program("", `from => "192.168.42.5", to => "192.168.42.5", mask => "/24",`),
    machine(),
  );
  trial.news();
  assert.match(await ask(trial, "discover", one), /^offer 192\.168\.42\.5/);
  assert.equal(await ask(trial, "discover", two), "nothing");
  assert.deepEqual(trial.news(), [`dhcp:server[:67] says ${two} asks: no address is left for it`]);
  const { strangers } = trial.host.outside;
  const theirs = request(two, [[option.serverIdentifier, bytesOfAddresses([parseIpv4("192.168.42.9") ?? 0])]]);
  strangers.send(67, encodeMessage(theirs), { host: "0.0.0.0", port: 68 });
  await trial.host.clock.settle();
  assert.deepEqual(trial.news(), [
    "dhcp:server[:67] says another DHCP server, 192.168.42.9, gives addresses on eth1 too",
  ]);
  await trial.stop();
});

test("a machine behind a relay has the way out of its own network", async () => {
  const text = `
dhcp:server ":67" { interface => "eth1", routers => ["192.168.42.1"], }
dhcp:range "192.168.42.0/24" {}
dhcp:range "10.1.2.0/24" { routers => ["10.1.2.1"], skip => ["10.1.2.1"], }
`;
  const trial = await Trial.start(text, machine());
  assert.match(await ask(trial, "discover", one), /^offer 192\.168\.42\.2 via 192\.168\.42\.1/);
  const { strangers } = trial.host.outside;
  const discover = [[option.messageType, Uint8Array.of(1)]] as const;
  const relayed = { ...request(two, discover), relayAddress: parseIpv4("10.1.2.1") ?? 0, hops: 1 };
  strangers.send(67, encodeMessage(relayed), { host: "10.1.2.1", port: 67 });
  await trial.host.clock.settle();
  const [offer] = strangers.heard();
  assert.deepEqual(offer?.to, { host: "10.1.2.1", port: 67 });
  const reply = decodeMessage(offer?.bytes ?? new Uint8Array());
  assert.ok(!("malformed" in reply));
  assert.equal(renderIpv4(reply.yourAddress), "10.1.2.2");
  assert.equal(renderIpv4(addressOf(reply.options.get(option.routers)) ?? 0), "10.1.2.1");
  await trial.stop();
});

test("whoever had whatever address before, each has one of those of now, and that of a host is its own", async () => {
  const last = fc.integer({ min: 2, max: 6 });
  const asks = fc.record({ client: fc.constantFrom(one, two, known), wanted: last });
  const declared = fc.record({ at: last, named: fc.constantFrom(known, one), first: fc.constantFrom(2, 3) });
  type Declared = typeof declared extends fc.Arbitrary<infer Type> ? Type : never;
  const source = ({ at, named, first }: Declared): string => `
dhcp:server ":67" { interface => "eth1", }
dhcp:host "named" { mac => "${named}", ip => "192.168.42.${at}/24", }
dhcp:range "pool" { mask => "/24", from => "192.168.42.${first}", to => "192.168.42.9", persist => true, }
`;
  await fc.assert(
    fc.asyncProperty(
      declared,
      fc.array(asks, { maxLength: 4 }),
      fc.boolean(),
      declared,
      async (before, past, again, after) => {
        const host = machine();
        let trial = await Trial.start(source(before), host);
        for (const { client, wanted } of past) await ask(trial, "request", client, `192.168.42.${wanted}`);
        if (again) {
          await trial.stop();
          trial = await Trial.start(source(after), host);
        } else await trial.edit(source(after));
        const offered = new Map<string, string>();
        for (const client of [one, two, known]) {
          const [, address = ""] = /^offer (\S+)/.exec(await ask(trial, "discover", client)) ?? [];
          assert.match(await ask(trial, "request", client, address), new RegExp(`^yours ${address} `));
          offered.set(client, address);
        }
        assert.equal(offered.get(after.named), `192.168.42.${after.at}`);
        assert.equal(new Set(offered.values()).size, 3, "each has its own");
        for (const [client, address] of offered) {
          if (client === after.named) continue;
          const at = Number(address.split(".")[3]);
          assert.ok(at >= after.first && at <= 9, `${address} is in the range`);
        }
        await trial.stop();
        for (const kind of ["dhcp:server", "dhcp:host", "dhcp:range"]) cameTrue(kind, host);
      },
    ),
    { numRuns: 300 },
  );
});

test("mistakes are found before anything is touched", () => {
  assert.deepEqual(problemsOf(dhcpServer, "67", { serverid: "x" }), [
    '"67" is no address to listen on',
    "a DHCP server needs an `interface`: it must not answer on other networks",
    '"x" is no IPv4 address',
  ]);
  assert.deepEqual(problemsOf(dhcpHost, "h", { mac: "x", ip: "192.168.42.1" }), [
    '"x" is no hardware address',
    '"192.168.42.1" is no address with a network',
  ]);
  assert.equal(problemsOf(dhcpRange, "r", { network: "x" }).length, 1);
});

proves("dhcp:server", "outside change", "bad values", "random starts");
proves("dhcp:host", "bad values", "random starts");
proves("dhcp:range", "bad values", "random starts");

const here = "src/agent/dhcp-server.test.ts";
const answered = "it says what those who ask are answered";

eachField("dhcp:server", {
  machine: inMemory(),
  name: ":67",
  changes: {},
  shown: {
    interface: { file: here, title: "an interface that goes and comes again under its name is served again" },
    serverid: { file: here, title: "who it says it is goes with the address of its interface, unless that is given" },
  },
  parameters: {
    address: "it says where it listens: who holds that port is refused it, and while it listens nobody can take it",
    leasetime: answered,
    dns: answered,
    routers: answered,
    known_only: "it says who is answered",
    proxy: "it says which questions are answered",
    nbp: answered,
    nbp_path: answered,
    nbp_for: answered,
  },
});
