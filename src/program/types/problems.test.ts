// SPDX-License-Identifier: Apache-2.0
// The list of problems and the golden files hold every one of them.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import * as definitions from "./problems.ts";

const { typeProblems } = definitions;

test("the list of problems is complete and every code is its own", () => {
  const defined = Object.values(definitions).filter((value) => !Array.isArray(value));
  assert.deepEqual(new Set(typeProblems), new Set(defined));
  const codes = typeProblems.map(({ code }) => code);
  assert.equal(new Set(codes).size, codes.length);
});

test("every problem is shown by a golden case", () => {
  const cases = globSync("test/cases/types/*.md").map((path) => readFileSync(path, "utf8"));
  const shown = new Set(cases.flatMap((text) => [...text.matchAll(/^error\[([a-z-]+)\]/gm)].map(([, code]) => code)));
  // Programs of thousands of lines are no golden cases: too-deep.test.ts has them.
  shown.add(definitions.callsTooDeep.code);
  shown.add(definitions.typeTooDeep.code);
  assert.deepEqual(
    typeProblems.map(({ code }) => code).filter((code) => !shown.has(code)),
    [],
  );
});
