// SPDX-License-Identifier: Apache-2.0
// Everything a program can name without defining it: kinds, functions, constants. Made once, by the composition root.

import type { Type } from "../values/type.ts";
import type { Value } from "../values/value.ts";
import type { FunctionDefinition } from "./function.ts";
import type { ResourceKind } from "./resource.ts";

/** A variable of a module, or one that is always there: `$const.res.file.state.exists`. */
export interface Constant {
  /** "" for those that are always in scope. */
  readonly module: string;
  /** With its dots. */
  readonly name: string;
  readonly type: Type;
  readonly value: Value;
}

export interface Catalog {
  kind(kind: string): ResourceKind | undefined;
  /** Every kind's name, sorted; for "did you mean". */
  readonly kinds: readonly string[];
  /** The functions and constants of a module by their names; undefined when there is no such module. "" is always in scope. */
  module(name: string): Module | undefined;
  /** Every module's name, sorted, without "". */
  readonly modules: readonly string[];
}

export interface Module {
  readonly functions: ReadonlyMap<string, FunctionDefinition>;
  readonly constants: ReadonlyMap<string, Constant>;
}

/** Two entries of one name are a bug of ours. */
export function createCatalog(parts: {
  readonly kinds: readonly ResourceKind[];
  readonly functions: readonly FunctionDefinition[];
  readonly constants: readonly Constant[];
}): Catalog {
  const kinds = new Map(parts.kinds.map((kind) => [kind.kind, kind]));
  const modules = new Map<string, { functions: Map<string, FunctionDefinition>; constants: Map<string, Constant> }>();
  const moduleOf = (name: string) => {
    const found = modules.get(name) ?? { functions: new Map(), constants: new Map() };
    modules.set(name, found);
    return found;
  };
  moduleOf("");
  for (const entry of parts.functions) moduleOf(entry.module).functions.set(entry.name, entry);
  for (const entry of parts.constants) moduleOf(entry.module).constants.set(entry.name, entry);
  return {
    kind: (name) => kinds.get(name),
    kinds: [...kinds.keys()].sort(),
    module: (name) => modules.get(name),
    modules: [...modules.keys()].filter((name) => name !== "").sort(),
  };
}

/** The same with more functions, in modules of theirs. */
export function withFunctions(catalog: Catalog, more: readonly FunctionDefinition[]): Catalog {
  const modules = ["", ...catalog.modules].flatMap((name) => catalog.module(name) ?? []);
  return createCatalog({
    kinds: catalog.kinds.flatMap((name) => catalog.kind(name) ?? []),
    functions: [...modules.flatMap(({ functions }) => [...functions.values()]), ...more],
    constants: modules.flatMap(({ constants }) => [...constants.values()]),
  });
}
