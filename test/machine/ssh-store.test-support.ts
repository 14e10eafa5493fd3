// SPDX-License-Identifier: Apache-2.0
// Run in a namespace of its own: two hosts with networks of their own. The first keeps the store, with etcd, and lets others in at
// addresses of its own machine alone; from the second only its sshd is reached.

import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { renewOverSsh } from "../../src/agent/entrance-over-ssh.ts";
import { linuxHost } from "../../src/host/linux/index.ts";
import { makeKey } from "./sshd.test-support.ts";

const mgmt = join(import.meta.dirname, "../../mgmt");
const directory = mkdtempSync(join(tmpdir(), "ssh-store-"));
const children: ChildProcess[] = [];
const waitMs = 60_000;
const [jump, far] = ["10.9.1.1", "10.9.1.2"];
const entrance = "127.0.0.1:2381";
let hostKey = "";
let farSpace = 0;
let sshd: ChildProcess | undefined;

const path = (name: string): string => join(directory, name);

const program = `import "os"
import "world"

kv "greeting" {
	value => os.readfile("${directory}/\${hostname}.says"),
	mapped => true,
}

$greetings = world.kvlookup("greeting")

forkv $host, $text in $greetings {
	file "${directory}/\${hostname}.heard.\${host}" {
		state => $const.res.file.state.exists,
		content => $text,
	}
}
`;

/** A program under way, with what it says. */
interface Started {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly ended: Promise<number | null>;
}

function start(command: string, args: readonly string[]): Started {
  const child = spawn(command, args, {
    cwd: directory,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, HOME: directory },
  });
  children.push(child);
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  }
  const ended = once(child, "close").then(([status]) => status as number | null);
  return { child, said: () => said, ended };
}

function startSshd(): void {
  sshd = spawn("/usr/sbin/sshd", ["-D", "-e", "-f", path("sshd_config")], { stdio: "ignore" });
  children.push(sshd);
}

/** It, and all that serves connections. */
async function killSshd(): Promise<void> {
  const pid = sshd?.pid;
  assert.ok(sshd !== undefined && pid !== undefined);
  const serving = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
  sshd.kill("SIGKILL");
  for (const each of serving) if (each !== "") process.kill(Number(each), "SIGKILL");
  await once(sshd, "exit");
}

async function until(what: string, isSo: () => boolean): Promise<void> {
  const end = performance.now() + waitMs;
  for (; !isSo(); await sleep(50)) assert.ok(performance.now() < end, `not within ${waitMs} ms: ${what}`);
}

function says(host: string, text: string): void {
  writeFileSync(path(`${host}.says`), text);
}

function hears(host: string, other: string): string | undefined {
  const file = path(`${host}.heard.${other}`);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

before(async () => {
  const ip = (...args: readonly string[]): void => void execFileSync("ip", args);
  ip("link", "set", "lo", "up");
  const space = spawn("unshare", ["--net", "sleep", "1000"], { stdio: "ignore" });
  children.push(space);
  farSpace = space.pid ?? 0;
  await until("the other host has a network of its own", () => {
    const of = (pid: number | string): string =>
      execFileSync("readlink", [`/proc/${pid}/ns/net`], { encoding: "utf8" });
    return of(farSpace) !== of("self");
  });
  const inside = (...args: readonly string[]): void => void execFileSync("nsenter", ["-t", String(farSpace), "-n", "ip", ...args]); // biome-ignore format: one line
  ip("link", "add", "cable", "type", "veth", "peer", "name", "eth0", "netns", String(farSpace));
  ip("address", "add", `${jump}/24`, "dev", "cable");
  ip("link", "set", "cable", "up");
  inside("address", "add", `${far}/24`, "dev", "eth0");
  inside("link", "set", "eth0", "up");
  inside("link", "set", "lo", "up");
  hostKey = makeKey(path("host_key"));
  makeKey(path("client_key"));
  mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  const lines = [
    `ListenAddress ${jump}:22`,
    `HostKey ${path("host_key")}`,
    `AuthorizedKeysFile ${path("client_key")}.pub`,
    "PidFile none",
    "UsePAM no",
    "StrictModes no",
    "PermitRootLogin prohibit-password",
  ];
  writeFileSync(path("sshd_config"), `${lines.join("\n")}\n`);
  writeFileSync(path("main.mcl"), program);
  startSshd();
});

after(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(directory, { recursive: true, force: true });
});

it("joins through the tunnel, hears and is heard, also after the tunnel was cut off", {
  timeout: 160_000,
}, async () => {
  says("first", "one");
  says("far", "two");
  const first = start(mgmt, [
    "run",
    "--hostname=first",
    `--prefix=${path("first")}`,
    `--accept-joins=${entrance}`,
    "--client-urls=https://127.0.0.1:2379",
    "--server-urls=https://127.0.0.1:2380",
    "main.mcl",
  ]);
  await until("others are let in", () => first.said().includes(`hosts are let in at ${entrance}`));
  const [invitation = ""] = execFileSync(mgmt, ["cluster", "invite", `--prefix=${path("first")}`, `--address=${entrance}`, "--name=far"], { encoding: "utf8", env: { ...process.env, HOME: directory } }).split("\n"); // biome-ignore format: one line
  const far = [
    "run",
    "--hostname=far",
    `--prefix=${path("far")}`,
    `--ssh-url=root@${jump}`,
    `--ssh-hostkey=${hostKey}`,
    `--ssh-id=${path("client_key")}`,
  ];
  const onFar = (...args: readonly string[]): Started =>
    start("nsenter", ["-t", String(farSpace), "-n", mgmt, ...args]);

  // There is no other way, and nobody comes in without an invitation.
  const lost = onFar(...far, "--once", "main.mcl");
  assert.equal(await lost.ended, 1);
  assert.match(lost.said(), /leads to the seeds[^]*an invitation with --join/);
  const uninvited = onFar(...far, "--seeds=https://127.0.0.1:2379", "--once", "main.mcl");
  await until("it is not let in", () => /store does not answer: .*certificate/.test(uninvited.said()));
  uninvited.child.kill("SIGKILL");
  await uninvited.ended;
  assert.equal(hears("first", "far"), undefined);

  // Where the store is it is told when it is let in.
  let second = onFar(...far, `--join=${invitation}`, "main.mcl");
  await until("it is let in", () => second.said().includes("this host was let into the cluster as far"));
  assert.equal(readFileSync(path("far/trust/entrance"), "utf8"), `${entrance}\n`);
  await until("it hears the other", () => hears("far", "first") === "one");
  await until("the other hears it", () => hears("first", "far") === "two");
  says("first", "three");
  await until("it hears what is new", () => hears("far", "first") === "three");

  // What happens while the tunnel is away is told afterwards, in both directions.
  await killSshd();
  await until("it says that the way is lost", () =>
    /SSH|ssh/.test(second.said().split("let into the cluster")[1] ?? ""),
  );
  says("first", "four");
  says("far", "five");
  await sleep(1000);
  assert.equal(hears("far", "first"), "three");
  startSshd();
  await until("it hears what it has missed", () => hears("far", "first") === "four");
  await until("what it has said arrives", () => hears("first", "far") === "five");
  assert.match(second.said(), /is reached over SSH again/);

  // Certificates are renewed on the same way.
  const certificate = (): string => readFileSync(path("far/trust/host.crt"), "utf8");
  const former = certificate();
  const place = { host: jump, port: 22, user: "root", hostKey, keyFile: path("client_key") };
  await renewOverSsh({ host: linuxHost(), prefix: path("far"), place, signal: AbortSignal.timeout(waitMs) });
  assert.notEqual(certificate(), former);
  assert.equal(readFileSync(path("far/trust/entrance"), "utf8"), `${entrance}\n`);

  // Another start needs neither an invitation nor seeds, and no other command does.
  second.child.kill("SIGTERM");
  assert.equal(await second.ended, 0, second.said());
  says("far", "six");
  second = onFar(...far, "main.mcl");
  await until("it is heard after another start", () => hears("first", "far") === "six");
  const members = onFar("cluster", "members", ...far.slice(2));
  assert.equal(await members.ended, 0, members.said());
  assert.equal(members.said(), "far\nfirst\n");

  for (const each of [second, first]) {
    each.child.kill("SIGTERM");
    assert.equal(await each.ended, 0, each.said());
  }
});
