// SPDX-License-Identifier: Apache-2.0
// The golden files of type inference: a program, then the types of what it uses, or its problems.

import { type GoldenSection, testGoldenFiles } from "../../../test/golden.ts";
import { Problems } from "../../base/problem.ts";
import { renderProblem } from "../../base/render-problem.ts";
import { createCatalog } from "../../contract/catalog.ts";
import { constants, functions } from "../../functions/index.ts";
import { kindConstants, kinds } from "../../resources/index.ts";
import { compile } from "../compile.ts";
import { printTypes } from "./print-types.test-support.ts";

const catalog = createCatalog({ kinds, functions, constants: [...constants, ...kindConstants] });

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
