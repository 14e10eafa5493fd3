// SPDX-License-Identifier: Apache-2.0
// The table of contents of the compiler: text → syntax tree → named tree → typed tree. No phase throws for the user's
// mistakes; each reports into `problems` and the next runs as far as it can.

import type { Problems } from "../base/problem.ts";
import type { SourceFile } from "../base/span.ts";
import type { Catalog } from "../contract/catalog.ts";
import { parseFile } from "../syntax/parser.ts";
import { resolveNames } from "./names/resolve.ts";
import { inferTypes } from "./types/infer.ts";
import type { TypedProgram } from "./types/tree.ts";

/** Undefined exactly when there are problems. */
export function compile(source: SourceFile, catalog: Catalog, problems: Problems): TypedProgram | undefined {
  const tree = parseFile(source, problems);
  if (tree === undefined || problems.any) return undefined;
  const named = resolveNames(tree, catalog, problems);
  if (named === undefined || problems.any) return undefined;
  const typed = inferTypes(named, catalog, problems);
  return problems.any ? undefined : typed;
}
