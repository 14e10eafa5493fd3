// SPDX-License-Identifier: Apache-2.0
// Syntax tree to named tree: the table of contents of this folder. Every step sees the whole program, so that a person
// learns of all mistakes at once; each mistake is reported by the first step that can tell.

import { Problems } from "../../base/problem.ts";
import { invariant } from "../../base/invariant.ts";
import type { Catalog } from "../../contract/catalog.ts";
import type { File } from "../../syntax/tree.ts";
import { circle } from "../problems.ts";
import { checkInit } from "./check-init.ts";
import type { Context } from "./context.ts";
import { nestClasses } from "./nested-classes.ts";
import { openBlock } from "./open-block.ts";
import { outlineBlocks } from "./ordering.ts";
import { checkRecursion } from "./recursion.ts";
import { type Names, namesOfVariables } from "./scope.ts";
import { resolveBlock } from "./statements.ts";
import { readStrings } from "./strings.ts";
import type { NamedProgram, Scope } from "./tree.ts";

/** Undefined when definitions go round in a circle: such a program has no tree. Reports by place in the file. */
export function resolveNames(file: File, catalog: Catalog, problems: Problems): NamedProgram | undefined {
  const found = new Problems();
  checkInit(file.body, found); //                                  doubled fields and keys, meaningless words
  const body = nestClasses(file.body, found); //                   class base:inner
  const strings = readStrings(body, found); //                     escapes and ${…}
  const outlines = outlineBlocks(body, strings, found); //         what blocks declare, and circles
  const context = createContext({ catalog, problems: found, strings, outlines });
  const main = openBlock(body, { kind: "file", parent: undefined }, globalNames(context), context);
  const block = resolveBlock(main, file.at, context); //           names
  resolveClasses(context); //                                      bodies of the classes that are included
  checkRecursion(context); //                                      circles that only resolved names show
  for (const problem of found.all.toSorted((a, b) => a.at.start - b.at.start)) problems.add(problem);
  return found.all.some(({ code }) => code === circle.code) ? undefined : { main: block };
}

function createContext(given: Pick<Context, "catalog" | "problems" | "strings" | "outlines">): Context {
  const globals = given.catalog.module("");
  invariant(globals !== undefined, "a catalog has what is always in scope");
  return {
    ...given,
    globals,
    waiting: [],
    made: { binds: [], functions: [], includes: [], classes: [] },
    hasInheritedNames: false,
    searchesLeft: 100,
  };
}

/** What every file sees: the functions and constants that need no import. */
function globalNames({ globals }: Context): Names {
  const scope: Scope = { kind: "file", parent: undefined };
  const imports = { modules: new Map<string, never>(), stars: [globals], starsAreBroken: false };
  return { ...namesOfVariables(scope, undefined, []), imports };
}

/** A body may include further classes: a queue instead of a recursion, as the chain may be long. */
function resolveClasses(context: Context): void {
  for (let next = 0; next < context.waiting.length; next += 1) {
    const included = context.waiting[next];
    if (included?.body === undefined) continue;
    included.declaration.body = resolveBlock(included.body, included.syntax.body.at, context);
  }
}
