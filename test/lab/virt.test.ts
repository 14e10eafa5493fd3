// SPDX-License-Identifier: Apache-2.0
// The real libvirt, with QEMU below it: domains and networks, and changes by others that are mended on their events.

import assert from "node:assert/strict";
import { test } from "node:test";
import { proves } from "../proofs.ts";
import type { Host } from "../../src/contract/host.ts";
import type { AnyWant } from "../../src/contract/resource.ts";
import { linuxHost } from "../../src/host/linux/index.ts";
import { virt } from "../../src/resources/virt/domain.ts";
import { virtNetwork } from "../../src/resources/virt/network.ts";
import { virtNetworkHost } from "../../src/resources/virt/network-host.ts";
import { virtNetworkRange } from "../../src/resources/virt/network-range.ts";
import { converge, drive, type Part } from "../resource.ts";
import { install, run, until } from "./inside.ts";

const uri = "qemu:///system";
const virsh = (...args: readonly string[]) => run("virsh", "-q", "-c", uri, ...args);
const stateDirectory = "/var/tmp/virt";

async function ready(): Promise<Host> {
  await install(
    ...["libvirt-daemon", "libvirt-daemon-driver-qemu", "libvirt-daemon-system", "libvirt-clients"],
    ...["qemu-system-x86", "dnsmasq-base", "iptables"],
  );
  await run("systemctl", "start", "libvirtd");
  await until("it answers", async () => (await virsh("version").catch(() => "")) !== "", 60_000);
  return linuxHost();
}

const size = { memory: 65_536n, cpus: 1, maxcpus: 4 };

test("a domain is kept as declared, and mended at once", async (context) => {
  const host = await ready();
  const domain = (fields: AnyWant) => converge(virt, "web1", { uri, ...size, ...fields }, host, { stateDirectory });
  assert.deepEqual(await domain({ state: "running", startup: "enabled" }), [
    "+ make the domain",
    "~ let it start with the hypervisor",
    "~ start it",
  ]);
  assert.deepEqual(await domain({ state: "paused" }), ["~ pause it"]);
  assert.deepEqual(await domain({ state: "running", startup: "disabled" }), [
    "~ let it start with the hypervisor no longer",
    "~ let it go on (was paused)",
  ]);
  assert.deepEqual(await domain({ state: "running", memory: 131_072n, restartondiverge: "ifneeded" }), [
    "~ give it 131072 KiB of memory at its next start (was 65536)",
    "! start it anew: it has 65536 KiB of memory, not 131072",
  ]);
  assert.deepEqual(await domain({ state: "shutoff" }), [
    "~ give it 65536 KiB of memory at its next start (was 131072)",
    "~ switch it off",
  ]);
  assert.deepEqual(await domain({ cpus: 3, maxcpus: 8 }), [
    "~ give it 3 of 8 processors at its next start (was 1 of 4)",
  ]);
  assert.deepEqual(await domain({ state: "running", transient: true }), [
    "- do not keep it when it is off",
    "+ make and start the domain",
  ]);
  assert.deepEqual(await domain({ state: "running" }), ["~ keep it when it is off"]);

  const stop = new AbortController();
  context.after(() => stop.abort()); // A watch that goes on would hold the process.
  const fields = { uri, ...size, state: "running" };
  const resource = drive(virt, "web1", fields, host, { stateDirectory, signal: stop.signal });
  const watch = resource.watch();
  await watch.next();
  for (const [change, step] of [
    ["destroy", "~ start it"],
    ["suspend", "~ let it go on (was paused)"],
  ] as const) {
    const started = performance.now();
    await virsh(change, "web1");
    while ((await resource.plan()).length === 0) await watch.next();
    assert.deepEqual(await resource.settle(), [step]);
    context.diagnostic(`measured: mended ${Math.round(performance.now() - started)} ms after \`virsh ${change}\``);
  }
  await run("systemctl", "restart", "libvirtd");
  await virsh("destroy", "web1").catch(() => ""); // It may have gone with the daemon.
  while ((await resource.plan().catch(() => [])).length === 0) await watch.next();
  assert.deepEqual(await resource.settle(), ["~ start it"]);
  stop.abort();
  assert.deepEqual(await domain({ state: "shutoff", transient: true }), [
    "- do not keep it when it is off",
    "~ switch it off",
  ]);
  assert.equal(await virsh("list", "--all", "--name"), "");
});

test("a network is kept as declared, with the addresses that it gives", async () => {
  const host = await ready();
  const mac = "52:54:00:ab:cd:01";
  const members = (last: number): readonly Part[] => [
    { kind: virtNetworkHost, name: "web1", fields: { mac: "52:54:00:00:00:07", ip: `192.168.77.${last}/24` } },
    { kind: virtNetworkRange, name: "r", fields: { start: "192.168.77.100", end: "192.168.77.199" } },
  ];
  const settle = (fields: AnyWant, given: readonly Part[]) => {
    const wanted = { uri, mac, ip: "192.168.77.1/24", device: "virbr77", ...fields };
    return converge(virtNetwork, "lan", wanted, host, { stateDirectory, members: given });
  };
  assert.deepEqual(await settle({ state: "up", startup: "enabled" }, members(10)), [
    "+ make the network",
    "~ let it come up with the hypervisor",
    "~ let it come up",
  ]);
  assert.deepEqual(await settle({ state: "up" }, members(11)), [
    "- take the address 192.168.77.10 from web1",
    "+ give 192.168.77.11 to web1",
  ]);
  assert.match(await virsh("net-dumpxml", "lan"), /ip='192\.168\.77\.11'/);
  assert.deepEqual(await settle({ state: "up", purge_hosts: true, purge_ranges: true }, []), [
    "- take the address 192.168.77.11 from web1",
    "- give out 192.168.77.100 to 192.168.77.199 no longer",
  ]);
  assert.deepEqual(await settle({ state: "up", ip: "192.168.77.2/24" }, members(10)), [
    "~ take it down",
    "~ make it anew: its address is 192.168.77.1/24",
    "~ let it come up",
  ]);
  const stop = new AbortController();
  const resource = drive(
    virtNetwork,
    "lan",
    { uri, mac, ip: "192.168.77.2/24", device: "virbr77", state: "up" },
    host,
    { stateDirectory, signal: stop.signal },
  );
  const watch = resource.watch();
  await watch.next();
  await virsh("net-destroy", "lan");
  await watch.next();
  stop.abort();
  assert.deepEqual(await settle({ state: "up", ip: "192.168.77.2/24" }, members(10)), ["~ let it come up"]);
  assert.deepEqual(await settle({ state: "down", transient: true }, []), [
    "~ take it down",
    "- do not keep it when it is down",
  ]);
});

proves("virt", "real part");
proves("virt:network", "real part");
proves("virt:network:host", "real part");
proves("virt:network:range", "real part");
