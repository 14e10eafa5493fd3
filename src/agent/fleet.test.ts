// SPDX-License-Identifier: Apache-2.0
// Whole runs on several hosts that share a store, all in one process and under one clock.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Problem } from "../base/problem.ts";
import { memoryCluster, type MemoryCluster, type MemoryDoor } from "../cluster/memory/index.ts";
import type { EngineEvent } from "../contract/event.ts";
import { type DrivenClock, drivenClock, type MemoryHost, memoryHost } from "../host/memory/index.ts";
import { catalogFor } from "./catalog.ts";
import type { Run, RunOptions } from "./run.ts";
import { runProgram } from "./run-program.ts";

class Agent {
  readonly events: EngineEvent[] = [];
  readonly problems: Problem[] = [];
  readonly troubles: string[] = [];
  readonly run: Run;
  readonly host: MemoryHost;
  readonly door: MemoryDoor;
  readonly #path: string;
  #seen = 0;

  constructor(name: string, program: string, host: MemoryHost, door: MemoryDoor, options: Partial<RunOptions>) {
    this.host = host;
    this.door = door;
    this.#path = program.startsWith("graph:") || program.startsWith("---") ? "/site/graph.yaml" : "/site/main.mcl";
    host.outside.makeDirectory("/site");
    host.outside.makeDirectory("/srv/shared");
    host.outside.write(this.#path, program);
    this.run = runProgram({
      path: this.#path,
      reading: { workingDirectory: "/", readStandardInput: () => Promise.resolve("") },
      catalog: catalogFor(name),
      hostname: name,
      prefix: "/state",
      cluster: door,
      noop: false,
      watchProgram: true,
      convergedMs: undefined,
      maxRuntimeMs: undefined,
      graphvizFile: undefined,
      emit: (event) => this.events.push(event),
      onProblems: (problems) => this.problems.push(...problems),
      onReload: () => {},
      onTrouble: (message) => this.troubles.push(message),
      ...options,
      host,
    });
  }

  edit(program: string): void {
    this.host.outside.write(this.#path, program);
  }

  /** Names in the directory that everything is collected into. */
  files(): Promise<readonly string[]> {
    return this.host.files.list("/srv/shared", new AbortController().signal);
  }

  read(name: string): string | undefined {
    return this.host.outside.read(`/srv/shared/${name}`);
  }

  /** What was done, would be done and failed since the last look. */
  news(): readonly string[] {
    const fresh = this.events.slice(this.#seen);
    this.#seen = this.events.length;
    return fresh.flatMap((event) => {
      if (event.type === "step-applied") return [`${event.resource} ${event.step.mark} ${event.step.text}`];
      if (event.type === "would-apply") return [`${event.resource} would ${event.step.text}`];
      return event.type === "failed" ? [`${event.resource} failed: ${event.failure.message}`] : [];
    });
  }
}

class Fleet {
  readonly clock: DrivenClock = drivenClock();
  readonly cluster: MemoryCluster = memoryCluster(this.clock);
  readonly #hosts = new Map<string, MemoryHost>();
  readonly #running = new Set<Agent>();

  /** A second life of a host has its disk. */
  async start(name: string, program: string, options: Partial<RunOptions> = {}): Promise<Agent> {
    const host = this.#hosts.get(name) ?? memoryHost({ clock: this.clock, hostname: name });
    this.#hosts.set(name, host);
    const agent = new Agent(name, program, host, this.cluster.door(), options);
    this.#running.add(agent);
    await this.settle();
    return agent;
  }

  async stop(agent: Agent): ReturnType<typeof this.end> {
    this.#running.delete(agent);
    agent.run.stop();
    return this.end(agent);
  }

  async end(agent: Agent): Promise<Awaited<Run["ended"]>> {
    await this.settle();
    return agent.run.ended;
  }

  /** Until nothing happens without time. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 20; turn += 1) await this.clock.settle();
  }

  async pass(ms: number): Promise<void> {
    await this.clock.advance(ms);
    await this.settle();
  }

  async close(): Promise<void> {
    for (const agent of this.#running) {
      agent.door.heal();
      await this.stop(agent);
    }
  }
}

async function check(run: (fleet: Fleet) => Promise<void>): Promise<void> {
  const fleet = new Fleet();
  try {
    await run(fleet);
  } finally {
    await fleet.close();
  }
}

/** Four files: two of this host, two for all; and all that hosts share. */
function sharing(name: string): string {
  return `
import "world/collect"

file ["/srv/shared/f1${name}", "/srv/shared/f2${name}"] {
	state => "exists",
	content => "only on ${name}\\n",
}
file ["/srv/shared/f3${name}", "/srv/shared/f4${name}"] {
	state => "exists",
	content => "from ${name}\\n",

	Meta:hidden => true,
	Meta:export => ["*"],
}
collect file collect.res("file") {}
`;
}

function sharingInYaml(name: string): string {
  return `graph: three
types:
  file:
  - name: f1
    path: /srv/shared/f1${name}
    content: only on ${name}
    state: exists
  - name: f2
    path: /srv/shared/f2${name}
    content: only on ${name}
    state: exists
  - name: "@@f3${name}"
    path: /tmp/elsewhere/f3${name}
    content: from ${name}
    state: exists
  - name: "@@f4${name}"
    path: /tmp/elsewhere/f4${name}
    content: from ${name}
    state: exists
collect:
- type: file
  pattern: /srv/shared/
`;
}

for (const [language, programOf] of [
  ["mcl", sharing],
  ["YAML", sharingInYaml],
] as const) {
  test(`three hosts that share files have 4, then 12, then 24 of them, in ${language}`, () =>
    check(async (fleet) => {
      const agents: Agent[] = [];
      const total = async (): Promise<number> => {
        const all = await Promise.all(agents.map((agent) => agent.files()));
        return all.reduce((sum, files) => sum + files.length, 0);
      };
      const before = fleet.clock.monotonicMs();
      for (const [name, expected] of [
        ["a", 4],
        ["b", 12],
      ] as const) {
        agents.push(await fleet.start(name, programOf(name)));
        assert.equal(await total(), expected);
      }
      const last = await fleet.start("c", programOf("c"), { convergedMs: 5000 });
      agents.push(last);
      assert.equal(await total(), 24);
      assert.equal(fleet.clock.monotonicMs(), before, "nothing waits for time");
      assert.deepEqual(await last.files(), ["f1c", "f2c", "f3a", "f3b", "f3c", "f4a", "f4b", "f4c"]);
      assert.equal(agents[0]?.read("f3c")?.trimEnd(), "from c");
      await fleet.pass(5000);
      assert.equal((await last.run.ended).ending, "converged");
      for (const agent of agents) assert.deepEqual(agent.problems, []);
      assert.equal(await total(), 24, "what a host has exported stays when it stops");
    }));
}

function exporting(content: string, meta = "Meta:hidden => true,"): string {
  return `
file "/srv/shared/x" {
	state => "exists",
	content => "${content}",

	${meta}
	Meta:export => ["b"],
}
`;
}

const collecting = `
collect file "/srv/shared/x" {}
`;

test("an edit of what is exported reaches those who collect it, and so does its end", () =>
  check(async (fleet) => {
    const a = await fleet.start("a", exporting("1"));
    const b = await fleet.start("b", collecting);
    const c = await fleet.start("c", collecting);
    assert.deepEqual(a.news(), ["file[/srv/shared/x] + export it to b"]);
    assert.equal(b.read("x"), "1");
    const { revision } = fleet.cluster;
    a.edit(exporting("2"));
    await fleet.pass(100);
    assert.equal(b.read("x"), "2");
    assert.deepEqual(a.news(), ["file[/srv/shared/x] ~ export it to b"]);
    assert.equal(fleet.cluster.revision, revision + 1, "once for each change");
    a.edit(exporting("2").replace('"b"', '"c"'));
    await fleet.pass(100);
    assert.equal(c.read("x"), "2");
    assert.ok(b.events.some((event) => event.type === "removed" && event.resource === "file[/srv/shared/x]"));
    assert.deepEqual(await b.files(), ["x"], "nothing is removed that no program names");
    a.edit("\n");
    await fleet.pass(100);
    assert.ok(c.events.some((event) => event.type === "removed" && event.resource === "file[/srv/shared/x]"));
  }));

test("what is collected has the fields and meta parameters that the collect gives, over those it was exported with", () =>
  check(async (fleet) => {
    const program = `
file "/srv/shared/x" {
	state => "exists",
	content => "1",
	mode => "0600",

	Meta:hidden => true,
	Meta:noop => false,
	Meta:retry => 7,
	Meta:export => ["*"],
}
`;
    await fleet.start("a", program);
    const b = await fleet.start(
      "b",
      `
file "/srv/shared/first" {
	state => "exists",
}
collect file ["/srv/shared/x", "/srv/shared/y"] {
	path => "/srv/shared/mine",
	content => false ?: "not this",
	mode => "0640",

	Meta:retry => 3,

	Depend => File["/srv/shared/first"],
}
`,
    );
    assert.deepEqual(await b.files(), ["first", "mine"]);
    assert.equal(b.read("mine"), "1");
    const vertex = b.run.view.graph.vertices.find(({ reference }) => reference === "file[/srv/shared/x]");
    assert.equal(vertex?.want["mode"], "0640");
    assert.equal(vertex.meta.retry, 3);
    assert.deepEqual(vertex.meta.export, []);
    assert.equal(b.run.view.graph.shape.edges.length, 1);
  }));

test("after a restart with another program what is not exported any more is taken back", () =>
  check(async (fleet) => {
    const a = await fleet.start("a", exporting("1"));
    const b = await fleet.start("b", collecting);
    await fleet.stop(a);
    assert.equal(b.run.view.graph.vertices.length, 1, "it stays while the host is away");
    const again = await fleet.start("a", exporting("1"));
    assert.deepEqual(again.news(), [], "the same export is no change");
    await fleet.stop(again);
    await fleet.start("a", "\n");
    assert.equal(b.run.view.graph.vertices.length, 0);
  }));

test("what expires leaves those who collect it when its host is lost, and a restart in time is no change", () =>
  check(async (fleet) => {
    const program = exporting("1", "Meta:hidden => true,\n\tMeta:expire => 30,");
    const a = await fleet.start("a", program);
    const b = await fleet.start("b", collecting);
    assert.deepEqual(a.news(), ["file[/srv/shared/x] + export it to b"]);
    await fleet.stop(a);
    await fleet.pass(20_000);
    const again = await fleet.start("a", program);
    assert.deepEqual(again.news(), ["file[/srv/shared/x] ~ keep what it exports from expiring"]);
    await fleet.pass(60_000);
    assert.equal(b.run.view.graph.vertices.length, 1);
    again.door.cutOff();
    await fleet.pass(31_000);
    assert.equal(b.run.view.graph.vertices.length, 0);
    assert.match(again.troubles.join("\n"), /nothing was heard of this host for 30 seconds/);
    again.door.heal();
    await fleet.pass(31_000);
    assert.equal(b.run.view.graph.vertices.length, 1, "it is there again with its host");
    const { revision } = fleet.cluster;
    again.edit(exporting("1"));
    await fleet.pass(100);
    assert.deepEqual(again.news().slice(-1), ["file[/srv/shared/x] ~ export it to b"]);
    assert.equal(fleet.cluster.revision, revision + 1);
    await fleet.stop(again);
    await fleet.pass(60_000);
    assert.equal(b.run.view.graph.vertices.length, 1, "now it stays");
  }));

test("a run that is to end with all hosts waits for each that is alive", () =>
  check(async (fleet) => {
    const failing = 'file "/absent/x" {\n\tstate => "exists",\n\n\tMeta:retry => -1,\n\tMeta:delay => 500,\n}\n';
    const options = { convergedMs: 5000, convergedScope: "cluster" } as const;
    const b = await fleet.start("b", 'file "/srv/shared/x" {\n\tstate => "exists",\n}\n');
    const a = await fleet.start("a", "\n", options);
    let ended: string | undefined;
    a.run.ended.then(
      ({ ending }) => (ended = ending),
      () => {},
    );
    b.host.outside.write("/srv/shared/x", "1");
    await fleet.pass(4000);
    const c = await fleet.start("c", failing);
    await fleet.pass(60_000);
    assert.equal(ended, undefined, "one has work yet");
    c.edit("\n");
    await fleet.pass(4000);
    assert.equal(ended, undefined, "it is not long enough");
    await fleet.pass(2000);
    assert.equal(ended, "converged");
    assert.equal(b.run.view.converged, true);
  }));

test("noop exports nothing and takes nothing back", () =>
  check(async (fleet) => {
    const a = await fleet.start("a", exporting("1"), { noop: true });
    const b = await fleet.start("b", collecting);
    assert.deepEqual(a.news(), ["file[/srv/shared/x] would export it to b"]);
    assert.deepEqual(await b.files(), []);
    await fleet.stop(a);
    const real = await fleet.start("a", exporting("1"));
    assert.deepEqual(await b.files(), ["x"]);
    await fleet.stop(real);
    const { revision } = fleet.cluster;
    const other = await fleet.start("a", exporting("2", "Meta:hidden => true,\n\tMeta:noop => true,"));
    assert.deepEqual(other.news(), ["file[/srv/shared/x] would export it to b"]);
    await fleet.stop(other);
    await fleet.start("a", "\n", { noop: true });
    assert.equal(b.read("x"), "1");
    assert.ok(fleet.cluster.revision <= revision + 2, "at most that it was there");
  }));

test("a resource that is carried out here, too, is exported when it is as declared", () =>
  check(async (fleet) => {
    const a = await fleet.start("a", exporting("1", "Meta:hidden => false,"));
    assert.deepEqual(a.news(), ["file[/srv/shared/x] + write 1 byte", "file[/srv/shared/x] + export it to b"]);
    a.host.outside.write("/srv/shared/x", "wrong");
    await fleet.settle();
    assert.equal(a.read("x"), "1");
    assert.equal(a.news().length, 1, "a repair is no reason to export it again");
    const failing = exporting("1", "Meta:hidden => false,").replaceAll("/srv/shared/x", "/absent/x");
    const b = await fleet.start("b", 'collect file "/absent/x" {\n\tMeta:noop => true,\n}\n');
    await fleet.start("c", failing);
    assert.equal(b.run.view.graph.vertices.length, 0, "what is not so here is not told to others");
  }));

test("a host that exports what it has itself, and collects it, has it once, also when it changes", () =>
  check(async (fleet) => {
    const program = (content: string): string =>
      `${exporting(content, "Meta:hidden => false,").replace('"b"', '"*"')}\ncollect file "/srv/shared/x" {}\n`;
    const a = await fleet.start("a", program("1"));
    const b = await fleet.start("b", collecting);
    assert.deepEqual(a.problems, []);
    assert.equal(a.run.view.graph.vertices.length, 1);
    a.edit(program("2"));
    await fleet.pass(100);
    assert.deepEqual(a.problems, []);
    assert.equal(a.read("x"), "2");
    assert.equal(b.read("x"), "2");
  }));

test("two hosts that export different things under one name are a conflict of those who collect both", () =>
  check(async (fleet) => {
    await fleet.start("a", exporting("1"));
    const b = await fleet.start("b", collecting);
    assert.equal(b.problems.length, 0);
    const c = await fleet.start("c", exporting("2"));
    assert.deepEqual(
      b.problems.map(({ code }) => code),
      ["resource-conflict"],
    );
    const titles = b.problems.map(({ message }) => message.title);
    assert.match(titles.join(), /is collected from "a" and collected from "c", and the two differ in content/);
    assert.equal(b.read("x"), "1", "the graph in force stays");
    c.edit(exporting("1"));
    await fleet.pass(100);
    assert.equal(b.run.view.graph.vertices.length, 1, "equal ones are one");
    b.edit(`collect file [struct{name => "/srv/shared/x", host => "c"}] {}\n`);
    await fleet.pass(100);
    c.edit(exporting("3"));
    await fleet.pass(100);
    assert.equal(b.read("x"), "3", "one of a host by its name has no conflict");
  }));

test("a value that was received is exported with the resource that received it", () =>
  check(async (fleet) => {
    const program = (text: string): string => `
value "source" {
	any => "${text}",
}
kv "shared" {
	Meta:hidden => true,
	Meta:export => ["*"],
}
Value["source"].any -> Kv["shared"].value
`;
    const a = await fleet.start("a", program("1"));
    const b = await fleet.start(
      "b",
      `
import "world"

collect kv "shared" {
	mapped => true,
}
$texts = world.kvlookup("shared")
file "/srv/shared/x" {
	state => "exists",
	content => $texts["b"] <|> "none",
}
`,
    );
    assert.equal(b.read("x"), "1");
    a.edit(program("2"));
    await fleet.pass(100);
    assert.equal(b.read("x"), "2");
    assert.deepEqual(b.problems, []);
  }));

test("while the store is lost everything goes on with what was known, and exports follow when it is back", () =>
  check(async (fleet) => {
    const a = await fleet.start("a", exporting("1"));
    const b = await fleet.start("b", collecting);
    b.door.cutOff();
    b.host.outside.write("/srv/shared/x", "wrong");
    await fleet.pass(60_000);
    assert.equal(b.read("x"), "1", "it is repaired all the same");
    assert.equal(b.troubles.length, 1);
    a.door.cutOff();
    a.edit(exporting("2"));
    await fleet.pass(100);
    assert.match(a.news().at(-1) ?? "", /failed: The cluster's store does not answer/);
    b.door.heal();
    a.door.heal();
    await fleet.pass(30_000);
    assert.equal(b.read("x"), "2");
    assert.deepEqual(a.problems, []);
    assert.deepEqual(b.problems, []);
  }));

test("what another version exports with a field that is not known here is refused, and says who exports it", () =>
  check(async (fleet) => {
    const b = await fleet.start("b", collecting);
    const data = '["s",["content","1"],["state","exists"],["later","x"]]';
    const change = {
      do: "put",
      key: "/_mgmt/exported/*/file/%2fsrv%2fshared%2fx/new",
      value: `{"version":1,"fields":${data}}`,
    } as const;
    await b.door.commit({ conditions: [], changes: [change] }, new AbortController().signal);
    await fleet.settle();
    const [problem] = b.problems;
    assert.equal(problem?.message.title, 'The kind `file` has no field `later`, as "new" exports it');
  }));

test("a secret is not exported, nor what was received from one", () =>
  check(async (fleet) => {
    const program = `
password "p" {
	length => 20,
}
kv "k" {
	Meta:hidden => true,
	Meta:export => ["*"],
}
Password["p"].password -> Kv["k"].value
`;
    const a = await fleet.start("a", program);
    assert.match(a.news().join("\n"), /kv\[k\] failed: its field "value" is a secret, which no other host may see/);
    const { entries } = await a.door.read({ prefix: "/_mgmt/exported/" }, new AbortController().signal);
    assert.deepEqual(entries, []);
  }));

test("what could not be taken back because the store was lost is taken back when it is there again", () =>
  check(async (fleet) => {
    const a = await fleet.start("a", exporting("1"));
    const b = await fleet.start("b", collecting);
    a.door.cutOff();
    a.edit("\n");
    await fleet.pass(100);
    assert.equal(b.run.view.graph.vertices.length, 1);
    a.door.heal();
    await fleet.pass(30_000);
    assert.equal(b.run.view.graph.vertices.length, 0);
  }));

test("what is shared is undone when it leaves the program, if it says so", () =>
  check(async (fleet) => {
    const seen = `
import "golang/strings"
import "world"

$k = world.getval("k")
$chosen = strings.join(world.schedule("one"), " ")
file "/srv/shared/x" {
	state => "exists",
	content => "\${k->value} / \${chosen}",
}
`
      .replace("${k->value}", "${text}")
      .replace("file", "$text = $k->value\nfile");
    const b = await fleet.start("b", seen);
    const never = new AbortController().signal;
    const a = await fleet.start("a", 'kv "k" {\n\tvalue => "before",\n}\n');
    assert.equal(b.read("x"), "before / ");
    a.edit(
      'kv "k" {\n\tvalue => "new",\n\n\tMeta:reverse => true,\n}\nschedule "one" {\n\tpersist => true,\n\n\tMeta:reverse => true,\n}\n',
    );
    await fleet.pass(100);
    assert.equal(b.read("x"), "new / a");
    a.edit("\n");
    await fleet.pass(100);
    assert.equal(b.read("x"), "before / ");
    assert.deepEqual((await a.door.read({ prefix: "/_mgmt/schedules/" }, never)).entries, []);
  }));

test("what a program does not look at any more is not followed", () =>
  check(async (fleet) => {
    const b = await fleet.start(
      "b",
      `
import "world"

$on = world.getval("on")
if $on->exists {
	collect file "/srv/shared/x" {}
}
`,
    );
    const followed: string[] = [];
    const watch = b.door.watch.bind(b.door);
    b.door.watch = (range, after, signal) => {
      const name = "key" in range ? range.key : range.prefix;
      followed.push(name);
      signal.addEventListener("abort", () => followed.splice(followed.indexOf(name), 1), { once: true });
      return watch(range, after, signal);
    };
    const a = await fleet.start("a", `kv "on" {\n\tvalue => "1",\n}\n${exporting("1")}`);
    assert.equal(b.read("x"), "1");
    assert.deepEqual(followed, ["/_mgmt/exported/b/file/", "/_mgmt/exported/*/file/"]);
    a.edit(`kv "on" {}\n${exporting("2")}`);
    await fleet.pass(100);
    assert.equal(b.read("x"), "1");
    assert.deepEqual(followed, []);
    a.edit(`kv "on" {\n\tvalue => "1",\n}\n${exporting("2")}`);
    await fleet.pass(100);
    assert.equal(b.read("x"), "2");
  }));

test("a program follows which hosts are alive and who is chosen", () =>
  check(async (fleet) => {
    const program = `
import "golang/strings"
import "world"

schedule "one" {}
$living = strings.join(world.hosts(), " ")
$chosen = strings.join(world.schedule("one"), " ")
file "/srv/shared/x" {
	state => "exists",
	content => "\${living} / \${chosen}",
}
`;
    const a = await fleet.start("a", program);
    const b = await fleet.start("b", program);
    const c = await fleet.start("c", program);
    for (const agent of [a, b, c]) assert.deepEqual(agent.problems, []);
    for (const agent of [a, b, c]) assert.equal(agent.read("x"), "a b c / a");
    await fleet.stop(a);
    await fleet.pass(1000);
    for (const agent of [b, c]) assert.equal(agent.read("x"), "b c / b");
    b.door.crash();
    await fleet.pass(11_000);
    assert.equal(c.read("x"), "c / c");
  }));
