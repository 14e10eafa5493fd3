// SPDX-License-Identifier: Apache-2.0
// Runs the imports of a block: they come before everything else in it, wherever they stand. Reference: mcl language, 8.

import { nearest } from "../../base/nearest.ts";
import type { Span } from "../../base/span.ts";
import type { Module } from "../../contract/catalog.ts";
import type { Import } from "../../syntax/tree.ts";
import {
  duplicateAlias,
  duplicateImport,
  importsClash,
  invalidImport,
  notSupported,
  unknownModule,
} from "../problems.ts";
import type { BlockDeclarations } from "./block-declarations.ts";
import type { Context } from "./context.ts";
import { parseImportPath } from "./import-path.ts";
import { type Imports, noImports } from "./scope.ts";

export function runImports(declarations: BlockDeclarations, context: Context): Imports {
  if (declarations.imports.length === 0) return noImports;
  const { problems } = context;
  const modules = new Map<string, { readonly at: Span; readonly imported: Module[] } | "broken">();
  const stars: Module[] = [];
  let starsAreBroken = false;
  const paths = new Map<string, Span>();

  for (const { path, alias } of declarations.imports) {
    const earlier = paths.get(path.text);
    if (earlier === undefined) paths.set(path.text, path.at);
    else problems.report(duplicateImport, path.at, { path: path.text, first: earlier });
    const found = earlier === undefined ? findModule(path, context) : undefined;
    if (alias?.text === "*") {
      if (found?.module !== undefined) stars.push(found.module);
      else if (earlier === undefined) starsAreBroken = true;
      continue;
    }
    const name = alias?.text ?? found?.alias;
    if (name === undefined) continue;
    const others = modules.get(name);
    if (found?.module === undefined || others === "broken") {
      modules.set(name, "broken");
      continue;
    }
    const at = alias?.at ?? path.at;
    const instance = declarations.instances.get(name)?.alias;
    if (instance !== undefined) {
      const [first, second] = instance.at.start < at.start ? [instance.at, at] : [at, instance.at];
      problems.report(duplicateAlias, second, { name, first });
    } else if (others === undefined) {
      modules.set(name, { at, imported: [found.module] });
    } else {
      const clash = sharedName(others.imported, found.module);
      if (clash === undefined) others.imported.push(found.module);
      else problems.report(importsClash, at, { name: `${name}.${clash}`, first: others.at });
    }
  }

  const byAlias = new Map([...modules].map(([name, entry]) => [name, entry === "broken" ? entry : entry.imported]));
  return { modules: byAlias, stars, starsAreBroken };
}

/** Reports why there is no module; the alias that it would have is known all the same. */
function findModule(path: Import["path"], context: Context): { readonly module?: Module; readonly alias?: string } {
  const { problems, catalog } = context;
  const parsed = parseImportPath(path.text);
  switch (parsed.kind) {
    case "invalid":
      problems.report(invalidImport, path.at, { path: path.text, ...parsed });
      return {};
    case "file":
    case "directory":
    case "remote":
      problems.report(notSupported, path.at, { what: "Importing a module of your own is" });
      return { alias: parsed.alias };
    case "module": {
      const module = catalog.module(path.text);
      if (module !== undefined) return { module, alias: parsed.alias };
      problems.report(unknownModule, path.at, { path: path.text, nearest: nearestModule(path.text, catalog.modules) });
      return { alias: parsed.alias };
    }
  }
}

/** Also one that is only missing its folder: "strings" where there is "golang/strings". */
function nearestModule(path: string, modules: readonly string[]): string | undefined {
  return modules.find((module) => module.endsWith(`/${path}`)) ?? nearest(path, modules);
}

function sharedName(imported: readonly Module[], module: Module): string | undefined {
  for (const other of imported) {
    for (const name of module.functions.keys()) if (other.functions.has(name)) return name;
    for (const name of module.constants.keys()) if (other.constants.has(name)) return name;
  }
  return undefined;
}
