// SPDX-License-Identifier: Apache-2.0
// The table of contents of the compiler: text → syntax tree → named tree → typed tree. No phase throws for the user's
// mistakes; each reports into `problems` and the next runs as far as it can. Modules are loaded before: modules/load.ts.

import type { Problems } from "../base/problem.ts";
import type { SourceFile } from "../base/span.ts";
import type { Catalog } from "../contract/catalog.ts";
import { aloneFile, type ModuleFile } from "./modules/module-file.ts";
import { resolveNames } from "./names/resolve.ts";
import type { NamedProgram } from "./names/tree.ts";
import { inferTypes } from "./types/infer.ts";
import type { TypedProgram } from "./types/tree.ts";

/** A program of one text. Undefined exactly when there are problems. */
export function compile(source: SourceFile, catalog: Catalog, problems: Problems): TypedProgram | undefined {
  return compileLoaded(aloneFile(source), catalog, problems);
}

/** A program with its modules. Undefined exactly when there are problems. */
export function compileLoaded(program: ModuleFile, catalog: Catalog, problems: Problems): TypedProgram | undefined {
  const named = resolveLoaded(program, catalog, problems);
  if (named === undefined) return undefined;
  const typed = inferTypes(named, catalog, problems);
  return problems.any ? undefined : typed;
}

/** The same up to its names, without types. Undefined exactly when there are problems. */
export function resolveLoaded(program: ModuleFile, catalog: Catalog, problems: Problems): NamedProgram | undefined {
  problems.adopt(program.problems);
  if (program.tree === undefined || problems.any) return undefined;
  const named = resolveNames(program, catalog, problems);
  return problems.any ? undefined : named;
}
