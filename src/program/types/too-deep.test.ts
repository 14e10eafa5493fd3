// SPDX-License-Identifier: Apache-2.0
// Functions and classes that use each other deeper than the runtime has stack for are a problem with a place, no crash.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Problems } from "../../base/problem.ts";
import { createCatalog } from "../../contract/catalog.ts";
import { functions } from "../../functions/index.ts";
import { kinds } from "../../resources/index.ts";
import { compile } from "../compile.ts";

const catalog = createCatalog({ kinds, functions, constants: [] });

const chains: Readonly<Record<string, (length: number) => readonly string[]>> = {
  functions: (length) => [
    'func f0() { "a" }',
    ...Array.from({ length }, (_, index) => `func f${index + 1}() { f${index}() }`),
    `test [f${length}()] {}`,
  ],
  classes: (length) => [
    'class c0 {\n\ttest "a" {}\n}',
    ...Array.from({ length }, (_, index) => `class c${index + 1} {\n\tinclude c${index}\n}`),
    `include c${length}`,
  ],
  "classes with aliases": (length) => [
    'class c0 {\n\t$x = "a"\n}',
    ...Array.from({ length }, (_, index) => `class c${index + 1} {\n\tinclude c${index} as k\n\t$x = $k.x\n}`),
    `include c${length} as k`,
    'test "${k.x}" {}',
  ],
};

for (const [name, chain] of Object.entries(chains)) {
  test(`a chain of ${name}: 300 are accepted, 6,000 are too deep`, () => {
    assert.deepEqual(problemsOf(chain(300)), []);
    const [problem, ...more] = problemsOf(chain(6000));
    assert.deepEqual(more, []);
    assert.equal(problem?.code, "calls-too-deep");
    assert.equal(problem.phase, "unify");
    assert.match(problem.message.title, /^`[fc]\d+` is used deeper/);
  });
}

function problemsOf(lines: readonly string[]) {
  const problems = new Problems();
  compile({ path: "main.mcl", text: `${lines.join("\n")}\n` }, catalog, problems);
  return problems.all;
}
