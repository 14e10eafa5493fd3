// SPDX-License-Identifier: Apache-2.0
// Run in a network and a /run of its own: two networks, of which one is served.

import { proves, shows } from "../proofs.ts";
import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const ip = (...args: readonly string[]) => execFileSync("ip", args, { encoding: "utf8" });
const inside = (name: string, ...argv: readonly string[]) =>
  spawnSync("ip", ["netns", "exec", name, ...argv], { encoding: "utf8", timeout: 30_000 });

/** A machine on a wire of its own; our end has the name `NAME0`, its end `eth0`. */
function connect(name: string, address: string): void {
  ip("netns", "add", name);
  ip("-n", name, "link", "set", "lo", "up");
  plugIn(name, address);
}

function plugIn(name: string, address: string): void {
  ip("link", "add", `${name}0`, "type", "veth", "peer", "name", "eth0", "netns", name);
  ip("addr", "add", address, "dev", `${name}0`);
  ip("link", "set", `${name}0`, "up");
  ip("-n", name, "link", "set", "eth0", "up");
}

test("clients get addresses on the network that is served, and on no other", async () => {
  const directory = mkdtempSync(join(tmpdir(), "mgmt-dhcp-"));
  ip("link", "set", "lo", "up");
  connect("served", "192.168.42.1/24");
  connect("other", "192.168.43.1/24");
  const known = (JSON.parse(inside("served", "ip", "-j", "link", "show", "eth0").stdout) as { address: string }[])[0]
    ?.address;
  const program = join(directory, "main.mcl");
  const range = `dhcp:server ":67" {
	interface => "served0",
	dns => ["192.168.42.1"],
	routers => ["192.168.42.1"],
}
dhcp:range "192.168.42.0/24" { skip => ["192.168.42.2"], persist => true, }
`;
  writeFileSync(program, range);
  const running = spawn(join(import.meta.dirname, "../../mgmt"), [
    "run",
    "--prefix",
    join(directory, "state"),
    program,
  ]);
  let said = "";
  running.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  running.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const ended = new Promise((resolve) => running.once("exit", resolve));
  try {
    const listens = () => spawnSync("ss", ["-lun"], { encoding: "utf8" }).stdout.includes(":67 ");
    for (let tries = 0; !listens(); tries += 1) {
      assert.ok(tries < 400, said);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    const udhcpc = inside("served", "udhcpc", "-i", "eth0", "-n", "-q", "-f", "-t", "5", "-s", "/bin/true");
    assert.match(
      udhcpc.stderr + udhcpc.stdout,
      /lease of 192\.168\.42\.3 obtained from 192\.168\.42\.1, lease time 600/,
    );

    const lease = join(directory, "lease");
    writeFileSync(lease, "");
    const dhclient = inside(
      "served",
      "dhclient",
      "-4",
      "-1",
      "-sf",
      "/bin/true",
      "-lf",
      lease,
      "-pf",
      join(directory, "pid"),
      "eth0",
    );
    assert.equal(dhclient.status, 0, dhclient.stderr);
    assert.match(readFileSync(lease, "utf8"), /fixed-address 192\.168\.42\.3;[^]*option routers 192\.168\.42\.1;/);
    spawnSync("kill", [readFileSync(join(directory, "pid"), "utf8").trim()]);

    const elsewhere = inside(
      "other",
      "udhcpc",
      "-i",
      "eth0",
      "-n",
      "-q",
      "-f",
      "-t",
      "2",
      "-T",
      "1",
      "-s",
      "/bin/true",
    );
    assert.match(elsewhere.stderr + elsewhere.stdout, /no lease, failing/);

    writeFileSync(program, `${range}dhcp:host "known" { mac => "${known}", ip => "192.168.42.77/24", }\n`);
    // A client is answered in a moment, so tries alone would not leave a busy machine the time to read the program.
    for (const start = Date.now(); ; await new Promise((resolve) => setTimeout(resolve, 100))) {
      const again = inside("served", "udhcpc", "-i", "eth0", "-n", "-q", "-f", "-t", "3", "-s", "/bin/true");
      if (/lease of 192\.168\.42\.77 obtained/.test(again.stderr + again.stdout)) break;
      assert.ok(Date.now() - start < 60_000, again.stderr + again.stdout + said);
    }
    ip("link", "delete", "served0");
    plugIn("served", "192.168.42.1/24");
    for (const start = Date.now(); ; await new Promise((resolve) => setTimeout(resolve, 100))) {
      const again = inside("served", "udhcpc", "-i", "eth0", "-n", "-q", "-f", "-t", "3", "-s", "/bin/true");
      if (again.stderr.includes("obtained from 192.168.42.1")) break;
      assert.ok(Date.now() - start < 60_000, again.stderr + again.stdout + said);
    }
    // Who it says it is goes with the address of its interface.
    ip("address", "delete", "192.168.42.1/24", "dev", "served0");
    ip("address", "add", "192.168.42.9/24", "dev", "served0");
    for (const start = Date.now(); ; await new Promise((resolve) => setTimeout(resolve, 100))) {
      const again = inside("served", "udhcpc", "-i", "eth0", "-n", "-q", "-f", "-t", "3", "-s", "/bin/true");
      if (again.stderr.includes("obtained from 192.168.42.9")) break;
      assert.ok(Date.now() - start < 60_000, again.stderr + again.stdout + said);
    }
    for (const kind of ["dhcp:server", "dhcp:range", "dhcp:host"]) shows(kind, "real part");
    // What it says is heard only while no client holds us up.
    const told = () => said.includes(`${known} has 192.168.42.3`) || said.includes(`${known} (`);
    for (let tries = 0; !told(); tries += 1) {
      assert.ok(tries < 400, said);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  } finally {
    running.kill("SIGTERM");
    await ended;
    rmSync(directory, { recursive: true, force: true });
  }
});

proves("dhcp:server", "real part");
proves("dhcp:host", "real part");
proves("dhcp:range", "real part");
