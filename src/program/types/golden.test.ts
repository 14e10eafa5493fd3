// SPDX-License-Identifier: Apache-2.0
// The golden files of type inference: a program, then the types of what it uses, or its problems.

import { type GoldenSection, testGoldenFiles } from "../../../test/golden.ts";
import { Problems } from "../../base/problem.ts";
import { renderProblem } from "../../base/render-problem.ts";
import { createCatalog } from "../../contract/catalog.ts";
import { defineFunction } from "../../contract/function.ts";
import { constants, functions } from "../../functions/index.ts";
import { kindConstants, kinds } from "../../resources/index.ts";
import { compile } from "../compile.ts";
import { printTypes } from "./print-types.test-support.ts";

/** Functions that take functions: inference only looks at their signatures. */
const iterators = [
  { name: "map", type: "func(inputs []?1, function func(?1) ?2) []?2" },
  { name: "filter", type: "func(inputs []?1, function func(?1) bool) []?1" },
  { name: "fold", type: "func(inputs []?1, function func(?1, ?1) ?1) ?1" },
].map((written) => defineFunction({ ...written, module: "each", doc: "", pure: () => false }));

const catalog = createCatalog({
  kinds,
  functions: [...functions, ...iterators],
  constants: [...constants, ...kindConstants],
});

testGoldenFiles("test/cases/types", {
  produce(given) {
    const problems = new Problems();
    const program = compile({ path: "main.mcl", text: given.input("source") }, catalog, problems);
    const sections: GoldenSection[] = [];
    if (program !== undefined) sections.push({ heading: "types", text: printTypes(program) || "(nothing)\n" });
    if (problems.any) {
      const text = problems.all.map((problem) => renderProblem(problem, { colour: false })).join("\n");
      sections.push({ heading: "problems", text });
    }
    return sections;
  },
});
