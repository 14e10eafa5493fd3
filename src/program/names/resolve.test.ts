// SPDX-License-Identifier: Apache-2.0
// Programs and what becomes of their names: the cases are golden files, read them as a gallery.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { testGoldenFiles } from "../../../test/golden.ts";
import { Problems } from "../../base/problem.ts";
import { renderProblem } from "../../base/render-problem.ts";
import { nameProblems } from "../problems.ts";
import { aloneFile } from "../modules/module-file.ts";
import { parseImportPath } from "../modules/import-path.ts";
import { printNamed } from "./print.ts";
import { resolveNames } from "./resolve.ts";
import { smallCatalog } from "./small-catalog.test-support.ts";
import type { NamedProgram } from "./tree.ts";

testGoldenFiles("test/cases/names", {
  produce: (given) => {
    const { named, problems } = check(given.input("source"));
    const phases = [...new Set(problems.all.map(({ phase }) => phase))].join(" ");
    const rendered = problems.all.map((problem) => renderProblem(problem, { colour: false })).join("\n");
    return [
      { heading: "phases", text: phases === "" ? "" : `${phases}\n` },
      { heading: "problems", text: rendered },
      { heading: "named", text: named === undefined || problems.any ? "" : printNamed(named) },
    ];
  },
});

function check(text: string): { readonly named: NamedProgram | undefined; readonly problems: Problems } {
  const problems = new Problems();
  const file = aloneFile({ path: "main.mcl", text });
  assert.deepEqual(file.problems, [], "the source does not parse");
  return { named: resolveNames(file, smallCatalog, problems), problems };
}

/** The codes of the problems of a program. */
function codesOf(text: string): readonly string[] {
  return check(text).problems.all.map(({ code }) => code);
}

test("every code of a problem is used once", () => {
  const codes = nameProblems.map(({ code }) => code);
  assert.deepEqual(codes, [...new Set(codes)]);
});

describe("the order of statements does not matter", () => {
  /** Which variables each of some variables uses. */
  const uses = fc.array(fc.array(fc.nat({ max: 11 }), { maxLength: 3 }), { minLength: 1, maxLength: 12 });

  test("a program is rejected exactly when its variables go round in a circle", () => {
    fc.assert(
      fc.property(uses, (graph) => {
        const lines = graph.map((used, index) => {
          const sum = used.filter((other) => other < graph.length).map((other) => `$v${other}`);
          return `$v${index} = ${["1", ...sum].join(" + ")}\n`;
        });
        assert.equal(codesOf(lines.join("")).includes("definition-circle"), hasCircle(graph));
      }),
    );
  });

  test("shuffled statements mean the same", () => {
    fc.assert(
      fc.property(uses, fc.array(fc.nat(), { minLength: 12, maxLength: 12 }), (graph, places) => {
        // Only towards lower numbers, so there is no circle.
        const binds = graph.map((used, index) => {
          const sum = used.filter((other) => other < index).map((other) => `$v${other}`);
          return `$v${index} = ${["1", ...sum].join(" + ")}\n`;
        });
        const resources = graph.map((_, index) => `test "t${index}" {\n\tint8 => $v${index},\n}\n`).join("");
        const shuffled = binds
          .map((line, index) => ({ line, place: places[index] ?? 0 }))
          .toSorted((a, b) => a.place - b.place)
          .map(({ line }) => line);
        assert.equal(printed(resources + shuffled.join("")), printed(resources + binds.join("")));
      }),
    );
  });

  function printed(text: string): string {
    const { named, problems } = check(text);
    assert.ok(named !== undefined && !problems.any);
    return printNamed(named);
  }

  /** Takes away what uses nothing that is left, until nothing changes: what stays is in a circle or leads to one. */
  function hasCircle(graph: readonly (readonly number[])[]): boolean {
    let left = new Set(graph.keys());
    for (;;) {
      const next = new Set([...left].filter((vertex) => graph[vertex]?.some((used) => left.has(used))));
      if (next.size === left.size) return next.size > 0;
      left = next;
    }
  }
});

describe("large programs", () => {
  const many = Array.from({ length: 10_000 }, (_, index) => index);

  test("a chain of 10,000 variables is resolved in either direction", () => {
    const chain = many.map((index) => `$v${index} = ${index === 0 ? "1" : `$v${index - 1} + 1`}\n`);
    assert.deepEqual(codesOf(chain.join("")), []);
    assert.deepEqual(codesOf(chain.toReversed().join("")), []);
  });

  test("a circle of 10,000 variables is one problem", () => {
    assert.deepEqual(codesOf(many.map((index) => `$v${index} = $v${(index + 1) % many.length}\n`).join("")), [
      "definition-circle",
    ]);
  });

  test("10,000 resources of one variable are resolved", () => {
    const resources = many.map((index) => `file "/tmp/${index}" {\n\tcontent => "\${x}${index}",\n}\n`);
    assert.deepEqual(codesOf(`$x = "a"\n${resources.join("")}`), []);
  });

  test("a chain of 10,000 classes that include each other is resolved", () => {
    const classes = many.map((index) => `class c${index} {\n${index === 0 ? "" : `\tinclude c${index - 1}\n`}}\n`);
    assert.deepEqual(codesOf(`include c${many.length - 1}\n${classes.join("")}`), []);
  });

  test("a chain of 10,000 includes, each behind the alias of the one before, is resolved", () => {
    const includes = many.map((index) => `include ${index === 0 ? "c" : `i${index - 1}.c`} as i${index}\n`);
    assert.deepEqual(codesOf(`class c {\n}\n${includes.toReversed().join("")}`), []);
  });

  test("a string of 10,000 variables does not become 10,000 calls deep", () => {
    assert.deepEqual(codesOf(`$x = "a"\n$y = "${"${x} ".repeat(10_000)}"\ntest $y {}\n`), []);
  });

  test("every one of 10,000 unknown names is told", () => {
    const codes = codesOf(many.map((index) => `$v${index} = $unknown${index}\n`).join(""));
    assert.deepEqual(codes, Array<string>(many.length).fill("unknown-variable"));
  });

  test("blocks and expressions as deep as the parser allows are resolved", () => {
    const depth = 250;
    const blocks = `${"if true {\n".repeat(depth)}test "${"${x}"}" {}\n${"}\n".repeat(depth)}$x = "a"\n`;
    assert.deepEqual(codesOf(blocks), []);
    assert.deepEqual(codesOf(`$x = ${"[".repeat(depth)}1${"]".repeat(depth)}\n`), []);
    assert.deepEqual(codesOf(`$x = 1${" + 1".repeat(depth)}\n`), []);
  });
});

describe("the text of an import", () => {
  const paths: readonly (readonly [path: string, kind: string, alias?: string])[] = [
    ["fmt", "module", "fmt"],
    ["golang/strings", "module", "strings"],
    ["Some-Thing", "module", "some_thing"],
    ["mgmt-web", "module", "web"],
    ["mgmt-", "invalid"],
    ["dir/x.mcl", "file", "x"],
    ["../x.mcl", "file", "x"],
    ["dir/", "directory", "dir"],
    ["mgmt-dir/", "directory", "dir"],
    ["git://example.org/someone/mgmt-web-server/", "remote", "web_server"],
    ["https://example.org:8080/x?branch=main#top", "remote", "x"],
    ["", "invalid"],
    ["/fmt", "invalid"],
    ["./x", "invalid"],
    ["a//b", "invalid"],
    ["a/../b", "invalid"],
    ["dir//", "invalid"],
    ["git://example.org", "invalid"],
    ["?x", "invalid"],
    ["-x", "invalid"],
    ["x_", "invalid"],
  ];
  for (const [path, kind, alias] of paths) {
    test(`"${path}" is ${kind}`, () => {
      const parsed = parseImportPath(path);
      assert.equal(parsed.kind, kind);
      assert.equal("alias" in parsed ? parsed.alias : undefined, alias);
    });
  }
});
