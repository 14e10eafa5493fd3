// SPDX-License-Identifier: Apache-2.0
// `mgmt provisioner` without machines: what it would serve, and what it refuses. What it does with one is proven in
// test/machine/network-boot.test.ts.

import assert from "node:assert/strict";
import { testPrograms } from "./program.ts";

const usual = ["--interface=lo", "--distro=debian", "--dversion=13", "--mirror=http://mirror.example.com/debian"];
const mac = "--mac=52:54:00:12:34:56";

testPrograms("a dry run says what would be served, and serves nothing", async (world) => {
  const { status, stdout, stderr } = await world.run(["provisioner", ...usual, mac, "--dry-run"]);
  assert.equal(status, 0, stderr);
  const found = new Set(stdout.trimEnd().split("\n"));
  for (const resource of [
    "dhcp:host[52-54-00-12-34-56]",
    "exec[fetch debian13-amd64]",
    "http:server:file[/preseed/52:54:00:12:34:56.cfg]",
    "http:server:proxy[/debian/]",
    "tftp:server[:69]",
  ])
    assert.ok(found.has(resource), `${resource} is not in\n${stdout}`);
  assert.match(stderr, /^installs {3}debian 13 x86_64 Server$/m);
  const check = await world.run(["provisioner", ...usual, mac, "--check", "--json"]);
  assert.deepEqual([check.status, check.stdout, check.stderr], [0, "", ""]);
});

testPrograms("a list of machines, and the hash of a password on standard input", async (world) => {
  world.write(
    "rack.csv",
    "name,mac,ip\nweb1,52:54:00:12:34:56,192.168.42.11/24\nweb2,52:54:00:12:34:57,192.168.42.12/24\n",
  );
  const hash = `$6$0123456789abcdef$${"x".repeat(86)}\n`;
  const args = ["provisioner", ...usual, "--machines=rack.csv", "--password=-", "--dry-run", "--json"];
  const { status, stdout, stderr } = await world.run(args, { input: hash });
  assert.equal(status, 0, stderr);
  const found = stdout
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { readonly resource: string }).resource);
  assert.ok(found.includes("dhcp:host[web1]") && found.includes("dhcp:host[web2]"), stdout);
  assert.ok(!stdout.includes("$6$"));
});

testPrograms("nothing is installed that nobody named, and no password stands on the command line", async (world) => {
  const refused = async (args: readonly string[], message: RegExp) => {
    const { status, stderr } = await world.run(["provisioner", ...args]);
    assert.equal(status, 1, stderr);
    assert.match(stderr, message);
  };
  await refused(usual, /No machine was named/);
  await refused([...usual, mac, "--password=secret"], /must not stand on the command line/);
  await refused([...usual, mac, "--ip=10.0.0.1/24"], /not in the network/);
  assert.equal((await world.run(["provisioner", "--part=ext4"])).status, 2);
  assert.match((await world.run(["provisioner", "--help"])).stdout, /--machines <file>/);
});
