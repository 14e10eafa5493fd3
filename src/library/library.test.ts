// SPDX-License-Identifier: Apache-2.0
// The library as an embedding program uses it, on a machine in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { memoryHost } from "../host/memory/index.ts";
import { engineOn } from "./engine-on.ts";
import {
  cell,
  combine,
  type Event,
  file,
  type Graph,
  input,
  noop,
  print,
  program,
  type ProgramError,
  type Reactive,
} from "./index.ts";
import { RefusedError, type Run, type RunOptions, stream, test as testResource, value } from "./index.ts";
import { follow } from "./living-values.ts";
import { sourceOf } from "./sources.ts";

function machine() {
  const host = memoryHost();
  const mgmt = engineOn({ host }, { prefix: "/state", hostname: "here" });
  return { mgmt, read: (path: string) => host.outside.read(path), outside: host.outside };
}

/** Lets a program come to rest, then changes it and looks again. */
async function running(
  graph: Graph,
  body: (run: Run, read: (path: string) => string | undefined) => Promise<void>,
  options?: RunOptions,
) {
  const { mgmt, read } = machine();
  await using run = mgmt.run(graph, options);
  await run.converged();
  await body(run, read);
}

const shown = (path: string, content: string | Reactive<string>) => file(path, { state: "exists", content });

test("resources are made what they are declared to be, once", async () => {
  const { mgmt, read } = machine();
  const outcome = await mgmt.once([file("/srv/", { state: "exists" }), shown("/srv/a", "hello\n")]);
  assert.equal(read("/srv/a"), "hello\n");
  assert.deepEqual([outcome.ok, outcome.ending], [true, "converged"]);
  assert.deepEqual(
    outcome.resources.map(({ resource, state }) => [resource, state]),
    [
      ["file[/srv/]", "settled"],
      ["file[/srv/a]", "settled"],
    ],
  );
  assert.equal((await mgmt.once([shown("/srv/a", "hello\n")])).changes, 0);
});

test("a plan says what would change, and changes nothing", async () => {
  const { mgmt, read } = machine();
  const plan = await mgmt.plan([shown("/a", "hello\n"), noop("n")]);
  assert.deepEqual(
    plan.resources.map(({ resource, steps }) => [resource, steps.map(({ mark }) => mark)]),
    [["file[/a]", ["+"]]],
  );
  assert.match(plan.resources[0]?.at ?? "", /library\.test\.ts:\d+:\d+$/);
  assert.equal(plan.asDeclared, 1);
  assert.equal(read("/a"), undefined);
});

test("a changed value changes what follows it, and touches nothing else", async () => {
  const level = cell(7);
  const graph = [
    shown(
      "/level",
      level.map((n) => `${n}\n`),
    ),
    shown("/other", "same\n"),
  ];
  await running(graph, async (run, read) => {
    assert.equal(read("/level"), "7\n");
    const seen: Event[] = [];
    const events = run.events();
    level.set(8);
    await run.converged();
    assert.equal(read("/level"), "8\n");
    await run.stop();
    for await (const event of events) seen.push(event);
    assert.deepEqual(
      seen.find(({ type }) => type === "graph-swapped"),
      { type: "graph-swapped", added: 0, changed: 1, removed: 0, kept: 1 },
    );
    assert.deepEqual(
      new Set(seen.flatMap((event) => (event.type === "observed" ? [event.resource] : []))),
      new Set(["file[/level]"]),
    );
  });
});

test("a value that comes to an equal one is no change", async () => {
  const level = cell(7);
  await running(
    shown(
      "/odd",
      level.map((n) => `${n % 2 === 1}\n`),
    ),
    async (run) => {
      const events = run.events();
      level.set(9);
      await run.converged();
      await run.stop();
      const seen = await Array.fromAsync(events);
      assert.deepEqual(seen, []);
    },
  );
});

test("changes of one turn are one change, and nothing sees a mixture", async () => {
  const [low, high] = [cell(0), cell(10)];
  const width = combine([low, high], (from, to) => to - from);
  const seen: string[] = [];
  const content = combine([low, width], (from, wide) => {
    seen.push(`${from}+${wide}`);
    return `${from}+${wide}\n`;
  });
  await running(shown("/range", content), async (run, read) => {
    low.set(100);
    high.set(110);
    await run.converged();
    assert.equal(read("/range"), "100+10\n");
    assert.deepEqual(seen, ["0+10", "100+10"]);
  });
});

test("a reactive list brings resources to life and ends them", async () => {
  const names = cell(["a", "b"]);
  const made = new Map<string, Graph>();
  const fileOf = (name: string) => made.getOrInsertComputed(name, () => shown(`/${name}`, `${name}\n`));
  await running([names.map((all) => all.map(fileOf)), false, undefined], async (run, read) => {
    assert.deepEqual([read("/a"), read("/b"), read("/c")], ["a\n", "b\n", undefined]);
    const events = run.events();
    names.set(["b", "c"]);
    await run.converged();
    await run.stop();
    assert.equal(read("/c"), "c\n");
    const swaps = (await Array.fromAsync(events)).filter(({ type }) => type === "graph-swapped");
    assert.deepEqual(swaps, [{ type: "graph-swapped", added: 1, changed: 0, removed: 1, kept: 1 }]);
  });
});

test("a resource that is made anew with equal fields goes on untouched", async () => {
  const names = cell(["a"]);
  await running(
    names.map((all) => all.map((name) => shown(`/${name}`, "x"))),
    async (run) => {
      const events = run.events();
      names.set(["a", "b"]);
      await run.converged();
      await run.stop();
      const observed = (await Array.fromAsync(events)).flatMap((event) =>
        event.type === "observed" ? [event.resource] : [],
      );
      assert.deepEqual(new Set(observed), new Set(["file[/b]"]));
    },
  );
});

test("edges order and refresh, and sent values arrive", async () => {
  const { mgmt, read } = machine();
  const source = value("v", { any: "sent\n" });
  const target = file("/target", { state: "exists", content: source.sends.any });
  const told = print("told", { msg: "changed", refresh_only: true }, { listen: target });
  const run = mgmt.run([told, target, source]);
  const events = run.events();
  await run.converged();
  await run.stop();
  assert.equal(read("/target"), "sent\n");
  const seen = await Array.fromAsync(events);
  assert.deepEqual(
    seen.flatMap((event) => (event.type === "said" ? [event.line] : [])),
    ["changed"],
  );
  const settled = seen.flatMap((event) => (event.type === "settled" ? [event.resource] : []));
  assert.deepEqual(settled, ["value[v]", "file[/target]", "print[told]"]);
});

test("a stream is waited for, followed, and ended with the run", async () => {
  const { mgmt, read } = machine();
  const next = Promise.withResolvers<void>();
  let ended = false;
  const source = stream(async function* (signal) {
    signal.addEventListener("abort", () => (ended = true));
    yield "one\n";
    await next.promise;
    yield "two\n";
    await new Promise(() => {}); // Deaf to the signal.
  });
  const run = mgmt.run([
    shown("/a", source),
    shown(
      "/b",
      source.map((text) => text.toUpperCase()),
    ),
  ]);
  await run.converged();
  assert.deepEqual([read("/a"), read("/b")], ["one\n", "ONE\n"]);
  next.resolve();
  await run.converged();
  assert.deepEqual([read("/a"), read("/b")], ["two\n", "TWO\n"]);
  await run.stop();
  assert.equal(ended, true);
});

test("what the program's own code throws comes through as it is", async () => {
  const { mgmt } = machine();
  const mine = new Error("mine");
  const thrown = () => {
    throw mine;
  };
  await assert.rejects(mgmt.once(shown("/a", cell(1).map(thrown))), mine);
  await assert.rejects(mgmt.plan(shown("/a", stream(thrown))), mine);
  const run = mgmt.run(shown("/a", stream(thrown)));
  await assert.rejects(Array.fromAsync(run.events()), mine);
});

test("a wrong program is shown with its place in the TypeScript source", async () => {
  const { mgmt, read } = machine();
  const wrong = file("relative/path", { state: "exists" });
  await assert.rejects(mgmt.once([wrong, shown("/a", "x")]), (error: ProgramError) => {
    assert.equal(error.name, "ProgramError");
    assert.equal(error.problems.length, 1);
    assert.match(error.problems[0]?.file ?? "", /library\.test\.ts$/);
    assert.match(error.message, /\| +const wrong = file\("relative\/path"/);
    assert.match(error.message, /\^\^\^\^/);
    return true;
  });
  assert.equal(read("/a"), undefined);
});

test("a change that is wrong leaves what was in force", async () => {
  const mode = cell("0600");
  await running(file("/a", { state: "exists", content: "x", mode }), async (run) => {
    const events = run.events();
    mode.set("rubbish");
    await run.converged();
    mode.set("0644");
    await run.converged();
    assert.equal((await run.stop()).ok, true);
    const seen = await Array.fromAsync(events);
    assert.deepEqual(
      seen.filter(({ type }) => type === "problems" || type === "graph-swapped").map(({ type }) => type),
      ["problems", "graph-swapped"],
    );
  });
});

test("a value that no resource can be given is told with its resource and field", async () => {
  const { mgmt } = machine();
  const date: unknown = new Date(0);
  const wrong = value("v", { any: date as string });
  await assert.rejects(mgmt.once(wrong), {
    name: "TypeError",
    message: "value[v]: any: an object of the class Date is no value that a resource can be given",
  });
  await assert.rejects(mgmt.once([date as Graph]), { name: "TypeError" });
});

test("a resource that fails rejects `once`, with what became of all", async () => {
  const { mgmt, read } = machine();
  const bad = shown("/missing/a", "x");
  const after = file("/after", { state: "exists", content: "" }, { depend: bad });
  await assert.rejects(mgmt.once([bad, after, shown("/good", "x")]), (error: unknown) => {
    assert(error instanceof RefusedError);
    assert.match(error.message, /^file\[\/missing\/a\]: /);
    assert.deepEqual(
      error.outcome?.resources.map(({ state }) => state),
      ["blocked", "settled", "failed"],
    );
    return true;
  });
  assert.equal(read("/good"), "x");
});

test("every type of field takes the values of TypeScript", async () => {
  const { mgmt } = machine();
  const events = mgmt
    .run(
      testResource("t", {
        int: 42n,
        int8: 7,
        int64: 9,
        float64: 1.5,
        mixedstruct: { somebool: true, somestr: "s", someint: 1, somefloat: 2 },
        slicestring: ["a"],
      }),
    )
    .events();
  for await (const event of events) {
    assert.notEqual(event.type, "problems");
    if (event.type === "converged") break;
  }
});

test("noop changes nothing, and a stopped run says how far it came", async () => {
  await running(
    shown("/a", "x"),
    async (run, read) => {
      assert.equal(read("/a"), undefined);
      assert.equal((await run.stop()).ending, "stopped");
    },
    { noop: true },
  );
  const { mgmt } = machine();
  const never = stream(async function* () {
    await new Promise(() => {});
    yield "";
  });
  const run = mgmt.run(shown("/a", never), { signal: AbortSignal.abort() });
  assert.deepEqual(await run.ended, { ending: "stopped", resources: [], ok: true, changes: 0 });
  await assert.rejects(run.converged(), { name: "AbortError" });
});

test("a program in mcl runs with inputs that change", async () => {
  const { mgmt, read } = machine();
  const level = cell(7n);
  const names = input("[]str", cell<string[]>([]));
  const text =
    'import "fmt"\nimport "inputs"\nimport "golang/strings"\nfile "/level" { state => "exists", content => fmt.printf("%d %s %d\\n", inputs.level(), inputs.who(), len(inputs.names())), }\n';
  await using run = mgmt.run(program(text, { inputs: { level, who: "me", names } }));
  await run.converged();
  assert.equal(read("/level"), "7 me 0\n");
  level.set(8n);
  await run.converged();
  assert.equal(read("/level"), "8 me 0\n");
});

test("inputs that change in one turn reach a program in mcl as one change", async () => {
  const { mgmt, read } = machine();
  const [low, high] = [cell(0n), cell(10n)];
  const text =
    'import "fmt"\nimport "inputs"\nfile "/range" { state => "exists", content => fmt.printf("%d-%d", inputs.low(), inputs.high()), }\n';
  await using run = mgmt.run(program(text, { inputs: { low, high } }));
  await run.converged();
  const events = run.events();
  low.set(100n);
  high.set(110n);
  await run.converged();
  await run.stop();
  assert.equal(read("/range"), "100-110");
  const swaps = (await Array.fromAsync(events)).filter(({ type }) => type === "graph-swapped");
  assert.equal(swaps.length, 1);
});

test("a program in mcl that is wrong is shown, and one that is not there is refused", async () => {
  const { mgmt } = machine();
  await assert.rejects(mgmt.once(program('file "/a" { contents => "x", }\n')), {
    name: "ProgramError",
    code: "unknown-field",
  });
  await assert.rejects(mgmt.once(program("/nowhere.mcl")), { name: "RefusedError", code: "not-found" });
  assert.throws(() => program("x", { inputs: { names: [] } }), /the input names does not say its type/);
});

test("random combinations never see a mixture, and compute only what depends on a change", async () => {
  const shape = fc.record({
    cells: fc.integer({ min: 1, max: 4 }),
    nodes: fc.array(fc.array(fc.nat(30), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 12 }),
    changes: fc.array(fc.array(fc.tuple(fc.nat(3), fc.integer({ min: 0, max: 3 })), { maxLength: 3 }), {
      maxLength: 5,
    }),
  });
  await fc.assert(
    fc.asyncProperty(shape, async ({ cells: count, nodes, changes }) => {
      const cells = Array.from({ length: count }, () => cell(0));
      const all: Reactive<number>[] = [...cells];
      const direct: (() => number)[] = cells.map((one) => () => one.get());
      let mixtures = 0;
      for (const picks of nodes) {
        const at = picks.map((pick) => pick % all.length);
        const inputs = at.map((index) => all[index] as Reactive<number>);
        const values = at.map((index) => direct[index] as () => number);
        all.push(
          combine(inputs, (...given) => {
            if (given.some((one, index) => one !== values[index]?.())) mixtures += 1;
            return given.reduce((sum, one) => sum + one, 1);
          }),
        );
        direct.push(() => values.reduce((sum, one) => sum + one(), 1));
      }
      const abort = new AbortController();
      const last = sourceOf(combine(all, (...values) => values.join()));
      assert(last !== undefined);
      const seen = follow(last, abort.signal);
      const expected = () => direct.map((one) => one()).join();
      assert.equal((await seen.next()).value, expected());
      for (const change of changes) {
        const before = expected();
        for (const [index, to] of change) cells[index % count]?.set(to);
        if (expected() !== before) assert.equal((await seen.next()).value, expected());
      }
      abort.abort();
      await seen.return();
      assert.equal(mixtures, 0);
    }),
    { numRuns: 60 },
  );
});
