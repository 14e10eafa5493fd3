// SPDX-License-Identifier: Apache-2.0
// How fast text is read and formatted: megabytes a second of a generated program. `npm run bench -- parse`

import { Problems } from "../src/base/problem.ts";
import { formatFile } from "../src/syntax/format.ts";
import { lex } from "../src/syntax/lexer.ts";
import { parseFile } from "../src/syntax/parser.ts";

const part = (number: number): string => `
# The site number ${number}.
class site_${number}($name, $ports []int) {
	import "fmt"
	$root = "/srv/\${name}"
	$options = {
		"listen" => 80 + ${number},
		"threads" => if $ports[0] > 1024 { 4 } else { 8 },
	}
	file "\${root}/index.html" {
		state => $const.res.file.state.exists,
		content => template("hello.tmpl", struct{name => $name, count => ${number}}),
		mode => $debug ?: "0644",

		Meta:retry => 3, # more would only hide the reason
		Before => Svc["nginx"],
	}
	for $index, $port in $ports {
		net:port [fmt.printf("%d", $port)] {
			open => not ($port in [22, 23]) and $options["listen"] <|> 80 == 80,
		}
	}
	File["\${root}/index.html"] -> Svc["nginx"]
}
include site_${number}("site${number}", [8000, 8443]) as site${number}
`;

const megabyte = 1_000_000;
let text = "";
for (let number = 0; text.length < megabyte; number += 1) text += part(number);
const source = { path: "generated.mcl", text };

function measure(what: string, run: () => void): void {
  const rounds = 15;
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    run();
    times.push(performance.now() - start);
  }
  const perMegabyte = (ms: number): string => `${((ms * megabyte) / text.length).toFixed(0)} ms/MB`;
  const sorted = times.toSorted((a, b) => a - b);
  const median = sorted[rounds >> 1] ?? 0;
  const speed = (text.length / megabyte / (median / 1000)).toFixed(0);
  console.log(
    `${what.padEnd(14)} ${speed.padStart(4)} MB/s   ${perMegabyte(median)}, first ${perMegabyte(times[0] ?? 0)}`,
  );
}

const problems = new Problems();
const file = parseFile(source, problems);
if (file === undefined || problems.any)
  throw new Error(`the generated program is wrong: ${problems.all[0]?.message.title}`);

// The first round of each runs code that was not compiled yet, but for what the check above has warmed.
measure("lex", () => lex(source, new Problems()));
measure("lex and parse", () => parseFile(source, new Problems()));
measure("format", () => formatFile(file));
