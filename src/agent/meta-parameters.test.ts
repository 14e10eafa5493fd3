// SPDX-License-Identifier: Apache-2.0
// Each meta parameter does what its name says, on real kinds, on a machine in memory whose time the test drives.

import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryHost } from "../host/memory/index.ts";
import { defaultMeta, metaParameters } from "../contract/meta.ts";
import { catalogFor } from "./catalog.ts";
import { machine, metaAtWork, Trial } from "./trial.test-support.ts";

test("noop says what would be done and does nothing: file, exec, print", async () => {
  const { host, runs } = machine();
  const trial = await Trial.start(
    `file "/f" { state => "exists", content => "x", Meta:noop => true, }
exec "work" { cmd => "work", Meta:noop => true, }
print "p" { msg => "hello", Meta:noop => true, }
`,
    host,
  );
  assert.deepEqual(
    trial.news().filter((line) => !line.includes(" would ")),
    [],
  );
  assert.equal(host.outside.read("/f"), undefined);
  assert.equal(runs(), 0);
  await trial.stop();
});

test("a run with noop leaves nothing in the state directory: exec, file", async () => {
  const { host } = machine();
  const trial = await Trial.start(
    `exec "work" { cmd => "work", mtimes => ["/etc"], }
file "/d/f" { state => "exists", content => "x", Meta:reverse => true, }
`,
    host,
    { noop: true },
  );
  for (const resource of ["exec[work]", "file[/d/f]"]) assert.ok(trial.observations(resource) > 0);
  assert.equal(await host.files.inspect("/state/engine", new AbortController().signal), undefined);
  await trial.stop();
});

test("retry and delay give as many extra attempts, that far apart: exec, file", async () => {
  const { host, runs } = machine({ fails: 2 });
  const trial = await Trial.start(
    `exec "work" { cmd => "work", Meta:retry => 2, Meta:delay => 500, }
file "/missing/f" { state => "exists", content => "x", Meta:retry => -1, Meta:delay => 500, }
`,
    host,
  );
  assert.equal(runs(), 1);
  await host.clock.advance(499);
  assert.equal(runs(), 1);
  await host.clock.advance(1);
  assert.equal(runs(), 2);
  await host.clock.advance(500);
  assert.equal(runs(), 3);
  await host.clock.advance(5000);
  assert.equal(runs(), 3, "it has succeeded");
  assert.ok(trial.failures("file[/missing/f]") >= 10, "it is tried for ever");
  host.outside.makeDirectory("/missing");
  await host.clock.advance(500);
  assert.equal(host.outside.read("/missing/f"), "x");
  await trial.stop();
});

test("retryreset gives the attempts back after a success: file", async () => {
  for (const reset of [true, false]) {
    const trial = await Trial.start(
      `file "/d/f" { state => "exists", content => "x", Meta:retry => 1, Meta:delay => 100, Meta:retryreset => ${reset}, }\n`,
    );
    trial.host.outside.makeDirectory("/d");
    await trial.host.clock.advance(100);
    assert.equal(trial.host.outside.read("/d/f"), "x");
    const before = trial.events.length;
    trial.host.outside.remove("/d");
    await trial.host.clock.settle();
    const failed = trial.events.slice(before).find((event) => event.type === "failed");
    assert.equal(failed?.type === "failed" && failed.retryInMs === 100, reset);
    await trial.stop();
  }
});

test("retryreset and reset give attempts back: exec", async () => {
  for (const gives of [true, false]) {
    const host = memoryHost();
    // Fails at odd runs.
    let runs = 0;
    host.outside.install("work", async () => {
      runs += 1;
      return runs % 2;
    });
    const text = (extra: string): string =>
      `exec "work" { cmd => "work", watchfiles => ["/w"], Meta:retry => 1, Meta:retryreset => ${gives}, ${extra} }\n`;
    const trial = await Trial.start(text(""), host);
    await host.clock.advance(10);
    assert.equal(runs, 2);
    host.outside.write("/w", "x");
    await host.clock.advance(10);
    assert.equal(runs, gives ? 4 : 3, "without, the one attempt is used up");
    await trial.stop();
  }
  for (const reset of [true, false]) {
    const { host, runs } = machine({ fails: 100 });
    const text = (args: string): string =>
      `exec "work" { cmd => "work ${args}", Meta:retry => 1, Meta:reset => ${reset}, }\n`;
    const trial = await Trial.start(text("1"), host);
    await host.clock.advance(10);
    assert.equal(runs(), 2);
    await trial.edit(text("2"));
    await host.clock.advance(10);
    assert.equal(runs(), reset ? 4 : 3);
    await trial.stop();
  }
});

test("reset forgets the attempts already used when the resource is replaced: file", async () => {
  for (const reset of [true, false]) {
    const text = (content: string): string =>
      `file "/d/f" { state => "exists", content => "${content}", Meta:retry => 2, Meta:delay => 100, Meta:reset => ${reset}, }\n`;
    const trial = await Trial.start(text("1"));
    await trial.host.clock.advance(1000);
    assert.equal(trial.failures("file[/d/f]"), 3);
    await trial.edit(text("2"));
    await trial.host.clock.advance(1000);
    assert.equal(trial.failures("file[/d/f]"), reset ? 6 : 4);
    await trial.stop();
  }
});

test("rewatch starts what has failed for good again with the next graph: exec, file", async () => {
  for (const rewatch of [true, false]) {
    const { host, runs } = machine({ fails: 100 });
    const text = (other: string): string =>
      `exec "work" { cmd => "work", Meta:rewatch => ${rewatch}, }
file "/d/f" { state => "exists", content => "x", Meta:rewatch => ${rewatch}, }
print "other" { msg => "${other}", }
`;
    const trial = await Trial.start(text("1"), host);
    assert.equal(runs(), 1);
    await trial.edit(text("2"));
    assert.equal(runs(), rewatch ? 2 : 1);
    assert.equal(trial.failures("file[/d/f]"), rewatch ? 2 : 1);
    await trial.stop();
  }
});

test("timeout ends what takes longer, and each attempt has the whole time: exec", async () => {
  const { host, runs } = machine({ takesMs: 10_000 });
  const trial = await Trial.start(
    `exec "work" { cmd => "work", Meta:timeout => 2, Meta:retry => 1, Meta:delay => 1000, }
file "/f" { state => "exists", content => "x", Meta:timeout => 2, }
`,
    host,
  );
  assert.equal(host.outside.read("/f"), "x");
  await host.clock.advance(1999);
  assert.equal(trial.failures("exec[work]"), 0);
  await host.clock.advance(1);
  assert.equal(trial.failures("exec[work]"), 1);
  await host.clock.advance(1000);
  assert.equal(runs(), 2);
  await host.clock.advance(2000);
  assert.equal(trial.failures("exec[work]"), 2);
  await host.clock.advance(60_000);
  assert.equal(runs(), 2);
  await trial.stop();
});

test("poll looks so often and at nothing between, -1 once: file, exec", async () => {
  const { host, runs } = machine();
  const trial = await Trial.start(
    `file "/often" { state => "exists", content => "x", Meta:poll => 10, }
file "/once" { state => "exists", content => "x", Meta:poll => -1, }
exec "work" { cmd => "work", Meta:poll => 10, }
`,
    host,
  );
  for (const path of ["/often", "/once"]) host.outside.write(path, "changed");
  await host.clock.advance(9_999);
  assert.equal(host.outside.read("/often"), "changed");
  assert.equal(runs(), 1);
  await host.clock.advance(1);
  assert.equal(host.outside.read("/often"), "x");
  assert.equal(runs(), 2);
  await host.clock.advance(60_000);
  assert.equal(host.outside.read("/once"), "changed");
  await trial.stop();
});

test("limit and burst let so many events through: file, exec", async () => {
  const { host, runs } = machine();
  const limited = "Meta:limit => 1.0, Meta:burst => 2,";
  const trial = await Trial.start(
    `file "/f" { state => "exists", content => "x", ${limited} }
exec "work" { cmd => "work", watchfiles => ["/w"], ${limited} }
`,
    host,
  );
  await host.clock.advance(10_000);
  const [looksBefore, runsBefore] = [trial.observations("file[/f]"), runs()];
  for (let time = 0; time < 10; time += 1) {
    host.outside.write("/f", `changed ${time}`);
    host.outside.write("/w", `changed ${time}`);
    await host.clock.settle();
  }
  assert.ok(trial.observations("file[/f]") - looksBefore <= 2);
  assert.equal(runs() - runsBefore, 2);
  assert.notEqual(host.outside.read("/f"), "x");
  await host.clock.advance(1000);
  assert.equal(runs() - runsBefore, 3);
  await host.clock.advance(2000);
  assert.equal(host.outside.read("/f"), "x");
  await trial.stop();
});

test("realize keeps what leaves too early until it has settled once: exec, file", async () => {
  for (const realize of [true, false]) {
    const { host, runs } = machine({ takesMs: 1000 });
    const meta = `Meta:realize => ${realize},`;
    const trial = await Trial.start(
      `exec "work" { cmd => "work", ${meta} }
file "/f" { state => "exists", content => "x", ${meta} Depend => Exec["work"], }
`,
      host,
    );
    await host.clock.advance(500);
    await trial.edit(`print "other" { msg => "there", }\n`);
    await host.clock.advance(5000);
    assert.equal(runs(), 1);
    assert.equal(host.outside.read("/f"), realize ? "x" : undefined);
    const removed = trial.events.filter((event) => event.type === "removed").map((event) => event.resource);
    assert.deepEqual(removed.toSorted(), ["exec[work]", "file[/f]"]);
    await trial.stop();
  }
});

test("realize waits for no resource that has failed for good: file", async () => {
  const trial = await Trial.start(`file "/d/f" { state => "exists", content => "x", Meta:realize => true, }\n`);
  await trial.edit("");
  assert.ok(trial.events.some((event) => event.type === "removed"));
  await trial.stop();
});

test("sema lets so many of those that name it work at once: exec, test", async () => {
  for (const [sema, together] of [
    ["slow:1", 1],
    ["slow:2", 2],
    ["slow", 1],
  ] as const) {
    const host = memoryHost();
    let running = 0;
    let most = 0;
    host.outside.install("work", async ({ clock, signal }) => {
      running += 1;
      most = Math.max(most, running);
      await clock.sleep(1000, signal);
      running -= 1;
      return 0;
    });
    const text = Array.from(
      { length: 4 },
      (_, at) => `exec "e${at}" { cmd => "work ${at}", Meta:sema => ["${sema}"], }\n`,
    );
    const trial = await Trial.start(`${text.join("")}test "t" { Meta:sema => ["${sema}"], }\n`, host);
    await host.clock.advance(10_000);
    assert.equal(most, together);
    assert.equal(trial.observations("test[t]"), 1);
    await trial.stop();
  }
});

test("dollar allows a name that begins with a dollar sign: file, print", async () => {
  for (const dollar of [true, false]) {
    const problems: string[] = [];
    const trial = await Trial.start(
      `$name = "$" + "HOME"
file "\${name}" { path => "/f", state => "exists", Meta:dollar => ${dollar}, }
print "\${name}" { msg => "hello", Meta:dollar => ${dollar}, }
`,
      memoryHost(),
      { onProblems: (found) => problems.push(...found.map(({ code }) => code)) },
    );
    assert.deepEqual(problems, dollar ? [] : ["resource-name-dollar", "resource-name-dollar"]);
    assert.equal(trial.host.outside.read("/f"), dollar ? "" : undefined);
    await trial.stop();
  }
});

test("hidden keeps a resource in the graph, unchecked and not carried out: file, exec", async () => {
  const { host, runs } = machine();
  const trial = await Trial.start(
    `file "/f" { state => "exists", content => "x", Meta:hidden => true, }
file "/f" { state => "exists", content => "another", Meta:hidden => true, }
file "relative" { Meta:hidden => true, }
exec "work" { cmd => "work", Meta:hidden => true, }
file "/after" { state => "exists", Depend => Exec["work"], }
`,
    host,
  );
  assert.equal(host.outside.read("/f"), undefined);
  assert.equal(runs(), 0);
  assert.equal(host.outside.read("/after"), "", "what depends on it need not wait");
  assert.equal(trial.run.view.graph.vertices.length, 5);
  await trial.stop();
});

test("export changes nothing about how a resource is carried out here: file, print", async () => {
  const trial = await Trial.start(
    `file "/f" { state => "exists", content => "x", Meta:export => ["*"], }
file "/g" { state => "exists", content => "x", Meta:export => ["other"], Meta:hidden => true, }
print "p" { msg => "hello", Meta:export => ["other", "third"], }
`,
  );
  assert.equal(trial.host.outside.read("/f"), "x");
  assert.equal(trial.host.outside.read("/g"), undefined);
  assert.ok(trial.news().includes("print[p] says hello"));
  const exported = trial.run.view.graph.vertices.map(({ key, meta }) => [key.replace(/ .*/, ""), meta.export]);
  assert.deepEqual(exported, [
    ["file[/f]", ["*"]],
    ["file[/g]", ["other"]],
    ["print[p]", ["other", "third"]],
  ]);
  await trial.stop();
});

test("expire changes nothing about how a resource is carried out here: file, print", async () => {
  const trial = await Trial.start(
    `file "/f" { state => "exists", content => "x", Meta:export => ["*"], Meta:expire => 60, }
print "p" { msg => "hello", Meta:export => ["other"], Meta:expire => 5, }
`,
  );
  assert.equal(trial.host.outside.read("/f"), "x");
  assert.ok(trial.news().includes("print[p] says hello"));
  await trial.stop();
});

test("reverse undoes what leaves the program: file, hostname", async () => {
  const host = memoryHost({ hostname: "old" });
  host.outside.write("/f", "old");
  const trial = await Trial.start("", host);
  await trial.edit(`file "/f" { state => "exists", content => "new", Meta:reverse => true, }
hostname "new" { pretty_hostname => "", static_hostname => "", Meta:reverse => true, }
`);
  const { signal } = new AbortController();
  assert.equal(host.outside.read("/f"), "new");
  assert.equal(await host.identity.hostname(signal), "new");
  await trial.edit("");
  assert.equal(host.outside.read("/f"), "old");
  assert.equal(await host.identity.hostname(signal), "old");
  await trial.stop();
});

test("without autoedge a resource gets no automatic edges: file, exec", async () => {
  for (const autoedge of [true, false]) {
    const { host } = machine();
    const off = autoedge ? "" : "Meta:autoedge => false,";
    const trial = await Trial.start(
      `file "/d/" { state => "exists", }
file "/d/f" { state => "exists", ${off} }
file "/opt/" { state => "exists", }
file "/opt/work" { state => "exists", source => "/bin/work", ${off} }
exec "run" { cmd => "/opt/work", ${off} }
`,
      host,
    );
    const edges = trial.run.view.graph.shape.edges.map(({ from, to }) => `${from} -> ${to}`).sort();
    const all = ["file[/d/] -> file[/d/f]", "file[/opt/] -> file[/opt/work]", "file[/opt/work] -> exec[run]"];
    assert.deepEqual(edges, autoedge ? all : []);
    await trial.stop();
  }
});

test("without autogroup a resource runs by itself: print, noop", async () => {
  for (const autogroup of [true, false]) {
    const off = autogroup ? "" : "Meta:autogroup => false,";
    const text = ["a", "b"].map((name) => `print "${name}" { msg => "x", ${off} }\nnoop "${name}" { ${off} }\n`);
    const trial = await Trial.start(text.join(""));
    assert.equal(trial.run.view.graph.vertices.length, autogroup ? 2 : 4);
    await trial.stop();
  }
});

test("the trials above have had every meta parameter at work on two kinds at least", () => {
  const few = [...metaAtWork].filter(([, kinds]) => kinds.size < 2).map(([name, kinds]) => [name, [...kinds]]);
  assert.deepEqual(few, []);
  assert.equal(metaAtWork.size, 19);
});

test("every meta parameter is accepted by every kind", async () => {
  const catalog = catalogFor("memory");
  const values: Readonly<Record<string, string>> = {
    limit: "1.5",
    burst: "2",
    poll: "60",
    retry: "1",
    delay: "1",
    timeout: "60",
    expire: "60",
    sema: '["one"]',
    export: '["*"]',
    reverse: "false", // Some of what cannot be undone must not say so.
  };
  const meta = metaParameters.map(({ name }) => `\tMeta:${name} => ${values[name] ?? "true"},\n`).join("");
  // Hidden resources are not checked by their kinds, whose needs are not what this is about.
  const trial = await Trial.start(catalog.kinds.map((kind) => `${kind} "x" {\n${meta}}\n`).join(""));
  const { vertices } = trial.run.view.graph;
  assert.deepEqual(
    vertices.map(({ kind }) => kind.kind),
    catalog.kinds,
  );
  for (const vertex of vertices) {
    for (const { name } of metaParameters) {
      if (name !== "reverse" && name !== "autoedge" && name !== "autogroup") {
        assert.notDeepEqual(vertex.meta[name], defaultMeta[name], `${name} of ${vertex.kind.kind}`);
      }
    }
  }
  await trial.stop();
});
