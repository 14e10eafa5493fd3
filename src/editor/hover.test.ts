// SPDX-License-Identifier: Apache-2.0
// What is shown for a name, in whole programs and in broken ones.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { hoverAt } from "./hover.ts";
import { open } from "./marked.test-support.ts";

/** Each part occurs in what is shown; none: nothing is shown. */
async function check(marked: string, ...parts: readonly string[]): Promise<void> {
  const { analysis, offset } = await open(marked);
  const shown = hoverAt(analysis, offset)?.markdown;
  if (parts.length === 0) assert.equal(shown, undefined);
  for (const part of parts) assert.ok(shown?.includes(part), `${part}\n--- is not in:\n${shown}`);
}

describe("hovering shows", () => {
  test("the type of a variable, where it is declared and where it is used", async () => {
    await check('$‹cursor›port = 80\nprint "a" {\n\tmsg => "${port}",\n}\n', "$port int");
    await check('$port = 80\n$text = $po‹cursor›rt + 1\nprint "a" {\n\tmsg => "b${text}",\n}\n', "$port int");
    await check('$name = "a"\nprint "a" {\n\tmsg => "${na‹cursor›me}",\n}\n', "$name str");
  });

  test("the type of a variable that nothing uses", async () => {
    await check("$lonely‹cursor› = [1, 2,]\n".replace(",]", "]"), "$lonely []int");
    await check("if true {\n\t$inn‹cursor›er = 1.5\n}\n", "$inner float");
  });

  test("each type that the parameter of a function has, and its signatures", async () => {
    const program = (cursor: string) =>
      `func same($x) {\n\t${cursor}\n}\n$a = same(1)\n$b = same("b")\nprint "p" {\n\tmsg => "a\${b}",\n}\ntest "t" {\n\tint64 => $a,\n}\n`;
    await check(program("$‹cursor›x"), "$x int", "$x str");
    await check(program("$x").replace("same(", "sa‹cursor›me("), "func same($x int) int", "func same($x str) str");
  });

  test("what is written of a function that nothing calls, and what follows from its body", async () => {
    await check("func twi‹cursor›ce($x) {\n\t$x * 2\n}\n", "func twice($x int) int");
    await check("func an‹cursor›y($x) {\n\t$x\n}\n", "func any($x ?) ?");
  });

  test("the comment above a declaration", async () => {
    await check("# Where it listens.\n# By default.\n$po‹cursor›rt = 80\n", "Where it listens.\nBy default.");
  });

  test("types inside of a class that something includes, and of one that nothing includes", async () => {
    const body = 'class base($port) {\n\t$text = "on ${name}"\n\t$name = "x"\n\tprint $te‹cursor›xt {}\n}\n';
    await check(`${body}include base(80)\n`, "$text str");
    await check(body, "$text str");
    await check("class base($po‹cursor›rt) {\n\t$twice = $port + 1\n}\n", "$port int");
  });

  test("the class with its parameters where it is included", async () => {
    await check(
      'class base($port, $name) {}\ninclude ba‹cursor›se(80, "x")\n'.replace("{}", "{\n}"),
      "class base($port int, $name str)",
    );
  });

  test("variables of loops", async () => {
    await check('for $i, $v‹cursor›alue in ["a"] {\n\tprint $value {}\n}\n', "$value str");
    await check('forkv $key, $v in {"a" => 1.5} {\n\tprint $k‹cursor›ey {}\n}\n', "$key str");
  });

  test("functions of modules with signature, words and example, and the modules", async () => {
    await check('import "fmt"\n$a = fmt.pri‹cursor›ntf("%d", 1)\n', "fmt.printf(", "Module `fmt`");
    await check('import "fmt"\n$a = f‹cursor›mt.printf("%d", 1)\n', 'import "fmt"', "`printf`");
    await check('import "f‹cursor›mt"\n', 'import "fmt"');
  });

  test("kinds, fields, meta parameters and relations of resources", async () => {
    await check('fi‹cursor›le "/tmp/a" {}\n', 'file "name" {}', "- `content` str");
    await check('file "/tmp/a" {\n\tcont‹cursor›ent => "b",\n}\n', "content => str,", "Field of `file`");
    await check('file "/tmp/a" {\n\tMeta:no‹cursor›op => true,\n}\n', "Meta:noop => bool,");
    await check('file "/tmp/a" {\n\tBef‹cursor›ore => Print["b"],\n}\n', "This resource comes first.");
    await check('Fi‹cursor›le["/tmp/a"] -> Print["b"]\n', 'file "name" {}');
  });

  test("constants of modules and those that are always there", async () => {
    await check("$a = $host‹cursor›name\n", '$hostname str = "here"');
  });

  test("types in a text that is broken elsewhere", async () => {
    await check('$port = 80\nfile "/a" {\n\tcontent => \n}\n$next = $po‹cursor›rt + 1\nprint "x" {\n', "$port int");
    await check("$a = 1\n$b = $unknown\n$c = $‹cursor›a\n", "$a int");
  });

  test("nothing where there is no name", async () => {
    await check('# a comm‹cursor›ent\n$a = "text"\n');
    await check('$a = "te‹cursor›xt"\n');
  });
});
