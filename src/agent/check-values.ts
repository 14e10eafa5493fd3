// SPDX-License-Identifier: Apache-2.0
// Mistakes in the values of resources that can be told without running the program: those that every run would find.

import type { Problem } from "../base/problem.ts";
import type { Catalog } from "../contract/catalog.ts";
import { knownResources } from "../function-graph/known-resources.ts";
import { readDeclaration, readKnownFields } from "../resource-graph/read-declaration.ts";
import type { Program } from "./live-program.ts";

/** The first one of each place: a loop or a list of names repeats it. */
export function checkKnownValues(program: Program, catalog: Catalog): readonly Problem[] {
  const problems = resourcesOf(program).flatMap(({ declaration, isWhole }) =>
    isWhole
      ? readDeclaration(catalog, declaration, { at: declaration.at }).problems
      : readKnownFields(catalog, declaration),
  );
  const places = new Set<string>();
  return problems.filter(({ code, at }) => {
    const place = `${code} ${at.file.path}:${at.start}-${at.end}`;
    if (places.has(place)) return false;
    places.add(place);
    return true;
  });
}

function resourcesOf(program: Program): ReturnType<typeof knownResources> {
  if ("deltas" in program) return [];
  if ("output" in program) return program.output.resources.map((declaration) => ({ declaration, isWhole: true }));
  return knownResources(program);
}
