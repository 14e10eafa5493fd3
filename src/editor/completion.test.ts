// SPDX-License-Identifier: Apache-2.0
// What is offered where, with what is being typed still broken; calls, outlines and marks.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Analysis } from "./analysis.ts";
import { completionsAt } from "./completion.ts";
import { diagnosticsOf } from "./diagnostics.ts";
import { open } from "./marked.test-support.ts";
import { outlineOf, type OutlineItem } from "./outline.ts";
import { signatureHelpAt } from "./signature-help.ts";

interface Expected {
  readonly has?: readonly string[];
  readonly lacks?: readonly string[];
}

async function check(marked: string, expected: Expected, files: Readonly<Record<string, string>> = {}): Promise<void> {
  const { analysis, offset } = await open(marked, files);
  const labels = new Set((completionsAt(analysis, offset)?.items ?? []).map(({ label }) => label));
  for (const label of expected.has ?? []) assert.ok(labels.has(label), `${label} is not in ${[...labels].join(" ")}`);
  for (const label of expected.lacks ?? []) assert.ok(!labels.has(label), `${label} is offered`);
}

/** The text with the completion taken. */
async function checkTaken(marked: string, label: string, expected: string): Promise<void> {
  const { analysis, offset } = await open(marked);
  const completions = completionsAt(analysis, offset);
  const item = completions?.items.find((each) => each.label === label);
  assert(completions !== undefined && item !== undefined, `${label} is not offered`);
  const { text } = analysis.source;
  const [start, end] = [completions.range.start, completions.range.end].map((each) => analysis.lines.offsetOf(each));
  assert.equal(text.slice(0, start) + (item.snippet ?? item.text) + text.slice(end), expected);
}

describe("completion offers", () => {
  test("variables behind a `$` and inside `${`", async () => {
    const before = '$port = 80\n$name = "x"\n';
    await check(`${before}$a = $‹cursor›\n`, { has: ["port", "name", "hostname"] });
    await check(`${before}$a = $po‹cursor›\n`, { has: ["port"] });
    await check(`${before}print "\${na‹cursor›" {}\n`, { has: ["name"] });
    await check(`${before}file "/a" {\n\tcontent => "\${‹cursor›\n}\n`, { has: ["name"] });
    await checkTaken(`${before}$a = $po‹cursor›\n`, "port", `${before}$a = $port\n`);
  });

  test("only variables that are in reach", async () => {
    const program = "if true {\n\t$inner = 1\n\t$a = $A\n}\n$b = 1\n$c = $B\n";
    await check(program.replace("$A", "$‹cursor›").replace("$B", "2"), { has: ["inner", "b"] });
    await check(program.replace("$B", "$‹cursor›").replace("$A", "2"), { lacks: ["inner"] });
    await check("func f($x) {\n\t$‹cursor›\n}\n", { lacks: ["f"] });
    await check("func f($x) {\n\t$x + $‹cursor›x\n}\n", { has: ["x"] });
  });

  test("nothing where a new name is made", async () => {
    await check("$a = 1\n$‹cursor›\n", { lacks: ["a"] });
    await check("$a = 1\nfunc f($‹cursor›\n", { lacks: ["a"] });
    await check("$a = 1\nfor $i, $‹cursor›\n", { lacks: ["a"] });
  });

  test("functions, modules and variables for a value", async () => {
    await check('import "fmt"\n$port = 1\nfunc twice($x) {\n\t$x\n}\n$a = ‹cursor›\n', {
      has: ["fmt", "twice", "$port", "true", "len"],
      lacks: ["_operator", "file"],
    });
    await checkTaken(
      "func twice($x) {\n\t$x\n}\n$a = tw‹cursor›\n",
      "twice",
      "func twice($x) {\n\t$x\n}\n$a = twice($1)$0\n",
    );
  });

  test("what is behind a dot", async () => {
    await check('import "fmt"\n$a = fmt.‹cursor›\n', { has: ["printf"], lacks: ["fmt"] });
    await check('import "fmt" as f\n$a = f.pr‹cursor›\n', { has: ["printf"] });
    await check("class c($p) {\n\t$port = 1\n}\ninclude c(1) as one\n$a = $one.‹cursor›\n", { has: ["port", "p"] });
    const files = { "/lib.mcl": "$port = 80\nfunc twice($x) {\n\t$x\n}\nclass web {\n}\n" };
    await check('import "lib.mcl"\n$a = $lib.‹cursor›\n', { has: ["port"], lacks: ["twice"] }, files);
    await check('import "lib.mcl"\n$a = lib.‹cursor›\n', { has: ["twice"] }, files);
    await check('import "lib.mcl"\ninclude lib.‹cursor›\n', { has: ["web"] }, files);
  });

  test("the fields of a struct behind an arrow", async () => {
    await check('$s = struct{name => "x", port => 1}\n$a = $s->‹cursor›\n', { has: ["name", "port"] });
  });

  test("kinds and words at the beginning of a statement", async () => {
    await check("‹cursor›\n", { has: ["file", "import", "class", "if", "for"], lacks: ["true"] });
    await check("if true {\n\tfi‹cursor›\n}\n", { has: ["file"] });
    await checkTaken("pri‹cursor›\n", "print", 'print "$1" {\n\t$0\n}\n');
  });

  test("fields that are free, edges and meta parameters inside of a resource", async () => {
    await check('file "/a" {\n\tcontent => "b",\n\t‹cursor›\n}\n', {
      has: ["mode", "state", "Before", "Meta"],
      lacks: ["content", "file"],
    });
    await check('file "/a" {\n\tM‹cursor›\n', { has: ["Meta"] });
    await check('file "/a" {\n\tMeta:‹cursor›\n}\n', { has: ["noop", "retry"], lacks: ["mode"] });
    await checkTaken('file "/a" {\n\tmo‹cursor›\n}\n', "mode", 'file "/a" {\n\tmode => "$1",$0\n}\n');
    await check('collect file "/a" {\n\t‹cursor›\n}\n', { has: ["mode"] });
    await check('exec "/a" {\n\tenv => {\n\t\t‹cursor›\n\t},\n}\n', { lacks: ["cmd", "Before"] });
  });

  test("kinds with a capital for edges", async () => {
    await check('file "/a" {\n\tBefore => F‹cursor›\n}\n', { has: ["File"] });
    await checkTaken("Fi‹cursor›\n", "File", 'File["$1"]$0\n');
  });

  test("classes behind `include`, types behind a name, modules inside an import", async () => {
    await check("class web {\n}\ninclude ‹cursor›\n", { has: ["web"], lacks: ["file"] });
    await check("$a ‹cursor›\n", { has: ["str", "int", "[]"] });
    await check('import "‹cursor›"\n', { has: ["fmt", "strings"] });
    await check('import "‹cursor›\n', { has: ["fmt"] });
  });

  test("nothing in a comment or a text", async () => {
    await check("# $‹cursor›\n", { lacks: ["hostname"] });
    await check('$a = "x ‹cursor› y"\n', { lacks: ["hostname", "true"] });
  });
});

test("types in a list are those of the text before, moved along with what was typed", async () => {
  const { analysis: before } = await open('$a = 1\n$b = "x"\ntest $b {\n\tint64 => $a,\n}\n');
  assert.deepEqual(diagnosticsOf(before), []);
  const text = before.source.text.replace("$b =", "$c = $\n$b =");
  const source = { path: before.source.path, text };
  const analysis = new Analysis(source, before.surroundings, before.indexer, before);
  const { items } = completionsAt(analysis, text.indexOf("$c = $") + 6) ?? { items: [] };
  const details = Object.fromEntries(items.map(({ label, detail }) => [label, detail]));
  assert.deepEqual([details["a"], details["b"]], ["int", "str"]);
});

describe("a call that is being written shows", () => {
  const checkCall = async (marked: string, label: string | undefined, parameter = 0) => {
    const { analysis, offset } = await open(marked);
    const help = signatureHelpAt(analysis, offset);
    assert.equal(help?.signatures[0]?.label, label);
    if (label !== undefined) assert.equal(help?.parameter, parameter);
  };

  test("the function and the argument", async () => {
    await checkCall('func f($a, $b int) str {\n\t"x"\n}\n$c = f(1, ‹cursor›\n', "func f($a ?, $b int) str", 1);
    await checkCall("$f = func($x) { $x + 1 }\n$a = $f(‹cursor›)\n", "$f($? int) int".replace("$? ", ""));
    await checkCall("class c($a, $b) {\n}\ninclude c([1, 2], ‹cursor›\n", "class c($a, $b)", 1);
    await checkCall("$a = f([1, ‹cursor›\n", undefined);
    await checkCall("$a = (1 + ‹cursor›\n", undefined);
  });
});

test("an outline has what is declared, and resources by kind and name", async () => {
  const { analysis } = await open(
    'import "fmt"\n$a = 1\nclass c {\n\tfile "/a" {}\n\tif true {\n\t\tprint "b" {}\n\t}\n}\n',
  );
  const names = (items: readonly OutlineItem[]): readonly unknown[] =>
    items.map(({ name, inside }) => (inside.length === 0 ? name : [name, ...names(inside)]));
  assert.deepEqual(names(outlineOf(analysis.tree.body)), ["fmt", "$a", ["c", 'file["/a"]', 'print["b"]']]);
});

describe("marks", () => {
  const codes = async (text: string, files: Readonly<Record<string, string>> = {}) =>
    diagnosticsOf((await open(text, files)).analysis).map(({ code, severity }) =>
      severity === "error" ? code : `(${code})`,
    );

  test("are every problem of a text", async () => {
    assert.deepEqual(await codes("$a = 1\n"), []);
    assert.deepEqual(await codes("$a = $b\n$c = $d\n"), ["unknown-variable", "unknown-variable"]);
    assert.deepEqual(await codes('file "/a" {\n\tcontent => 1,\n}\n'), ["type-mismatch"]);
  });

  test("are not there for what a broken statement may have declared", async () => {
    assert.deepEqual(await codes("$a = \n$b = $a\n"), ["line-ends-too-early"]);
  });

  test("are warnings in a class that nothing includes", async () => {
    assert.deepEqual(await codes("class c {\n\t$a = $b\n}\n"), ["(unknown-variable)"]);
    assert.deepEqual(await codes("class c {\n\t$a = $b\n}\ninclude c\n"), ["unknown-variable"]);
  });

  test("for a mistake in a module stand at the import, and lead to it", async () => {
    const { analysis } = await open('import "lib.mcl"\n', { "/lib.mcl": "$a = $b\n" });
    const [mark] = diagnosticsOf(analysis);
    assert.deepEqual(mark?.range, { start: { line: 0, character: 7 }, end: { line: 0, character: 16 } });
    assert.equal(mark.related[0]?.at.file.path, "/lib.mcl");
  });
});
