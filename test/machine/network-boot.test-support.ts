// SPDX-License-Identifier: Apache-2.0
// Run in a network of its own, with the variable CHAIN: DHCP, TFTP and HTTP by the provisioner, a virtual machine, a small
// Linux that tells that it is done, a new start of mgmt, and the next boot of the machine.

import assert from "node:assert/strict";
import { execFile, execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { chains, mac, mirrorPort, plainFirmware, standIn } from "./network-boot-chains.ts";

const root = join(import.meta.dirname, "../..");
const name = process.env["CHAIN"] ?? "";
const chain = chains[name];
assert.ok(chain !== undefined, `there is no chain ${name}`);
const loaders = process.env["LOADERS"] ?? "";

/** A first sector that writes "disk: booted" to the serial console and halts: what BIOS finds on the disk. */
const bootSector = Buffer.alloc(512);
bootSector.set(Buffer.from("31c08ed8be217cfcac84c0741188c4bafd03eca82074fb88e0b2f8eeebeaf4ebfd", "hex"));
bootSector.write("disk: booted\r\n", 33, "latin1");
bootSector.set([0x55, 0xaa], 510);

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

/** What the mirror of Fedora has for booting from the network, as far as it is asked for. */
function prepareFedora(directory: string): void {
  const files = join(directory, "fedora");
  mkdirSync(join(files, "images/pxeboot"), { recursive: true });
  cpSync(join(directory, "tiny/linux"), join(files, "images/pxeboot/vmlinuz"));
  cpSync(join(directory, "tiny/initrd.gz"), join(files, "images/pxeboot/initrd.img"));
  cpSync(loaders, join(files, "loaders"), { recursive: true });
  writeFileSync(join(directory, "stand-in"), standIn);
}

/** By the paths that were asked for. */
const mirrored = new Map([["/pub/fedora/linux/releases/43/Everything/x86_64/os/.treeinfo", "this is the mirror\n"]]);
const mirror = createServer(({ url = "" }, response) => {
  const text = mirrored.get(url);
  response.writeHead(text === undefined ? 404 : 200).end(text);
});

test(`from the first DHCP request to the own disk: ${name}`, async () => {
  const directory = mkdtempSync(join(tmpdir(), "mgmt-boot-"));
  const env = { ...process.env, LAB_CACHE: directory, LAB_DIR: directory, LAB_BRIDGE: "lab0", LAB_NET: "10.77.0" };
  const vm = (...args: readonly string[]) =>
    promisify(execFile)(join(root, "test/lab/pxe-vm"), args, { env, encoding: "utf8" });
  const machine = chain.machine.map((word) => word.replace("DIRECTORY", directory));
  const up = () => vm("up", "m1", "--mem", "512", "--net-first", "--mac", mac, ...machine);
  let provisioner: Provisioner | undefined;
  try {
    execFileSync("ip", ["link", "set", "lo", "up"]);
    await vm("tiny", join(directory, "tiny"));
    writeFileSync(join(directory, "main.mcl"), (chain.unknown ?? chain).program({ directory, loaders }));
    writeFileSync(join(directory, "plain.ipxe"), plainFirmware);
    prepareFedora(directory);
    writeFileSync(join(directory, "sector"), Buffer.concat([bootSector], 1 << 20));
    const disk = (await vm("disk", "m1")).stdout.trim();
    execFileSync("qemu-img", ["convert", "-f", "raw", "-O", "qcow2", join(directory, "sector"), disk]);
    execFileSync("ip", ["link", "add", "lab0", "type", "bridge", "forward_delay", "0"]);

    mirror.listen(mirrorPort);

    provisioner = new Provisioner(directory);
    if (chain.unknown !== undefined) {
      await provisioner.says("add the address"); // Its servers begin then, long before the machine asks.
      await up();
      await provisioner.says(`print[unknown machine ${mac}]: `);
      assert.match(provisioner.said, chain.unknown.listed);
      const { loader = "" } = chain.unknown;
      assert.ok(provisioner.said.includes(loader), provisioner.said);
      writeFileSync(join(directory, "main.mcl"), chain.program({ directory, loaders }));
    }
    await provisioner.says("print[machine m1]: armed");
    if (chain.unknown === undefined) await up();
    await vm("wait", "m1", "tiny: exit 0", "100");
    await vm("gone", "m1", "30");
    await provisioner.says("print[machine m1]: done");
    assert.match(provisioner.said, /print\[machine m1\]: installing/);
    if (chain.isShort === true) return;
    await provisioner.stop();

    // What it knows of the machine outlives it.
    provisioner = new Provisioner(directory);
    await provisioner.says("print[machine m1]: done");
    assert.ok(!provisioner.said.includes("armed"), provisioner.said);
    await up();
    await vm("wait", "m1", chain.ownDisk, "60");
    assert.doesNotMatch(provisioner.said, /boots (?!http:\S*\/own-disk$)/m);
    const { stdout: console } = await vm("log", "m1");
    assert.ok(!console.includes("tiny:"), console);
  } finally {
    await vm("down", "--all");
    await provisioner?.stop();
    mirror.close();
    rmSync(directory, { recursive: true });
  }
});
