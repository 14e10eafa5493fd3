// SPDX-License-Identifier: Apache-2.0
// What every part of resolving shares.

import type { Problems } from "../../base/problem.ts";
import type { Catalog, Module } from "../../contract/catalog.ts";
import type { ClassNames } from "./class-names.ts";
import type { Outlines } from "./ordering.ts";
import type { Strings } from "./strings.ts";
import type { Bind, FunctionDeclaration, Include } from "./tree.ts";

export interface Context {
  readonly catalog: Catalog;
  /** What is always there, also under names that cannot be typed. */
  readonly globals: Module;
  readonly problems: Problems;
  readonly strings: Strings;
  readonly outlines: Outlines;
  /** Classes that something includes and whose bodies still have to be resolved. */
  readonly waiting: ClassNames[];
  /** Everything that could take part in a recursion. */
  readonly made: {
    readonly binds: Bind[];
    readonly functions: FunctionDeclaration[];
    readonly includes: Include[];
    readonly classes: ClassNames[];
  };
  /** Some name was found behind an alias without being declared there. */
  hasInheritedNames: boolean;
  /** How often a similar name may still be looked for: it costs a look at all names. */
  searchesLeft: number;
}
