// SPDX-License-Identifier: Apache-2.0
// The network interfaces of a machine in memory, as they come and go.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { NetworkInterface } from "../../contract/host.ts";
import { memoryHost } from "../../host/memory/index.ts";
import { MapValue } from "../../values/value.ts";
import { follow } from "../stream.test-support.ts";

function named(name: string, parts: Partial<NetworkInterface> = {}): NetworkInterface {
  const usual = {
    index: 2,
    isLoopback: false,
    isUp: true,
    isWireless: false,
    mtu: 1500,
    hardwareAddress: "00:11:22:aa:bb:cc",
    addresses: [],
  };
  return { name, ...usual, ...parts };
}

const loopback = named("lo", { isLoopback: true, hardwareAddress: "00:00:00:00:00:00", addresses: ["127.0.0.1/8"] });

test("macs are those of six bytes, without the loopback's", async () => {
  const host = memoryHost();
  const macs = follow(host, "net.macs", []);
  assert.deepEqual(await macs.take(), [[]]);
  const infiniband = named("ib0", { hardwareAddress: "80:00:02:08:fe:80:00:00" });
  host.outside.setInterfaces([loopback, infiniband, named("eth0"), named("tun0", { hardwareAddress: "" })]);
  assert.deepEqual(await macs.take(), [["00:11:22:aa:bb:cc"]]);
  await macs.stop();
  assert.equal(macs.end, "stopped");
});

test("interface_cidr is the first IPv4 address for others", async () => {
  const host = memoryHost();
  const addresses = [
    "fe80::1/64",
    "127.0.0.2/8",
    "169.254.1.1/16",
    "224.0.0.1/4",
    "0.0.0.0/0",
    "192.168.42.13/24",
    "10.0.0.1/8",
  ];
  host.outside.setInterfaces([
    loopback,
    named("eth0", { addresses }),
    named("eth1", { addresses: ["2001:db8::1/64"] }),
  ]);
  const cidr = follow(host, "net.interface_cidr", ["eth0"]);
  assert.deepEqual(await cidr.take(), ["192.168.42.13/24"]);
  host.outside.setInterfaces([named("eth0", { addresses: ["10.0.0.1/8"] })]);
  assert.deepEqual(await cidr.take(), ["10.0.0.1/8"]);
  await cidr.change(["eth1"]);
  await cidr.take();
  assert.match(String(cidr.end), /no network interface "eth1"/);
  host.outside.setInterfaces([named("eth0")]);
  await cidr.change(["eth0"]);
  await cidr.take();
  assert.match(String(cidr.end), /"eth0" has no IPv4 address/);
});

test("wired_interface prefers one that is up", async () => {
  const host = memoryHost();
  const wireless = named("wlan0", { isWireless: true });
  host.outside.setInterfaces([loopback, wireless, named("eth0", { isUp: false }), named("eth1")]);
  const wired = follow(host, "net.wired_interface", []);
  assert.deepEqual(await wired.take(), ["eth1"]);
  host.outside.setInterfaces([loopback, wireless, named("eth0", { isUp: false }), named("eth1", { isUp: false })]);
  assert.deepEqual(await wired.take(), ["eth0"]);
  host.outside.setInterfaces([loopback, wireless, named("tun0", { hardwareAddress: "" })]);
  await wired.take();
  assert.match(String(wired.end), /no wired network interface/);
});

test("hostname_mapper finds the name of this machine", async () => {
  const host = memoryHost();
  host.outside.setInterfaces([loopback, named("eth0"), named("eth1", { hardwareAddress: "00:11:22:aa:bb:dd" })]);
  const map = (...entries: readonly (readonly [string, string])[]) => [new MapValue(entries)];
  const options = { types: ["map{str: str}"] };
  const name = follow(
    host,
    "util.hostname_mapper",
    map(["00:11:22:aa:bb:cc", "web1"], ["00:00:00:00:00:01", "web2"]),
    options,
  );
  assert.deepEqual(await name.take(), ["web1"]);
  await name.change(map(["00:00:00:00:00:01", "web2"]));
  assert.deepEqual(await name.take(), [""]);
  await name.change(map(["00:11:22:aa:bb:cc", "web1"], ["00:11:22:aa:bb:dd", "web1"]));
  assert.deepEqual(await name.take(), ["web1"]);
  await name.change(map(["00:11:22:aa:bb:cc", "web1"], ["00:11:22:aa:bb:dd", "web2"]));
  await name.take();
  assert.match(String(name.end), /the names "web1" and "web2"/);
});
