// SPDX-License-Identifier: Apache-2.0
// What inference accepts and refuses, how calls share, and what it costs. Messages are in the golden files.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Problems } from "../../base/problem.ts";
import { createCatalog } from "../../contract/catalog.ts";
import { constants, functions } from "../../functions/index.ts";
import { kindConstants, kinds } from "../../resources/index.ts";
import { compile } from "../compile.ts";
import type * as Typed from "./tree.ts";

const catalog = createCatalog({ kinds, functions, constants: [...constants, ...kindConstants] });

function typed(lines: readonly string[]): { program: Typed.TypedProgram | undefined; codes: readonly string[] } {
  const problems = new Problems();
  const program = compile({ path: "main.mcl", text: `${lines.join("\n")}\n` }, catalog, problems);
  return { program, codes: problems.all.map((problem) => `${problem.phase} ${problem.code}`) };
}

/** `;;` marks a line break. No codes: the program is accepted. */
function check(program: string, ...codes: readonly string[]): void {
  const found = typed(program.split(";;").map((line) => line.trim()));
  assert.deepEqual(
    found.codes,
    codes.map((code) => `unify ${code}`),
    program,
  );
}

describe("the examples of the language reference", () => {
  const rows: readonly (readonly [rule: string, program: string, ...codes: string[]])[] = [
    ["2.3 not", "if not 1 == 2 {}", "type-mismatch"],
    ["2.3 division", 'test "a" { ;; int8 => 4 / 2, ;; }', "type-mismatch"],
    ["2.3 kinds", 'if "a" < "b" {}'],
    ["2.3 struct default", '$s = struct{a => 1} ;; test "t" { ;; int8 => 1 + $s->z <|> 2, ;; }'],
    [
      "3 struct order",
      '$x = if true { struct{a => 1, b => 2} } else { struct{b => 2, a => 1} } ;; test "t" { ;; int8 => $x->a, ;; }',
      "type-mismatch",
    ],
    [
      "3 same struct order",
      '$x = if true { struct{a => 1, b => 2} } else { struct{a => 2, b => 1} } ;; test "t" { ;; int8 => if true { $x->a } else { $x->b }, ;; }',
    ],
    ["3 annotation late", '$y = "q" ;; $x int = $y ;; if $x == 1 {}', "type-mismatch"],
    ["3 annotation that is right", "$y = 1 ;; $x int = $y ;; if $x == 1 {}"],
    ["4.2 name", '$n = "a" ;; test $n {}'],
    ["4.2 name op", 'test "a" + "b" {}', "name-must-be-list"],
    ["4.2 name op in a list", 'test ["a" + "b"] {}'],
    ["4.2 name if", 'test if true { "a" } else { "b" } {}'],
    ["4.2 dedupe", 'test ["a", "a"] {}'],
    ["4.2 field", 'test "a" { ;; nosuch => 1, ;; }', "unknown-field"],
    ["4.2 elvis", 'test "a" { ;; int8 => false ?: 1, ;; }'],
    ["4.5 half", 'test "a" {} ;; Test["a"]', "edge-with-one-half"],
    ["4.5 missing", 'test "a" {} ;; Test["a"] -> Test["b"]'],
    ["4.5 lists", 'test ["a", "b", "c"] {} ;; Test["a"] -> Test[["b", "c"]]'],
    ["4.6 for", 'for $i, $v in ["x", "y"] { ;; test ["${v}"] {} ;; }'],
    ["4.8 poly", 'class c($a) { ;; test ["n"] { ;; int8 => len($a), ;; } ;; } ;; include c("xx") ;; include c([1, 2])'],
    ["4.8 as", 'class c { ;; $y = "v" ;; } ;; include c as k ;; test "${k.y}" {}'],
    ["4.8 sugar", 'class a {} ;; class a:b { ;; test "t" {} ;; } ;; include a as k ;; include k.b'],
    ["4.10 panic", 'if false { ;; panic(true) ;; } ;; test "a" {}'],
    ["6.1 lambda", '$id = func($x) { $x } ;; test [$id("a")] { ;; int8 => $id(1), ;; }', "type-mismatch"],
    ["6.1 func", 'func id($x) { $x } ;; test [id("a")] { ;; int8 => id(1), ;; }'],
    ["6.2 lookup", 'func first($l) { $l[0] } ;; test [first(["a"])] {}'],
    [
      "6.2 lookup without context",
      'import "fmt" ;; func first($l) { $l[0] } ;; test [fmt.printf("%v", first(["a"]))] {}',
      "ambiguous-type",
    ],
    ["6.2 printf", 'import "fmt" ;; test [fmt.printf("%d", "x")] {}', "type-mismatch"],
    ["7 type", '$n = 1 ;; test "a${n}" {}', "type-mismatch"],
    ["9.1 unused", '$z = 1 + "a" ;; test "a" {}'],
    ["9.4 range", 'test "a" { ;; uint8 => 0 - 1, ;; }'],
    ["9.5 ambiguous", 'import "fmt" ;; test [fmt.printf("%v", [])] {}', "ambiguous-type"],
    ["9.5 decided by a list", "test [] {}"],
    ["10.3 uncaught", '$l = [1] ;; test "a" { ;; int64 => $l[3], ;; }'],
    ["10.3 caught", '$l = [1] ;; test "a" { ;; int64 => $l[3] <|> 7, ;; }'],
  ];
  for (const [rule, program, ...codes] of rows) {
    test(`${rule} is ${codes.length === 0 ? "accepted" : "refused"}`, () => check(program, ...codes));
  }
});

describe("what an instance is", () => {
  test("a class sees what stands where it is written, and each include has variables of its own", () => {
    check(
      '$o = "outer" ;; class c($p) { ;; $v = [$p] ;; test ["${o}"] { ;; interface => $v, ;; } ;; } ;; if true { ;; $o = 1 ;; include c($o) ;; include c("x") ;; }',
    );
  });

  test("a class inside of an instance is reached through its alias", () => {
    check(
      'class outer($p) { ;; class inner($q) { ;; $both = "${p}${q}" ;; } ;; } ;; include outer("a") as o ;; include o.inner("b") as i ;; test "${i.both}" {}',
    );
    check(
      'class outer($p) { ;; class inner($q) { ;; $sum = $p + $q ;; } ;; } ;; include outer(1) as o ;; include o.inner("b") as i ;; test [$i.sum] {}',
      "type-mismatch",
    );
  });

  test("a function behind an alias sees the parameters of its class", () => {
    check(
      'class c($p) { ;; func f($x) { $p + $x } ;; } ;; include c("a") as s ;; include c(1) as n ;; test [s.f("b")] { ;; int8 => n.f(2), ;; }',
    );
  });

  test("a class that is defined outside of a loop is an instance in each turn", () => {
    const { program } = typed([
      "class c($p) {",
      "  $v = [$p]",
      "  test $v {}",
      "}",
      'for $i, $x in ["a", "b"] {',
      "  include c($x)",
      "}",
    ]);
    const [loop] = program?.statements ?? [];
    assert.ok(loop?.kind === "for");
    const [resource] = loop.body.statements;
    assert.ok(resource?.kind === "resource" && resource.name.value.kind === "reference");
    assert.equal(resource.name.value.to.activation, loop.body.activation);
  });

  test("what a lambda binds lives in the lambda, what it sees where that is declared", () => {
    const { program } = typed([
      "func twice($n) { $n + $n }",
      "$one = 1",
      "$f = func($x) { twice($x) + $one }",
      'test "a" {',
      "  int8 => $f(2),",
      "}",
    ]);
    const [resource] = program?.statements ?? [];
    assert.ok(resource?.kind === "resource");
    const call = resource.fields[0]?.value;
    assert.ok(call?.kind === "call-value" && call.callee.kind === "reference");
    assert.ok(call.callee.to.kind === "bind" && call.callee.to.value.kind === "lambda");
    const lambda = call.callee.to.value;
    const activations = new Map<string, string>();
    visit(lambda.body, (reference) => activations.set(reference.to.name, reference.to.activation.kind));
    assert.deepEqual(Object.fromEntries(activations), { n: "lambda", one: "program", x: "lambda" });
  });
});

describe("equal calls in one place", () => {
  const shared = (lines: readonly string[]): number => {
    const calls = new Set<Typed.Expression>();
    const { program, codes } = typed(lines);
    assert.deepEqual(codes, []);
    for (const statement of program?.statements ?? []) {
      if (statement.kind !== "resource") continue;
      for (const field of statement.fields)
        visitAll(field.value, (node) => node.kind === "call-builtin" && calls.add(node));
    }
    return calls.size;
  };

  test("are one when the function always gives the same", () => {
    assert.equal(shared(["func f($x) { $x + 1 }", "$n = 1", 'test "a" {', "  interface => [f($n), f($n)],", "}"]), 1);
    assert.equal(shared(["func f($x) { $x + 1 }", 'test "a" {', "  interface => [f(1), f(2)],", "}"]), 2);
  });

  test("are apart when the function may give another value each time", () => {
    assert.equal(shared(["func f($x) { random1($x) }", 'test "a" {', "  interface => [f(1), f(1)],", "}"]), 2);
  });

  test("are apart when the place decides the type", () => {
    check('import "math" ;; func f() { math.fortytwo() } ;; test "a" { ;; int8 => f(), ;; float32 => f(), ;; }');
  });
});

/** Each of these would take hours or the whole stack if its cost were not in proportion to its length. */
describe("a long program", () => {
  const accept = (lines: readonly string[], ...codes: readonly string[]) => assert.deepEqual(typed(lines).codes, codes);

  test("may have functions that call each other twice, thirty deep", () => {
    const chain = ["func f0($x) { $x + 1 }"];
    for (let level = 1; level <= 30; level += 1) {
      chain.push(`func f${level}($x) { f${level - 1}($x) + f${level - 1}($x) }`);
    }
    accept([...chain, 'test "a" {', "  int64 => f30(1),", "}"]);
  });

  test("may include a class thirty times that calls many functions", () => {
    const lines = ['import "fmt"', 'func name($a, $b) { fmt.printf("%s-%d", $a, $b) }', "class c($n, $i) {"];
    for (let index = 0; index < 30; index += 1) lines.push(`  test [name($n, ${index})] {`, "    int64 => $i,", "  }");
    lines.push("}");
    for (let index = 0; index < 30; index += 1) lines.push(`include c("n${index}", ${index})`);
    accept(lines);
  });

  test("may have a thousand calls and a hundred thousand expressions", () => {
    const lines = ["func f($x, $y) { [$x, $y] }", "$all = ["];
    for (let index = 0; index < 1000; index += 1) lines.push(`  f(${index}, ${index} + 1),`);
    lines.push("]", "$many = [");
    for (let index = 0; index < 50_000; index += 1) lines.push(`  ${index} + 1,`);
    lines.push("]", 'test "a" {', "  interface => struct{all => $all, many => $many},", "}");
    accept(lines);
  });

  test("may build a type of itself many times", () => {
    const lines = ["$t0 = struct{a => 1}"];
    for (let level = 1; level <= 40; level += 1)
      lines.push(`$t${level} = struct{l => $t${level - 1}, r => $t${level - 1}}`);
    accept([...lines, 'test "a" {', "  int8 => $t40,", "}"], "unify type-mismatch");
  });

  test("may make thousands of variables of each other", () => {
    const lines = ["$v0 = 1"];
    for (let index = 1; index <= 5000; index += 1) lines.push(`$v${index} = $v${index - 1} + 1`);
    for (let index = 1; index <= 5000; index += 1) lines.push(`$w${index} = $${index === 1 ? "v" : "w"}${index - 1}`);
    accept([...lines, 'test "a" {', "  int64 => $v5000 + $w5000,", "}"]);
  });

  test("may name a resource by the last of thousands of variables of each other", () => {
    const lines = ['$v0 = "a"'];
    for (let index = 1; index <= 5000; index += 1) lines.push(`$v${index} = $v${index - 1}`);
    accept([...lines, "test $v5000 {}"]);
  });
});

function visit(expression: Typed.Expression, found: (reference: Typed.Reference) => void): void {
  visitAll(expression, (node) => {
    if (node.kind === "reference") found(node);
  });
}

/** Calls, and what variables of the program stand for. */
function visitAll(expression: Typed.Expression, found: (node: Typed.Expression) => void): void {
  found(expression);
  if (expression.kind === "reference" && expression.to.kind === "bind") visitAll(expression.to.value, found);
  if (expression.kind === "list") for (const item of expression.items) visitAll(item, found);
  if (expression.kind === "call-builtin") for (const argument of expression.args) visitAll(argument, found);
}
