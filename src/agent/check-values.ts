// SPDX-License-Identifier: Apache-2.0
// Mistakes in the values of resources that can be told without running the program: those that every run would find.

import type { Problem } from "../base/problem.ts";
import type { Catalog } from "../contract/catalog.ts";
import { knownResources } from "../function-graph/known-resources.ts";
import { readDeclaration, readKnownFields } from "../resource-graph/read-declaration.ts";
import type { Program } from "./live-program.ts";

/** Those of the first resource at each place: a loop or a list of names repeats them. */
export function checkKnownValues(program: Program, catalog: Catalog): readonly Problem[] {
  const places = new Set<string>();
  return resourcesOf(program).flatMap(({ declaration, isWhole }) => {
    const problems = isWhole
      ? readDeclaration(catalog, declaration, { at: declaration.at }).problems
      : readKnownFields(catalog, declaration);
    const found = problems.map((problem) => ({ problem, place: placeOf(problem) }));
    const told = found.filter(({ place }) => !places.has(place));
    for (const { place } of told) places.add(place);
    return told.map(({ problem }) => problem);
  });
}

function placeOf({ code, at }: Problem): string {
  return `${code} ${at.file.path}:${at.start}-${at.end}`;
}

function resourcesOf(program: Program): ReturnType<typeof knownResources> {
  if ("deltas" in program) return [];
  if ("output" in program) return program.output.resources.map((declaration) => ({ declaration, isWhole: true }));
  return knownResources(program);
}
