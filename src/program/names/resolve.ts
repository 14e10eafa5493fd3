// SPDX-License-Identifier: Apache-2.0
// Syntax tree to named tree: the table of contents of this folder. Every step sees the whole program, so that a person
// learns of all mistakes at once; each mistake is reported by the first step that can tell.

import { Problems } from "../../base/problem.ts";
import { invariant } from "../../base/invariant.ts";
import type { Catalog } from "../../contract/catalog.ts";
import type { ModuleFile } from "../modules/module-file.ts";
import { circle } from "../problems.ts";
import type { Context } from "./context.ts";
import { asProgramProblems, prepareBody } from "./module-instances.ts";
import { bodyOf, openBlock } from "./open-block.ts";
import { checkRecursion } from "./recursion.ts";
import { type Names, namesOfVariables } from "./scope.ts";
import { resolveBlock } from "./statements.ts";
import type { Definition, NamedProgram, Scope } from "./tree.ts";

/**
 * Undefined when definitions go round in a circle: such a program has no tree. The program and its modules are parsed;
 * reports by file and place.
 */
export function resolveNames(
  program: ModuleFile,
  catalog: Catalog,
  problems: Problems,
  unused?: Unused,
): NamedProgram | undefined {
  const { tree, source } = program;
  if (tree === undefined) return undefined;
  const found = new Problems();
  const context = createContext(catalog, found);
  context.files.set(source, { module: program, site: undefined });
  const body = prepareBody(tree.body, tree.body, context); //              each file by itself
  const scope: Scope = { kind: "file", parent: undefined };
  const main = openBlock(body, scope, context.globalNames, context); //    imports, and what they import
  const block = resolveBlock(main, tree.at, context); //                   names
  resolveWaiting(context); //                                              classes that are included, files imported
  checkRecursion(context); //                                              circles that only resolved names show
  for (const problem of asProgramProblems(found.all, source, context)) problems.add(problem);
  if (unused !== undefined) resolveUnused(context, unused);
  return found.all.some(({ code }) => code === circle.code) ? undefined : { main: block };
}

/** Filled in for who wants to know also of what nothing uses, as an editor does. */
export interface Unused {
  /** All of the program, used or not. */
  readonly definitions: Definition[];
  /** In the bodies of classes that nothing includes. */
  readonly problems: Problems;
}

function createContext(catalog: Catalog, problems: Problems): Context {
  const globals = catalog.module("");
  invariant(globals !== undefined, "a catalog has what is always in scope");
  return {
    catalog,
    globals,
    globalNames: globalNames(globals),
    problems,
    strings: new Map(),
    outlines: new Map(),
    files: new Map(),
    bodies: new Map(),
    openedFiles: new Map(),
    waiting: [],
    made: { binds: [], functions: [], includes: [], classes: [] },
    hasInheritedNames: false,
    searchesLeft: 100,
  };
}

/** What every file sees: the functions and constants that need no import. */
function globalNames(builtin: Context["globals"]): Names {
  const scope: Scope = { kind: "file", parent: undefined };
  const imports = { modules: new Map<string, never>(), stars: [{ builtin }], starsAreBroken: false };
  return { ...namesOfVariables(scope, undefined, []), imports };
}

/** A body may include further classes: a queue instead of a recursion, as the chain may be long. */
function resolveWaiting(context: Context, first = 0): void {
  for (let next = first; next < context.waiting.length; next += 1) {
    const waiting = context.waiting[next];
    if (waiting === undefined) continue;
    if (waiting.kind === "file") {
      resolveBlock(waiting.names, waiting.at, context);
      continue;
    }
    const { body, declaration, syntax } = waiting.included;
    if (body !== undefined) declaration.body = resolveBlock(body, syntax.body.at, context);
  }
}

function resolveUnused(context: Context, { definitions, problems }: Unused): void {
  const rest: Context = { ...context, problems };
  // The bodies of classes may have classes.
  for (const included of context.made.classes) {
    if (included.body !== undefined) continue;
    const first = context.waiting.length;
    bodyOf(included, rest);
    resolveWaiting(rest, first);
  }
  const { binds, functions, classes } = context.made;
  definitions.push(...binds, ...functions, ...classes.map(({ declaration }) => declaration));
}
