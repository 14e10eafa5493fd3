// SPDX-License-Identifier: Apache-2.0
// Which values of resources are judged without a run, and which are left to it.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Problems } from "../base/problem.ts";
import { readYamlGraph } from "../frontends/yaml/read-graph.ts";
import { compile } from "../program/compile.ts";
import { catalogFor } from "./catalog.ts";
import { checkKnownValues } from "./check-values.ts";

const catalog = catalogFor("web1");

/** What is marked in the text, each with what is wrong there. */
function check(lines: readonly string[], ...expected: readonly (readonly [marked: string, title: RegExp])[]): void {
  const source = { path: "main.mcl", text: `${lines.join("\n")}\n` };
  const problems = new Problems();
  const program = compile(source, catalog, problems);
  assert.ok(program !== undefined, JSON.stringify(problems.all));
  const found = checkKnownValues(program, catalog);
  assert.deepEqual(
    found.map(({ at, phase }) => [at.file.text.slice(at.start, at.end), phase]),
    expected.map(([marked]) => [marked, "interpret"]),
  );
  for (const [index, [, title]] of expected.entries()) assert.match(found[index]?.message.title ?? "", title);
}

describe("values that are known without a run", () => {
  test("are those of constants and of what pure functions make of them", () => {
    check(['svc "a" {', '  state => "runing",', "}"], ['"runing"', /one of "running", "stopped"/]);
    check(["$n = 100 * 2", 'test "a" { int8 => $n, }'], ["$n", /from -128 to 127, but is 200/]);
    check(
      ['import "fmt"', 'func path($x) { fmt.printf("tmp/%s", $x) }', 'file [path("x")] {}'],
      ['file [path("x")] {}', /"tmp\/x" is not absolute/],
    );
    check(
      ['import "iter"', "$sum = iter.reduce([100, 100], func($a, $b) { $a + $b })", 'test "a" { int8 => $sum, }'],
      ["$sum", /but is 200/],
    );
    check(["$l = [1]", 'test "a" { int8 => $l[5] <|> 200, }'], ["$l[5] <|> 200", /but is 200/]);
  });

  test("are those of every turn of a loop and every include, told once for each place", () => {
    check(["for $i, $v in [1, 200, 300] {", '  test "${s}" { int8 => $v, }', "}", '$s = "a"'], ["$v", /but is 200/]);
    check(
      ["class c($x) {", '  test ["t"] { int8 => $x, }', "}", "include c(1)", "include c(200)"],
      ["$x", /but is 200/],
    );
    check(
      ['forkv $k, $v in {"a" => 200} {', '  test "${k}" { int8 => $v, }', "}"],
      ["$v", /of test\[a\] must be from/],
    );
  });

  test("are meta parameters too", () => {
    check(['test "a" { Meta:delay => 0 - 5, }'], ["0 - 5", /must not be negative/]);
    check(['test "a" { validatebool => true, Meta:hidden => true, }']);
    check(['test "$a" {}'], ['test "$a" {}', /begins with a dollar sign/]);
  });

  test("may stand beside others that only a run can tell: then the kind is not asked", () => {
    const clock = 'import "datetime"';
    check([clock, 'test "a" { int8 => 200, int64 => datetime.now(), }'], ["200", /but is 200/]);
    check([clock, 'test "a" { validatebool => true, int64 => datetime.now(), }']);
    check([clock, 'test "a" { validatebool => true, Meta:hidden => datetime.now() > 5, }']);
    check([clock, 'test "a" { int8 => datetime.now() > 5 ?: 200, }']);
  });
});

describe("what a run alone can tell", () => {
  test("is left to it: what the world gives, and what stands in a branch that depends on it", () => {
    check(['import "sys"', "if sys.uptime() > 5 {", '  test "a" { int8 => 200, }', "}"]);
    check(['import "os"', "for $i, $v in [os.family()] {", '  test "a" { int8 => 200 + len($v), }', "}"]);
    check(["test [random1(3)] { int8 => 200, }"]);
  });

  test("is not said of a branch that is never taken, or of what nothing includes", () => {
    check(["if 1 == 2 {", '  test "a" { int8 => 200, }', "}"]);
    check(["class c {", '  test "a" { int8 => 200, }', "}"]);
  });

  test("is what ends the run before: a failure, a panic", () => {
    check(["$l = [1]", 'test "a" { int8 => 200, int64 => $l[7], }']);
    check(["panic(true)"]);
  });

  test("is what costs too much to find out", () => {
    check(['import "iter"', "for $i, $v in iter.range(1000000) {", '  test "a" { int64 => $v + 1, }', "}"]);
    const chain = Array.from({ length: 3000 }, (_, index) => `$v${index + 1} = $v${index} + 1`);
    check(["$v0 = 1", ...chain, 'test "a" { int8 => $v3000, }']);
  });
});

test("a graph in YAML is read the same way", () => {
  const text = "graph: g\nresources:\n  svc:\n  - name: a\n    state: runing\n";
  const problems = new Problems();
  const graph = readYamlGraph({ path: "g.yaml", text }, catalog, problems);
  assert.ok(graph !== undefined && !problems.any);
  assert.deepEqual(
    checkKnownValues(graph, catalog).map(({ at }) => at.file.text.slice(at.start, at.end)),
    ["runing"],
  );
});
