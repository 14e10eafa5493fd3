// SPDX-License-Identifier: Apache-2.0
// Run in a network of its own: the command `mgmt provisioner`, and a second mgmt that asks it for all that a machine is given at
// the end of its installation.

import assert from "node:assert/strict";
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

const mgmt = join(import.meta.dirname, "../../mgmt");
const mac = "52:54:00:77:00:01";
const server = "http://10.77.0.1:4280";
const limitMs = 60_000;

/** What is booted is of no matter here. */
const bootFiles = ["linux", "initrd.gz", "pxelinux.0", "boot-screens/ldlinux.c32", "bootnetx64.efi", "grubx64.efi"];

class Running {
  said = "";
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;

  constructor(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    this.#process = spawn(mgmt, args, { env: { ...process.env, ...environment }, stdio: ["ignore", "pipe", "pipe"] });
    this.#process.stdout?.on("data", (bytes: Buffer) => (this.said += bytes.toString()));
    this.#process.stderr?.on("data", (bytes: Buffer) => (this.said += bytes.toString()));
    this.#ended = new Promise((resolve) => this.#process.once("exit", resolve));
  }

  async stop(): Promise<void> {
    this.#process.kill("SIGINT");
    await this.#ended;
  }

  /** By itself. */
  async end(): Promise<number | null> {
    await this.#ended;
    return this.#process.exitCode;
  }
}

/** What it gives, as soon as it gives something. */
async function eventually<T>(what: string, look: () => Promise<T | undefined>, told: () => string): Promise<T> {
  const endMs = performance.now() + limitMs;
  for (;;) {
    const found = await look().catch(() => undefined);
    if (found !== undefined) return found;
    assert.ok(performance.now() < endMs, `${what}, and it never came:\n${told()}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function get(path: string): Promise<readonly [number, string]> {
  const answer = await fetch(`${server}${path}`, { signal: AbortSignal.timeout(10_000) });
  return [answer.status, await answer.text()];
}

test("an invitation is made for the machine that asks, and all that it needs", async () => {
  const directory = mkdtempSync(join(tmpdir(), "mgmt-provisioner-"));
  const path = (name: string): string => join(directory, name);
  execFileSync("ip", ["link", "set", "lo", "up"]);
  execFileSync("ip", ["link", "add", "lab0", "type", "bridge", "forward_delay", "0"]);
  for (const name of bootFiles) {
    const file = path(`cache/boot/debian12-amd64/debian-installer/amd64/${name}`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, name);
  }
  writeFileSync(path("site.mcl"), 'print "site" {\n\tmsg => "here",\n}\n');
  mkdirSync(path("elsewhere/a"), { recursive: true });
  writeFileSync(path("elsewhere/a/main.mcl"), "");
  const environment = { MGMT_PREFIX: path("usual") };
  const asked = async (...args: readonly string[]): Promise<string> =>
    (await promisify(execFile)(mgmt, args, { env: { ...process.env, ...environment } })).stdout;
  const given = [
    ...["provisioner", "--once"],
    ...["--interface=lab0", "--network=10.77.0.0/24", "--router=10.77.0.1/24", "--ip=10.77.0.13/24", `--mac=${mac}`],
    ...["--distro=debian", "--dversion=12", "--mirror=http://10.77.0.1:8080/debian", "--no-firewalld"],
    ...[`--prefix=${path("cache")}`, "--hostname=first", "--verbose", "--password=-"],
    ...[`--handoff-code=${path("site.mcl")}`, `--handoff-module-path=${path("elsewhere")}`, "--handoff-hostname=web1"],
  ];
  const provisioner = new Running(given, environment);
  let machine: Running | undefined;
  try {
    const said = (): string => provisioner.said;
    const token = await eventually(
      "the boot script of the machine",
      async () => /token=(\w+)/.exec((await get(`/${mac.replaceAll(":", "-")}.ipxe`))[1])?.[1],
      said,
    );
    const [, finish] = await get(`/finish/${mac}.sh?token=${token}`);
    assert.match(finish, new RegExp(`^fetch '[^']+' '/invitation/${mac}\\?token=${token}'`, "m"));
    assert.match(finish, / --program=\/root\/mgmt-deploy\/site\.mcl$/m);
    assert.match((await get(`/mgmt/deploy-${mac}.tar?token=${token}`))[1], /^site\.mcl/);
    assert.match((await get(`/mgmt/modules-${mac}.tar?token=${token}`))[1], /a\/main\.mcl/);
    assert.equal((await get(`/invitation/${mac}`))[0], 401);
    assert.equal((await get(`/invitation/${mac}?token=${"0".repeat(32)}`))[0], 403);
    const [status, text] = await get(`/invitation/${mac}?token=${token}`);
    assert.equal(status, 200, `${text}\n${said()}`);
    const invitation = text.trim();
    assert.match(invitation, /^[\w.-]+@10\.77\.0\.1$/);

    const own = ["--hostname=web1", `--prefix=${path("web1")}`];
    machine = new Running(["run", ...own, path("site.mcl")], { MGMT_JOIN: invitation });
    const members = await eventually(
      "both of them in the cluster",
      async () => {
        const asked = await promisify(execFile)(mgmt, ["cluster", "members", `--prefix=${path("web1")}`]);
        return asked.stdout.includes("web1") ? asked.stdout : undefined;
      },
      () => `${said()}\n${machine?.said}`,
    );
    assert.equal(members, "first\nweb1\n");
    assert.equal(await asked("cluster", "members"), members);
    assert.match(
      await asked("status"),
      /^mgmt runs provisioner since .*\n[^]*It shares the store at .*https:\/\/10\.77\.0\.1:2379/,
    );
    // The second mgmt keeps the store with it, at the same address.
    const listening = execFileSync("ss", ["-Hltn"], { encoding: "utf8" })
      .split("\n")
      .map((line) => line.split(/\s+/)[3]);
    const places = listening.filter((place) => /:23(?:79|80|81)$/.test(place ?? ""));
    for (const place of ["10.77.0.1:2379", "127.0.0.1:2379", "10.77.0.1:2380", "10.77.0.1:2381"])
      assert.ok(places.includes(place), `${place} is not in ${places.join(" ")}`);
    assert.ok(
      !places.some((place) => place === undefined || /^(?:0\.0\.0\.0|\*|\[::\]):/.test(place)),
      places.join(" "),
    );

    // What machines are served is there as well, and broadcasts are heard on their interface alone.
    const heard = execFileSync("ss", ["-Hlun"], { encoding: "utf8" })
      .split("\n")
      .map((line) => line.split(/\s+/)[3]);
    const served = [...listening, ...heard].filter((place) => /:(?:67|69|4280)$/.test(place ?? ""));
    assert.deepEqual(
      new Set(served),
      new Set(["0.0.0.0%lab0:67", "10.77.0.1%lab0:67", "10.77.0.1:4280", "10.77.0.1:69"]),
    );
    await assert.rejects(fetch("http://127.0.0.1:4280/mgmt/binary"));

    const [secret = ""] = invitation.split(".");
    assert.ok(!said().includes(secret));
    for (const file of globSync("/proc/[0-9]*/cmdline")) {
      const words = await promisify(execFile)("cat", [file]).catch(() => ({ stdout: "" }));
      assert.ok(!words.stdout.includes(secret), file);
    }
    const kept = globSync(`${path("usual")}/**/*`, { withFileTypes: true }).filter((entry) => entry.isFile());
    for (const { parentPath, name } of kept)
      assert.ok(!readFileSync(join(parentPath, name), "latin1").includes(secret), name);

    // It is there, so that nothing is left to wait for once it is done.
    const told = await fetch(`${server}/action/done/mac=${mac}?token=${token}`, {
      method: "POST",
      body: new URLSearchParams({ done: "true" }),
    });
    assert.equal(told.status, 200);
    assert.equal(await provisioner.end(), 0, said());
    assert.match(said(), /machine [\w-]+\]: done: in the cluster$/m);
    assert.doesNotMatch(execFileSync("ip", ["addr", "show", "dev", "lab0"], { encoding: "utf8" }), /10\.77\.0\.1/);
    assert.match(await asked("events"), /mgmt began: provisioner[^]*mgmt ended/);
  } finally {
    await machine?.stop();
    await provisioner.stop();
    rmSync(directory, { recursive: true });
  }
});
