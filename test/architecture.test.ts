// SPDX-License-Identifier: Apache-2.0
// The rules of docs/architecture.md hold in this repository; and each rule, broken in a made-up one, is reported.

import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import {
  cycleProblems,
  type Files,
  formProblems,
  importProblems,
  importsOf,
  linkProblems,
  parseRules,
  placeProblems,
  pureProblems,
  tableProblems,
} from "./architecture.ts";

const root = join(import.meta.dirname, "..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const filesOf = (...globs: string[]): Files =>
  new Map(
    globSync(globs, { cwd: root, withFileTypes: true, exclude: ["node_modules", ".git", "dist", ".cache"] })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
      .toSorted()
      .map((path) => [path, read(path)]),
  );

describe("this repository", () => {
  const rules = parseRules(read("docs/architecture.md"));
  const sources = filesOf("src/**/*.ts");

  test("has a folder table in which every folder imports only folders above it", () => {
    assert.deepEqual(tableProblems(rules), []);
  });

  test("imports only what docs/architecture.md allows", () => {
    assert.notEqual(sources.size, 0);
    assert.deepEqual(importProblems(rules, sources), []);
    assert.deepEqual(cycleProblems(sources), []);
  });

  test("keeps by lint the folders pure that docs/architecture.md calls pure", () => {
    const lint: unknown = JSON.parse(read(".oxlintrc.json"));
    assert.deepEqual(pureProblems(rules, firstOverride(lint)), []);
  });

  test("opens every source file with its licence and what it is", () => {
    assert.deepEqual(formProblems(filesOf("mgmt", ".ci/run", "{src,test,scripts,bench,editor}/**/*")), []);
  });

  test("gives each decision a number of its own, which its title repeats", () => {
    const numbers = new Set<string>();
    for (const [path, text] of filesOf("docs/decisions/*.md")) {
      const [, number = ""] = /\/0*(\d+)-[^/]*$/.exec(path) ?? [];
      if (number === "") continue; // What a decision looks like.
      assert.ok(!numbers.has(number), `${path}: another decision has the number ${number}, too`);
      assert.ok(text.startsWith(`# ${number}. `), `${path}: the title begins with "# ${number}. "`);
      numbers.add(number);
    }
    assert.notEqual(numbers.size, 0);
  });

  test("links only to what is there", () => {
    const documents = filesOf("*.md", "{docs,examples}/**/*.md");
    assert.deepEqual(
      linkProblems(documents, (path) => existsSync(join(root, path))),
      [],
    );
  });

  test("names no machine", () => {
    assert.deepEqual(placeProblems(filesOf("*", ".*", "{src,test,scripts,bench,docs,examples,modules,.ci}/**/*")), []);
  });
});

function firstOverride(lint: unknown): readonly string[] {
  assert(typeof lint === "object" && lint !== null && "overrides" in lint && Array.isArray(lint.overrides));
  const first: unknown = lint.overrides[0];
  assert(typeof first === "object" && first !== null && "files" in first && Array.isArray(first.files));
  return first.files.map(String);
}

describe("in a made-up repository", () => {
  const page = (rows: string) =>
    `text\n\n| \`src/\` | one line | may import |\n|---|---|---|\n${rows}\n\n| package | may be imported by |\n|---|---|\n| \`commander\` | cli |\n`;
  const rules = parseRules(
    page(
      "| `base/` P | spans | nothing |\n| `syntax/` P | text | base |\n| `host/` | machine | base |\n| `cli/` | words | base, syntax |",
    ),
  );
  const checkImport = (path: string, statement: string, ...expected: string[]) =>
    assert.deepEqual(
      importProblems(
        rules,
        new Map([
          ["src/base/span.ts", ""],
          ["src/syntax/lexer.ts", ""],
          ["src/host/clock.ts", ""],
          [path, statement],
        ]),
      ),
      expected.map((problem) => `${path}: ${problem}`),
    );
  const checkForm = (path: string, text: string, ...expected: string[]) =>
    assert.deepEqual(
      formProblems(new Map([[path, text]])),
      expected.map((problem) => `${path}: ${problem}`),
    );
  const head = "// SPDX-License-Identifier: Apache-2.0\n// What it is.\n";

  test("an import that the table allows is fine, and so is one inside a folder", () => {
    checkImport("src/syntax/parser.ts", 'import { a } from "../base/span.ts";\nimport { b } from "./lexer.ts";');
    checkImport("src/host/linux/files.ts", 'import { readFile } from "node:fs/promises";\nimport "../clock.ts";');
    checkImport("src/cli/main.ts", 'import { Command } from "commander";');
  });

  test("an import that the table does not allow is reported, in whatever form", () => {
    const expected = "base must not know syntax (src/syntax/lexer.ts)";
    checkImport("src/base/a.ts", 'import { b } from "../syntax/lexer.ts";', expected);
    checkImport("src/base/a.ts", 'import type { B } from "../syntax/lexer.ts";', expected);
    checkImport("src/base/a.ts", 'import {\n  b,\n  type C,\n} from "../syntax/lexer.ts";', expected);
    checkImport("src/base/a.ts", 'import "../syntax/lexer.ts";', expected);
    checkImport("src/base/a.ts", 'export * from "../syntax/lexer.ts";', expected);
    checkImport("src/base/a.ts", 'export type { B } from "../syntax/lexer.ts";', expected);
    checkImport("src/base/a.ts", 'const b = await import("../syntax/lexer.ts");', expected);
    checkImport("src/base/a.ts", 'type B = import("../syntax/lexer.ts").B;', expected);
  });

  test("a pure folder that imports from the runtime is reported", () => {
    checkImport("src/base/a.ts", 'import { readFileSync } from "node:fs";', "base is pure and must not import node:fs");
    checkImport("src/base/a.ts", 'import type { Stats } from "node:fs";', "base is pure and must not import node:fs");
  });

  test("a package in a folder that may not use it is reported", () => {
    checkImport("src/base/a.ts", 'import { Command } from "commander";', "base must not import the package commander");
    checkImport("src/cli/a.ts", 'import lodash from "lodash";', "cli must not import the package lodash");
  });

  test("an import that leaves src, finds nothing or takes a test is reported", () => {
    checkImport("src/cli/a.ts", 'import "../../test/golden.ts";', "there is no test/golden.ts");
    checkImport("src/cli/a.ts", 'import version from "../../package.json" with { type: "json" };');
    checkImport("src/cli/a.test.ts", 'import "../host/clock.ts";');
    assert.deepEqual(
      importProblems(
        rules,
        new Map([
          ["src/cli/a.test.ts", ""],
          ["src/cli/b.ts", 'import "./a.test.ts";'],
        ]),
      ),
      ["src/cli/b.ts: src/cli/a.test.ts is a test"],
    );
  });

  test("a computed import is reported, because nobody can check or bundle it", () => {
    checkImport("src/cli/a.ts", "const b = await import(name);", "cli must not import the package import(…)");
    checkImport("src/cli/a.ts", "// A computed import(name) is not allowed.");
  });

  test("a folder and a file that the table does not list are reported", () => {
    assert.deepEqual(
      importProblems(
        rules,
        new Map([
          ["src/extra/a.ts", ""],
          ["src/extra/b.ts", ""],
          ["src/main.ts", ""],
        ]),
      ),
      [
        "src/extra is not in the folder table of docs/architecture.md",
        "src/main.ts is not in the folder table of docs/architecture.md",
      ],
    );
  });

  test("a table that points down, repeats a folder or names none is reported", () => {
    assert.deepEqual(
      tableProblems(parseRules(page("| `base/` P | x | host |\n| `host/` | x | base |\n| `host/` | x | nothing |"))),
      [
        "the table lets src/base import host, which is no folder above it",
        "the table has src/host twice",
        "the table lets src/cli import commander, but there is no such folder",
      ],
    );
    assert.throws(() => parseRules("no table"), /has no table/);
    assert.throws(() => parseRules(page("| base | x | nothing |")), /a folder is written as/);
  });

  test("folders that import each other are reported once", () => {
    const files: Files = new Map([
      ["src/base/a.ts", 'import "../syntax/lexer.ts";'],
      ["src/syntax/lexer.ts", 'import "../host/clock.ts";'],
      ["src/host/clock.ts", 'import type { A } from "../base/a.ts";'],
    ]);
    assert.deepEqual(cycleProblems(files), ["folders import each other: base → syntax → host → base"]);
  });

  test("a pure folder that lint does not know, and the other way round, is reported", () => {
    assert.deepEqual(pureProblems(rules, ["src/base/**", "src/host/**"]), [
      ".oxlintrc.json does not keep src/syntax/** pure",
      "docs/architecture.md has no pure src/host/**",
    ]);
  });

  test("a file without its licence line or without a word on what it is, is reported", () => {
    const licence = 'the first line is not "// SPDX-License-Identifier: Apache-2.0"';
    checkForm("src/base/a.ts", `${head}export const a = 1;\n`);
    checkForm("src/base/a.ts", "export const a = 1;\n", licence);
    checkForm("src/base/a.ts", head.split("\n")[0] ?? "", "the second line does not say what the file is");
    checkForm("mgmt", "#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\n# Runs it.\n");
    checkForm("mgmt", "#!/bin/sh\necho\n", 'the first line is not "# SPDX-License-Identifier: Apache-2.0"');
    checkForm("README.md", "# mgmt\n");
  });

  test("a drawer for anything and a default export are reported", () => {
    checkForm("src/base/utils.ts", head, "utils.ts does not say what is in it");
    checkForm("src/base/helpers/span.ts", head, "helpers does not say what is in it");
    checkForm("src/base/a.ts", `${head}export default function a() {}\n`, "has a default export");
    checkForm("src/base/a.ts", `${head}export { a as default };\n`, "has a default export");
  });

  test("a line that names a machine is reported", () => {
    const check = (line: string, count: number) =>
      assert.equal(placeProblems(new Map([["a.md", line]])).length, count, line);
    check(`see ${["", "home", "somebody", "notes"].join("/")}`, 1);
    check(`from ${["registry", "npmjs", "org"].join(".")}`, 1);
    check("see src/home/made/files.ts and ./home/made/", 0);
  });

  test("a link that leads nowhere is reported", () => {
    const files: Files = new Map([["docs/a.md", "[a](b.md#part), [c](../src/c.ts), [d](https://example.com/x)"]]);
    assert.deepEqual(
      linkProblems(files, (path) => path === "docs/b.md"),
      ["docs/a.md links to ../src/c.ts, which is not there"],
    );
  });

  test("a sentence about imports is no import", () => {
    assert.deepEqual(importsOf('// import { a } from "../a.ts";\n * import("x") is lazy\nconst b = "import";'), []);
  });
});
