// SPDX-License-Identifier: Apache-2.0
// A million changes of an input, in a program whose branches, loops and calls come and go with it: how long one takes, and
// what memory holds after a tenth of them and after all. `npm run bench -- updates [COUNT]`

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Problems } from "../src/base/problem.ts";
import { createCatalog } from "../src/contract/catalog.ts";
import { defineFunction } from "../src/contract/function.ts";
import { createFunctionGraph } from "../src/function-graph/function-graph.ts";
import { constants, functions } from "../src/functions/index.ts";
import { memoryHost } from "../src/host/memory/index.ts";
import { exchangeAlone } from "../src/exchange/alone.test-support.ts";
import { memoryLocalStore } from "../src/host/memory/local-store.ts";
import { compile } from "../src/program/compile.ts";
import { kindConstants, kinds } from "../src/resources/index.ts";

const count = Number(process.argv[2] ?? 1_000_000);

const programs: Readonly<Record<string, string>> = {
  "a branch that comes and goes": `
if math.mod($n, 2) == 0 {
	test "a" {
		int64 => $n,
	}
} else {
	test "b" {
		int64 => $n,
	}
}
`,
  "a loop that grows and shrinks": `
for $i, $v in iter.range(math.mod($n, 5)) {
	test [fmt.printf("t%d", $v)] {
		int64 => $v + $n,
	}
}
`,
  "a fallback that is needed now and then": `
test "a" {
	int64 => [10, 20, 30][math.mod($n, 5)] <|> $n,
}
`,
  "a function chosen by the input": `
$add = func($x) { $x + 1 }
$double = func($x) { $x * 2 }
$f = if math.mod($n, 3) == 0 { $add } else { $double }
test "a" {
	int64 => $f($n),
	slicestring => iter.map(["a", "b"], func($s) { fmt.printf("%s%d", $s, $n) }),
}
`,
};

let value = 0n;
let wake = (): void => {};
const catalog = createCatalog({
  kinds,
  functions: [
    ...functions,
    defineFunction({
      module: "input",
      name: "number",
      doc: "What the benchmark says.",
      type: "func() int",
      stream: async function* (_, { signal }) {
        signal.addEventListener("abort", () => wake());
        while (!signal.aborted) {
          yield value;
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      },
    }),
  ],
  constants: [...constants, ...kindConstants],
});

console.log(`${count.toLocaleString("en")} changes of one input`);
for (const [what, body] of Object.entries(programs)) await measure(what, body);

async function measure(what: string, body: string): Promise<void> {
  const problems = new Problems();
  const text = `import "input"\nimport "fmt"\nimport "iter"\nimport "math"\n$n = input.number()\n${body}`;
  const program = compile({ path: "bench.mcl", text }, catalog, problems);
  if (program === undefined) throw new Error(problems.all.map(({ message }) => message.title).join("\n"));
  value = 0n;
  const host = memoryHost();
  const world = { host, local: memoryLocalStore(), exchange: exchangeAlone(host.clock), hostname: "bench" };
  const options = { ...world, program, isKind: () => true, problems };
  const ending = new AbortController();
  const graph = createFunctionGraph(options);
  const deltas = graph.run(ending.signal);
  await deltas.next();
  const heapMb: number[] = [];
  const started = performance.now();
  for (let done = 1; done <= count; done += 1) {
    value += 1n;
    wake();
    const { done: ended } = await deltas.next();
    if (ended === true) throw new Error(`the program ended: ${problems.all[0]?.message.title}`);
    if (done === count / 10 || done === count) heapMb.push(usedMb());
  }
  const microseconds = ((performance.now() - started) * 1000) / count;
  const [early = 0, late = 0] = heapMb;
  console.log(
    `  ${what.padEnd(40)} ${microseconds.toFixed(1).padStart(6)} µs each, heap ${early.toFixed(2)} MB after a tenth, ${late.toFixed(2)} MB at the end`,
  );
  ending.abort();
  await deltas.return();
  if (late > early + 1) throw new Error("memory grows");
}

/** What stays after collecting. */
function usedMb(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  return process.memoryUsage().heapUsed / 1e6;
}
