// SPDX-License-Identifier: Apache-2.0
// Run in a network and a /run of its own: fifty machines boot at once from one program: address, loader over TFTP, kernel and
// answers over HTTP, and word that they are done. Half of them talk nonsense on the way.

import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const ip = (...args: readonly string[]) => execFileSync("ip", args, { encoding: "utf8" });
const count = 50;

test(`${count} machines boot at once, and none fails`, async () => {
  const directory = mkdtempSync(join(tmpdir(), "mgmt-fifty-"));
  ip("link", "set", "lo", "up");
  ip("netns", "add", "machines");
  ip("link", "add", "lab0", "type", "veth", "peer", "name", "eth0", "netns", "machines");
  ip("addr", "add", "192.168.42.1/24", "dev", "lab0");
  ip("link", "set", "lab0", "up");
  for (const name of ["lo", "eth0"]) ip("-n", "machines", "link", "set", name, "up");
  // The machines share an address of their own once they have asked for theirs.
  ip("-n", "machines", "addr", "add", "192.168.42.250/24", "dev", "eth0");
  writeFileSync(join(directory, "loader"), randomBytes(200_000));
  writeFileSync(join(directory, "kernel"), randomBytes(2_000_000));
  const flags = Array.from(
    { length: count },
    (_, index) =>
      `http:server:flag "done ${index}" { path => "/done", key => "state", token => "${tokenOf(index)}", }\n`,
  );
  writeFileSync(
    join(directory, "main.mcl"),
    `dhcp:server ":67" {
	interface => "lab0",
	routers => ["192.168.42.1"],
	nbp_for => {"bios" => "tftp://192.168.42.1/loader", "uefi-x64" => "tftp://192.168.42.1/loader"},
}
dhcp:range "192.168.42.0/24" { skip => ["192.168.42.250"], persist => true, }
tftp:server ":69" { root => "${directory}/", }
http:server ":80" {}
http:server:file "/kernel" { path => "${directory}/kernel", }
${flags.join("")}`,
  );
  const running = spawn(join(import.meta.dirname, "../../mgmt"), [
    ...["run", "--prefix", join(directory, "state"), join(directory, "main.mcl")],
  ]);
  let said = "";
  for (const stream of [running.stdout, running.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  }
  const ended = new Promise((resolve) => running.once("exit", resolve));
  try {
    const isReady = () => /:67 [^]*:69 /.test(spawnSync("ss", ["-lun"], { encoding: "utf8" }).stdout);
    for (const start = Date.now(); !isReady(); await new Promise((resolve) => setTimeout(resolve, 100))) {
      assert.ok(Date.now() - start < 60_000, said);
    }
    const client = join(import.meta.dirname, "booting-machines.test-support.ts");
    const machines = spawn("ip", ["netns", "exec", "machines", process.execPath, client, directory, String(count)]);
    let told = "";
    for (const stream of [machines.stdout, machines.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        told += text;
      });
    }
    const status = await new Promise((resolve) => machines.once("exit", resolve));
    assert.equal(status, 0, `${told}\n${said}`);
    assert.match(told, new RegExp(`^${count} machines have booted\n`, "m"));
    assert.doesNotMatch(said, /error/);
  } finally {
    running.kill("SIGTERM");
    await ended;
    rmSync(directory, { recursive: true, force: true });
  }
});

function tokenOf(index: number): string {
  return `token-of-machine-${index}`;
}
