// SPDX-License-Identifier: Apache-2.0
// Run in a network of its own: DHCP, TFTP and HTTP by the provisioner, a virtual machine with BIOS and iPXE (FIRMWARE=pxelinux:
// without the help of iPXE, FIRMWARE=uefi: UEFI, shim and grub), a small Linux that tells that it is done, a new start of mgmt,
// and the next boot of the machine.

import assert from "node:assert/strict";
import { execFile, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

const root = join(import.meta.dirname, "../..");
const loaders = "/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64/";
const mac = "52:54:00:77:00:01";
const firmware = process.env["FIRMWARE"] === "uefi" ? ["--uefi", "--plain"] : [];
const withIpxe = process.env["FIRMWARE"] === undefined;

/** A first sector that writes "disk: booted" to the serial console and halts: what BIOS finds on the disk. */
const bootSector = Buffer.alloc(512);
bootSector.set(Buffer.from("31c08ed8be217cfcac84c0741188c4bafd03eca82074fb88e0b2f8eeebeaf4ebfd", "hex"));
bootSector.write("disk: booted\r\n", 33, "latin1");
bootSector.set([0x55, 0xaa], 510);

const program = (directory: string) => `import "embedded/provisioner"

include provisioner.base(struct{
	interface => "lab0",
	network => "10.77.0.0/24",
	router => "10.77.0.1/24",
	dns => ["10.77.0.1"],
	forward => false,
}) as base
include base.image("tiny", struct{
	kernel => "${directory}/tiny/linux",
	initrd => "${directory}/tiny/initrd.gz",
	loaders => "${loaders}",
})
include base.machine("m1", struct{
	mac => "${mac}",
	ip => "10.77.0.13/24",
	bios => ${firmware.length === 0},
	ipxe => ${withIpxe},
	files => "tiny",
	args => "console=ttyS0 quiet panic=5 lab.url=http://10.77.0.1:4280/run",
	serial => "ttyS0",
})

http:server:file "/run" {
	data => "wget -q -O - --post-data stage=installing http://10.77.0.1:4280/action/done/mac=${mac} &&
wget -q -O - --post-data done=true http://10.77.0.1:4280/action/done/mac=${mac}
",
}
`;

class Provisioner {
  said = "";
  readonly #running;
  readonly #ended: Promise<unknown>;
  #heard = (): void => {};

  constructor(directory: string) {
    this.#running = spawn(join(root, "mgmt"), ["run", "--prefix", join(directory, "state"), `${directory}/main.mcl`]);
    for (const stream of [this.#running.stdout, this.#running.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.said += text;
        this.#heard();
      });
    }
    this.#ended = new Promise((resolve) => this.#running.once("exit", resolve));
  }

  async says(text: string): Promise<void> {
    const limit = setTimeout(() => this.#running.kill("SIGKILL"), 60_000);
    const heard = new Promise<void>((resolve) => {
      this.#heard = () => {
        if (this.said.includes(text)) resolve();
      };
      this.#heard();
    });
    await Promise.race([heard, this.#ended]);
    clearTimeout(limit);
    assert.ok(this.said.includes(text), `never said "${text}":\n${this.said}`);
  }

  async stop(): Promise<void> {
    this.#running.kill("SIGINT");
    await this.#ended;
  }
}

test("from the first DHCP request to the own disk", async () => {
  const directory = mkdtempSync(join(tmpdir(), "mgmt-boot-"));
  const env = { ...process.env, LAB_CACHE: directory, LAB_DIR: directory, LAB_BRIDGE: "lab0", LAB_NET: "10.77.0" };
  const vm = (...args: readonly string[]) =>
    promisify(execFile)(join(root, "test/lab/pxe-vm"), args, { env, encoding: "utf8" });
  const up = () => vm("up", "m1", "--mem", "512", "--net-first", "--mac", mac, ...firmware);
  let provisioner: Provisioner | undefined;
  try {
    execFileSync("ip", ["link", "set", "lo", "up"]);
    await vm("tiny", join(directory, "tiny"));
    writeFileSync(join(directory, "main.mcl"), program(directory));
    writeFileSync(join(directory, "sector"), Buffer.concat([bootSector], 1 << 20));
    const disk = (await vm("disk", "m1")).stdout.trim();
    execFileSync("qemu-img", ["convert", "-f", "raw", "-O", "qcow2", join(directory, "sector"), disk]);
    execFileSync("ip", ["link", "add", "lab0", "type", "bridge", "forward_delay", "0"]);

    provisioner = new Provisioner(directory);
    await provisioner.says("print[machine m1]: armed");
    await up();
    await vm("wait", "m1", "tiny: exit 0", "100");
    await vm("gone", "m1", "30");
    await provisioner.says("print[machine m1]: done");
    assert.match(provisioner.said, /print\[machine m1\]: installing/);
    await provisioner.stop();

    // What it knows of the machine outlives it.
    provisioner = new Provisioner(directory);
    await provisioner.says("print[machine m1]: done");
    assert.ok(!provisioner.said.includes("armed"), provisioner.said);
    await up();
    // UEFI takes no address that comes without a boot program.
    if (firmware.length === 0) await vm("wait", "m1", "disk: booted", "60");
    else await vm("wait", "m1", "PXE-E16: No valid offer received", "60");
    assert.ok(!provisioner.said.includes("boots"), provisioner.said);
    const { stdout: console } = await vm("log", "m1");
    assert.ok(!console.includes("tiny:"), console);
  } finally {
    await vm("down", "--all");
    await provisioner?.stop();
    rmSync(directory, { recursive: true });
  }
});
