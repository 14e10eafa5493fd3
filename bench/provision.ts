// SPDX-License-Identifier: Apache-2.0
// `npm run bench -- provision [bios|uefi|both]`: whole installations of Debian into virtual machines, from the empty disk to the
// role that a machine has been given by the cluster that it joins, and its next boot from the network. With `both` one with
// BIOS and then one with UEFI, which finds its packages in the cache. Takes half an hour for each without virtualisation by
// the processor. Needs root, what test/lab/pxe-vm and test/lab/di-mirror need, etcd, and dist/mgmt.
// MGMT_BENCH_DIRECTORY: a directory that is kept, with the cache, and with everything for looking when something went wrong.

import { execFile, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Asked, Course, table } from "./provision-course.ts";
import { type Machine, programOf, role, task } from "./provision-program.ts";

const root = join(import.meta.dirname, "..");
const asked = process.argv[2] ?? "both";
const firmwares = (["bios", "uefi"] as const).filter((firmware) => asked === firmware || asked === "both");
if (firmwares.length === 0) throw new Error(`there is no firmware ${asked}, but bios, uefi, both`);
const kept = process.env["MGMT_BENCH_DIRECTORY"];
const directory = kept ?? mkdtempSync(join(tmpdir(), "mgmt-provision-"));
const bridge = "lab-install";
const network = "10.78.255";
const env = { ...process.env, LAB_BRIDGE: bridge, LAB_DIR: join(directory, "lab"), LAB_NET: network };
const run = async (program: string, ...args: readonly string[]): Promise<string> =>
  (await promisify(execFile)(program, args, { env, maxBuffer: 64 * 2 ** 20 })).stdout.trim();
const vm = (...args: readonly string[]): Promise<string> => run(join(root, "test/lab/pxe-vm"), ...args);
const mgmt = (...args: readonly string[]): Promise<string> => run(join(root, "mgmt"), ...args);
const state = ["--prefix", join(directory, "state")];

async function prepared(): Promise<readonly Machine[]> {
  statSync(join(root, "dist/mgmt")); // Says what is missing.
  await vm("can");
  for (const name of ["state", "lab"]) rmSync(join(directory, name), { recursive: true, force: true });
  mkdirSync(join(directory, "role"), { recursive: true });
  writeFileSync(join(directory, "role/main.mcl"), role);
  const installer = await run(join(root, "test/lab/di-mirror"), "trixie");
  const targets = (await run("apt-get", "indextargets", "--format", "$(REPO_URI)")).split("\n");
  const mirror = targets.find((url) => url.endsWith("/debian/"))?.replace(/\/$/, "") ?? "";
  const machines: Machine[] = [];
  for (const [index, firmware] of firmwares.entries()) {
    const name = `web${index + 1}`;
    machines.push({ name, firmware, mac: `52:54:00:78:ff:0${index + 1}`, ip: `${network}.2${index + 1}` });
  }
  const keyFile = join(directory, "key");
  rmSync(keyFile, { force: true });
  await run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "bench", "-f", keyFile);
  const sshKey = readFileSync(`${keyFile}.pub`, "utf8").trim();
  const place = { bridge, network, directory, installer, mirror, binary: join(root, "dist/mgmt"), sshKey };
  writeFileSync(join(directory, "main.mcl"), programOf(place, machines));
  await run("ip", "link", "add", bridge, "type", "bridge", "forward_delay", "0");
  await run("ip", "addr", "add", `${network}.1/24`, "dev", bridge);
  await run("ip", "link", "set", bridge, "up");
  return machines;
}

/** The provisioner, and what it says. */
class Provisioner {
  readonly #running = spawn(
    join(root, "mgmt"),
    [
      ...["run", ...state, `--client-urls=http://${network}.1:2379,http://127.0.0.1:42379`],
      ...[`--advertise-client-urls=http://${network}.1:2379`, "--server-urls=http://127.0.0.1:42380"],
      ...[`--accept-joins=${network}.1:2381`, join(directory, "main.mcl")],
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  readonly #ended: Promise<unknown> = new Promise((resolve) => this.#running.once("exit", resolve));
  said = "";
  onPrint: (name: string, text: string) => void = () => {};
  #heard = (): void => {};

  constructor() {
    for (const stream of [this.#running.stdout, this.#running.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.said += text;
        for (const [, name = "", line = ""] of text.matchAll(/^print\[(.*?)\]: (.*)$/gm)) this.onPrint(name, line);
        this.#heard();
      });
    }
  }

  says(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#running.once("exit", () => reject(new Error(`mgmt has ended before it said ${text}`)));
      this.#heard = () => {
        if (this.said.includes(text)) resolve();
      };
      this.#heard();
    });
  }

  async stop(): Promise<void> {
    this.#running.kill("SIGINT");
    await this.#ended;
  }
}

/** From its empty disk to its role, and its next boot. */
async function install({ name, firmware, mac, ip }: Machine, provisioner: Provisioner): Promise<Course> {
  const course = new Course(name, ip);
  const up = async (): Promise<void> => {
    await vm("up", name, "--net-first", "--mac", mac, ...(firmware === "uefi" ? ["--uefi", "--plain"] : []));
    course.pid = Number(await vm("pid", name));
  };
  await provisioner.says(`print[machine ${name}]: armed`);
  provisioner.onPrint = (who, what) => {
    if (who === `machine ${name}` && what !== "armed") course.mark(what);
  };
  await up();
  course.mark(`switched on, with ${firmware}`);
  await provisioner.says(`print[machine ${name}]: done`);
  await vm("wait", name, `${name} login:`, "1800");
  course.mark("started from its disk, at its login prompt");
  await provisioner.says(`print[role of ${name}]: ${task}`);
  course.mark("has joined the cluster, and its role");
  await vm("off", name);
  await up();
  course.mark("switched off and on");
  await vm("wait", name, `${name} login:`, "1800");
  course.mark("booted from the network, sent to its disk, at its login prompt");
  await vm("off", name);
  return course;
}

async function main(): Promise<void> {
  const machines = await prepared();
  const provisioner = new Provisioner();
  const courses: Course[] = [];
  try {
    for (const machine of machines) courses.push(await install(machine, provisioner));
  } catch (reason) {
    console.log(provisioner.said.slice(-4000));
    for (const { name } of machines) console.log((await vm("log", name).catch(() => "")).slice(-4000));
    // For looking at it, until this is stopped.
    if (kept !== undefined) await provisioner.says("print[end]");
    throw reason;
  } finally {
    const events = await mgmt("events", "--json", ...state).catch(() => "");
    const requests = events
      .split("\n")
      .filter((line) => line.includes('"type":"asked"'))
      .map((line) => JSON.parse(line) as Asked);
    console.log(`\n${table(courses, requests)}`);
    await provisioner.stop();
    await vm("down", "--all");
    await run("ip", "link", "del", bridge);
    if (kept === undefined) rmSync(directory, { recursive: true });
  }
}

await main();
