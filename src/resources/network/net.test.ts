// SPDX-License-Identifier: Apache-2.0
// Network interfaces of a machine in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { eachField } from "../../../test/fields.ts";
import { proves } from "../../../test/proofs.ts";
import { converge, drive, problemsOf } from "../../../test/resource.ts";
import type { NetworkInterface } from "../../contract/host.ts";
import type { NetworkRoute } from "../../contract/network-setup.ts";
import type { AnyWant } from "../../contract/resource.ts";
import { type MemoryHost, memoryHost } from "../../host/memory/index.ts";
import { net } from "./net.ts";

const never = new AbortController().signal;
const file = "/etc/systemd/network/mgmt-eth0.network";
const card: NetworkInterface = {
  name: "eth0",
  index: 2,
  isLoopback: false,
  isUp: false,
  isWireless: false,
  hardwareAddress: "02:00:00:00:00:01",
  mtu: 1500,
  addresses: [],
};

function machine(changes: Partial<NetworkInterface> = {}, routes: readonly NetworkRoute[] = []): MemoryHost {
  const host = memoryHost();
  host.outside.makeDirectory("/proc/sys/net/ipv4/conf/eth0");
  host.outside.write("/proc/sys/net/ipv4/conf/eth0/forwarding", "0\n");
  host.outside.setInterfaces([{ ...card, ...changes }], routes);
  return host;
}

const route = (destination: string, gateway: string): NetworkRoute => ({
  destination,
  interface: "eth0",
  gateway,
  source: "",
  isKernel: false,
  metric: 0,
});
const textOf = ({ destination, gateway }: NetworkRoute) => `${destination} ${gateway}`;

test("an interface gets all that is declared, now and for the next start", async () => {
  const host = machine();
  const fields = {
    state: "up",
    addrs: ["192.0.2.5/24", "2001:DB8::5/64"],
    gateway: "192.0.2.1",
    ip_forward: true,
    routes: new Map([["198.51.100.0/24", "192.0.2.254"]]),
    mtu: 1400,
  };
  assert.deepEqual(await converge(net, "eth0", fields, host), [
    `+ write ${file} for the next start`,
    "~ set the largest packet 1400 (was 1500)",
    "~ switch it on (was off)",
    "~ pass packets on",
    "+ add the address 192.0.2.5/24",
    "+ add the address 2001:db8::5/64",
    "+ add the route to 198.51.100.0/24 through 192.0.2.254",
    "+ add the gateway 192.0.2.1",
  ]);
  assert.equal(
    host.outside.read(file),
    `[Match]
Name=eth0

[Link]
MTUBytes=1400

[Network]
Address=192.0.2.5/24
Address=2001:db8::5/64
Gateway=192.0.2.1
IPForward=ipv4

[Route]
Destination=198.51.100.0/24
Gateway=192.0.2.254
`,
  );
  assert.equal(host.outside.read("/proc/sys/net/ipv4/conf/eth0/forwarding"), "1\n");
  assert.deepEqual(await converge(net, "eth0", { state: "down" }, host), [
    `- remove ${file}`,
    "~ switch it off (was on)",
  ]);
});

test("a gateway is refused when the values tell that nothing leads to it", () => {
  const refused = (fields: AnyWant, ...titles: readonly string[]) =>
    assert.deepEqual(problemsOf(net, "eth0", fields), titles);
  const addrs = ["192.0.2.5/24", "10.0.0.1/31"];
  const far = "the gateway 198.51.100.1 is in no network of the interface";
  refused({ addrs, gateway: "198.51.100.1" }, far);
  refused({ addrs, routes: new Map([["203.0.113.0/24", "198.51.100.1"]]) }, far);
  refused({ addrs: ["2001:db8::5/64"], gateway: "198.51.100.1" }, far);
  refused({ addrs: ["198.51.100.5/32"], gateway: "198.51.100.1" }, far);
  refused({ addrs: [], gateway: "198.51.100.1" }, far);
  refused({ addrs, gateway: "192.0.2.255" }, "the gateway 192.0.2.255 is the broadcast address of 192.0.2.5/24");
  for (const gateway of ["192.0.2.1", "192.0.2.0", "192.0.2.5", "10.0.0.0"]) refused({ addrs, gateway });
  // The addresses may be those of DHCP; a route says what is at the interface; routers of IPv6 say what else is.
  refused({ gateway: "198.51.100.1" });
  const atInterface = new Map([["198.51.100.1/32", ""]]);
  refused({ addrs: ["192.0.2.5/32"], gateway: "198.51.100.1", routes: atInterface });
  refused({ addrs: [], gateway: "198.51.100.1", routes: atInterface });
  for (const gateway of ["fe80::1", "2001:db8:1::1"]) refused({ addrs, gateway });
});

test("what is not declared stays", async () => {
  const other = route("198.51.100.0/24", "192.0.2.254");
  const host = machine({ isUp: true, addresses: ["192.0.2.5/24"] }, [other, route("0.0.0.0/0", "192.0.2.1")]);
  host.outside.makeDirectory("/etc/systemd/network");
  host.outside.write(file, "by hand");
  assert.deepEqual(await converge(net, "eth0", {}, host), []);
  assert.deepEqual(await converge(net, "eth0", { state: "up", persist: false }, host), [`- remove ${file}`]);
  assert.equal((await host.network.routes(never)).length, 2);
});

test("its addresses are those and no others, but for those of the link", async () => {
  const host = machine({ isUp: true, addresses: ["192.0.2.9/24", "fe80::1/64", "198.51.100.1/24"] });
  await host.network.addAddress("eth0", "192.0.2.5/24", never);
  const addrs = ["192.0.2.5/24"];
  // The first address of a network takes the others with it, so they are given back at once.
  assert.deepEqual(await converge(net, "eth0", { addrs }, host), [
    "- remove the address 192.0.2.9/24",
    "- remove the address 198.51.100.1/24",
  ]);
  const [link] = await host.network.interfaces(never);
  assert.deepEqual(link?.addresses.toSorted(), ["192.0.2.5/24", "fe80::1/64"]);
  assert.deepEqual(await converge(net, "eth0", { addrs: [] }, host), ["- remove the address 192.0.2.5/24"]);
});

test("there is one gateway of each kind, and the way to the own network comes back", async () => {
  const before = [
    route("0.0.0.0/0", "192.0.2.9"),
    { ...route("0.0.0.0/0", "192.0.2.8"), metric: 100 },
    route("::/0", "fe80::1"),
  ];
  const host = machine({ isUp: true, addresses: ["192.0.2.5/24"] }, before);
  const fields = { addrs: ["192.0.2.5/24"], gateway: "192.0.2.1" };
  assert.deepEqual(await converge(net, "eth0", fields, host), [
    "+ add the route to 192.0.2.0/24",
    "- remove the gateway 192.0.2.9",
    "- remove the gateway 192.0.2.8",
    "+ add the gateway 192.0.2.1",
  ]);
  const left = (await host.network.routes(never)).map(textOf);
  assert.deepEqual(left.sort(), ["0.0.0.0/0 192.0.2.1", "192.0.2.0/24 ", "::/0 fe80::1"]);
});

test("a change of each part behind its back is seen", async () => {
  const host = machine();
  const stop = new AbortController();
  const fields = { state: "up", addrs: ["192.0.2.5/24"], gateway: "192.0.2.1", ip_forward: true, mtu: 1400 };
  const resource = drive(net, "eth0", fields, host, { signal: stop.signal });
  await resource.settle();
  const watch = resource.watch();
  await watch.next();
  for (const [change, ...steps] of [
    [async () => host.outside.write(file, ""), `~ write ${file} for the next start`],
    [() => host.network.setMtu("eth0", 1500, never), "~ set the largest packet 1400 (was 1500)"],
    [async () => host.outside.write("/proc/sys/net/ipv4/conf/eth0/forwarding", "0\n"), "~ pass packets on"],
    [
      () => host.network.switchInterface("eth0", false, never),
      "~ switch it on (was off)",
      "+ add the gateway 192.0.2.1",
    ],
    [() => host.network.addAddress("eth0", "192.0.2.6/24", never), "- remove the address 192.0.2.6/24"],
    [() => host.network.removeRoute(route("0.0.0.0/0", "192.0.2.1"), never), "+ add the gateway 192.0.2.1"],
  ] as const) {
    const woken = watch.next();
    await change();
    await woken;
    assert.deepEqual(await resource.settle(), steps);
    assert.deepEqual(await resource.settle(), []);
    await watch.next();
  }
  stop.abort();
});

test("an interface that is not there is told by the plan, and set up when it comes", async () => {
  const host = machine();
  host.outside.setInterfaces([]);
  const resource = drive(net, "eth0", { state: "up" }, host);
  await assert.rejects(resource.settle(), { code: "not-found", message: "there is no network interface eth0" });
  host.outside.setInterfaces([card]);
  assert.deepEqual(await resource.settle(), ["~ switch it on (was off)"]);
});

test("a gateway without reach is told", async () => {
  await assert.rejects(
    drive(net, "eth0", { state: "up", addrs: ["192.0.2.5/24"], gateway: "198.51.100.1" }, machine()).settle(),
    { code: "unreachable", message: "the gateway 198.51.100.1 is at no network of eth0" },
  );
});

test("what was there before can be put back", async () => {
  const reverse = async (host: MemoryHost, fields: AnyWant) => {
    const { want, env } = drive(net, "eth0", fields, host);
    return net.reversal?.reverse(want, env);
  };
  const up = { state: "up", addrs: ["192.0.2.5/24"], gateway: "192.0.2.1" };
  assert.deepEqual(await reverse(machine(), up), { state: "down" });
  const host = machine({ isUp: true, addresses: ["192.0.2.9/24", "fe80::1/64"] }, [route("0.0.0.0/0", "192.0.2.7")]);
  const before = { state: "up", persist: false, addrs: ["192.0.2.9/24"], gateway: "192.0.2.7" };
  assert.deepEqual(await reverse(host, up), before);
  await converge(net, "eth0", up, host);
  await converge(net, "eth0", before, host);
  assert.equal(host.outside.exists(file), false);
  assert.deepEqual((await host.network.interfaces(never))[0]?.addresses.toSorted(), ["192.0.2.9/24", "fe80::1/64"]);
  assert.deepEqual(await reverse(host, { state: "down" }), { state: "up", persist: false });
});

test("mistakes are found before anything is touched", () => {
  const check = (name: string, fields: AnyWant, ...titles: readonly string[]) =>
    assert.deepEqual(problemsOf(net, name, fields), titles);
  check("eth0", { state: "up", addrs: ["192.0.2.5/24"], gateway: "192.0.2.1", mtu: 1400 });
  for (const name of ["a b", "a/b", "sixteencharacter", ".."])
    check(name, {}, `"${name}" cannot be the name of a network interface`);
  check("eth0", { addrs: ["192.0.2.5"] }, '"192.0.2.5" is no address with the length of its network part');
  check("eth0", { addrs: ["::1/64", "0:0::1/64"] }, "an address stands in `addrs` twice");
  check("eth0", { gateway: "192.0.2" }, 'the gateway "192.0.2" is no address');
  check("eth0", { mtu: 10 }, "a packet has at least 68 bytes, not 10");
  check("eth0", { state: "down", gateway: "192.0.2.1" }, "an interface that is down has no routes");
  const routes = (network: string, gateway: string, ...titles: readonly string[]) =>
    check("eth0", { routes: new Map([[network, gateway]]) }, ...titles);
  routes("198.51.100.0/24", "");
  routes("198.51.100.7/24", "", '"198.51.100.7/24" has bits of a host in it');
  routes("0.0.0.0/0", "192.0.2.1", '"0.0.0.0/0" is no network');
  routes("198.51.100.0/24", "x", 'the gateway "x" is no address');
  routes("198.51.100.0/24", "::1", 'the gateway "::1" cannot be that of "198.51.100.0/24"');
});

test("whatever is there, an interface becomes as declared", async () => {
  const addresses = ["192.0.2.5/24", "192.0.2.6/24", "198.51.100.1/25", "2001:db8::1/64", "fe80::1/64"];
  const link = fc.record({
    isUp: fc.boolean(),
    addresses: fc.shuffledSubarray(addresses),
    mtu: fc.constantFrom(1500, 9000),
  });
  const routes = fc.subarray([
    route("0.0.0.0/0", "192.0.2.9"),
    { ...route("0.0.0.0/0", "192.0.2.1"), metric: 7 },
    route("203.0.113.0/24", "192.0.2.9"),
    { ...route("192.0.2.0/24", ""), source: "192.0.2.5", isKernel: true },
  ]);
  const wanted = fc.record(
    {
      state: fc.constantFrom("up", "up", "down"),
      addrs: fc.shuffledSubarray(addresses.slice(0, 4)).map((some) => [...new Set(["192.0.2.5/24", ...some])]),
      gateway: fc.constantFrom("", "192.0.2.1"),
      ip_forward: fc.boolean(),
      routes: fc.constantFrom(new Map(), new Map([["203.0.113.0/24", "192.0.2.2"]])),
      mtu: fc.constantFrom(0, 1500),
      persist: fc.boolean(),
    },
    { requiredKeys: ["addrs"] },
  );
  const text = fc.option(fc.constantFrom("", "[Match]\n"));
  await fc.assert(
    fc.asyncProperty(link, routes, wanted, text, async (changes, before, given, kept) => {
      const host = machine(changes, changes.isUp ? before : []);
      if (kept !== null) {
        host.outside.makeDirectory("/etc/systemd/network");
        host.outside.write(file, kept);
      }
      const fields = given.state === "down" ? { ...given, gateway: "", routes: new Map() } : { ...given, state: "up" };
      await converge(net, "eth0", fields, host);
    }),
    { numRuns: 300 },
  );
});

proves("net", "twice", "outside change", "bad values", "random starts");

eachField("net", {
  machine: () => ({ host: machine() }),
  name: "eth0",
  fields: { state: "up" },
  changes: {
    state: [
      {
        outside: ({ host }) => host.network.switchInterface("eth0", false, never),
        repair: ["~ switch it on (was off)"],
      },
      {
        fields: { state: "down" },
        outside: ({ host }) => host.network.switchInterface("eth0", true, never),
        repair: ["~ switch it off (was on)"],
      },
    ],
    addrs: [
      {
        fields: { addrs: ["192.0.2.5/24"] },
        outside: ({ host }) => host.network.removeAddress("eth0", "192.0.2.5/24", never),
        repair: ["+ add the address 192.0.2.5/24"],
      },
      {
        fields: { addrs: [] },
        outside: ({ host }) => host.network.addAddress("eth0", "192.0.2.6/24", never),
        repair: ["- remove the address 192.0.2.6/24"],
      },
    ],
    gateway: {
      fields: { addrs: ["192.0.2.5/24"], gateway: "192.0.2.1" },
      outside: ({ host }) => host.network.removeRoute(route("0.0.0.0/0", "192.0.2.1"), never),
      repair: ["+ add the gateway 192.0.2.1"],
    },
    ip_forward: {
      fields: { ip_forward: true },
      outside: ({ host }) => host.outside.write("/proc/sys/net/ipv4/conf/eth0/forwarding", "0\n"),
      repair: ["~ pass packets on"],
    },
    routes: {
      fields: { addrs: ["192.0.2.5/24"], routes: new Map([["198.51.100.0/24", "192.0.2.254"]]) },
      outside: ({ host }) => host.network.removeRoute(route("198.51.100.0/24", "192.0.2.254"), never),
      repair: ["+ add the route to 198.51.100.0/24 through 192.0.2.254"],
    },
    mtu: {
      fields: { mtu: 1400 },
      outside: ({ host }) => host.network.setMtu("eth0", 1500, never),
      repair: ["~ set the largest packet 1400 (was 1500)"],
    },
    persist: [
      {
        outside: ({ host }) => host.outside.remove(file),
        repair: ["+ write /etc/systemd/network/mgmt-eth0.network for the next start"],
      },
      {
        fields: { persist: false },
        before: ({ host }) => host.outside.makeDirectory("/etc/systemd/network"),
        outside: ({ host }) => host.outside.write(file, "[Match]\n"),
        repair: ["- remove /etc/systemd/network/mgmt-eth0.network"],
      },
    ],
  },
});
