// SPDX-License-Identifier: Apache-2.0
// What a name in a text stands for, and how it is looked up: the rules of program/names/scope.ts, but for texts that are
// not finished, for bodies that nothing uses, and with the place of every name. A test holds the two to each other.

import type { Span } from "../base/span.ts";
import type { Constant, Module } from "../contract/catalog.ts";
import type { Field } from "../contract/field.ts";
import type { FunctionDefinition } from "../contract/function.ts";
import type { Meta } from "../contract/meta.ts";
import type { ResourceKind } from "../contract/resource.ts";
import type { ModuleFile } from "../program/modules/module-file.ts";
import type * as Syntax from "../syntax/tree.ts";

/** A name that some text declares. Only its identity counts. */
export interface Definition {
  readonly kind: "variable" | "parameter" | "loop-variable" | "function" | "class" | "instance" | "import";
  readonly name: string;
  /** The name alone, without `$`. For an import without `as` it is the path. */
  readonly at: Span;
  /** The statement or parameter. */
  readonly whole: Span;
  /** Where inference speaks of it: a variable with its `$`. */
  readonly typedAt: Span;
  readonly scope: Scope;
  /** What is written about it: the type of a variable, the parameters of a function. */
  readonly syntax?: Syntax.Bind | Syntax.Parameter | Syntax.FunctionStatement | Syntax.Class | Syntax.Import;
  /** Of a class: the names of its body. */
  readonly body?: Scope;
  /** Of an instance: the class; undefined when there is none. */
  readonly classOf?: () => Definition | undefined;
  /** Of an import. */
  readonly target?: ImportTarget;
}

export interface ImportTarget {
  readonly path: string;
  /** What is built in under this name. */
  readonly module: Module | undefined;
  /** The names of its file. */
  readonly file: (() => Scope) | undefined;
  readonly source: ModuleFile | undefined;
}

/** What a name can stand for. */
export type Meaning =
  | { readonly kind: "definition"; readonly definition: Definition }
  | { readonly kind: "builtin"; readonly function: FunctionDefinition; readonly shownAs: string }
  | { readonly kind: "constant"; readonly constant: Constant; readonly shownAs: string }
  | { readonly kind: "resource-kind"; readonly resource: ResourceKind }
  | {
      readonly kind: "field";
      readonly resource: ResourceKind;
      readonly name: string;
      readonly field: Field<unknown>;
    }
  | { readonly kind: "meta"; readonly parameter: keyof Meta }
  | { readonly kind: "relation"; readonly relation: string };

/** A name at a place. */
export interface Occurrence {
  /** The name alone: of `$base.port` there are two. */
  readonly at: Span;
  /** The expression that has the type: `$base.port`, `${port}`. */
  readonly typedAt: Span;
  readonly meaning: Meaning;
  readonly isDefinition: boolean;
}

export type World = "variables" | "functions" | "classes";

/** A place where names live. */
export interface Scope {
  readonly kind: "file" | "class" | "block" | "parameters";
  /** Where its names are seen. */
  readonly at: Span;
  readonly parent: Scope | undefined;
  readonly variables: Map<string, Definition>;
  readonly functions: Map<string, Definition>;
  readonly classes: Map<string, Definition>;
  /** `include … as alias` */
  readonly instances: Map<string, Definition>;
  /** By alias; of several the last that has a name counts. */
  readonly imports: Map<string, Definition[]>;
  readonly stars: Definition[];
}

export function createScope(kind: Scope["kind"], at: Span, parent: Scope | undefined): Scope {
  return {
    kind,
    at,
    parent,
    variables: new Map(),
    functions: new Map(),
    classes: new Map(),
    instances: new Map(),
    imports: new Map(),
    stars: [],
  };
}

/**
 * What each part of a name stands for: of `alias.rest` the alias and what is behind it, where a rest with dots may be one
 * name. Undefined when the whole name is unknown.
 */
export function find(
  start: Scope,
  parts: readonly string[],
  world: World,
  globals: Module,
): readonly Meaning[] | undefined {
  for (let scope: Scope | undefined = start; scope !== undefined; scope = scope.parent) {
    const found = findHere(scope, parts, world, globals);
    if (found !== undefined) return found;
  }
  const global = offered(globals, parts.join("."), world, parts.join("."));
  return global === undefined ? undefined : [global];
}

function findHere(
  scope: Scope,
  parts: readonly string[],
  world: World,
  globals: Module,
): readonly Meaning[] | undefined {
  const [first = "", ...rest] = parts;
  if (rest.length === 0) {
    const declared = scope[world].get(first);
    if (declared !== undefined) return [{ kind: "definition", definition: declared }];
  } else {
    const instance = scope.instances.get(first);
    const body = instance?.classOf?.()?.body;
    const behind = body === undefined ? undefined : find(body, rest, world, globals);
    if (instance !== undefined && behind !== undefined) {
      return [{ kind: "definition", definition: instance }, ...behind];
    }
    for (const definition of (scope.imports.get(first) ?? []).toReversed()) {
      const entry = behindImport(definition, rest, world, globals);
      if (entry !== undefined) return [{ kind: "definition", definition }, ...entry];
    }
  }
  for (const star of scope.stars.toReversed()) {
    const entry = behindImport(star, parts, world, globals);
    if (entry !== undefined) return entry;
  }
  return undefined;
}

function behindImport(
  { target }: Definition,
  parts: readonly string[],
  world: World,
  globals: Module,
): readonly Meaning[] | undefined {
  const own = target?.file === undefined ? undefined : findHere(target.file(), parts, world, globals);
  if (own !== undefined) return own;
  if (target?.module === undefined) return undefined;
  const name = parts.join(".");
  const entry = offered(target.module, name, world, `${lastPart(target.path)}.${name}`);
  return entry === undefined ? undefined : [entry];
}

function offered(module: Module, name: string, world: World, shownAs: string): Meaning | undefined {
  if (world === "functions") {
    const found = module.functions.get(name);
    return found === undefined ? undefined : { kind: "builtin", function: found, shownAs };
  }
  const found = world === "variables" ? module.constants.get(name) : undefined;
  return found === undefined ? undefined : { kind: "constant", constant: found, shownAs };
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Every name that can be written here without an alias, the innermost of a name first; globals are not among them. */
export function* visible(start: Scope, world: World): Generator<Definition> {
  const seen = new Set<string>();
  for (let scope: Scope | undefined = start; scope !== undefined; scope = scope.parent) {
    for (const [name, definition] of scope[world]) {
      if (seen.has(name)) continue;
      seen.add(name);
      yield definition;
    }
  }
}
