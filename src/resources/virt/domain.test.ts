// SPDX-License-Identifier: Apache-2.0
// Domains of a libvirt in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { eachField } from "../../../test/fields.ts";
import { proves } from "../../../test/proofs.ts";
import { drive, type DrivenResource, problemsOf, repaired } from "../../../test/resource.ts";
import type { AnyWant } from "../../contract/resource.ts";
import { type MemoryHost, memoryHost } from "../../host/memory/index.ts";
import { StructValue } from "../../values/value.ts";
import { parseXml, textAt } from "../xml/read.ts";
import { virt } from "./domain.ts";
import { TwinLibvirt, type TwinDomain } from "./libvirt.test-support.ts";

interface Machine {
  readonly host: MemoryHost;
  readonly libvirt: TwinLibvirt;
  readonly vm: (fields?: AnyWant, signal?: AbortSignal) => DrivenResource;
  readonly domain: () => TwinDomain;
}

function machine(): Machine {
  const host = memoryHost();
  const libvirt = new TwinLibvirt(host);
  const domain = () => {
    const found = libvirt.domains.get("web1");
    assert.ok(found !== undefined);
    return found;
  };
  const vm = (fields: AnyWant = {}, signal?: AbortSignal) =>
    drive(virt, "web1", { maxcpus: 4, ...fields }, host, signal === undefined ? {} : { signal });
  return { host, libvirt, vm, domain };
}

async function converge(resource: DrivenResource): Promise<readonly string[]> {
  assert.deepEqual(resource.check(), []);
  const done = await resource.settle();
  assert.deepEqual(await resource.plan(), []);
  return done;
}

function struct(fields: Readonly<Record<string, string | boolean>>): StructValue {
  return new StructValue(Object.keys(fields), Object.values(fields));
}

test("a domain is made, started, paused, goes on and is switched off", async () => {
  const { vm, domain } = machine();
  assert.deepEqual(await converge(vm({ startup: "enabled", state: "running" })), [
    "+ make the domain",
    "~ let it start with the hypervisor",
    "~ start it",
  ]);
  assert.deepEqual(await converge(vm({ state: "paused" })), ["~ pause it"]);
  assert.deepEqual(await converge(vm({ state: "running" })), ["~ let it go on (was paused)"]);
  assert.deepEqual(await converge(vm({ state: "shutoff", startup: "disabled" })), [
    "~ let it start with the hypervisor no longer",
    "~ switch it off",
  ]);
  assert.deepEqual(await converge(vm({})), []);
  assert.deepEqual(await converge(vm({ state: "paused" })), ["~ start it, paused"]);
  assert.equal(domain().state, "paused");
});

test("a domain that is not kept is there as long as it runs", async () => {
  const { libvirt, vm, domain } = machine();
  const transient = { transient: true };
  assert.deepEqual(await converge(vm({ ...transient, state: "shutoff" })), []);
  assert.deepEqual(await converge(vm({ ...transient, state: "running" })), ["+ make and start the domain"]);
  assert.deepEqual(await converge(vm({ state: "running" })), ["~ keep it when it is off"]);
  assert.deepEqual(await converge(vm({ ...transient, state: "running" })), ["- do not keep it when it is off"]);
  assert.equal(domain().isPersistent, false);
  assert.deepEqual(await converge(vm({ ...transient, state: "shutoff" })), ["~ switch it off"]);
  assert.equal(libvirt.domains.size, 0);
  await converge(vm({}));
  assert.deepEqual(await converge(vm({ ...transient, state: "shutoff" })), ["- do not keep it when it is off"]);
  assert.equal(libvirt.domains.size, 0);
});

test("processors come and go while it runs, and for what needs it, it is started anew as allowed", async () => {
  const { vm, domain } = machine();
  const running = { state: "running" };
  await converge(vm(running));
  assert.deepEqual(await converge(vm({ ...running, cpus: 3 })), [
    "~ give it 3 of 4 processors at its next start (was 1 of 4)",
    "~ give it 3 of 4 processors (was 1 of 4)",
  ]);
  const more = { ...running, maxcpus: 8, memory: 1_048_576n };
  await assert.rejects(vm(more).settle(), {
    code: "conflict",
    message: "the domain web1 must be started anew: it can have 4 processors, not 8",
  });
  assert.deepEqual(domain().kept, { cpus: 1, maxcpus: 8, memory: 1_048_576 });
  await converge(vm({ ...more, restartondiverge: "ignore" }));
  assert.equal(domain().live.maxcpus, 4);
  assert.deepEqual(await converge(vm({ ...more, restartondiverge: "ifneeded" })), [
    "! start it anew: it can have 4 processors, not 8",
  ]);
  assert.deepEqual(domain().live, domain().kept);
  assert.deepEqual(await converge(vm({ ...more, cpus: 2, hotcpus: false, restartondiverge: "ifneeded" })), [
    "~ give it 2 of 8 processors at its next start (was 1 of 8)",
    "! start it anew: it has 1 processors, not 2",
  ]);
  assert.deepEqual(await vm({ ...more, cpus: 2, restartonrefresh: true }).settle({ refresh: true }), [
    "! start it anew: something has changed",
  ]);
  assert.deepEqual(await vm({ ...more, cpus: 2 }).settle({ refresh: true }), []);
});

test("a domain is described with all that it has", async () => {
  const { host, vm, domain } = machine();
  host.outside.write("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
  await converge(
    vm({
      uri: "qemu:///system",
      boot: ["hd", "network"],
      disk: [struct({ source: "/srv/a & b.qcow2", type: "qcow2" }), struct({ source: "~/c.img", type: "" })],
      cdrom: [struct({ source: "/srv/d.iso", type: "raw" })],
      network: [struct({ name: "lan", mac: "52:54:00:12:34:56" }), struct({ name: "other", mac: "" })],
      filesystem: [struct({ access: "mapped", source: "/srv/share", target: "share", read_only: true })],
    }),
  );
  const { text } = domain();
  const description = parseXml(text, "it");
  assert.equal(description.attributes.get("type"), "kvm");
  assert.equal(textAt(description, "memory"), "524288");
  for (const part of [
    '<boot dev="hd"/><boot dev="network"/>',
    '<source file="/srv/a &amp; b.qcow2"/><target dev="vda" bus="virtio"/>',
    '<driver name="qemu" type="raw"/><source file="/root/c.img"/><target dev="vdb" bus="virtio"/>',
    '<source file="/srv/d.iso"/><target dev="sda" bus="sata"/><readonly/>',
    '<mac address="52:54:00:12:34:56"/><source network="lan"/>',
    '<filesystem type="mount" accessmode="mapped"><source dir="/srv/share"/><target dir="share"/><readonly/>',
    "org.qemu.guest_agent.0",
  ]) {
    assert.ok(text.includes(part), part);
  }
  const other = machine();
  await converge(other.vm({ uri: "lxc:///", osinit: "/sbin/init", hotcpus: false }));
  assert.match(other.domain().text, /^<domain type="lxc">.*<os><type>exe<\/type><init>\/sbin\/init<\/init><\/os>/);
});

test("a password is in a private file, and not among the arguments", async () => {
  const { host, libvirt, vm } = machine();
  await converge(vm({ uri: "qemu+tcp://h/system", auth: struct({ username: "u", password: "s3cret-word" }) }));
  assert.equal(libvirt.uri, "qemu+tcp://h/system");
  assert.match(libvirt.auth ?? "", /^username=u\npassword=s3cret-word$/m);
  assert.ok(!libvirt.asked.some((line) => line.includes("s3cret")));
  const state = await host.files.inspect("/var/lib/mgmt/test/auth.conf", new AbortController().signal);
  assert.equal(state?.mode, 0o600);
  assert.equal(virt.fields["auth"]?.secret, true);
});

test("each change by others is told at once and mended, and libvirt may come later", async () => {
  const { host, libvirt, vm, domain } = machine();
  const stop = new AbortController();
  const resource = vm({ state: "running", startup: "enabled" }, stop.signal);
  host.outside.makeDirectory("/etc/libvirt/qemu/autostart");
  const watch = resource.watch();
  const armed = watch.next();
  await host.clock.advance(3000);
  await armed;
  await resource.settle();
  const changes: readonly (readonly [() => void, string])[] = [
    [() => (domain().state = "shut off"), "~ start it"],
    [() => (domain().state = "paused"), "~ let it go on (was paused)"],
    [() => libvirt.domains.delete("web1"), "+ make the domain"],
    [() => (domain().autostart = false), "~ let it start with the hypervisor"],
    [() => (domain().live.cpus = 2), "~ give it 1 of 4 processors (was 2 of 4)"],
  ];
  for (const [change, step] of changes) {
    const done = await repaired(resource, watch, host, () => {
      change();
      libvirt.tell("domain", "other");
      libvirt.tell("domain", "web1");
    });
    assert.equal(done[0], step);
  }
  libvirt.isRunning = false;
  await assert.rejects(resource.plan(), { code: "unreachable", retry: "backoff" });
  stop.abort();
});

test("mistakes are found before anything is touched", () => {
  const titles = (fields: AnyWant, name = "web1") => problemsOf(virt, name, fields);
  assert.deepEqual(titles({}), []);
  assert.deepEqual(titles({}, "a/b"), ['"a/b" is no name of a domain']);
  assert.deepEqual(titles({ uri: "here" }), ['"here" is no URI of libvirt']);
  assert.deepEqual(titles({ cpus: 0 }), ["a domain needs a processor, and `cpus` is 0"]);
  assert.deepEqual(titles({ cpus: 40 }), ["`maxcpus` is 32, less than `cpus`, 40"]);
  assert.deepEqual(titles({ memory: 0n }), ["a domain needs memory, and `memory` is 0"]);
  assert.deepEqual(titles({ transient: true, startup: "enabled" }), [
    "what is gone when it is off cannot start with the hypervisor",
  ]);
  assert.deepEqual(titles({ boot: ["usb"] }), ['"usb" is none of fd, hd, cdrom, network']);
  assert.deepEqual(titles({ uri: "lxc:///" }), ["a container needs an `osinit`"]);
  assert.deepEqual(titles({ disk: [struct({ source: "a", type: "raw" })] }), [
    '"a" is neither an absolute path nor one in a home directory',
  ]);
  assert.deepEqual(titles({ network: [struct({ name: "", mac: "x" })] }), [
    "a network needs a `name`",
    '"x" is no hardware address such as "52:54:00:12:34:56"',
  ]);
  assert.deepEqual(titles({ filesystem: [struct({ access: "all", source: "/a", target: "", read_only: false })] }), [
    '"all" is none of passthrough, mapped, squash',
    "a directory needs a `target`",
  ]);
  assert.equal(virt.traits.polling, "refused");
});

test("whatever domain is there, one pass settles it", async () => {
  const sizes = fc.record({
    cpus: fc.integer({ min: 1, max: 4 }),
    maxcpus: fc.constantFrom(4, 8),
    memory: fc.constantFrom(1024, 2048),
  });
  const there = fc.option(
    fc.record({
      state: fc.constantFrom("running", "paused", "shut off"),
      isPersistent: fc.boolean(),
      autostart: fc.boolean(),
      live: sizes,
      kept: sizes,
    }),
  );
  const wanted = fc.record({
    state: fc.constantFrom("running", "paused", "shutoff", ""),
    startup: fc.constantFrom("enabled", "disabled", ""),
    transient: fc.boolean(),
    hotcpus: fc.boolean(),
    sizes,
  });
  await fc.assert(
    fc.asyncProperty(there, wanted, async (before, { sizes: size, ...want }) => {
      const { libvirt, vm } = machine();
      if (before !== null && (before.isPersistent || before.state !== "shut off")) {
        const autostart = before.autostart && before.isPersistent;
        const kept = before.isPersistent ? before.kept : before.live;
        libvirt.domains.set("web1", { ...before, kept: { ...kept }, live: { ...before.live }, autostart, text: "" });
      }
      const startup = want.transient && want.startup === "enabled" ? "" : want.startup;
      const { memory, ...cpus } = size;
      await converge(vm({ ...want, startup, ...cpus, memory: BigInt(memory), restartondiverge: "ifneeded" }));
    }),
    { numRuns: 300 },
  );
});

proves("virt", "twice", "outside change", "bad values", "random starts");

/** Others use the same program. */
const others =
  (...args: readonly string[]) =>
  async ({ host }: Machine): Promise<void> => {
    await host.processes.run({ argv: ["virsh", ...args] }, new AbortController().signal);
  };

const asking = "it says how the hypervisor is asked, and by whom";
const made = "it says how a domain is made: one that is there keeps its devices and what it starts from";
const diverging = "it says what may be done about the others";

eachField("virt", {
  machine,
  name: "web1",
  fields: { maxcpus: 4, state: "running", startup: "enabled" },
  changes: {
    state: [
      { outside: others("destroy", "web1"), repair: ["~ start it"] },
      { outside: others("suspend", "web1"), repair: ["~ let it go on (was paused)"] },
      { fields: { state: "paused" }, outside: others("resume", "web1"), repair: ["~ pause it"] },
      { fields: { state: "shutoff" }, outside: others("start", "web1"), repair: ["~ switch it off"] },
    ],
    startup: [
      { outside: others("autostart", "web1", "--disable"), repair: ["~ let it start with the hypervisor"] },
      {
        fields: { startup: "disabled" },
        outside: others("autostart", "web1"),
        repair: ["~ let it start with the hypervisor no longer"],
      },
    ],
    transient: { outside: others("undefine", "web1"), repair: ["~ keep it when it is off"] },
    cpus: [
      {
        outside: others("setvcpus", "web1", "2", "--config"),
        repair: ["~ give it 1 of 4 processors at its next start (was 2 of 4)"],
      },
      { outside: others("setvcpus", "web1", "2", "--live"), repair: ["~ give it 1 of 4 processors (was 2 of 4)"] },
    ],
    maxcpus: {
      outside: others("setvcpus", "web1", "2", "--maximum", "--config"),
      repair: ["~ give it 1 of 4 processors at its next start (was 1 of 2)"],
    },
    memory: {
      outside: others("setmaxmem", "web1", "1048576", "--config"),
      repair: ["~ give it 524288 KiB of memory at its next start (was 1048576)"],
    },
  },
  parameters: {
    ...{ uri: asking, auth: asking },
    ...{ osinit: made, boot: made, disk: made, cdrom: made, network: made, filesystem: made },
    ...{ hotcpus: diverging, restartondiverge: diverging },
    restartonrefresh: "it says what becomes of a notice",
  },
});
