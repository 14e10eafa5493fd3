// SPDX-License-Identifier: Apache-2.0
// Files that are imported: each becomes names once for what it sees. A file sees what is always there, and nothing of who
// imports it, unless the import stands inside a block: then it sees what that block sees. Reference: mcl language, 5.4, 8.2.

import type { Problem } from "../../base/problem.ts";
import type { SourceFile, Span } from "../../base/span.ts";
import type * as Syntax from "../../syntax/tree.ts";
import type { ModuleFile } from "../modules/module-file.ts";
import { importCircle, importsTooDeep, unusedStatement } from "../problems.ts";
import { checkInit } from "./check-init.ts";
import type { Context } from "./context.ts";
import { nestClasses } from "./nested-classes.ts";
import { openBlock } from "./open-block.ts";
import { outlineBlocks } from "./ordering.ts";
import type { ImportSite, Instance, Names, Opened } from "./scope.ts";
import { readStrings } from "./strings.ts";
import type { Block, Import, Scope } from "./tree.ts";

/** Where an import stands. */
export interface Importing {
  readonly scope: Scope;
  /** The names that come into the block: what a file that is imported there sees. */
  readonly seen: Names;
  /** How the importing file came in. */
  readonly site: ImportSite | undefined;
}

export interface OpenedFile {
  /** Undefined when it could not be parsed. */
  readonly file: { readonly block: Block; readonly names: Names } | undefined;
}

/** Undefined when it cannot be imported; says why. */
export function importFile(
  module: ModuleFile,
  { text, at }: Syntax.Import["path"],
  { scope, seen, site: outer }: Importing,
  context: Context,
): Instance | undefined {
  const site: ImportSite = { at, outer };
  const circle = circleBack(module, site);
  if (circle !== undefined) {
    context.problems.report(importCircle, at, { path: text, through: circle });
    return undefined;
  }
  if (depthOf(site) > deepest) {
    context.problems.report(importsTooDeep, at, { limit: deepest });
    return undefined;
  }
  const opened = openFile(module, site, seen, context).file;
  if (opened === undefined) return undefined;
  const step: Import = { kind: "import", scope, at, module: opened.block };
  const instance: Opened = { step, names: opened.names };
  return { open: () => instance };
}

function openFile(module: ModuleFile, site: ImportSite, seen: Names, context: Context): OpenedFile {
  const bySeen = context.openedFiles.get(seen) ?? new Map<ModuleFile, OpenedFile>();
  context.openedFiles.set(seen, bySeen);
  const known = bySeen.get(module);
  if (known !== undefined) return known;
  if (!context.files.has(module.source)) {
    context.files.set(module.source, { module, site });
    context.problems.adopt(module.problems);
  }
  const made = { file: module.tree === undefined ? undefined : openTree(module, module.tree, site, seen, context) };
  bySeen.set(module, made);
  return made;
}

function openTree(module: ModuleFile, tree: Syntax.File, site: ImportSite, seen: Names, context: Context) {
  const body = context.bodies.get(module) ?? prepareBody(tree.body.filter(isUsed(context)), tree.body, context);
  context.bodies.set(module, body);
  const outside = seen === context.globalNames ? undefined : seen.scope;
  const scope: Scope = { kind: "file", parent: outside };
  const names = openBlock(body, scope, seen, context, site);
  context.waiting.push({ kind: "file", names, at: tree.at });
  // It puts nothing out: all that stands in it is declarations.
  return { names, block: { scope, at: tree.at, statements: [] } };
}

/** What a look at the text of one file tells; gives the statements that names are made of. */
export function prepareBody(
  used: readonly Syntax.Statement[],
  all: readonly Syntax.Statement[],
  context: Pick<Context, "problems" | "strings" | "outlines">,
): readonly Syntax.Statement[] {
  const { problems, strings, outlines } = context;
  checkInit(all, problems); //                                     doubled fields and keys, meaningless words
  const body = nestClasses(used, problems); //                     class base:inner
  readStrings(body, strings, problems); //                         escapes and ${…}
  outlineBlocks(body, outlines, strings, problems); //             what blocks declare, and circles
  return body;
}

/** A filter that reports the others. */
function isUsed({ problems }: Context): (statement: Syntax.Statement) => boolean {
  return (statement) => {
    const what = unusedKinds[statement.kind];
    if (what === undefined) return true;
    problems.report(unusedStatement, statement.at, { what });
    return false;
  };
}

const unusedKinds: Readonly<Partial<Record<Syntax.Statement["kind"], string>>> = {
  resource: "a resource",
  edge: "an edge",
  if: "an `if`",
  for: "a loop",
  forkv: "a loop",
  include: "an `include`",
  panic: "a `panic`",
  collect: "a `collect`",
};

// ---- Who imports whom ----

/** Files that import each other are opened inside of each other, so there is an end to it. */
const deepest = 200;

function depthOf(site: ImportSite): number {
  let depth = 1;
  for (let outer = site.outer; outer !== undefined; outer = outer.outer) depth += 1;
  return depth;
}

/** The imports that lead from the file to the one that closes the circle, in that order; undefined when there is none. */
function circleBack(module: ModuleFile, closing: ImportSite): readonly Span[] | undefined {
  const passed: Span[] = [];
  for (let site: ImportSite | undefined = closing; site !== undefined; site = site.outer) {
    if (site !== closing) passed.push(site.at);
    if (site.at.file === module.source) return passed.toReversed();
  }
  return undefined;
}

/**
 * Problems in the order of the files and their texts. What is wrong inside a module is a matter of the import, whatever
 * it is: it is told in phase scope, with the imports that brought the file.
 */
export function asProgramProblems(
  problems: readonly Problem[],
  main: SourceFile,
  context: Context,
): readonly Problem[] {
  const order = new Map([...context.files.keys()].map((file, index) => [file, index]));
  const rank = ({ at }: Problem): number => order.get(at.file) ?? 0;
  const sorted = problems.toSorted((a, b) => rank(a) - rank(b) || a.at.start - b.at.start);
  return sorted.map((problem) => {
    if (problem.at.file === main) return problem;
    const sites: { at: Span; label: string }[] = [];
    for (let site = context.files.get(problem.at.file)?.site; site !== undefined; site = site.outer) {
      // Of a long way in, the ends tell where it is.
      if (sites.length < 5 || site.outer === undefined) sites.push({ at: site.at, label: "imported here" });
    }
    const { related = [] } = problem.message;
    const told = sites.filter(({ at }) => ![problem, ...related].some((other) => other.at === at));
    return { ...problem, phase: "scope", message: { ...problem.message, related: [...related, ...told] } };
  });
}
