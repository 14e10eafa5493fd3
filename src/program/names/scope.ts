// SPDX-License-Identifier: Apache-2.0
// Looks names up. A block sees, the last winning: what its parent sees, its imports, what it declares itself. Variables,
// functions, classes and aliases are four worlds. Knows nothing of statements. Reference: mcl language, 5.1.

import type { Span } from "../../base/span.ts";
import type { Constant, Module } from "../../contract/catalog.ts";
import type { FunctionDefinition } from "../../contract/function.ts";
import type { ClassNames } from "./class-names.ts";
import type { Declaration, FunctionDeclaration, Import, Include, Path, Scope } from "./tree.ts";

/** The names of one scope. */
export interface Names {
  readonly scope: Scope;
  readonly parent: Names | undefined;
  readonly variables: ReadonlyMap<string, Declaration>;
  readonly functions: ReadonlyMap<string, FunctionDeclaration>;
  readonly classes: ReadonlyMap<string, ClassNames>;
  /** `include … as alias` */
  readonly instances: ReadonlyMap<string, Instance>;
  readonly imports: Imports;
  /** How the file came in that all this stands in; undefined in the program's own. */
  readonly site: ImportSite | undefined;
}

/** An import that runs. */
export interface ImportSite {
  /** The text of the import, in the importing file. */
  readonly at: Span;
  readonly outer: ImportSite | undefined;
}

/** What lies behind the alias of an include, or in the file of a module. */
export interface Instance {
  /** Undefined when it is wrong, which has been reported. */
  open(): Opened | undefined;
}

export interface Opened {
  readonly step: Include | Import;
  readonly names: Names;
}

/** A module may be built in, be a file, or both. */
export interface Imported {
  readonly builtin?: Module;
  readonly file?: Instance;
}

export interface Imports {
  /** By alias; a later module hides names of an earlier one. "broken" when it could not be imported, which has been reported. */
  readonly modules: ReadonlyMap<string, readonly Imported[] | "broken">;
  /** Those whose names stand without an alias; a later one hides names of an earlier one. */
  readonly stars: readonly Imported[];
  /** One of the stars could not be imported: any name may be its. */
  readonly starsAreBroken: boolean;
}

export const noImports: Imports = { modules: new Map(), stars: [], starsAreBroken: false };

const nothing: ReadonlyMap<string, never> = new Map<string, never>();
const noPath: Path = [];

/** The names of a scope that has only variables: parameters, loop variables. */
export function namesOfVariables(scope: Scope, parent: Names | undefined, declarations: readonly Declaration[]): Names {
  const variables = new Map(declarations.map((declaration) => [declaration.name, declaration]));
  return {
    scope,
    parent,
    variables,
    functions: nothing,
    classes: nothing,
    instances: nothing,
    imports: noImports,
    site: parent?.site,
  };
}

/** "broken": it may be there, but what it depends on is wrong and has been reported. */
export type Found<Entry> = FoundEntry<Entry> | "broken" | undefined;

interface FoundEntry<Entry> {
  readonly entry: Entry;
  readonly path: Path;
  /** Reached through an instance whose class does not declare it, but only sees it: no order of statements knows of it. */
  readonly isInherited: boolean;
}

/** One of the worlds of names. */
export interface World<Entry> {
  declaredIn(names: Names): ReadonlyMap<string, Entry>;
  offeredBy(module: Module): ReadonlyMap<string, Entry>;
}

export const variableWorld: World<Declaration | Constant> = {
  declaredIn: (names) => names.variables,
  offeredBy: (module) => module.constants,
};

export const functionWorld: World<FunctionDeclaration | FunctionDefinition> = {
  declaredIn: (names) => names.functions,
  offeredBy: (module) => module.functions,
};

/** What is built in has no classes. */
export const classWorld: World<ClassNames> = {
  declaredIn: (names) => names.classes,
  offeredBy: () => nothing,
};

/** Looks for a name, with dots or without, from a scope outwards. */
export function find<Entry>(start: Names, name: string, world: World<Entry>): Found<Entry> {
  let mayBeBroken = false;
  for (let names: Names | undefined = start; names !== undefined; names = names.parent) {
    const found = findHere(names, name, world);
    if (found === "broken") mayBeBroken = true;
    else if (found !== undefined) return found;
  }
  return mayBeBroken ? "broken" : undefined;
}

function findHere<Entry>(names: Names, name: string, world: World<Entry>): Found<Entry> {
  const declared = world.declaredIn(names).get(name);
  if (declared !== undefined) return { entry: declared, path: noPath, isInherited: false };

  let mayBeBroken = names.imports.starsAreBroken;
  const dot = name.indexOf(".");
  if (dot !== -1) {
    const alias = name.slice(0, dot);
    const rest = name.slice(dot + 1);
    const instance = names.instances.get(alias);
    const behind = instance === undefined ? undefined : findBehind(instance, rest, world);
    if (behind !== undefined && behind !== "broken") return behind;
    const imported = names.imports.modules.get(alias);
    const offered = imported === undefined || imported === "broken" ? imported : findOffered(imported, rest, world);
    const inherited = offered === undefined ? findInherited(imported, rest, world) : offered;
    if (inherited !== undefined && inherited !== "broken") return inherited;
    if (behind === "broken" || inherited === "broken") mayBeBroken = true;
  }
  // What the files of stars inherit is found here anyway, further out.
  const offered = findOffered(names.imports.stars, name, world);
  if (offered !== undefined && offered !== "broken") return offered;
  return mayBeBroken || offered === "broken" ? "broken" : undefined;
}

/** Behind the alias of an include stands all that its class sees. */
function findBehind<Entry>(instance: Instance, rest: string, world: World<Entry>): Found<Entry> {
  const opened = instance.open();
  if (opened === undefined) return "broken";
  const found = find(opened.names, rest, world);
  if (found === undefined || found === "broken") return found;
  const isInherited = found.path.length === 0 && !isOwn(opened.names, rest, found.entry, world);
  return throughStep(opened, found, isInherited);
}

/** Declared by the body of the class or by its parameters. */
function isOwn<Entry>(body: Names, name: string, entry: Entry, world: World<Entry>): boolean {
  if (world.declaredIn(body).get(name) === entry) return true;
  return body.parent !== undefined && world.declaredIn(body.parent).get(name) === entry;
}

/** What a module itself has; a later one counts first, and what its file says before what is built in. */
function findOffered<Entry>(imported: readonly Imported[], name: string, world: World<Entry>): Found<Entry> {
  let mayBeBroken = false;
  for (let index = imported.length - 1; index >= 0; index -= 1) {
    const { file, builtin } = imported[index] ?? {};
    if (file !== undefined) {
      const opened = file.open();
      const found = opened === undefined ? "broken" : findHere(opened.names, name, world);
      if (found === "broken") mayBeBroken = true;
      else if (found !== undefined && opened !== undefined) return throughStep(opened, found, false);
    }
    const entry = builtin && world.offeredBy(builtin).get(name);
    if (entry !== undefined) return { entry, path: noPath, isInherited: false };
  }
  return mayBeBroken ? "broken" : undefined;
}

/** Behind the alias of a file stands also what the file sees without having it: what is always there, mostly. */
function findInherited<Entry>(
  imported: readonly Imported[] | "broken" | undefined,
  name: string,
  world: World<Entry>,
): Found<Entry> {
  if (imported === undefined || imported === "broken") return imported;
  for (let index = imported.length - 1; index >= 0; index -= 1) {
    const opened = imported[index]?.file?.open();
    const found = opened?.names.parent && find(opened.names.parent, name, world);
    if (opened !== undefined && found !== undefined) {
      return found === "broken" ? found : throughStep(opened, found, true);
    }
  }
  return undefined;
}

function throughStep<Entry>(
  { step }: Opened,
  { entry, path, isInherited }: FoundEntry<Entry>,
  inherited: boolean,
): FoundEntry<Entry> {
  return { entry, path: [step, ...path], isInherited: isInherited || inherited };
}
