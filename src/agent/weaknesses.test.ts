// SPDX-License-Identifier: Apache-2.0
// Where the engine of the original loses a wake-up, hides a failure, stops the world or repeats work: one test for each,
// so that ours never does. In the order in which its reference lists them.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { EngineEvent } from "../contract/event.ts";
import { memoryHost } from "../host/memory/index.ts";
import { createMetrics } from "./record/metrics.ts";
import { machine, Trial } from "./trial.test-support.ts";

const file = (path: string, more = ""): string => `file "${path}" { state => "exists", content => "x", ${more} }\n`;

test("weakness 1, a wake-up lost with several parents: a change of either parent reaches the child at once", async () => {
  const trial = await Trial.start(`${file("/a", 'Notify => Print["c"],')}${file("/b", 'Before => Print["c"],')}
print "c" { msg => "refreshed", refresh_only => true, }
`);
  const { host } = trial;
  trial.news();
  const looksAtB = trial.observations("file[/b]");
  for (let time = 0; time < 5; time += 1) {
    host.outside.write("/a", `drift ${time}`);
    await host.clock.settle();
    assert.ok(trial.news().includes("print[c] says refreshed"), `time ${time}`);
  }
  assert.equal(trial.observations("file[/b]"), looksAtB, "the other parent had no reason to run");
  await trial.stop();
});

test("weakness 2, converged-exit that hides failures or hangs: it ends, and says what has failed and what waits", async () => {
  for (const text of [
    file("/none/leaf"),
    `${file("/none/inner", 'Before => File["/after"],')}${file("/after", 'Before => File["/last"],')}${file("/last")}`,
  ]) {
    const trial = await Trial.start(text, memoryHost(), { convergedMs: 1000 });
    await trial.host.clock.advance(1000);
    const { ending, report } = await trial.run.ended;
    assert.equal(ending, "converged");
    assert.equal(report.filter(({ failedForGood }) => failedForGood).length, 1);
    const [failed] = report.filter(({ failure }) => failure !== undefined);
    const blocked = report.filter(({ state }) => state === "blocked");
    assert.deepEqual(
      blocked.map(({ blockedBy }) => blockedBy),
      blocked.map(() => failed?.vertex.reference),
    );
    assert.equal(blocked.length, text.includes("/last") ? 2 : 0);
  }
});

test("weakness 3, noop that never converges: it converges, and what would be done is said once", async () => {
  const trial = await Trial.start(`${file("/a")}print "p" { msg => "hello", }\n`, memoryHost(), {
    noop: true,
    convergedMs: 1000,
  });
  await trial.host.clock.advance(1000);
  assert.equal((await trial.run.ended).ending, "converged");
  const would = trial.news();
  assert.equal(new Set(would).size, would.length);
  assert.ok(would.every((line) => line.includes(" would ")));
});

test("weakness 4, an automatic edge that takes the notify of a declared one: it leaves the edge as it is", async () => {
  const trial = await Trial.start(`${file("/d/f")}file "/d/" { state => "exists", Notify => File["/d/f"], }\n`);
  const [edge, ...others] = trial.run.view.graph.shape.edges;
  assert.deepEqual(others, []);
  assert.deepEqual([edge?.from, edge?.to, edge?.notify, edge?.automatic], ["file[/d/]", "file[/d/f]", true, undefined]);
  await trial.stop();
});

test("weakness 5, equality that forgets retryreset and where a value comes from: both are changes", async () => {
  const text = (
    retryreset: boolean,
    sender: string,
  ): string => `file "/f" { state => "exists", Meta:retryreset => ${retryreset}, }
value "one" { any => "from one", }
value "two" { any => "from two", }
Value["${sender}"].any -> File["/f"].content
`;
  const trial = await Trial.start(text(false, "one"));
  const { host } = trial;
  assert.equal(host.outside.read("/f"), "from one");
  await trial.edit(text(true, "one"));
  const changed = (): number => {
    const swap = trial.events.findLast(({ type }) => type === "graph-swapped");
    return swap?.type === "graph-swapped" ? swap.changed : 0;
  };
  assert.equal(changed(), 1);
  await trial.edit(text(true, "two"));
  assert.equal(host.outside.read("/f"), "from two");
  await trial.stop();
});

test("weakness 6, a changed field that restarts the watch and loses what was remembered: both are kept", async () => {
  const host = memoryHost();
  let watches = 0;
  const counting = {
    ...host,
    files: {
      ...host.files,
      watch: (...args: Parameters<typeof host.files.watch>) => {
        if (args[0].some(({ path }) => path === "/f")) watches += 1;
        return host.files.watch(...args);
      },
    },
  };
  const text = (content: string): string => `file "/f" { state => "exists", content => "${content}", }
print "p" { msg => "said once", Meta:retry => ${content.length}, }
`;
  const trial = await Trial.start(text("1"), host, {}, counting);
  await trial.edit(text("22"));
  await trial.edit(text("333"));
  assert.equal(host.outside.read("/f"), "333");
  assert.equal(watches, 1);
  assert.deepEqual(
    trial.news().filter((line) => line.startsWith("print")),
    ["print[p] says said once"],
    "it remembers what it has said",
  );
  await trial.stop();
});

test("weakness 7, realize that does nothing: what leaves too early is made true once before it goes", async () => {
  const { host } = machine({ takesMs: 1000 });
  const slow = `exec "work" { cmd => "work", Meta:realize => true, Before => File["/f"], }\n`;
  const trial = await Trial.start(slow + file("/f", "Meta:realize => true,"), host);
  await trial.edit("");
  assert.equal(host.outside.read("/f"), undefined);
  await host.clock.advance(1000);
  assert.equal(host.outside.read("/f"), "x");
  assert.equal(trial.run.view.graph.vertices.length, 0);
  await trial.stop();
});

test("weakness 8, errors that nothing can be told of: each has a code, a place, a reason and a hint", async () => {
  const trial = await Trial.start(file("/none/f"));
  const failed = trial.events.find((event) => event.type === "failed");
  assert.ok(failed?.type === "failed");
  assert.equal(failed.failure.code, "not-found");
  assert.match(failed.failure.message, /\/none/);
  assert.ok((failed.failure.hint ?? "").length > 0);
  assert.deepEqual([failed.at.file.path, failed.at.start], ["/site/main.mcl", 0]);
  await trial.stop();
  // One of a function is a value that a program handles.
  const handled = await Trial.start(`$l = ["a"]\nfile "/f" { state => "exists", content => $l[7] <|> "none", }\n`);
  assert.equal(handled.host.outside.read("/f"), "none");
  await handled.stop();
});

test("weakness 9, reversal that is not done at the end and not readable: it is when asked for, from a text", async () => {
  const host = memoryHost();
  host.outside.write("/f", "old");
  const trial = await Trial.start(file("/f", "Meta:reverse => true,"), host, { reverseOnExit: true });
  const { signal } = new AbortController();
  const [directory] = await host.files.list("/state/engine/state", signal);
  const kept = JSON.parse(host.outside.read(`/state/engine/state/${directory}/reverse.json`) ?? "") as {
    readonly fields: Readonly<Record<string, unknown>>;
  };
  assert.equal(kept.fields["content"], "old");
  await trial.stop();
  assert.equal(host.outside.read("/f"), "old");
});

test("weakness 10, semaphores that cannot be left and that differ silently: a stop and a swap do not wait, a difference is a problem", async () => {
  const { host, runs } = machine({ takesMs: 60_000 });
  const sema = (name: string): string => `exec "${name}" { cmd => "work ${name}", Meta:sema => ["one:1"], }\n`;
  const trial = await Trial.start(sema("a") + sema("b"), host);
  assert.equal(runs(), 1);
  await trial.edit(sema("a"));
  assert.deepEqual(trial.run.view.graph.shape.keys, ["exec[a]"], "the one that waited has gone");
  trial.run.interrupt();
  await host.clock.settle();
  await trial.run.ended;

  const problems: string[] = [];
  const two = `noop "a" { Meta:sema => ["s:1"], }\nnoop "b" { Meta:sema => ["s:2"], }\n`;
  await (
    await Trial.start(two, memoryHost(), { onProblems: (found) => problems.push(...found.map(({ code }) => code)) })
  ).run.ended;
  assert.deepEqual(problems, ["semaphore-conflict"]);
});

test("weakness 11, every new value that stops the world: a change touches what it is about, while the rest works on", async () => {
  const { host } = machine({ takesMs: 10_000 });
  const text = `import "datetime"
import "fmt"
exec "work" { cmd => "work", }
file "/time" { state => "exists", content => fmt.printf("%d", datetime.now()), }
${file("/other")}`;
  const trial = await Trial.start(text, host);
  const before = host.outside.read("/time");
  const looks = trial.observations("file[/other]");
  await host.clock.advance(1000);
  assert.notEqual(host.outside.read("/time"), before, "in the middle of the command");
  await host.clock.advance(20_000);
  assert.equal(trial.observations("file[/other]"), looks);
  assert.equal(trial.failures("exec[work]"), 0);
  await trial.stop();
});

test("weakness 12, functions that are computed again for nothing, and events that pile up: only what depends is, once", async () => {
  const others = Array.from({ length: 200 }, (_, at) => `$o${at} = "a" + "${at}"\n${file(`/o${at}`, "")}`);
  const trial = await Trial.start(
    `import "datetime"\nimport "os"\n${others.join("")}$t = datetime.now()\nfile "/t" { state => "exists", content => if $t > 0 { os.readfile("/source") <|> "" } else { "" }, }\n`,
  );
  const { host } = trial;
  const { counts } = trial.run.view.functions;
  await host.clock.advance(1000);
  const computed = trial.run.view.functions.counts.computed - counts.computed;
  assert.ok(computed >= 1 && computed < 10, `${computed} values for one second`);
  const { rounds } = trial.run.view.functions.counts;
  for (let time = 0; time < 10_000; time += 1) host.outside.write("/source", String(time));
  await host.clock.settle();
  assert.equal(host.outside.read("/t"), "9999");
  assert.ok(trial.run.view.functions.counts.rounds - rounds < 10);
  await trial.stop();
});

test("weakness 13, counters that nobody moves: each of the original's lives", async () => {
  let listen: (event: EngineEvent) => void = () => {};
  const host = memoryHost();
  const metrics = createMetrics({ clock: host.clock, kinds: ["file", "print"], noop: false, version: "0" });
  listen = metrics.listen;
  const trial = await Trial.start(file("/a") + file("/none/b"), host);
  metrics.begin(trial.run.view);
  for (const event of trial.events) listen(event);
  const text = await metrics.text();
  for (const line of [
    'mgmt_checkapply_total{kind="file",apply="true",eventful="true",errorful="false"} 2',
    'mgmt_checkapply_total{kind="file",apply="true",eventful="true",errorful="true"} 1',
    'mgmt_resources{kind="file"} 2',
    'mgmt_failures_total{kind="file",failure="hard"} 1',
    'mgmt_failures{kind="file",failure="hard"} 1',
    'mgmt_failures{kind="print",failure="hard"} 0',
  ]) {
    assert.ok(text.includes(`${line}\n`), `${line}\n${text}`);
  }
  assert.match(text, /^mgmt_graph_start_time_seconds [1-9]/m);
  await trial.stop();
});

test("weakness 14, pausing that costs the sum of what runs: it costs the longest of it", async () => {
  const { host } = machine({ takesMs: 1000 });
  const text = (args: string): string =>
    Array.from({ length: 20 }, (_, at) => `exec "e${at}" { cmd => "work ${args}", }\n`).join("");
  const trial = await Trial.start(text("1"), host);
  await trial.edit(text("2"));
  const swaps = (): number => trial.events.filter(({ type }) => type === "graph-swapped").length;
  assert.equal(swaps(), 1, "steps are finished first");
  await host.clock.advance(1000);
  assert.equal(swaps(), 2, "all at the same time");
  await host.clock.advance(1000);
  assert.ok(trial.run.view.converged);
  await trial.stop();
});

test("weakness 15, a new graph whose error ends the process: the good one stays, and keeps its promises", async () => {
  const problems: string[] = [];
  const onProblems = (found: readonly { readonly code: string }[]): number =>
    problems.push(...found.map(({ code }) => code));
  const trial = await Trial.start(file("/a"), memoryHost(), { onProblems });
  const { host } = trial;
  for (const wrong of [
    `${file("/a")}file "relative" { state => "exists", }\n`,
    `${file("/a", 'Before => File["/b"],')}${file("/b", 'Before => File["/a"],')}`,
    `${file("/a")}file "/a" { state => "absent", }\n`,
    "this is no program",
  ]) {
    await trial.edit(wrong);
    assert.ok(problems.length > 0);
    problems.length = 0;
    assert.deepEqual(trial.run.view.graph.shape.keys, ["file[/a]"]);
    host.outside.write("/a", "drift");
    await host.clock.settle();
    assert.equal(host.outside.read("/a"), "x");
  }
  await trial.edit(`${file("/a")}${file("/none/b")}`);
  assert.equal(trial.failures("file[/none/b]"), 1, "one that cannot begin fails alone");
  host.outside.write("/a", "drift");
  await host.clock.settle();
  assert.equal(host.outside.read("/a"), "x");
  await trial.stop();
});
