// SPDX-License-Identifier: Apache-2.0
// Each meta parameter does what its name says, on real kinds, on a machine in memory whose time the test drives.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { EngineEvent } from "../contract/event.ts";
import { type MemoryHost, memoryHost } from "../host/memory/index.ts";
import { catalogFor } from "./catalog.ts";
import { type Run, type RunOptions, runProgram } from "./run-program.ts";

const programPath = "/site/main.mcl";

class Trial {
  readonly host: MemoryHost;
  readonly events: EngineEvent[] = [];
  readonly run: Run;
  #seen = 0;

  private constructor(program: string, host: MemoryHost, options: Partial<RunOptions>) {
    this.host = host;
    host.outside.makeDirectory("/site");
    host.outside.write(programPath, program);
    this.run = runProgram({
      path: programPath,
      reading: { workingDirectory: "/", readStandardInput: () => Promise.resolve("") },
      catalog: catalogFor("memory"),
      hostname: "memory",
      prefix: "/state",
      noop: false,
      watchProgram: true,
      convergedMs: undefined,
      maxRuntimeMs: undefined,
      graphvizFile: undefined,
      emit: (event) => this.events.push(event),
      onProblems: (problems) => assert.deepEqual(problems, []),
      onReload: () => {},
      ...options,
      host,
    });
  }

  static async start(program: string, host = memoryHost(), options: Partial<RunOptions> = {}): Promise<Trial> {
    const trial = new Trial(program, host, options);
    await host.clock.settle();
    return trial;
  }

  async edit(program: string): Promise<void> {
    this.host.outside.write(programPath, program);
    await this.host.clock.advance(100); // An edit counts once it has stayed the same for a while.
  }

  /** What was done, said and failed since the last look. */
  news(): readonly string[] {
    const fresh = this.events.slice(this.#seen);
    this.#seen = this.events.length;
    return fresh.flatMap((event) => {
      switch (event.type) {
        case "step-applied":
          return event.step.says === true ? [] : [`${event.resource} ${event.step.mark} ${event.step.text}`];
        case "would-apply":
          return [`${event.resource} would ${event.step.text}`];
        case "said":
          return [`${event.resource} says ${event.line}`];
        case "failed":
          return [`${event.resource} failed: ${event.failure.message}`];
        default:
          return [];
      }
    });
  }

  observations(resource: string): number {
    return this.events.filter((event) => event.type === "observed" && event.resource === resource).length;
  }

  failures(resource: string): number {
    return this.events.filter((event) => event.type === "failed" && event.resource === resource).length;
  }

  async stop(): Promise<void> {
    this.run.stop();
    await this.host.clock.settle();
    await this.run.ended;
  }
}

/** A machine with a command that takes that long, fails as often as it says, and counts its runs. */
function machine({ takesMs = 0, fails = 0 } = {}): { readonly host: MemoryHost; readonly runs: () => number } {
  const host = memoryHost();
  let runs = 0;
  let left = fails;
  host.outside.install("work", async ({ clock, signal }) => {
    runs += 1;
    if (takesMs > 0) await clock.sleep(takesMs, signal);
    left -= 1;
    return left >= 0 ? 1 : 0;
  });
  return { host, runs: () => runs };
}

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

// ---- Reversal ----

const reversed = `file "/f" { state => "exists", content => "new", mode => "0600", Meta:reverse => true, }\n`;

test("reverse puts back what was there before, once, when the resource leaves the program", async () => {
  const trial = await Trial.start("");
  const { host } = trial;
  host.outside.write("/f", "old");
  host.outside.setMode("/f", 0o644);
  await trial.edit(reversed);
  assert.equal(host.outside.read("/f"), "new");
  host.outside.write("/f", "drift");
  await host.clock.settle();
  assert.equal(host.outside.read("/f"), "new");
  trial.news();
  await trial.edit("");
  assert.deepEqual(trial.news(), ["file[/f] ~ write 3 bytes (was 3), mode 0644 (was 0600)"]);
  assert.equal(host.outside.read("/f"), "old");
  host.outside.write("/f", "mine now");
  await host.clock.settle();
  await trial.edit(`print "x" { msg => "x", }\n`);
  assert.equal(host.outside.read("/f"), "mine now");
  await trial.stop();
});

test("reverse removes what was not there, and brings back what was removed, as it was", async () => {
  const trial = await Trial.start("");
  const { host } = trial;
  host.outside.write("/gone", "\udcff binary \u0000");
  host.outside.setMode("/gone", 0o640);
  await trial.edit(`${reversed}file "/gone" { state => "absent", Meta:reverse => true, }\n`);
  assert.equal(host.outside.read("/gone"), undefined);
  await trial.edit("");
  assert.equal(host.outside.read("/f"), undefined);
  assert.equal(host.outside.read("/gone"), "\udcff binary \u0000");
  const signal = new AbortController().signal;
  assert.equal((await host.files.inspect("/gone", signal))?.mode, 0o640);
  await trial.stop();
});

test("reverse survives a restart, is kept where only its owner can read it, and not done at the end", async () => {
  const host = memoryHost();
  host.outside.write("/f", "old");
  const first = await Trial.start(reversed, host);
  await first.stop();
  assert.equal(host.outside.read("/f"), "new", "a stop undoes nothing");
  const signal = new AbortController().signal;
  const [directory = ""] = await host.files.list("/state/engine/state", signal);
  const path = `/state/engine/state/${directory}/reverse.json`;
  assert.equal((await host.files.inspect(path, signal))?.mode, 0o600);
  const stored: unknown = JSON.parse(host.outside.read(path) ?? "");
  assert.deepEqual(stored, {
    version: 1,
    kind: "file",
    name: "/f",
    subject: "/f",
    fields: { path: "/f", state: "exists", content: "old", mode: "0644" },
  });
  const again = await Trial.start(reversed, host);
  await again.stop();
  const without = await Trial.start("", host);
  assert.equal(host.outside.read("/f"), "old");
  assert.equal(await host.files.inspect(path, signal), undefined);
  await without.stop();
});

test("with reverse on exit the end undoes it", async () => {
  const trial = await Trial.start(reversed, memoryHost(), { reverseOnExit: true });
  assert.equal(trial.host.outside.read("/f"), "new");
  await trial.stop();
  assert.equal(trial.host.outside.read("/f"), undefined);
});

test("a resource that comes back before it was undone is not, and one without reverse any more never is", async () => {
  const host = memoryHost();
  host.outside.write("/f", "old");
  const trial = await Trial.start(reversed, host);
  await trial.edit(reversed.replace("new", "newer"));
  assert.equal(host.outside.read("/f"), "newer");
  await trial.edit("");
  assert.equal(host.outside.read("/f"), "old", "the first state is what counts");
  await trial.edit(reversed);
  await trial.edit(reversed.replace("reverse => true", "reverse => false"));
  await trial.edit("");
  assert.equal(host.outside.read("/f"), "new");
  await trial.stop();
});

test("a reversal of one place is not lost when the resource is about another", async () => {
  const trial = await Trial.start(
    `file "x" { path => "/f", state => "exists", content => "x", Meta:reverse => true, }\n`,
  );
  await trial.edit(`file "x" { path => "/g", state => "exists", content => "x", Meta:reverse => true, }\n`);
  assert.equal(trial.host.outside.read("/g"), undefined);
  assert.ok(trial.news().some((line) => line.includes("failed: /f was changed for file[x], which is now about /g")));
  await trial.edit("");
  assert.equal(trial.host.outside.read("/f"), undefined, "and it is undone in the end");
  await trial.stop();
});

test("noop keeps nothing and undoes nothing, but says what would be undone", async () => {
  const host = memoryHost();
  const first = await Trial.start(reversed, host);
  await first.stop();
  const trial = await Trial.start("", host, { noop: true });
  assert.equal(host.outside.read("/f"), "new");
  assert.ok(trial.news().includes("file[/f] would remove the file"));
  await trial.stop();
});

test("what cannot be undone is a mistake of the program", async () => {
  const problems: string[] = [];
  const trial = await Trial.start(`file "/d/" { state => "exists", Meta:reverse => true, }\n`, memoryHost(), {
    onProblems: (found) => problems.push(...found.map(({ message }) => message.title)),
  });
  await trial.run.ended;
  assert.equal(problems.length, 1);
  assert.match(problems[0] ?? "", /a directory cannot be undone/);
});

// ---- Peers ----

test("a purged directory looks again when a file in it leaves the program", async () => {
  const directory = `file "/d/" { state => "exists", recurse => true, purge => true, }\n`;
  const trial = await Trial.start(`${directory}file "/d/f" { state => "exists", content => "x", }\n`);
  assert.equal(trial.host.outside.read("/d/f"), "x");
  await trial.edit(directory);
  assert.equal(trial.host.outside.read("/d/f"), undefined);
  await trial.stop();
});
