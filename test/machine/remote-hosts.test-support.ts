// SPDX-License-Identifier: Apache-2.0
// Run in a namespace of its own: a laptop, which is this one, and two hosts that it reaches by SSH alone.

import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { proves, shows } from "../proofs.ts";
import { type RemoteMachine, startRemoteMachine } from "./remote-machine.test-support.ts";

const mgmt = process.env["MGMT_SINGLE_FILE"] ?? "";
const directory = mkdtempSync(join(tmpdir(), "remote-"));
const path = join(directory, "site.mcl");
let hosts: readonly RemoteMachine[] = [];

before(async () => {
  execFileSync("ip", ["link", "set", "lo", "up"]);
  hosts = [
    await startRemoteMachine("web1", 1, join(directory, "web1")),
    await startRemoteMachine("web2", 2, join(directory, "web2")),
  ];
});

after(async () => {
  for (const host of hosts) await host.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** Each host exports a text that all others have as a file. */
function site(version: number, fields = ""): string {
  const remotes = hosts
    .map(
      ({ address, hostKey, keyFile }, number) => `	remote "root@${address}" {
		hostname => "web${number + 1}",
		ssh_id => "${keyFile}",
		hostkey => "${hostKey}",
${fields}	}
`,
    )
    .join("");
  return `import "world/collect"

if $hostname == "laptop" {
${remotes}} else {
	file "/srv/hosts.d/" {
		state => "exists",
	}
	file "/srv/hosts.d/\${hostname}" {
		state => "exists",
		content => "I am \${hostname}, version ${version}\\n",

		Meta:hidden => true,
		Meta:export => ["*"],
	}
	collect file collect.res("file") {
		Depend => File["/srv/hosts.d/"],
	}
}
`;
}

interface Laptop {
  /** When it has said something of that kind, for the first and for the last time. */
  readonly said: (what: RegExp) => readonly [firstMs: number, lastMs: number];
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly status: number | null; readonly output: string; readonly ms: number }>;
  readonly output: () => string;
}

function laptop(...options: readonly string[]): Laptop {
  const startedMs = performance.now();
  const isSecure = options.some((option) => option.startsWith("--accept-joins"));
  const prefix = join(directory, isSecure ? "secure" : "state");
  const scheme = isSecure ? "" : "http://";
  const urls = [`--client-urls=${scheme}127.0.0.1:2379`, `--server-urls=${scheme}127.0.0.1:2380`];
  const child = spawn(mgmt, ["run", "--hostname=laptop", `--prefix=${prefix}`, ...urls, ...options, path], {
    env: { PATH: process.env["PATH"], HOME: "/root" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const lines: (readonly [ms: number, line: string])[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      for (const line of text.split("\n")) lines.push([performance.now() - startedMs, line]);
    });
  }
  const said: Laptop["said"] = (what) => {
    const times = lines.filter(([, line]) => what.test(line)).map(([ms]) => ms);
    assert.ok(times.length > 0, `${what}: ${output}`);
    return [times[0] ?? 0, times.at(-1) ?? 0];
  };
  const ended = once(child, "close").then(([status]) => {
    return { status: status as number | null, output, ms: performance.now() - startedMs };
  });
  return { child, said, ended, output: () => output };
}

async function until(what: string, isSo: () => boolean, run?: Laptop, limitMs = 90_000): Promise<void> {
  const end = performance.now() + limitMs;
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`after ${limitMs} ms still not so: ${what}\n${run?.output() ?? ""}`);
    await sleep(20);
  }
}

function haveAll(version: number): boolean {
  return hosts.every((host) =>
    ["web1", "web2"].every((name) => host.read(`/srv/hosts.d/${name}`) === `I am ${name}, version ${version}\n`),
  );
}

const noAgent = (): boolean => hosts.every((host) => host.agents().length === 0);

test("it is copied once, hosts exchange through the tunnel, and all ends together", async (context) => {
  mkdirSync("/srv", { recursive: true });
  writeFileSync(path, site(1));
  const run = laptop("-v", "--converged-timeout=5");
  const first = await run.ended;
  assert.equal(first.status, 0, first.output);
  assert.equal(haveAll(1), true, first.output);
  assert.equal(first.output.match(/^\+ .*copy mgmt to 10\.9\.\d\.2/gm)?.length, 2, first.output);
  await until("no agent is left", noAgent, undefined, 10_000);
  shows("remote", "real part");
  const again = laptop("-v", "--converged-timeout=5");
  const second = await again.ended;
  assert.equal(second.status, 0, second.output);
  assert.doesNotMatch(second.output, /copy mgmt/);
  for (const [each, { ms }, how] of [
    [run, first, "copied"],
    [again, second, "there already"],
  ] as const) {
    const [, childrenMs] = each.said(/^! .*run mgmt on/);
    context.diagnostic(`with mgmt ${how} it took ${seconds(ms)} s: ${course(each, ms)}`);
    // Whoever ends because nothing has changed for five seconds is not waited for for five more.
    assert.ok(ms - childrenMs < 4000, `the end came ${ms - childrenMs} ms after that of the hosts`);
  }
});

const seconds = (ms: number): string => (ms / 1000).toFixed(1);

function course({ said }: Laptop, endMs: number): string {
  const [[storeMs], [, beganMs], [, childrenMs]] = [said(/keeps the store/), said(/is in force/), said(/^! .*run mgmt on/)]; // biome-ignore format: one line
  return `store after ${seconds(storeMs)}, hosts run the program after ${seconds(beganMs)}, have ended after ${seconds(childrenMs)}, the end ${seconds(endMs - childrenMs)} later`;
}

test("an edit reaches the hosts at once, and Ctrl-C leaves nobody", async (context) => {
  writeFileSync(path, site(2));
  const run = laptop();
  await until("the hosts have version 2", () => haveAll(2), run);
  assert.equal(
    hosts.every((host) => host.agents().length === 1),
    true,
  );
  writeFileSync(path, site(3));
  const savedMs = performance.now();
  await until("the hosts have version 3", () => haveAll(3), run);
  context.diagnostic(`an edit was on both hosts after ${Math.round(performance.now() - savedMs)} ms`);
  writeFileSync(path, site(4, '\t\tconverger_timeout => "x",\n'));
  await until("the mistake is told", () => /converger_timeout|int/.test(run.output()), run);
  assert.equal(haveAll(3), true);
  assert.doesNotMatch(run.output(), /copy mgmt/);
  run.child.kill("SIGINT");
  const stoppedMs = performance.now();
  const { status, output } = await run.ended;
  assert.equal(status, 0, output);
  context.diagnostic(`the end took ${Math.round(performance.now() - stoppedMs)} ms`);
  await until("no agent is left", noAgent, undefined, 10_000);
});

test("hosts of a cluster with an authority are invited once, through a tunnel of their own", async () => {
  writeFileSync(path, site(5));
  const first = await laptop("--accept-joins=127.0.0.1:2381", "--converged-timeout=3").ended;
  assert.equal(first.status, 0, first.output);
  assert.match(first.output, /keeps the store, at https:/);
  for (const name of ["web1", "web2"]) assert.match(first.output, new RegExp(`${name} was let in, from 127\\.0\\.0\\.1`)); // biome-ignore format: one line
  assert.equal(haveAll(5), true, first.output);
  writeFileSync(path, site(6));
  const second = await laptop("--accept-joins=127.0.0.1:2381", "--converged-timeout=3").ended;
  assert.equal(second.status, 0, second.output);
  assert.doesNotMatch(second.output, /was let in/);
  assert.equal(haveAll(6), true, second.output);
  await until("no agent is left", noAgent, undefined, 10_000);
});

proves("remote", "real part");
