// SPDX-License-Identifier: Apache-2.0
// Packages as a person has them: the examples, run by the program itself on a whole Debian, with apt and dpkg at work
// behind its back. The packages come from a source that is built here.

import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { proves, shows } from "../proofs.ts";
import { buildDebianPackage, type DebianTraits, indexDebianSource } from "../machine/debian-source.test-support.ts";
import { run, until } from "./inside.ts";

const root = join(import.meta.dirname, "../..");
const source = "/srv/source";

/** Versions above those of Debian, so that apt prefers them. */
const published: Readonly<Record<string, DebianTraits>> = {
  hello: {},
  figlet: {},
  tree: {},
  one: {},
  two: {},
  three: {},
  old: {},
  new: { conflicts: ["old"] },
  slow: { scripts: { postinst: "sleep 5" } },
  broken: { scripts: { postinst: "echo the port is taken; exit 1" } },
  memcached: {
    files: [
      "/usr/bin/memcached",
      "/etc/memcached.conf",
      "/etc/default/memcached",
      "/lib/systemd/system/memcached.service",
    ],
    contents: {
      "/etc/memcached.conf": "of the package\n",
      "/etc/default/memcached": "of the package\n",
      "/lib/systemd/system/memcached.service":
        "[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n",
    },
    scripts: { postinst: "systemctl daemon-reload" },
  },
};

before(async () => {
  mkdirSync(source);
  for (const [name, traits] of Object.entries(published)) buildDebianPackage(source, name, "99.0", traits);
  indexDebianSource(source, "Debian");
  writeFileSync("/etc/apt/sources.list", `deb [trusted=yes] file:${source} ./\n`);
  await run("apt-get", "update", "-qq");
});

/** The program at work on one text, with all that it has written. */
class Agent {
  readonly #child: ChildProcess;
  output = "";

  constructor(...args: readonly string[]) {
    this.#child = spawn(join(root, "mgmt"), args, { cwd: "/root", stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.output += text;
      });
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  async ended(): Promise<number | null> {
    if (this.#child.exitCode !== null) return this.#child.exitCode;
    return new Promise((resolve) => this.#child.once("close", resolve));
  }

  async stop(): Promise<void> {
    this.signal("SIGTERM");
    assert.equal(await this.ended(), 0, this.output);
  }
}

function agentOn(text: string, ...options: readonly string[]): Agent {
  mkdirSync("/root/program", { recursive: true });
  writeFileSync("/root/program/main.mcl", text);
  return new Agent("run", "--tmp-prefix", ...options, "/root/program");
}

function example(name: string): string {
  return readFileSync(join(root, "examples", name, "main.mcl"), "utf8");
}

/** Runs once; gives all that it wrote. */
async function once(text: string, status = 0): Promise<string> {
  const agent = agentOn(text, "--once");
  assert.equal(await agent.ended(), status, agent.output);
  return agent.output;
}

/** The edges of its graph, sorted. */
async function edgesOf(path: string): Promise<readonly string[]> {
  const { edges } = JSON.parse(await run(join(root, "mgmt"), "graph", "--json", path)) as {
    readonly edges: readonly (readonly [string, string])[];
  };
  return edges.map((edge) => edge.join(" ")).toSorted((left, right) => (left < right ? -1 : 1));
}

function isInstalled(name: string): boolean {
  const { stdout } = spawnSync("dpkg-query", ["-W", "-f", "${Status}", name], { encoding: "utf8" });
  return stdout === "install ok installed";
}

function version(name: string): string {
  return spawnSync("dpkg-query", ["-W", "-f", "${Version}", name], { encoding: "utf8" }).stdout;
}

function purge(...names: readonly string[]): void {
  spawnSync("dpkg", ["--purge", "--force-all", ...names]);
}

/** Nobody works with packages any more. */
async function quiet(): Promise<void> {
  await until("apt and dpkg have ended", () => spawnSync("pgrep", ["-x", "apt-get|dpkg"]).status !== 0, 60_000);
}

test("a package that is removed behind its back is installed again, whatever removed it", async (context) => {
  purge("hello");
  const agent = agentOn(example("package"));
  await until("it is installed", () => isInstalled("hello"), 60_000);
  const removals = [
    ["dpkg", "--remove"],
    ["apt-get", "remove", "-qqy"],
    ["dpkg", "--purge"],
    ["apt-get", "purge", "-qqy"],
  ];
  const ms: number[] = [];
  for (const [program = "", ...args] of [...removals, ...removals]) {
    await quiet();
    await run(program, ...args, "hello");
    const start = performance.now();
    await until(`it is back after ${program}`, () => isInstalled("hello"), 60_000);
    ms.push(Math.round(performance.now() - start));
  }
  shows("pkg", "real part");
  ms.sort((left, right) => left - right);
  const [p50, p99] = [ms[ms.length >> 1], ms.at(-1)];
  context.diagnostic(
    `measured: a removed package is installed again: p50 ${p50} ms, p99 ${p99} ms, ${ms.length} times`,
  );
  await quiet();
  await agent.stop();
  assert.doesNotMatch(agent.output, /error/);
});

test("a plan names the changes and makes none", async () => {
  purge("hello");
  // The status says that there is something to do.
  const { status, stdout } = spawnSync(join(root, "mgmt"), ["plan", join(root, "examples/package")], {
    encoding: "utf8",
  });
  assert.equal(status, 2);
  assert.match(stdout, /\+ pkg\[hello\] install 99\.0/);
  assert.equal(isInstalled("hello"), false);
});

test("three packages are one transaction, and come before what they bring", async (context) => {
  purge("figlet", "tree", "memcached");
  rmSync("/var/log/apt/history.log", { force: true });
  const output = await once(example("package-group"));
  for (const name of ["figlet", "tree", "memcached"])
    assert.match(output, new RegExp(`\\+ pkg\\[${name}\\] install 99.0`));
  const history = readFileSync("/var/log/apt/history.log", "utf8");
  assert.equal(history.match(/^Start-Date/gm)?.length, 1, history);
  assert.match(readFileSync("/etc/memcached.conf", "utf8"), /^-d$/m);
  const again = await once(example("package-group"));
  assert.doesNotMatch(again, /^[+~!-] /m);

  const timed = async (meta: string) => {
    purge("one", "two", "three");
    const start = performance.now();
    await once(`pkg ["one", "two", "three"] {${meta}}\n`);
    return performance.now() - start;
  };
  const together = await timed("");
  const single = await timed(" Meta:autogroup => false, ");
  context.diagnostic(
    `measured: three packages: ${Math.round(together)} ms as one transaction, ${Math.round(single)} ms one at a time, ratio ${(single / together).toFixed(2)}`,
  );
  assert.ok(together < single, "one transaction is faster");
});

test("a package comes before its service and its configuration, which nobody has to write", async () => {
  purge("memcached");
  rmSync("/etc/default/memcached", { force: true });
  const program = join(root, "examples/package-and-service");
  assert.deepEqual(await edgesOf(program), [
    "pkg[memcached] file[/etc/default/memcached]",
    "pkg[memcached] file[/etc/memcached.conf]",
    "pkg[memcached] svc[memcached]",
  ]);
  const output = await once(example("package-and-service"));
  assert.ok(output.indexOf("pkg[memcached]") < output.indexOf("svc[memcached]"), output);
  assert.equal(await run("systemctl", "is-active", "memcached"), "active");
  assert.equal(readFileSync("/etc/default/memcached", "utf8"), "ENABLE_MEMCACHED=yes\n");
  assert.doesNotMatch(await once(example("package-and-service")), /^[+~!-] /m);
  // Told by the database now, as it was by the archive before.
  assert.equal((await edgesOf(program)).length, 3);
});

test("the nearest managed directory above a file is enough, also for a package", async () => {
  writeFileSync(
    "/root/order.mcl",
    `
pkg "memcached" {}
file ["/etc/", "/etc/default/", "/srv/a/", "/srv/a/b/"] { state => "exists", }
file "/srv/a/b/c" { content => "", }
exec "/bin/memcached -h" {}
`,
  );
  assert.deepEqual(await edgesOf("/root/order.mcl"), [
    "file[/etc/] file[/etc/default/]",
    "file[/srv/a/] file[/srv/a/b/]",
    "file[/srv/a/b/] file[/srv/a/b/c]",
    "pkg[memcached] exec[/bin/memcached -h]",
    "pkg[memcached] file[/etc/]",
    "pkg[memcached] file[/etc/default/]",
  ]);
});

test("every wanted state is reached, and stays", async () => {
  buildDebianPackage(source, "one", "98.0", {});
  indexDebianSource(source, "Debian");
  await run("apt-get", "update", "-qq");
  purge("one", "memcached");
  const reaches = async (text: string, step: RegExp) => {
    assert.match(await once(text), step);
    assert.doesNotMatch(await once(text), /^[+~!-] /m);
  };
  await reaches(
    'pkg "one" { state => "98.0", hold => true, }\n',
    /\+ pkg\[one\] install 98\.0\n~ pkg\[one\] hold at its version/,
  );
  await run("apt-get", "-qqy", "upgrade");
  assert.equal(version("one"), "98.0");
  await reaches('pkg "one" { state => "newest", hold => false, }\n', /~ pkg\[one\] upgrade to 99\.0 \(was 98\.0\)/);
  await reaches(
    'pkg "one" { state => "98.0", allowdowngrade => true, }\n',
    /~ pkg\[one\] downgrade to 98\.0 \(was 99\.0\)/,
  );
  await reaches('pkg "one" { state => "uninstalled", }\n', /- pkg\[one\] remove 98\.0/);
  await reaches('pkg "memcached" {}\n', /\+ pkg\[memcached\] install 99\.0/);
  await reaches('pkg "memcached" { state => "uninstalled", }\n', /- pkg\[memcached\] remove 99\.0/);
  assert.ok(existsSync("/etc/memcached.conf"));
  await reaches(
    'pkg "memcached" { state => "uninstalled", purge => true, }\n',
    /- pkg\[memcached\] purge the configuration/,
  );
  assert.equal(existsSync("/etc/memcached.conf"), false);
  const path = buildDebianPackage("/root", "own", "1.0", {});
  await reaches(`pkg "own" { source => "${path}", }\n`, /\+ pkg\[own\] install 1\.0 from \/root\/own_1\.0_all\.deb/);
});

test("what cannot be done is told, with what to do", async () => {
  purge("old", "new", "broken", "one");
  await run("apt-get", "-qqy", "install", "old");
  const tells = async (text: string, ...expected: readonly RegExp[]) => {
    const output = await once(text, 3);
    for (const each of expected) assert.match(output, each);
  };
  await tells('pkg "helo" {}\n', /the lists of apt have no package "helo"/, /Did you mean hello/);
  await tells('pkg "one" { state => "1.0", }\n', /no version 1\.0 of one/, /There is 99\.0, 98\.0/);
  await tells('pkg "new" {}\n', /old would be removed, which the program does not ask for/, /uninstalled/);
  assert.ok(isInstalled("old"));
  await tells('pkg "broken" {}\n', /the script of broken failed: the port is taken/);
  purge("broken");
  writeFileSync("/etc/apt/sources.list.d/bad.list", "deb nonsense\n");
  await tells(
    'pkg "two" {}\npkg "one" { state => "1.0", }\n',
    /the settings of the package manager are wrong: .*bad\.list/,
  );
  rmSync("/etc/apt/sources.list.d/bad.list");
  assert.match(await once('pkg "new" {}\npkg "old" { state => "uninstalled", }\n'), /\+ pkg\[new\] install 99\.0/);
});

test("a full disk is told, and the next run makes it good", async () => {
  purge("big");
  buildDebianPackage(source, "big", "1.0", { contents: { "/srv/disk/big": "x".repeat(8 * 2 ** 20) } });
  indexDebianSource(source, "Debian");
  await run("apt-get", "update", "-qq");
  mkdirSync("/srv/disk");
  await run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", "/srv/disk");
  const output = await once('pkg "big" {}\n', 3);
  assert.match(output, /not enough space is left/);
  await run("mount", "-o", "remount,size=20m", "/srv/disk");
  await once('pkg "big" {}\n');
  assert.ok(isInstalled("big"));
  purge("big");
  await run("umount", "/srv/disk");
});

test("a transaction that is killed is finished by the next run", async () => {
  purge("slow", "one");
  const killed = agentOn('pkg ["slow", "one"] {}\n');
  await until("the script runs", () => spawnSync("pgrep", ["-f", "slow.postinst"]).status === 0, 60_000);
  spawnSync("pkill", ["-KILL", "-x", "mgmt|apt-get|dpkg"]);
  killed.signal("SIGKILL");
  spawnSync("pkill", ["-KILL", "-f", "slow.postinst"]);
  await killed.ended();
  assert.equal(isInstalled("slow"), false);
  const output = await once('pkg ["slow", "one"] {}\n');
  assert.match(output, /finishes what a transaction that was cut off has left/);
  assert.ok(isInstalled("slow") && isInstalled("one"), output);
});

test("while somebody else installs, it waits and says for whom", async () => {
  purge("slow", "one");
  const other = spawn("apt-get", ["-qqy", "install", "slow"], { stdio: "ignore" });
  const ended = new Promise((resolve) => other.once("close", resolve));
  await until("the script runs", () => spawnSync("pgrep", ["-f", "slow.postinst"]).status === 0, 60_000);
  const output = await once('pkg "one" {}\n');
  assert.match(output, /waits for apt-get \(process \d+\), which holds the lock of the package database/);
  await ended;
  assert.ok(isInstalled("one") && isInstalled("slow"));
});

proves("pkg", "real part");
