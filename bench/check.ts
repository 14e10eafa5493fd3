// SPDX-License-Identifier: Apache-2.0
// How long `mgmt check` takes for generated programs of 1,000, 10,000 and 100,000 lines, the whole process, and what a line
// costs. `npm run bench -- check` after `npm run build`.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const built = join(root, "dist/mgmt");
const mgmt = existsSync(built) ? built : join(root, "mgmt");
const directory = mkdtempSync(join(tmpdir(), "mgmt-check-"));
process.on("exit", () => rmSync(directory, { recursive: true, force: true }));

/** A part of every sort of statement: a class with parameters, a loop, functions as values, and one of each call. */
const partOf = (number: number): string => `
# The site number ${number}.
class site_${number}($name, $ports []int) {
	$root = "/srv/\${name}"
	$total = iter.reduce(0, $ports, func($a, $b) { $a + $b })
	$options = {
		"listen" => 80 + ${number},
		"threads" => if $ports[0] > 1024 { 4 } else { 8 },
	}
	file "\${root}/index.html" {
		state => $const.res.file.state.exists,
		content => fmt.printf("%s %d\\n", $name, $total + $options["listen"] <|> 0),
	}
	for $index, $port in $ports {
		test [fmt.printf("%s-%d-%d", $name, $index, $port)] {
			int64 => $port + $index,
			anotherstr => if $port in [80, 443] { "well known" } else { "own" },
		}
	}
}
include site_${number}("site${number}", [8000, ${number}]) as site${number}
func label_${number}($x) {
	fmt.printf("%v of ${number}", $x)
}
print [label_${number}(${number}), label_${number}("\${site${number}.root}")] {}
`;

console.log(
  `mgmt check, the whole process, best and median of several (${mgmt === built ? "the single file" : "sources"})`,
);
const empty = measure("an empty program", "empty.mcl", "", 15);
for (const [lines, times] of [
  [1000, 15],
  [10_000, 7],
  [100_000, 3],
] as const) {
  let text = 'import "fmt"\nimport "iter"\n';
  for (let number = 0; text.split("\n", lines + 1).length <= lines; ) {
    // Many at once, as counting costs.
    const missing = Math.max(1, Math.floor((lines - text.split("\n").length) / 26));
    for (let more = 0; more < missing; more += 1, number += 1) text += partOf(number);
  }
  const ms = measure(`${lines.toLocaleString("en")} lines`, `${lines}.mcl`, text, times);
  console.log(`${" ".repeat(20)}${(((ms - empty) * 1000) / lines).toFixed(1)} µs a line beyond the empty program`);
}

function measure(what: string, name: string, text: string, times: number): number {
  const path = join(directory, name);
  writeFileSync(path, text);
  const found = Array.from({ length: times }, () => {
    const started = performance.now();
    const { status, stderr } = spawnSync(mgmt, ["check", path], { encoding: "utf8" });
    if (status !== 0) throw new Error(`mgmt check ended with ${status}: ${stderr.slice(0, 2000)}`);
    return performance.now() - started;
  }).toSorted((left, right) => left - right);
  const [best = 0] = found;
  console.log(`  ${what.padEnd(18)}${best.toFixed(0)} ms (median ${(found[times >> 1] ?? 0).toFixed(0)} ms)`);
  return best;
}
