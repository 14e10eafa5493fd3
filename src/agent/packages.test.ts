// SPDX-License-Identifier: Apache-2.0
// Packages in a whole run on the machine in memory: one transaction for a group, repairs on the event, and the order
// that nobody wrote.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createCatalog } from "../contract/catalog.ts";
import type { EngineEvent } from "../contract/event.ts";
import { type MemoryHost, memoryHost } from "../host/memory/index.ts";
import { kinds, kindConstants } from "../resources/index.ts";
import type { Run } from "./run.ts";
import { runProgram } from "./run-program.ts";

interface Running {
  readonly host: MemoryHost;
  readonly run: Run;
  /** Steps and failures so far, for people. */
  readonly told: readonly string[];
  readonly edges: () => readonly string[];
  readonly end: () => Promise<void>;
}

async function start(
  program: string,
  prepare: (host: MemoryHost) => void,
  { host = memoryHost(), noop = false } = {},
): Promise<Running> {
  host.outside.makeDirectory("/site");
  host.outside.write("/site/main.mcl", program);
  prepare(host);
  const told: string[] = [];
  const note = (event: EngineEvent) => {
    if (event.type === "step-applied") told.push(`${event.resource} ${event.step.mark} ${event.step.text}`);
    if (event.type === "failed") told.push(`${event.resource} failed: ${event.failure.message}`);
  };
  const run = runProgram({
    path: "/site/main.mcl",
    reading: { workingDirectory: "/", readStandardInput: () => Promise.resolve("") },
    catalog: createCatalog({ kinds, functions: [], constants: kindConstants }),
    hostname: "memory",
    prefix: "/var/lib/mgmt",
    noop,
    watchProgram: true,
    convergedMs: undefined,
    maxRuntimeMs: undefined,
    graphvizFile: undefined,
    emit: note,
    onProblems: (problems) => assert.fail(problems.map(({ message }) => message.title).join("\n")),
    onReload: () => {},
    host,
  });
  await host.clock.settle();
  const edges = () => run.view.graph.shape.edges.map(({ from, to }) => `${from} -> ${to}`).sort();
  const end = async (): Promise<void> => {
    run.stop();
    await host.clock.settle();
    await run.ended;
  };
  return { host, run, told, edges, end };
}

function publish({ outside }: MemoryHost, ...names: readonly string[]): void {
  for (const name of names) outside.packages.publish(name, "1.0");
  outside.packages.refresh();
}

test("packages of one state are one transaction, and a repair is another one", async () => {
  const program = 'pkg ["a", "b", "c"] {}\npkg "d" { state => "uninstalled", }\n';
  const { host, told, end } = await start(program, (on) => {
    publish(on, "a", "b", "c", "d");
    on.outside.packages.install("d");
  });
  assert.deepEqual([...host.outside.packages.transactions].sort(), ["install a, install b, install c", "remove d"]);
  assert.deepEqual([...told].sort(), [
    "pkg[a] + install 1.0",
    "pkg[b] + install 1.0",
    "pkg[c] + install 1.0",
    "pkg[d] - remove 1.0",
  ]);
  host.outside.packages.remove("b");
  host.outside.packages.install("d");
  await host.clock.settle();
  assert.deepEqual(told.slice(4).sort(), ["pkg[b] + install 1.0", "pkg[d] - remove 1.0"]);
  await end();
});

test("a package that does not exist holds up no other one of its transaction", async () => {
  const { told, end } = await start('pkg ["a", "missing", "c"] {}\n', (on) => publish(on, "a", "c"));
  assert.deepEqual(told.slice(0, 2).sort(), ["pkg[a] + install 1.0", "pkg[c] + install 1.0"]);
  assert.match(told[2] ?? "", /failed: .*the lists of memory have no package "missing"$/);
  await end();
});

test("a package comes before its service files, its configuration and commands that it owns", async () => {
  const program = `
exec "/bin/web --check" {}
file "/etc/web/web.conf" { content => "mine\\n", }
file "/srv/" { state => "exists", }
file "/srv/web/" { state => "exists", }
pkg "web" {}
`;
  const { told, edges, end } = await start(program, (on) => {
    on.outside.install("web", () => 0);
    on.outside.packages.publish("web", "1.0", {
      files: ["/usr/bin/web", "/etc/web/web.conf", "/srv/web/deep/down/index"],
    });
    on.outside.packages.refresh();
  });
  assert.deepEqual(edges(), [
    "file[/srv/] -> file[/srv/web/]",
    "pkg[web] -> exec[/bin/web --check]",
    "pkg[web] -> file[/etc/web/web.conf]",
    "pkg[web] -> file[/srv/web/]",
  ]);
  assert.equal(told[0], "file[/srv/] + make the directory");
  await end();
});

test("lists that have never been refreshed are, for the order too", async () => {
  const program = 'file "/etc/web.conf" { content => "mine\\n", }\npkg "web" {}\n';
  const { host, told, edges, end } = await start(program, (on) => {
    on.outside.packages.publish("web", "1.0", { files: ["/etc/web.conf"] });
  });
  assert.deepEqual(edges(), ["pkg[web] -> file[/etc/web.conf]"]);
  assert.equal(host.outside.packages.refreshes, 1);
  assert.equal(told[0], "pkg[web] + install 1.0");
  await end();
});

test("who may not refresh them is not bothered with it", async () => {
  const prepare = (on: MemoryHost) => on.outside.packages.publish("web", "1.0", { files: ["/etc/web.conf"] });
  const { host, edges, run, end } = await start('pkg "web" {}\n', prepare, {
    host: memoryHost({ uid: 1000 }),
    noop: true,
  });
  assert.deepEqual([host.outside.packages.refreshes, edges()], [0, []]);
  assert.equal(run.view.graph.vertices.length, 1);
  await end();
});

test("refreshed lists bring the newest version", async () => {
  const { host, told, end } = await start('pkg "a" { state => "newest", }\n', (on) => {
    publish(on, "a");
    on.outside.packages.install("a");
    on.outside.packages.publish("a", "2.0");
  });
  assert.deepEqual(told, []);
  await host.clock.advance(2 * 24 * 3_600_000);
  host.outside.packages.setHeld("a", false);
  await host.clock.settle();
  assert.deepEqual(told, ["pkg[a] ! refresh the package lists (2 days old)", "pkg[a] ~ upgrade to 2.0 (was 1.0)"]);
  await end();
});
