// SPDX-License-Identifier: Apache-2.0
// Programs that are as deep as one likes, a shape for each way in which something can stand in, or be made of, something.

/** Lines that end with one that uses what stands before. */
type Shape = (depth: number) => readonly string[];

const nested =
  (before: string, after: string, core: string, use = 'test "a" {\n\tint64 => $v,\n}'): Shape =>
  (depth) => [`$v = ${before.repeat(depth)}${core}${after.repeat(depth)}`, use];

/** `first`, then each made of the one before. */
const chained =
  (first: string, next: (to: number, from: number) => string, use: (last: number) => string): Shape =>
  (depth) => [first, ...Array.from({ length: depth }, (_, index) => next(index + 1, index)), use(depth)];

const text = (value: string): string => `print "a" {\n\tmsg => fmt.printf("%v", ${value}),\n}`;
const shown = (last: number): string => text(`$v${last}`);
const unshown = (last: number): string =>
  `$w = $v${last}\nprint "a" {\n\tmsg => if true { "a" } else { fmt.printf("%v", $w) },\n}`;

export const deepShapes: Readonly<Record<string, Shape>> = {
  parentheses: nested("(", ")", "1"),
  "lists in lists": nested("[", "]", "1", text("$v")),
  "maps in maps": nested('{"a" => ', "}", "1", text("$v")),
  "structs in structs": nested("struct{a => ", "}", "1", text("$v")),
  "branches in branches": nested("if true { ", " } else { 2 }", "1"),
  "branches in conditions": nested(
    "if ",
    " { true } else { false }",
    "true",
    'test "a" {\n\tint64 => if $v { 1 } else { 2 },\n}',
  ),
  negations: nested("not ", "", "true", 'test "a" {\n\tint64 => if $v { 1 } else { 2 },\n}'),
  "lambdas in lambdas": nested("func() { ", " }", "1", 'test "a" {\n\tint64 => if true { 1 } else { len([$v]) },\n}'),
  "calls in arguments": nested('fmt.printf("%s", ', ")", '"a"', 'test "${v}" {}'),
  "lookups in keys": nested('{"a" => "a"}[', "]", '"a"', 'test "${v}" {}'),
  sums: nested("1 + ", "", "1"),
  "sums on the right": nested("1 + (", ")", "1"),
  texts: nested('"a" + ', "", '"a"', 'test "${v}" {}'),
  comparisons: nested("true and ", "", "true", 'test "a" {\n\tint64 => if $v { 1 } else { 2 },\n}'),
  fallbacks: nested("{0 => 1}[1] <|> ", "", "1"),
  "a long list": (depth) => [`$v = [${"1, ".repeat(depth)}1]`, text("$v")],
  "a long interpolation": (depth) => [
    '$v = "a"',
    `$w = "${"${v}".repeat(depth)}"`,
    'test "a" {\n\tanotherstr => $w,\n}',
  ],
  "if statements": (depth) => ["if true {\n".repeat(depth) + 'test "a" {}\n' + "}\n".repeat(depth)],
  loops: (depth) => ["for $i, $v in [1] {\n".repeat(depth) + 'test "a" {}\n' + "}\n".repeat(depth)],
  "classes in classes": (depth) => [
    Array.from({ length: depth }, (_, index) => `class c${index} {\n`).join("") +
      'test "a" {}\n' +
      Array.from({ length: depth }, (_, index) => `}\ninclude c${depth - 1 - index}\n`).join(""),
  ],
  "types in types": (depth) => [`$v ${"[]".repeat(depth)}int = []`, text("$v")],
  "resources after each other": (depth) => [
    ...Array.from({ length: depth }, (_, index) => `noop "n${index}" {}`),
    ...Array.from({ length: depth }, (_, index) => `Noop["n${index}"] -> Noop["n${(index + 1) % (depth + 1)}"]`).slice(
      0,
      -1,
    ),
  ],
  "edges in one statement": (depth) => [
    ...Array.from({ length: depth }, (_, index) => `noop "n${index}" {}`),
    Array.from({ length: depth }, (_, index) => `Noop["n${index}"]`).join(" -> "),
  ],
  variables: chained("$v0 = 1", (to, from) => `$v${to} = $v${from}`, shown),
  "sums of variables": chained("$v0 = 1", (to, from) => `$v${to} = $v${from} + 1`, shown),
  "variables in texts": chained(
    '$v0 = "a"',
    (to, from) => `$v${to} = "\${v${from}}b"`,
    (last) => `test "a" {\n\tanotherstr => $v${last},\n}`,
  ),
  "variables in lists": chained("$v0 = 1", (to, from) => `$v${to} = [$v${from}]`, shown),
  "variables in maps": chained("$v0 = 1", (to, from) => `$v${to} = {"a" => $v${from}}`, shown),
  "variables in structs": chained("$v0 = 1", (to, from) => `$v${to} = struct{a => $v${from}}`, shown),
  "variables in branches": chained(
    "$v0 = 1",
    (to, from) => `$v${to} = if $v${from} == 1 { $v${from} } else { 2 }`,
    shown,
  ),
  "variables that look up": chained("$v0 = 0", (to, from) => `$v${to} = [0][$v${from}]`, shown),
  "variables with fallbacks": chained("$v0 = 0", (to, from) => `$v${to} = [1][$v${from} + 1] <|> $v${from}`, shown),
  "lists that nobody reads": chained("$v0 = 1", (to, from) => `$v${to} = [$v${from}]`, unshown),
  "lists that are compared": chained(
    "$v0 = 1",
    (to, from) => `$v${to} = [$v${from}]`,
    (last) => text(`$v${last} == $v${last}`),
  ),
  functions: chained(
    'func f0() { "a" }',
    (to, from) => `func f${to}() { f${from}() }`,
    (last) => `test [f${last}()] {}`,
  ),
  "functions with arguments": chained(
    "func f0($x) { $x }",
    (to, from) => `func f${to}($x) { f${from}($x + 1) }`,
    (last) => text(`f${last}(1)`),
  ),
  "functions that choose": chained(
    "func f0($x) { $x }",
    (to, from) => `func f${to}($x) { if $x > 0 { f${from}($x + 1) } else { 0 } }`,
    (last) => text(`f${last}(datetime.now())`),
  ),
  lambdas: chained(
    "$f0 = func() { 1 }",
    (to, from) => `$f${to} = func() { $f${from}() }`,
    (last) => text(`$f${last}()`),
  ),
  "lambdas with arguments": chained(
    "$f0 = func($x) { $x }",
    (to, from) => `$f${to} = func($x) { $f${from}($x + 1) }`,
    (last) => text(`$f${last}(1)`),
  ),
  "lambdas with what changes": chained(
    "$f0 = func($x) { $x }",
    (to, from) => `$f${to} = func($x) { $f${from}($x + 1) }`,
    (last) => text(`$f${last}(datetime.now())`),
  ),
  "lambdas that return lambdas": chained(
    "$f0 = func() { 1 }",
    (to, from) => `$f${to} = func() { $f${from} }`,
    (last) => text(`len([$f${last}])`),
  ),
  "lambdas that are applied": chained(
    "$f0 = func($x) { $x }",
    (to, from) => `$f${to} = func($x) { fmt.printf("%d", len(iter.map([$x], $f${from}))) }`,
    (last) => text(`$f${last}("a")`),
  ),
  classes: chained(
    'class c0 {\n\ttest "a" {}\n}',
    (to, from) => `class c${to} {\n\tinclude c${from}\n}`,
    (last) => `include c${last}`,
  ),
  "classes with parameters": chained(
    'class c0($x) {\n\ttest "a" {\n\t\tint64 => $x,\n\t}\n}',
    (to, from) => `class c${to}($x) {\n\tinclude c${from}($x + 1)\n}`,
    (last) => `include c${last}(1)`,
  ),
  "classes with names": chained(
    'class c0 {\n\t$x = "a"\n}',
    (to, from) => `class c${to} {\n\tinclude c${from} as k\n\t$x = $k.x\n}`,
    (last) => `include c${last} as k\ntest "\${k.x}" {}`,
  ),
  "classes that are read": chained(
    'class c0($x) {\n\t$y = $x\n}\ninclude c0("a") as k0',
    (to, from) => `include c0($k${from}.y) as k${to}`,
    (last) => `test "\${k${last}.y}" {}`,
  ),
  "else after else": (depth) => [
    Array.from({ length: depth }, () => "if false {\n} else {\n").join("") + 'test "a" {}\n' + "}\n".repeat(depth),
  ],
};

const modules = ["datetime", "fmt", "iter"];

/** With the modules that it uses. */
export function deepProgram(shape: Shape, depth: number): string {
  const body = shape(depth).join("\n");
  const used = modules.filter((name) => body.includes(`${name}.`));
  return `${[...used.map((name) => `import "${name}"`), body].join("\n")}\n`;
}
