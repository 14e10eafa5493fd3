// SPDX-License-Identifier: Apache-2.0
// Run in a network of its own: the contract of networks, and the kind that keeps interfaces.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { proves } from "../proofs.ts";
import { linuxHost } from "../../src/host/linux/index.ts";
import { filterContract } from "../../src/host/filter.contract.test-support.ts";
import { networkContract } from "../../src/host/network.contract.test-support.ts";
import { net } from "../../src/resources/network/net.ts";
import { nftables } from "../../src/resources/network/nftables.ts";
import { converge, drive, repairedSoon } from "../resource.ts";

const host = linuxHost();
const ip = (...args: readonly string[]) => execFileSync("ip", args, { encoding: "utf8" });
execFileSync("mount", ["-t", "sysfs", "sysfs", "/sys"]); // The one of this network.

async function freshHost() {
  if (existsSync("/sys/class/net/d0")) ip("link", "delete", "d0");
  ip("link", "add", "d0", "type", "veth", "peer", "name", "d1");
  ip("link", "set", "d1", "up");
  return host;
}

networkContract("the real machine", freshHost);

test("an interface is set up, repaired in each part, and switched off", async () => {
  await freshHost();
  const fields = {
    state: "up",
    addrs: ["192.0.2.5/24", "2001:db8::5/64"],
    gateway: "192.0.2.1",
    ip_forward: true,
    routes: new Map([["198.51.100.0/24", "192.0.2.254"]]),
    mtu: 1400,
  };
  await converge(net, "d0", fields, host);
  assert.match(ip("-4", "route"), /^default via 192\.0\.2\.1 dev d0/m);
  const file = "/etc/systemd/network/mgmt-d0.network";
  assert.match(readFileSync(file, "utf8"), /^Name=d0$/m);

  const stop = new AbortController();
  const resource = drive(net, "d0", fields, host, { signal: stop.signal });
  const watch = resource.watch();
  await watch.next();
  for (const [change, step] of [
    [["link", "set", "d0", "down"], "~ switch it on (was off)"],
    [["link", "set", "d0", "mtu", "1500"], "~ set the largest packet 1400 (was 1500)"],
    [["address", "add", "192.0.2.6/24", "dev", "d0"], "- remove the address 192.0.2.6/24"],
    [["address", "delete", "2001:db8::5/64", "dev", "d0"], "+ add the address 2001:db8::5/64"],
    [["address", "delete", "192.0.2.5/24", "dev", "d0"], "+ add the address 192.0.2.5/24"],
    [["route", "replace", "default", "via", "192.0.2.7"], "+ add the gateway 192.0.2.1"],
    [["route", "delete", "192.0.2.0/24", "dev", "d0"], "+ add the route to 192.0.2.0/24"],
    [["route", "delete", "198.51.100.0/24"], "+ add the route to 198.51.100.0/24 through 192.0.2.254"],
  ] as const) {
    const woken = watch.next();
    ip(...change);
    await woken;
    const done: string[] = [];
    for (let round = 0; round < 5; round += 1) done.push(...(await resource.settle()));
    assert.ok(done.includes(step), `${change.join(" ")} is repaired by "${step}": ${done.join("; ")}`);
    assert.deepEqual(await resource.plan(), []);
  }
  // By its own file, and by that of all interfaces, which tells nothing of each.
  for (const place of ["conf/d0/forwarding", "ip_forward"]) {
    const forwarding = resource.watch();
    await forwarding.next();
    execFileSync("sh", ["-c", `echo 1 > /proc/sys/net/ipv4/ip_forward; echo 0 > /proc/sys/net/ipv4/${place}`]);
    assert.deepEqual(await repairedSoon(resource, forwarding), ["~ pass packets on"]);
  }
  stop.abort();
  assert.deepEqual(await converge(net, "d0", { state: "down" }, host), [
    `- remove ${file}`,
    "~ switch it off (was on)",
  ]);
  assert.equal(ip("-4", "route"), "");
});

filterContract("the real machine", () => {
  execFileSync("nft", ["flush", "ruleset"]);
  return host;
});

test("a table of the packet filter is loaded, repaired and removed, and others stay", async () => {
  const nft = (...args: readonly string[]) => execFileSync("nft", args, { encoding: "utf8" });
  nft("flush", "ruleset");
  nft("add", "table", "ip", "other");
  const content = `
    set seen { type ipv4_addr; flags dynamic,timeout; timeout 1h; }
    chain input {
      type filter hook input priority 0; policy accept;
      ct state established,related accept
      iifname "lo" accept
      tcp dport { 22, 80-90, 443 } counter accept
      ip saddr 192.0.2.0/24 add @seen { ip saddr } limit rate 10/second drop
      log prefix "in: " comment "the } rest"
    }
  `;
  assert.deepEqual(await converge(nftables, "web", { content }, host), ["+ load the table"]);
  nft("add", "element", "inet", "web", "seen", "{ 192.0.2.1 }"); // As its own rule does.
  assert.deepEqual(await converge(nftables, "web", { content }, host), []);
  const stop = new AbortController();
  const resource = drive(nftables, "web", { content }, host, { signal: stop.signal });
  const watch = resource.watch();
  await watch.next();
  for (const [change, step] of [
    [["add", "rule", "inet", "web", "input", "drop"], "~ load the table anew"],
    [["flush", "chain", "inet", "web", "input"], "~ load the table anew"],
    [["add", "chain", "inet", "web", "more"], "~ load the table anew"],
    [["chain", "inet", "web", "input", "{ policy drop; }"], "~ load the table anew"],
    [["delete", "table", "inet", "web"], "+ load the table"],
    [["flush", "ruleset"], "+ load the table"],
  ] as const) {
    const woken = watch.next();
    nft(...change);
    await woken;
    assert.deepEqual(await resource.settle(), [step], change.join(" "));
    assert.deepEqual(await resource.plan(), []);
  }
  stop.abort();
  nft("add", "table", "ip", "other");
  await converge(nftables, "web", { state: "absent" }, host);
  assert.equal(nft("list", "tables"), "table ip other\n");
});

proves("net", "real part");
proves("nftables", "real part");
