// SPDX-License-Identifier: Apache-2.0
// Declarations, uses and new names; and that the editor finds what the compiler finds.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { Problems } from "../base/problem.ts";
import { renderPlace } from "../base/span.ts";
import { aloneFile } from "../program/modules/module-file.ts";
import { resolveNames } from "../program/names/resolve.ts";
import type * as Named from "../program/names/tree.ts";
import type { FileIndex } from "./index-file.ts";
import { Indexer } from "./index-file.ts";
import { catalog, open } from "./marked.test-support.ts";
import { definedAt, definitionAt, placesOf, renameable, renameTo } from "./references.ts";

/** The declaration is where `marked` has `‹here›`. */
async function checkDefinition(marked: string): Promise<void> {
  const here = marked.replace("‹cursor›", "").indexOf("‹here›");
  const { analysis, offset } = await open(marked.replace("‹here›", ""));
  const cursor = marked.indexOf("‹cursor›") < marked.indexOf("‹here›") ? offset : offset;
  assert.equal(definitionAt(analysis, cursor)?.start, here, marked);
}

/** Every `‹…›` is a place of the name at the first of them. */
async function checkRename(marked: string, name: string, expected: string): Promise<void> {
  const { analysis, offset } = await open(marked);
  const definition = definedAt(analysis, offset);
  const able = renameable(analysis, offset);
  if ("refused" in able) return assert.match(able.refused, new RegExp(expected));
  assert(definition !== undefined);
  const renamed = renameTo(definition, name, [analysis.index]);
  if ("refused" in renamed) return assert.match(renamed.refused, new RegExp(expected));
  let { text } = analysis.source;
  for (const { start, end } of renamed.places.toSorted((a, b) => b.start - a.start)) {
    text = text.slice(0, start) + name + text.slice(end);
  }
  assert.equal(text, expected);
}

describe("a declaration is found", () => {
  test("of variables, parameters and variables of loops", async () => {
    await checkDefinition("$‹here›a = 1\n$b = $‹cursor›a\n");
    await checkDefinition('$‹here›a = "x"\n$b = "is ${‹cursor›a}"\n');
    await checkDefinition("$x = 1\nfunc f($‹here›x) {\n\t$‹cursor›x\n}\n");
    await checkDefinition("$f = func($‹here›x) { $x + $‹cursor›x }\n");
    await checkDefinition("for $i, $‹here›v in [1] {\n\t$y = $‹cursor›v\n}\n");
    await checkDefinition("$a = 1\nif true {\n\t$b = $‹cursor›a\n\t$‹here›a = 2\n}\n");
  });

  test("of functions and classes, also before they are declared", async () => {
    await checkDefinition("$a = ‹cursor›f(1)\nfunc ‹here›f($x) {\n\t$x\n}\n");
    await checkDefinition("include ‹cursor›c\nclass ‹here›c {\n}\n");
    await checkDefinition("class c {\n\tclass ‹here›inner {\n\t}\n}\ninclude c as o\ninclude o.‹cursor›inner\n");
    await checkDefinition("class c {\n}\nclass c:‹here›inner {\n}\ninclude c as o\ninclude o.‹cursor›inner\n");
  });

  test("of names behind the alias of an include, and of the alias", async () => {
    const program = "class c($p) {\n\t$port = $p\n}\ninclude c(1) as one\n$a = $one.port\n";
    await checkDefinition(program.replace("$port", "$‹here›port").replace("one.port", "one.‹cursor›port"));
    await checkDefinition(program.replace("as one", "as ‹here›one").replace("$one", "$‹cursor›one"));
  });

  test("of names in files that are imported, with an alias and with a star", async () => {
    const files = { "/lib.mcl": "# Of the library.\n$port = 80\nfunc twice($x) {\n\t$x * 2\n}\nclass web {\n}\n" };
    const check = async (text: string, place: string) => {
      const { analysis, offset } = await open(text, files);
      const at = definitionAt(analysis, offset);
      assert.equal(at === undefined ? undefined : renderPlace(at), place);
    };
    await check('import "lib.mcl"\n$a = $lib.‹cursor›port\n', "/lib.mcl:2:2");
    await check('import "lib.mcl"\n$a = lib.‹cursor›twice(2)\n', "/lib.mcl:3:6");
    await check('import "lib.mcl" as l\ninclude l.‹cursor›web\n', "/lib.mcl:6:7");
    await check('import "lib.mcl" as *\n$a = $‹cursor›port\n', "/lib.mcl:2:2");
    await check('import "‹cursor›lib.mcl"\n', "/lib.mcl:1:1");
    await check('import "lib.mcl"\n$a = $‹cursor›lib.port\n', "/lib.mcl:1:1");
  });

  test("in a text that is broken elsewhere", async () => {
    await checkDefinition('$‹here›a = 1\nfile "x" {\n\tcontent => \n}\nclass c {\n\t$b = $‹cursor›a\n\t$c = \n}\n');
  });
});

describe("renaming", () => {
  test("changes every place of a name and no other name", async () => {
    await checkRename('$‹cursor›a = 1\n$b = $a + $a\n$c = "${a}"\n', "z", '$z = 1\n$b = $z + $z\n$c = "${z}"\n');
    await checkRename(
      "$a = 1\nfunc a($a) {\n\t$‹cursor›a\n}\n$b = $a\n",
      "z",
      "$a = 1\nfunc a($z) {\n\t$z\n}\n$b = $a\n",
    );
    await checkRename("func f() {\n\t1\n}\n$f = ‹cursor›f()\n", "g", "func g() {\n\t1\n}\n$f = g()\n");
    await checkRename(
      "class ‹cursor›a {\n}\nclass a:b {\n}\ninclude a as x\ninclude x.b\n",
      "z",
      "class z {\n}\nclass z:b {\n}\ninclude z as x\ninclude x.b\n",
    );
    await checkRename(
      'import "fmt" as ‹cursor›f\n$a = f.printf("x")\n',
      "g",
      'import "fmt" as g\n$a = g.printf("x")\n',
    );
    await checkRename(
      "class c {\n\t$a = 1\n}\ninclude c as ‹cursor›o\n$b = $o.a\n",
      "p",
      "class c {\n\t$a = 1\n}\ninclude c as p\n$b = $p.a\n",
    );
  });

  test("is refused for what is built in and for what follows from a path", async () => {
    await checkRename('import "fmt"\n$a = fmt.‹cursor›printf("x")\n', "x", "built in");
    await checkRename('import "fmt"\n$a = ‹cursor›fmt.printf("x")\n', "x", "comes from the path");
    await checkRename('‹cursor›file "/a" {}\n', "x", "built in");
    await checkRename("$a = ‹cursor› 1\n", "x", "no name here");
  });

  test("is refused when the new name is none, or means something else already", async () => {
    await checkRename("$‹cursor›a = 1\n", "A", "cannot be a name");
    await checkRename("$‹cursor›a = 1\n", "if", "word of the language");
    await checkRename("$‹cursor›a = 1\n", "a__b", "two underscores");
    await checkRename("$‹cursor›a = 1\n$b = 2\n", "b", "already a variable `b`");
    await checkRename("$‹cursor›a = 1\nfunc f($b) {\n\t$a + $b\n}\n", "b", "means something else");
    await checkRename("$b = 1\nif true {\n\t$‹cursor›a = 2\n\t$c = $b\n}\n", "b", "means something else");
  });
});

test("references leave the declaration out unless it is asked for", async () => {
  const { analysis, offset } = await open("$‹cursor›a = 1\n$b = $a\n");
  const definition = definedAt(analysis, offset);
  assert(definition !== undefined);
  const count = (withDeclaration: boolean) => placesOf(definition, [analysis.index], { withDeclaration }).length;
  assert.deepEqual([count(false), count(true)], [1, 2]);
});

describe("the editor and the compiler agree", () => {
  const programs = globSync("test/cases/{names,types,programs}/**/*.md", { cwd: `${import.meta.dirname}/../..` });
  const codes = programs.flatMap((path) =>
    [...readFileSync(`${import.meta.dirname}/../../${path}`, "utf8").matchAll(/```mcl\n(.*?)```/gs)].map((match) => ({
      path,
      text: match[1] ?? "",
    })),
  );

  test("there are programs to compare", () => assert.ok(codes.length > 100, String(codes.length)));

  test("on what every name of the golden programs stands for", () => {
    let compared = 0;
    for (const { path, text } of codes) {
      const file = aloneFile({ path, text });
      const named = resolveNames(file, catalog, new Problems());
      if (named === undefined) continue;
      const index = new Indexer(catalog).index(file);
      for (const { at, to } of referencesIn(named)) {
        compared += 1;
        assert.equal(declarationStart(index, at), to, `${path}: ${text.slice(at)}`);
      }
    }
    assert.ok(compared > 500, String(compared));
  });
});

/** Where the name that ends the expression at an offset is declared. */
function declarationStart({ occurrences }: FileIndex, at: number): number | undefined {
  const found = occurrences.findLast(({ typedAt, isDefinition }) => typedAt.start === at && !isDefinition);
  return found?.meaning.kind === "definition" ? found.meaning.definition.typedAt.start : undefined;
}

/** Every reference to a variable that the named tree has, by its offset, with the offset of its declaration. */
function referencesIn(program: Named.NamedProgram): readonly { readonly at: number; readonly to: number }[] {
  const found: { at: number; to: number }[] = [];
  const seen = new Set<object>();
  const visit = (part: unknown): void => {
    if (typeof part !== "object" || part === null || seen.has(part)) return;
    seen.add(part);
    if (isReference(part) && part.at.file === part.to.at.file) found.push({ at: part.at.start, to: part.to.at.start });
    for (const [name, inner] of Object.entries(part)) if (name !== "at" && name !== "scope") visit(inner);
  };
  visit(program.main);
  return found;
}

function isReference(part: object): part is Named.Reference {
  return "kind" in part && part.kind === "reference" && "to" in part;
}
