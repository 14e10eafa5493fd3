// SPDX-License-Identifier: Apache-2.0
// Every problem is listed, has its own code and is shown by an example.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import * as definitions from "./problems.ts";

const { syntaxProblems } = definitions;

test("the list of problems is complete and every code is its own", () => {
  const defined = Object.values(definitions).filter((value) => !Array.isArray(value));
  assert.deepEqual(new Set(syntaxProblems), new Set(defined));
  const codes = syntaxProblems.map(({ code }) => code);
  assert.equal(new Set(codes).size, codes.length);
  for (const code of codes) assert.match(code, /^[a-z]+(-[a-z]+)*$/);
});

test("every problem is shown by a golden case", () => {
  const cases = globSync("test/cases/{syntax,problems}/*.md").map((path) => readFileSync(path, "utf8"));
  const shown = new Set(cases.flatMap((text) => [...text.matchAll(/^error\[([a-z-]+)\]/gm)].map(([, code]) => code)));
  assert.deepEqual(
    syntaxProblems.map(({ code }) => code).filter((code) => !shown.has(code)),
    [],
  );
});
