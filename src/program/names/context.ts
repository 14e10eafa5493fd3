// SPDX-License-Identifier: Apache-2.0
// What every part of resolving shares.

import type { Problems } from "../../base/problem.ts";
import type { SourceFile, Span } from "../../base/span.ts";
import type { Catalog, Module } from "../../contract/catalog.ts";
import type { Statement, StringLiteral } from "../../syntax/tree.ts";
import type { ModuleFile } from "../modules/module-file.ts";
import type { ClassNames } from "./class-names.ts";
import type { OpenedFile } from "./module-instances.ts";
import type { OpenBlock } from "./open-block.ts";
import type { BlockOutline } from "./ordering.ts";
import type { ImportSite, Names } from "./scope.ts";
import type { StringPart } from "./strings.ts";
import type { Bind, FunctionDeclaration, Include } from "./tree.ts";

export interface Context {
  readonly catalog: Catalog;
  /** What is always there, also under names that cannot be typed. */
  readonly globals: Module;
  /** The same as names: what a file sees besides its own. */
  readonly globalNames: Names;
  readonly problems: Problems;
  readonly strings: Map<StringLiteral, readonly StringPart[]>;
  readonly outlines: Map<readonly Statement[], BlockOutline>;
  /** The program's own file and every module that was opened, with the first import that brought it. */
  readonly files: Map<SourceFile, { readonly module: ModuleFile; readonly site: ImportSite | undefined }>;
  /** The statements of each module, ready to be opened. */
  readonly bodies: Map<ModuleFile, readonly Statement[]>;
  /** Modules by the names that they see: the same module seeing the same is one instance. */
  readonly openedFiles: Map<Names, Map<ModuleFile, OpenedFile>>;
  /** What is open and has to be resolved: bodies of classes that something includes, and files that something imports. */
  readonly waiting: Waiting[];
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

export type Waiting =
  | { readonly kind: "class"; readonly included: ClassNames }
  | { readonly kind: "file"; readonly names: OpenBlock; readonly at: Span };
