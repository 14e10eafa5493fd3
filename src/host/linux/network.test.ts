// SPDX-License-Identifier: Apache-2.0
// What `ip` prints, and what comes of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLinks } from "./network.ts";

test("links have their flags, hardware address and addresses in order", () => {
  const printed = [
    {
      ifindex: 2,
      ifname: "eth0",
      flags: ["BROADCAST", "MULTICAST", "UP", "LOWER_UP"],
      mtu: 1500,
      link_type: "ether",
      address: "00:11:22:aa:bb:cc",
      addr_info: [
        { family: "inet", local: "192.0.2.5", prefixlen: 24 },
        { family: "inet6", local: "2001:db8::5", prefixlen: 64 },
      ],
    },
    { ifindex: 3, ifname: "tun0", flags: ["POINTOPOINT"], mtu: 1400, link_type: "none" },
    { ifindex: 4, ifname: "sit0", flags: ["NOARP"], mtu: 1480, link_type: "sit", address: "0.0.0.0", addr_info: [] },
  ];
  assert.deepEqual(parseLinks(JSON.stringify(printed)), [
    {
      name: "eth0",
      index: 2,
      isLoopback: false,
      isUp: true,
      mtu: 1500,
      hardwareAddress: "00:11:22:aa:bb:cc",
      addresses: ["192.0.2.5/24", "2001:db8::5/64"],
    },
    { name: "tun0", index: 3, isLoopback: false, isUp: false, mtu: 1400, hardwareAddress: "", addresses: [] },
    { name: "sit0", index: 4, isLoopback: false, isUp: false, mtu: 1480, hardwareAddress: "", addresses: [] },
  ]);
});

test("no links are no interfaces", () => {
  assert.deepEqual(parseLinks("[]"), []);
});
