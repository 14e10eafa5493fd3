// SPDX-License-Identifier: Apache-2.0
// What this program brings along, for its reference: kinds, modules with their functions and constants, and the codes of
// all problems.

import { yamlProblems } from "../frontends/yaml/problems.ts";
import { functionGraphProblems } from "../function-graph/problems.ts";
import { nameProblems } from "../program/problems.ts";
import { toolProblems } from "../program/tool/problems.ts";
import { typeProblems } from "../program/types/problems.ts";
import { resourceGraphProblems } from "../resource-graph/problems.ts";
import { syntaxProblems } from "../syntax/problems.ts";
import { catalogFor } from "./catalog.ts";

/** In the order of the alphabet; the module "" is what needs no import. */
export function ownKindsAndModules() {
  const catalog = catalogFor("");
  const kinds = catalog.kinds.map((name) => catalog.kind(name)).filter((kind) => kind !== undefined);
  const modules = ["", ...catalog.modules].map((name) => {
    const module = catalog.module(name);
    const functions = [...(module?.functions.values() ?? [])];
    const constants = [...(module?.constants.values() ?? [])];
    return { name, functions, constants };
  });
  return { kinds, modules };
}

export const problemCodes: readonly string[] = [
  ...syntaxProblems,
  ...nameProblems,
  ...toolProblems,
  ...typeProblems,
  ...functionGraphProblems,
  ...resourceGraphProblems,
  ...yamlProblems,
].map(({ code }) => code);
