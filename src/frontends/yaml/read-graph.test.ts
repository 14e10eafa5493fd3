// SPDX-License-Identifier: Apache-2.0
// Graphs in YAML as golden cases: what they declare, or what is wrong with them.

import { testGoldenFiles } from "../../../test/golden.ts";
import { Problems } from "../../base/problem.ts";
import { renderProblem } from "../../base/render-problem.ts";
import { createCatalog } from "../../contract/catalog.ts";
import { renderReference } from "../../contract/declaration.ts";
import { kinds } from "../../resources/index.ts";
import { printValue } from "../../values/print.ts";
import type { Value } from "../../values/value.ts";
import { readYamlGraph } from "./read-graph.ts";

const catalog = createCatalog({ kinds, functions: [], constants: [] });

testGoldenFiles("test/cases/yaml", {
  produce: ({ input }) => {
    const problems = new Problems();
    const graph = readYamlGraph({ path: "graph.yaml", text: input("source") }, catalog, problems);
    const pictures = problems.all.map((problem) => renderProblem(problem, { colour: false }));
    if (problems.any || graph === undefined) return [{ heading: "problems", text: pictures.join("\n") }];
    const resources = graph.output.resources.map((resource) => {
      const lines = [
        renderReference(resource),
        ...linesOf("  ", resource.fields),
        ...linesOf("  Meta:", resource.meta),
      ];
      return `${lines.join("\n")}\n`;
    });
    const edges = graph.output.edges.map(
      ({ from, to, notify }) => `${renderReference(from)} -> ${renderReference(to)}${notify ? ", notify" : ""}\n`,
    );
    const collects = graph.collects.map(
      ({ kind, pattern }) => `${kind}${pattern === undefined ? "" : ` in ${pattern}`}\n`,
    );
    return [
      { heading: "resources", text: resources.join("") },
      { heading: "collects", text: collects.join("") },
      { heading: "edges", text: edges.join("") },
    ];
  },
});

function linesOf(before: string, values: ReadonlyMap<string, Value>): readonly string[] {
  return [...values].map(([name, value]) => `${before}${name} = ${JSON.stringify(printValue(value))}`);
}
