// SPDX-License-Identifier: Apache-2.0
// Random programs of real kinds, on random machines in memory, with random failures and a driven clock: a plan is what is
// then applied, twice is once, and from every start the end is the same. `RUNS=5000` tries more of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Failure } from "../contract/failure.ts";
import type { StepText } from "../contract/resource.ts";
import { type MemoryHost, memoryHost } from "../host/memory/index.ts";
import { catalogFor } from "./catalog.ts";
import { type Plan, planProgram } from "./plan-program.ts";
import { Trial } from "./trial.test-support.ts";

/** What is deeper comes later, so edges from left to right contradict no automatic ones. */
const places = ["/d/", "/d/a", "/d/b", "/d/sub/", "/d/sub/x", "/e", "/f"] as const;
const texts = ["", "one\n", "two\nlines\n", "thrée"] as const;
const modes = ["", "0600", "0755"] as const;

interface Declared {
  readonly place: (typeof places)[number];
  readonly state: "exists" | "absent";
  readonly how: "content" | "received" | "made" | "plain";
  readonly text: string;
  readonly mode: string;
}

interface RandomProgram {
  readonly resources: readonly Declared[];
  readonly edges: readonly { readonly from: number; readonly to: number }[];
}

const program: fc.Arbitrary<RandomProgram> = fc.record({
  resources: fc.subarray([...places], { minLength: 1 }).chain((chosen) =>
    fc.tuple(
      ...chosen.map((place) =>
        fc.record({
          place: fc.constant(place),
          state: fc.constantFrom("exists", "exists", "exists", "absent"),
          how: fc.constantFrom("content", "content", "received", "made", "plain"),
          text: fc.constantFrom(...texts),
          mode: fc.constantFrom(...modes),
        }),
      ),
    ),
  ),
  edges: fc.array(fc.record({ from: fc.nat(6), to: fc.nat(6) }), { maxLength: 6 }),
});

/** What is there at each place before. */
type Start = readonly { readonly text: string | undefined; readonly mode: number }[];
const start: fc.Arbitrary<Start> = fc.array(
  fc.record({
    text: fc.option(fc.constantFrom(...texts, "other"), { nil: undefined }),
    mode: fc.constantFrom(0o644, 0o700),
  }),
  { minLength: places.length, maxLength: places.length },
);

const isDirectory = (place: string): boolean => place.endsWith("/");

/** Without the slash of a directory. */
const pathOf = (place: string): string => place.replace(/(.)\/$/, "$1");

function canHold(host: MemoryHost, place: string): boolean {
  const parent = pathOf(place).slice(0, pathOf(place).lastIndexOf("/"));
  return parent === "" || host.outside.exists(parent);
}

/** Directories always exist: to remove one with managed things in it is a contradiction. */
function sourceOf({ resources, edges }: RandomProgram, retry: string): string {
  const lines = resources.map(({ place, state, how, text, mode }, at) => {
    const exists = isDirectory(place) || state === "exists";
    const fields = [
      `state => "${exists ? "exists" : "absent"}"`,
      ...(exists && !isDirectory(place) && how === "content" ? [`content => ${JSON.stringify(text)}`] : []),
      ...(exists && mode !== "" ? [`mode => "${isDirectory(place) ? "0755" : mode}"`] : []),
    ];
    const file = `file "${place}" { ${fields.join(", ")}, ${retry} }\n`;
    if (!exists || isDirectory(place)) return file;
    if (how === "received") {
      return `${file}value "v${at}" { any => ${JSON.stringify(text)}, }\nValue["v${at}"].any -> File["${place}"].content\n`;
    }
    if (how === "made") {
      return `${file}exec "e${at}" { cmd => "make ${at}", }\nExec["e${at}"].stdout -> File["${place}"].content\n`;
    }
    return file;
  });
  const last = resources.length - 1;
  const declared = edges.flatMap(({ from, to }) => {
    const [tail, head] = [Math.min(from, to, last), Math.min(Math.max(from, to), last)];
    if (tail === head) return [];
    const reference = (at: number): string => `File["${resources[at]?.place}"]`;
    return [`${reference(tail)} -> ${reference(head)}\n`];
  });
  const told = resources.map(({ place }) => `\tListen => File["${place}"],\n`).join("");
  const print = `print "told" {\n\tmsg => "told",\n\trefresh_only => true,\n${told}}\n`;
  return [...lines, ...declared, print].join("");
}

function machineAt(begin: Start): MemoryHost {
  const host = memoryHost();
  host.outside.install("make", ({ argv, print }) => {
    print(`made ${argv.at(-1)}\n`);
    return 0;
  });
  places.forEach((place, at) => {
    const { text, mode } = begin[at] ?? { text: undefined, mode: 0 };
    if (text === undefined) return;
    if (isDirectory(place)) return host.outside.makeDirectory(pathOf(place));
    if (!canHold(host, place)) return;
    host.outside.write(place, text);
    host.outside.setMode(place, mode);
  });
  return host;
}

const { signal } = new AbortController();

/** What is there at the places that the program speaks of; attributes only where it sets them. */
async function endOf(host: MemoryHost, { resources }: RandomProgram): Promise<readonly unknown[]> {
  return Promise.all(
    resources.map(async ({ place, how, mode, state }) => {
      const found = await host.files.inspect(pathOf(place), signal);
      const isPlain = how === "plain" && state === "exists";
      const text = isDirectory(place) || isPlain ? undefined : host.outside.read(place);
      return [place, found?.kind, text, mode === "" ? undefined : found?.mode];
    }),
  );
}

/** Where the program is, and where a run keeps what is its own. */
const own: ReadonlySet<string> = new Set(["site", "state"]);

/** Everything there is, to see that nothing was touched. */
async function snapshot(host: MemoryHost): Promise<readonly unknown[]> {
  const all = ["/", ...places].map(async (place) => {
    const path = pathOf(place);
    const found = await host.files.inspect(path, signal);
    const names = found?.kind === "directory" ? await host.files.list(path, signal) : [];
    return [
      path,
      found?.kind,
      found?.mode,
      found?.inode,
      host.outside.read(path),
      names.filter((name) => !own.has(name)),
    ];
  });
  return Promise.all(all);
}

async function planOf(host: MemoryHost): Promise<Plan> {
  const planned = planProgram({
    path: "/site/main.mcl",
    reading: { workingDirectory: "/", readStandardInput: () => Promise.resolve("") },
    host,
    catalog: catalogFor("memory"),
    hostname: "memory",
    prefix: "/state",
    maxRuntimeMs: undefined,
  });
  await host.clock.settle();
  const { plan, problems } = await planned;
  assert.deepEqual(problems, []);
  return plan ?? assert.fail("there is a plan");
}

/** Runs until it converges; the steps of each resource. */
async function applied(source: string, host: MemoryHost): Promise<ReadonlyMap<string, readonly StepText[]>> {
  const trial = await Trial.start(source, host, { convergedMs: 0 });
  await host.clock.settle();
  const { ending, report } = await trial.run.ended;
  assert.equal(ending, "converged");
  for (const { vertex, state, failure } of report) {
    assert.equal(state, "settled", `${vertex.reference}: ${failure?.message ?? ""}`);
  }
  const steps = new Map<string, StepText[]>();
  for (const event of trial.events) {
    if (event.type === "step-applied") steps.set(event.resource, [...(steps.get(event.resource) ?? []), event.step]);
  }
  return steps;
}

/** Parents that nobody makes would only be failures, which have their own test. */
function isSound({ resources }: RandomProgram): boolean {
  const declared = new Set(resources.map(({ place }) => place));
  return resources.every(({ place }) =>
    places.every((other) => !isDirectory(other) || other === place || !place.startsWith(other) || declared.has(other)),
  );
}

const sound = program.filter(isSound);
const numRuns = Number(process.env["RUNS"] ?? 100);

test("a plan touches nothing and is what is then applied; after that there is nothing to do", async () => {
  await fc.assert(
    fc.asyncProperty(sound, start, async (random, begin) => {
      const source = sourceOf(random, "");
      const host = machineAt(begin);
      host.outside.makeDirectory("/site");
      host.outside.write("/site/main.mcl", source);
      const before = await snapshot(host);
      const plan = await planOf(host);
      assert.deepEqual(await snapshot(host), before, "the plan has changed nothing");
      const steps = await applied(source, host);
      const awaiting = new Set(
        plan.resources.flatMap(({ resource, awaits }) => (awaits === undefined ? [] : [resource])),
      );
      const planned = new Map(plan.resources.map((each) => [each.resource, each.steps]));
      for (const resource of new Set([...planned.keys(), ...steps.keys()])) {
        if (awaiting.has(resource)) continue;
        // Whether it is told depends on whether what only the run brings is a change.
        if (resource === "print[told]" && awaiting.size > 0) continue;
        assert.deepEqual(steps.get(resource) ?? [], planned.get(resource) ?? [], `${resource}\n${source}`);
      }
      // Commands without a condition run once in each run.
      const again = await applied(source, host);
      assert.deepEqual(
        [...again.keys()].filter((resource) => !resource.startsWith("exec[")),
        [],
      );
    }),
    { numRuns },
  );
});

test("from every start the end is the same", async () => {
  await fc.assert(
    fc.asyncProperty(sound, start, start, async (random, one, other) => {
      const source = sourceOf(random, "");
      const [left, right] = [machineAt(one), machineAt(other)];
      await applied(source, left);
      await applied(source, right);
      assert.deepEqual(await endOf(left, random), await endOf(right, random), source);
    }),
    { numRuns },
  );
});

const refusals = ["permission", "disk-full", "in-use"] as const;

test("failures that pass, and changes behind its back, lead to the same end as none", async () => {
  const harm = fc.array(
    fc.record({
      place: fc.constantFrom(...places),
      what: fc.constantFrom<"write" | "remove" | "refuse" | "allow">("write", "remove", "refuse", "refuse", "allow"),
      refusal: fc.constantFrom(...refusals),
      ms: fc.constantFrom(0, 0, 30, 100),
    }),
    { maxLength: 12 },
  );
  await fc.assert(
    fc.asyncProperty(sound, start, harm, async (random, begin, harms) => {
      const quiet = machineAt(begin);
      const source = sourceOf(random, "Meta:retry => -1, Meta:delay => 50,");
      await applied(source, quiet);
      const host = machineAt(begin);
      const trial = await Trial.start(source, host);
      for (const { place, what, refusal, ms } of harms) {
        const path = pathOf(place);
        if (what === "refuse") host.outside.refuse(path, refusal);
        else if (what === "allow") host.outside.refuse(path, undefined);
        else if (what === "remove") host.outside.remove(path);
        else if (!isDirectory(place) && canHold(host, place)) host.outside.write(path, "harm");
        if (ms > 0) await host.clock.advance(ms);
        else await host.clock.settle();
      }
      for (const place of places) host.outside.refuse(pathOf(place), undefined);
      await host.clock.advance(60_000);
      const states = trial.run.view.report().map(({ vertex, state, failure }) => {
        return `${vertex.reference} ${state} ${failure instanceof Failure ? failure.message : ""}`;
      });
      assert.ok(trial.run.view.converged, `${states.join("\n")}\n${source}`);
      assert.deepEqual(await endOf(host, random), await endOf(quiet, random), source);
      await trial.stop();
    }),
    { numRuns },
  );
});
