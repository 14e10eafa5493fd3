// SPDX-License-Identifier: Apache-2.0
// Networks of a libvirt in memory, with the members that say which addresses they give.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Change, eachField } from "../../../test/fields.ts";
import { proves } from "../../../test/proofs.ts";
import { converge, drive, type Part, problemsOf, repaired } from "../../../test/resource.ts";
import type { AnyWant, ResourceKind } from "../../contract/resource.ts";
import { type MemoryHost, memoryHost } from "../../host/memory/index.ts";
import { virtNetworkHost } from "./network-host.ts";
import { virtNetworkRange } from "./network-range.ts";
import { virtNetwork } from "./network.ts";
import { TwinLibvirt, type TwinNetwork } from "./libvirt.test-support.ts";

const base = { mac: "52:54:00:ab:cd:01", ip: "192.168.7.1/24" };

interface Machine {
  readonly host: MemoryHost;
  readonly libvirt: TwinLibvirt;
  readonly settle: (fields: AnyWant, ...members: readonly Part[]) => Promise<readonly string[]>;
  readonly network: () => TwinNetwork;
}

function machine(): Machine {
  const host = memoryHost();
  const libvirt = new TwinLibvirt(host);
  const settle = (fields: AnyWant, ...members: readonly Part[]) =>
    converge(virtNetwork, "lan", { ...base, ...fields }, host, { members });
  const network = () => {
    const found = libvirt.networks.get("lan");
    assert.ok(found !== undefined);
    return found;
  };
  return { host, libvirt, settle, network };
}

function member(kind: ResourceKind, name: string, fields: AnyWant): Part {
  return { kind, name, fields };
}

function machineAt(name: string, last: number): Part {
  const mac = `52:54:00:00:00:${last.toString(16).padStart(2, "0")}`;
  return member(virtNetworkHost, name, { mac, ip: `192.168.7.${last}/24` });
}

function range(name: string, start: number, end: number): Part {
  return member(virtNetworkRange, name, { start: `192.168.7.${start}`, end: `192.168.7.${end}` });
}

test("a network is made, comes up, is taken down, and may be gone when it is down", async () => {
  const { libvirt, settle } = machine();
  assert.deepEqual(await settle({ state: "up", startup: "enabled" }, machineAt("web1", 10), range("r", 100, 199)), [
    "+ make the network",
    "~ let it come up with the hypervisor",
    "~ let it come up",
  ]);
  assert.deepEqual(await settle({ state: "down", startup: "disabled" }), [
    "~ let it come up with the hypervisor no longer",
    "~ take it down",
  ]);
  assert.deepEqual(await settle({ state: "down", transient: true, mac: "", ip: "" }), [
    "- do not keep it when it is down",
  ]);
  assert.equal(libvirt.networks.size, 0);
  assert.deepEqual(await settle({ transient: true }), ["+ make the network and let it come up"]);
  assert.deepEqual(await settle({}), ["~ keep it when it is down"]);
  assert.deepEqual(await settle({ transient: true }), ["- do not keep it when it is down"]);
});

test("addresses of machines and ranges come, change and go while it is up", async () => {
  const { settle, network } = machine();
  await settle({ state: "up" }, machineAt("web1", 10));
  assert.deepEqual(await settle({ state: "up" }, machineAt("web1", 11), range("r", 100, 199)), [
    "- take the address 192.168.7.10 from web1",
    "+ give out 192.168.7.100 to 192.168.7.199",
    "+ give 192.168.7.11 to web1",
  ]);
  assert.deepEqual(network().live.reservations, network().kept.reservations);
  assert.deepEqual(await settle({ state: "up" }, machineAt("web2", 12)), ["+ give 192.168.7.12 to web2"]);
  assert.equal(network().live.reservations.length, 2);
  assert.deepEqual(await settle({ state: "up", purge_hosts: true, purge_ranges: true }, machineAt("web2", 12)), [
    "- take the address 192.168.7.11 from web1",
    "- give out 192.168.7.100 to 192.168.7.199 no longer",
  ]);
  network().live = { ...network().live, reservations: [] };
  assert.deepEqual(await settle({ state: "up" }, machineAt("web2", 12)), ["+ give 192.168.7.12 to web2"]);
});

test("what cannot be changed is made anew, with what others have put into it", async () => {
  const { settle, network } = machine();
  await settle({ state: "up" }, machineAt("web1", 10));
  assert.deepEqual(await settle({ state: "up", device: "virbr7" }), [
    "~ take it down",
    "~ make it anew: its bridge is virbr0",
    "~ let it come up",
  ]);
  assert.equal(network().live.reservations.length, 1);
  assert.deepEqual(await settle({ device: "virbr7", mac: "52:54:00:ab:cd:02" }), [
    "~ take it down",
    "~ make it anew: its hardware address is 52:54:00:ab:cd:01",
    "~ let it come up",
  ]);
  const uuid = "6c4a1e9b-24a5-4c53-9ef9-6ec9b1d9a6f0";
  await settle({ device: "virbr7", mac: "52:54:00:ab:cd:02", uuid, startup: "enabled", ip: "192.168.8.1/24" });
  assert.deepEqual([network().kept.uuid, network().autostart, network().kept.reservations], [uuid, true, []]);
});

test("members that do not fit are told", async () => {
  const { settle } = machine();
  const cases: readonly (readonly [string, readonly Part[]])[] = [
    [
      "b and a have the address 192.168.7.10",
      [
        machineAt("a", 10),
        { ...machineAt("b", 10), fields: { ...machineAt("b", 10).fields, mac: "52:54:00:00:00:99" } },
      ],
    ],
    ["b and a have the hardware address 52:54:00:00:00:0a", [machineAt("a", 10), machineAt("b", 10)]],
    ["a and the network itself have the address 192.168.7.1", [machineAt("a", 1)]],
    ["192.168.7.255 of a is no address of 192.168.7.1/24", [machineAt("a", 255)]],
    ["192.168.7.20 of a lies in r", [machineAt("a", 20), range("r", 10, 30)]],
    ["s and r overlap", [range("r", 10, 30), range("s", 30, 40)]],
    ["192.168.7.0 of r is no address of 192.168.7.1/24", [range("r", 0, 30)]],
    [
      "a has the prefix /16, and the network /24",
      [member(virtNetworkHost, "a", { mac: base.mac, ip: "192.168.7.9/16" })],
    ],
  ];
  for (const [why, members] of cases) {
    await assert.rejects(settle({}, ...members), {
      code: "conflict",
      message: `the network lan is at odds with itself: ${why}`,
    });
  }
});

test("each change by others is told at once", async () => {
  const { host, libvirt, settle, network } = machine();
  await settle({ state: "up" });
  const stop = new AbortController();
  const resource = drive(virtNetwork, "lan", { ...base, state: "up" }, host, { signal: stop.signal });
  const watch = resource.watch();
  const armed = watch.next();
  await host.clock.advance(3000);
  await armed;
  for (const [change, step] of [
    [() => (network().isUp = false), "~ let it come up"],
    [() => libvirt.networks.delete("lan"), "+ make the network"],
  ] as const) {
    const done = await repaired(resource, watch, host, () => {
      change();
      libvirt.tell("network", "lan");
    });
    assert.equal(done[0], step);
  }
  stop.abort();
});

test("mistakes are found before anything is touched", () => {
  const titles = (fields: AnyWant, name = "lan") => problemsOf(virtNetwork, name, { ...base, ...fields });
  assert.deepEqual(titles({}), []);
  assert.deepEqual(titles({ mac: "", ip: "" }), ["a network needs a `mac`", "a network needs an `ip`"]);
  assert.deepEqual(titles({ mac: "", ip: "", transient: true, state: "down" }), []);
  assert.deepEqual(titles({ mac: "x", ip: "x" }), [
    '"x" is no hardware address',
    '"x" is no IPv4 address with a prefix',
  ]);
  assert.deepEqual(titles({ uuid: "x" }), ['"x" is no UUID']);
  assert.deepEqual(titles({ device: "far-too-long-for-a-bridge" }), [
    '"far-too-long-for-a-bridge" is no name of a bridge',
  ]);
  assert.deepEqual(titles({}, "a b"), ['"a b" is no name of a network']);
  assert.deepEqual(problemsOf(virtNetworkHost, "web1", {}), ["a machine needs a `mac`", "a machine needs an `ip`"]);
  assert.deepEqual(problemsOf(virtNetworkHost, "a_b", { mac: base.mac, ip: base.ip }), [
    '"a_b" is no name of a machine',
  ]);
  assert.deepEqual(problemsOf(virtNetworkRange, "r", { start: "1.2.3.9", end: "1.2.3.4" }), [
    "the range ends at 1.2.3.4, before it starts at 1.2.3.9",
  ]);
  assert.deepEqual(problemsOf(virtNetworkRange, "r", { start: "a", end: "1.2.3.256" }), [
    '"a" is no IPv4 address',
    '"1.2.3.256" is no IPv4 address',
  ]);
});

test("one that was forgotten while it is up comes by itself again when that is wanted, on another bridge, too", async () => {
  const { settle } = machine();
  await settle({ state: "up", startup: "enabled", device: "virbr1" });
  await settle({ state: "up", transient: true, device: "virbr1" });
  await settle({ state: "up", startup: "enabled", device: "virbr0" });
});

test("whatever network is there, one pass settles it", async () => {
  const machines = fc.uniqueArray(fc.integer({ min: 2, max: 9 }), { maxLength: 3 });
  const ranges = fc.uniqueArray(fc.constantFrom(2, 3, 4), { maxLength: 2 });
  const shape = fc.record({
    state: fc.constantFrom("up", "down", ""),
    startup: fc.constantFrom("enabled", "disabled", ""),
    transient: fc.boolean(),
    device: fc.constantFrom("virbr0", "virbr1"),
    ip: fc.constantFrom("192.168.7.1/24", "192.168.7.254/24"),
    purge_hosts: fc.boolean(),
    purge_ranges: fc.boolean(),
    machines,
    ranges,
  });
  await fc.assert(
    fc.asyncProperty(fc.array(shape, { minLength: 1, maxLength: 3 }), async (shapes) => {
      const { settle } = machine();
      for (const { machines: at, ranges: given, ...fields } of shapes) {
        const startup = fields.transient && fields.startup === "enabled" ? "" : fields.startup;
        const members = [
          ...at.map((last) => machineAt(`m${last}`, last)),
          ...given.map((tens) => range(`r${tens}`, tens * 10, tens * 10 + 9)),
        ];
        await settle({ ...fields, startup }, ...members);
      }
    }),
    { numRuns: 460 },
  );
});

test("what others take from its members is given back at once", async () => {
  const { host, libvirt, settle, network } = machine();
  const members = [machineAt("web1", 10), range("r", 100, 199)];
  await settle({ state: "up" }, ...members);
  const stop = new AbortController();
  const fields = { ...base, state: "up" };
  const resource = drive(virtNetwork, "lan", fields, host, { signal: stop.signal, members });
  const watch = resource.watch();
  const armed = watch.next();
  await host.clock.advance(3000);
  await armed;
  const done = await repaired(resource, watch, host, () => {
    network().live = { ...network().live, reservations: [], ranges: [] };
    libvirt.tell("network", "lan");
  });
  assert.deepEqual(done, ["+ give out 192.168.7.100 to 192.168.7.199", "+ give 192.168.7.10 to web1"]);
  stop.abort();
});

proves("virt:network", "twice", "outside change", "bad values", "random starts");
proves("virt:network:host", "twice", "outside change", "bad values", "random starts");
proves("virt:network:range", "twice", "outside change", "bad values", "random starts");

/** Others use the same program. */
const others =
  (...args: readonly string[]) =>
  async ({ host }: Machine): Promise<void> => {
    await host.processes.run({ argv: ["virsh", ...args] }, new AbortController().signal);
  };

/** Others have made it anew, in another way. */
function anew(fields: AnyWant, described: Partial<TwinNetwork["live"]>, why: string): Change<Machine> {
  return {
    fields,
    outside: ({ libvirt, network }) => {
      const found = network();
      found.live = { ...found.live, ...described };
      found.kept = { ...found.kept, ...described };
      libvirt.tell("network", "lan");
    },
    // One with another UUID is another network.
    repair: [
      "~ take it down",
      ...("uuid" in fields ? ["- do not keep it when it is down"] : []),
      `~ make it anew: ${why}`,
      ...("uuid" in fields ? ["~ let it come up with the hypervisor"] : []),
      "~ let it come up",
    ],
  };
}

const asking = "it says how the hypervisor is asked, and by whom";
const uuid = "6c4a1e9b-24a5-4c53-9ef9-6ec9b1d9a6f0";
const [given, ranged] = [
  "<host mac='52:54:00:00:00:09' name='web9' ip='192.168.7.9'/>",
  "<range start='192.168.7.50' end='192.168.7.60'/>",
];

eachField("virt:network", {
  machine,
  name: "lan",
  fields: { ...base, state: "up", startup: "enabled" },
  changes: {
    state: [
      { outside: others("net-destroy", "lan"), repair: ["~ let it come up"] },
      { fields: { state: "down" }, outside: others("net-start", "lan"), repair: ["~ take it down"] },
    ],
    transient: { outside: others("net-undefine", "lan"), repair: ["~ keep it when it is down"] },
    startup: { outside: others("net-autostart", "lan", "--disable"), repair: ["~ let it come up with the hypervisor"] },
    uuid: anew(
      { uuid },
      { uuid: "11111111-2222-3333-4444-555555555555" },
      "its UUID is 11111111-2222-3333-4444-555555555555",
    ),
    device: anew({}, { device: "virbr9" }, "its bridge is virbr9"),
    mode: anew({}, { mode: "route" }, "its mode is route"),
    mac: anew({}, { mac: "52:54:00:ab:cd:09" }, "its hardware address is 52:54:00:ab:cd:09"),
    ip: anew({}, { ip: "192.168.8.1/24" }, "its address is 192.168.8.1/24"),
    purge_hosts: {
      fields: { purge_hosts: true },
      outside: others("net-update", "lan", "add-last", "ip-dhcp-host", given, "--live"),
      repair: ["- take the address 192.168.7.9 from web9"],
    },
    purge_ranges: {
      fields: { purge_ranges: true },
      outside: others("net-update", "lan", "add-last", "ip-dhcp-range", ranged, "--config"),
      repair: ["- give out 192.168.7.50 to 192.168.7.60 no longer"],
    },
  },
  parameters: { uri: asking, auth: asking },
});

/** The network with one machine and one range, and what others do to these. */
const withMembers = () => ({ ...machine(), options: { members: [machineAt("web1", 10), range("r", 100, 199)] } });
const [own, ownRange] = [
  "<host mac='52:54:00:00:00:0a' name='web1' ip='192.168.7.10'/>",
  "<range start='192.168.7.100' end='192.168.7.199'/>",
];
const lost: Change<Machine> = {
  outside: others("net-update", "lan", "delete", "ip-dhcp-host", own, "--live"),
  repair: ["+ give 192.168.7.10 to web1"],
};
const noRange: Change<Machine> = {
  outside: others("net-update", "lan", "delete", "ip-dhcp-range", ownRange, "--live"),
  repair: ["+ give out 192.168.7.100 to 192.168.7.199"],
};

eachField("virt:network:host", {
  machine: withMembers,
  partOf: "virt:network",
  name: "lan",
  fields: { ...base, state: "up" },
  changes: { hostname: lost, mac: lost, ip: lost },
  parameters: { network: "it says of which network it is a part" },
});

eachField("virt:network:range", {
  machine: withMembers,
  partOf: "virt:network",
  name: "lan",
  fields: { ...base, state: "up" },
  changes: { start: noRange, end: noRange },
  parameters: { network: "it says of which network it is a part" },
});
