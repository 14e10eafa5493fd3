// SPDX-License-Identifier: Apache-2.0
// Programs and what becomes of their names: the cases are golden files, read them as a gallery.

import assert from "node:assert/strict";
import { test } from "node:test";
import { testGoldenFiles } from "../../../test/golden.ts";
import { Problems } from "../../base/problem.ts";
import { renderProblem } from "../../base/render-problem.ts";
import { parseFile } from "../../syntax/parser.ts";
import { nameProblems } from "../problems.ts";
import { printNamed } from "./print.ts";
import { resolveNames } from "./resolve.ts";
import { smallCatalog } from "./small-catalog.ts";
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
  const file = parseFile({ path: "main.mcl", text }, problems);
  assert.ok(
    file !== undefined && !problems.any,
    `the source does not parse: ${JSON.stringify(problems.all[0]?.message)}`,
  );
  return { named: resolveNames(file, smallCatalog, problems), problems };
}
