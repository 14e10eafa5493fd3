// SPDX-License-Identifier: Apache-2.0
// The golden files of this folder: source, then the tree and the problems; or source, then the formatted text.

import assert from "node:assert/strict";
import { type GoldenSection, testGoldenFiles } from "../../test/golden.ts";
import { Problems } from "../base/problem.ts";
import { renderProblem } from "../base/render-problem.ts";
import { formatSource } from "./format.ts";
import { parseFile } from "./parser.ts";
import { printTree } from "./print-tree.test-support.ts";

testGoldenFiles("test/cases/syntax", {
  produce(given) {
    const source = { path: "main.mcl", text: given.input("source") };
    const problems = new Problems();
    const file = parseFile(source, problems);
    const sections: GoldenSection[] = [];
    if (file !== undefined) sections.push({ heading: "tree", text: printTree(file) || "(empty)\n" });
    if (problems.any)
      sections.push({
        heading: "problems",
        text: problems.all.map((problem) => renderProblem(problem, { colour: false })).join("\n"),
      });
    return sections;
  },
});

testGoldenFiles("test/cases/format", {
  produce(given) {
    const problems = new Problems();
    const text = formatSource({ path: "main.mcl", text: given.input("source") }, problems);
    assert.deepEqual(problems.all, []);
    return [{ heading: "formatted", language: "mcl", text: text ?? "" }];
  },
});
