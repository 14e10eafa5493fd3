// SPDX-License-Identifier: Apache-2.0
// A firewalld in memory that knows its services and ports.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { eachField } from "../../../test/fields.ts";
import { proves } from "../../../test/proofs.ts";
import { converge, drive, problemsOf } from "../../../test/resource.ts";
import { BusRefusal } from "../../contract/bus.ts";
import type { AnyWant } from "../../contract/resource.ts";
import type { MemoryCall } from "../../host/memory/bus.ts";
import { type MemoryHost, memoryHost } from "../../host/memory/index.ts";
import { firewalld } from "./firewalld.ts";
import { parsePort, renderPort } from "./firewalld/port.ts";

const name = "org.fedoraproject.FirewallD1";

interface Zone {
  readonly services: Set<string>;
  readonly ports: Set<string>;
}

function machine(): { readonly host: MemoryHost; readonly zones: Map<string, Zone>; readonly changed: () => void } {
  const host = memoryHost();
  const zones = new Map<string, Zone>(
    ["public", "work"].map((zone) => [zone, { services: new Set(), ports: new Set() }]),
  );
  const changed = () =>
    host.outside.buses.system.emit({
      sender: name,
      path: "/org/fedoraproject/FirewallD1",
      interface: `${name}.zone`,
      member: "ServiceAdded",
    });
  const put = (set: Set<string>, entry: string, on: boolean, zone: string) => {
    const code = on ? "ALREADY_ENABLED" : "NOT_ENABLED";
    if (set.has(entry) === on) throw new BusRefusal(`${name}.Exception`, `${code}: '${entry}'`);
    if (on) set.add(entry);
    else set.delete(entry);
    changed();
    return { signature: "s", values: [zone] };
  };
  host.outside.buses.system.serve(name, ({ method, arguments: given }: MemoryCall) => {
    const [zoneName, first, second] = given.map(String);
    if (method === "getDefaultZone") return { signature: "s", values: ["public"] };
    const zone = zones.get(zoneName ?? "");
    if (zone === undefined) throw new BusRefusal(`${name}.Exception`, `INVALID_ZONE: ${zoneName}`);
    switch (method) {
      case "getServices":
        return { signature: "as", values: [[...zone.services]] };
      case "getPorts":
        return { signature: "aas", values: [[...zone.ports].map((port) => port.split("/"))] };
      case "addService":
      case "removeService":
        return put(zone.services, first ?? "", method === "addService", zoneName ?? "");
      default:
        return put(zone.ports, `${first}/${second}`, method === "addPort", zoneName ?? "");
    }
  });
  return { host, zones, changed };
}

test("services and ports are let in, and no longer", async () => {
  const { host, zones } = machine();
  const fields = { services: ["http", "https"], ports: ["8080/tcp", "6000-6010/udp"] };
  assert.deepEqual(await converge(firewalld, "web", fields, host), [
    "+ let the service http into the zone public",
    "+ let the service https into the zone public",
    "+ let 8080/tcp into the zone public",
    "+ let 6000-6010/udp into the zone public",
  ]);
  assert.deepEqual([...(zones.get("public")?.ports ?? [])], ["8080/tcp", "6000-6010/udp"]);
  assert.equal((await converge(firewalld, "web", { ...fields, state: "absent" }, host)).length, 4);
  assert.equal(zones.get("public")?.services.size, 0);
  await converge(firewalld, "web", { zone: "work", services: ["ssh"] }, host);
  assert.deepEqual([...(zones.get("work")?.services ?? [])], ["ssh"]);
});

test("a port in a range is let in, and cannot be taken out of it", async () => {
  const { host, zones } = machine();
  zones.get("public")?.ports.add("6000-6010/udp");
  assert.deepEqual(await converge(firewalld, "x", { ports: ["6001/udp", "6002-6010/udp"] }, host), []);
  const out = drive(firewalld, "x", { ports: ["6001/udp"], state: "absent" }, host);
  await assert.rejects(out.settle(), { code: "conflict", message: "6001/udp is let in as a part of 6000-6010/udp" });
});

test("a change behind its back is seen, and so is a firewalld that has started again", async () => {
  const { host, zones, changed } = machine();
  const stop = new AbortController();
  const resource = drive(firewalld, "web", { services: ["http"], ports: ["80/tcp"] }, host, { signal: stop.signal });
  await resource.settle();
  const watch = resource.watch();
  await watch.next();
  for (const [set, step] of [
    [zones.get("public")?.services, "+ let the service http into the zone public"],
    [zones.get("public")?.ports, "+ let 80/tcp into the zone public"],
  ] as const) {
    const woken = watch.next();
    set?.clear();
    changed();
    await woken;
    assert.deepEqual(await resource.settle(), [step]);
    await watch.next(); // Of our own change.
  }
  const again = watch.next();
  host.outside.buses.system.restart();
  await again;
  stop.abort();
});

test("what is not there is told", async () => {
  const { host } = machine();
  await assert.rejects(drive(firewalld, "x", { zone: "nope", services: ["http"] }, host).settle(), /INVALID_ZONE/);
  host.outside.buses.system.serve(name, undefined);
  await assert.rejects(drive(firewalld, "x", { services: ["http"] }, host).settle(), {
    code: "unreachable",
    message: "firewalld does not run",
  });
});

test("mistakes are found before anything is touched", () => {
  const check = (fields: AnyWant, ...titles: readonly string[]) =>
    assert.deepEqual(problemsOf(firewalld, "web", fields), titles);
  check({ ports: ["80/tcp", "1-65535/sctp"] });
  for (const port of ["80", "80/icmp", "65536/tcp", "9-8/tcp", "/tcp"]) {
    check({ ports: [port] }, `"${port}" is no port with its protocol`);
  }
  check({ services: ["a b"] }, '"a b" cannot be the name of a service');
  check({ services: ["http"], zone: "a b" }, '"a b" cannot be the name of a zone');
  check({}, "without `services` and `ports` there is nothing to do");
});

test("whatever is let in, what is declared is in the end, and the rest stays", async () => {
  const services = fc.subarray(["http", "https", "ssh", "dns"]);
  const ports = fc.subarray(["80/tcp", "80/udp", "90-95/tcp", "443/tcp"]);
  const wanted = fc.record({ services, ports, state: fc.constantFrom("exists", "absent", "") });
  await fc.assert(
    fc.asyncProperty(services, ports, wanted, async (haveServices, havePorts, fields) => {
      if (fields.services.length + fields.ports.length === 0) return;
      const { host, zones } = machine();
      const zone = zones.get("public");
      for (const service of haveServices) zone?.services.add(service);
      for (const port of havePorts) zone?.ports.add(port);
      await converge(firewalld, "web", fields, host);
      const isIn = fields.state !== "absent";
      const expected = (have: readonly string[], want: readonly string[]) =>
        (isIn ? [...new Set([...have, ...want])] : have.filter((each) => !want.includes(each))).sort();
      assert.deepEqual([...(zone?.services ?? [])].sort(), expected(haveServices, fields.services));
      assert.deepEqual([...(zone?.ports ?? [])].sort(), expected(havePorts, fields.ports));
    }),
    { numRuns: 360 },
  );
});

test("ports are written in one way", () => {
  const check = (text: string, shown: string) =>
    assert.equal(renderPort(parsePort(text) ?? { first: 0, last: 0, protocol: "" }), shown);
  check("80/tcp", "80/tcp");
  check("0080-80/tcp", "80/tcp");
  check("80-81/udp", "80-81/udp");
});

proves("firewalld", "twice", "outside change", "bad values", "random starts");

const web = { services: ["http"], ports: ["8080/tcp", "6000-6010/udp"] };

eachField("firewalld", {
  machine,
  name: "web",
  fields: web,
  changes: {
    zone: {
      fields: { zone: "work" },
      outside: ({ zones, changed }) => {
        zones.get("work")?.services.clear();
        changed();
      },
      repair: ["+ let the service http into the zone work"],
    },
    state: {
      fields: { state: "absent" },
      outside: ({ zones, changed }) => {
        zones.get("public")?.services.add("http");
        changed();
      },
      repair: ["- let the service http no longer into the zone public"],
    },
    services: {
      outside: ({ zones, changed }) => {
        zones.get("public")?.services.delete("http");
        changed();
      },
      repair: ["+ let the service http into the zone public"],
    },
    ports: {
      outside: ({ zones, changed }) => {
        zones.get("public")?.ports.delete("6000-6010/udp");
        changed();
      },
      repair: ["+ let 6000-6010/udp into the zone public"],
    },
  },
});
