// SPDX-License-Identifier: Apache-2.0
// What an event costs in a program of 10,000 resources: one that all of them read, one that a single one reads, and one
// element of a list that a loop walks; each beside evaluating the whole program from nothing.

import { Problems } from "../src/base/problem.ts";
import { createCatalog } from "../src/contract/catalog.ts";
import { defineFunction } from "../src/contract/function.ts";
import { createFunctionGraph, type FunctionGraph } from "../src/function-graph/function-graph.ts";
import { textAt } from "../src/functions/arguments.ts";
import { constants, functions } from "../src/functions/index.ts";
import { memoryHost } from "../src/host/memory/index.ts";
import { compile } from "../src/program/compile.ts";
import type { TypedProgram } from "../src/program/types/tree.ts";
import { kindConstants, kinds } from "../src/resources/index.ts";
import type { Value } from "../src/values/value.ts";
import { exchangeAlone } from "../src/exchange/alone.test-support.ts";
import { memoryLocalStore } from "../src/host/memory/local-store.ts";

const size = 10_000;

/** The value of `input.number("…")` or `input.numbers("…")`; each is read by one stream. */
class Input {
  readonly #values = new Map<string, Value>();
  readonly #wakes = new Map<string, () => void>();

  set(name: string, value: Value): void {
    this.#values.set(name, value);
    this.#wakes.get(name)?.();
  }

  async *read(name: string, signal: AbortSignal): AsyncGenerator<Value, void, undefined> {
    signal.addEventListener("abort", () => this.#wakes.get(name)?.());
    while (!signal.aborted) {
      yield this.#values.get(name) ?? 0n;
      await new Promise<void>((resolve) => {
        this.#wakes.set(name, resolve);
      });
    }
  }
}

const input = new Input();
const catalog = createCatalog({
  kinds,
  functions: [
    ...functions,
    ...["number int", "numbers []int"].map((text) => {
      const [name = "", result = ""] = text.split(" ");
      return defineFunction({
        module: "input",
        name,
        doc: "What the benchmark says.",
        type: `func(name str) ${result}`,
        stream: (args, { signal }) => input.read(textAt(args, 0), signal),
      });
    }),
  ],
  constants: [...constants, ...kindConstants],
});

function programOf(lines: readonly string[]): TypedProgram {
  const problems = new Problems();
  const text = `import "input"\nimport "fmt"\nimport "iter"\n${lines.join("\n")}\n`;
  const program = compile({ path: "bench.mcl", text }, catalog, problems);
  if (program === undefined) throw new Error(problems.all.map(({ message }) => message.title).join("\n"));
  return program;
}

/** Runs the program, gives it `runs` events after some to warm up, and tells what one costs. */
async function measure(what: string, program: TypedProgram, runs: number, event: (run: number) => void): Promise<void> {
  const whole = await wholeMs(program);
  const { deltas, graph, ending } = begin(program);
  const before = process.memoryUsage().heapUsed;
  await deltas.next();
  const heapBytes = process.memoryUsage().heapUsed - before;
  let changed = 0;
  const times: number[] = [];
  for (let run = 0; run < 2 * runs; run += 1) {
    const start = performance.now();
    event(run);
    const result = await deltas.next();
    const ms = performance.now() - start;
    if (run >= runs) times.push(ms);
    changed = result.done === true ? 0 : result.value.changed.size;
  }
  times.sort((left, right) => left - right);
  const microseconds = (times[times.length >> 1] ?? 0) * 1000;
  const worst = (times[Math.floor(times.length * 0.99)] ?? 0) * 1000;
  process.stdout.write(
    `${what.padEnd(44)} ${microseconds.toFixed(1).padStart(9)} µs an event (p99 ${worst.toFixed(1)}), ` +
      `${String(changed).padStart(5)} changed, whole ${whole.toFixed(1)} ms, ratio 1:${Math.round((whole * 1000) / microseconds)}, ` +
      `${graph.counts.necessary} nodes, ${(heapBytes / 1e6).toFixed(0)} MB\n`,
  );
  ending.abort();
  await deltas.return();
}

/** The median of several runs from nothing to the first output. */
async function wholeMs(program: TypedProgram): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < 9; run += 1) {
    const start = performance.now();
    const { deltas, ending } = begin(program);
    await deltas.next();
    times.push(performance.now() - start);
    ending.abort();
    await deltas.return();
  }
  return times.sort((left, right) => left - right)[4] ?? 0;
}

function begin(program: TypedProgram): {
  readonly deltas: ReturnType<FunctionGraph["run"]>;
  readonly graph: FunctionGraph;
  readonly ending: AbortController;
} {
  const host = memoryHost();
  const graph = createFunctionGraph({
    program,
    host,
    local: memoryLocalStore(),
    exchange: exchangeAlone(host.clock),
    hostname: "bench",
    isKind: () => true,
    problems: new Problems(),
  });
  const ending = new AbortController();
  return { graph, ending, deltas: graph.run(ending.signal) };
}

const statements = Array.from({ length: size }, (_, index) => {
  const own = index === size >> 1 ? "$private" : String(index);
  return `test "n${index}" {\n int64 => $shared + ${own},\n anotherstr => "text",\n}`;
});
const flat = programOf(['$shared = input.number("shared")', '$private = input.number("private")', ...statements]);
await measure("10,000 statements, one reads the input", flat, 5000, (run) => input.set("private", BigInt(run + 1)));
await measure("10,000 statements, all read the input", flat, 50, (run) => input.set("shared", BigInt(run + 1)));

const list = (run: number): readonly bigint[] =>
  Array.from({ length: size }, (_, index) => (index === run % size ? BigInt(-run - 1) : BigInt(index)));
input.set("list", list(0));
const loop = programOf([
  'for $i, $v in input.numbers("list") {\n test [fmt.printf("n%d", $i)] {\n  int64 => $v,\n }\n}',
]);
await measure("a loop of 10,000, two items change", loop, 200, (run) => input.set("list", list(run + 1)));
const mapped = programOf(['test "a" {\n interface => iter.map(input.numbers("list"), func($v) { $v + 1 }),\n}']);
await measure("iter.map of 10,000, two items change", mapped, 200, (run) => input.set("list", list(run + 1)));
