// SPDX-License-Identifier: Apache-2.0
// Runs the imports of a block: they come before everything else in it, wherever they stand. Reference: mcl language, 8.

import { nearest } from "../../base/nearest.ts";
import type { Span } from "../../base/span.ts";
import type { Import } from "../../syntax/tree.ts";
import { parseImportPath } from "../modules/import-path.ts";
import {
  duplicateAlias,
  duplicateImport,
  importsClash,
  invalidImport,
  missingModule,
  unknownModule,
} from "../problems.ts";
import type { BlockDeclarations } from "./block-declarations.ts";
import type { Context } from "./context.ts";
import { importFile, type Importing } from "./module-instances.ts";
import { functionWorld, type Imported, type Imports, noImports, variableWorld } from "./scope.ts";

export function runImports(declarations: BlockDeclarations, importing: Importing, context: Context): Imports {
  if (declarations.imports.length === 0) return noImports;
  const { problems } = context;
  const modules = new Map<string, { readonly at: Span; readonly imported: Imported[] } | "broken">();
  const stars: Imported[] = [];
  let starsAreBroken = false;
  const paths = new Map<string, Span>();

  for (const { path, alias } of declarations.imports) {
    const earlier = paths.get(path.text);
    if (earlier === undefined) paths.set(path.text, path.at);
    else problems.report(duplicateImport, path.at, { path: path.text, first: earlier });
    const found = earlier === undefined ? findModule(path, importing, context) : undefined;
    if (alias?.text === "*") {
      if (found?.imported !== undefined) stars.push(found.imported);
      else if (earlier === undefined) starsAreBroken = true;
      continue;
    }
    const name = alias?.text ?? found?.alias;
    if (name === undefined) continue;
    const others = modules.get(name);
    if (found?.imported === undefined || others === "broken") {
      modules.set(name, "broken");
      continue;
    }
    const at = alias?.at ?? path.at;
    const instance = declarations.instances.get(name)?.alias;
    if (instance !== undefined) {
      const [first, second] = instance.at.start < at.start ? [instance.at, at] : [at, instance.at];
      problems.report(duplicateAlias, second, { name, first });
    } else if (others === undefined) {
      modules.set(name, { at, imported: [found.imported] });
    } else if ([...others.imported, found.imported].filter(({ file }) => file !== undefined).length > 1) {
      // Two files always clash: both give what is always there.
      problems.report(duplicateAlias, at, { name, first: others.at });
    } else {
      const clash = sharedName(others.imported, found.imported);
      if (clash === undefined) others.imported.push(found.imported);
      else problems.report(importsClash, at, { name: `${name}.${clash}`, first: others.at });
    }
  }

  const byAlias = new Map([...modules].map(([name, entry]) => [name, entry === "broken" ? entry : entry.imported]));
  return { modules: byAlias, stars, starsAreBroken };
}

/** Reports why there is no module; the alias that it would have is known all the same. */
function findModule(
  path: Import["path"],
  importing: Importing,
  context: Context,
): { readonly imported?: Imported; readonly alias?: string } {
  const { problems, catalog, files } = context;
  const { text, at } = path;
  const parsed = parseImportPath(text);
  if (parsed.kind === "invalid") {
    problems.report(invalidImport, at, { path: text, ...parsed });
    return {};
  }
  const { alias } = parsed;
  const builtin = parsed.kind === "module" ? catalog.module(text) : undefined;
  const loaded = files.get(at.file)?.module.imports.get(text);
  if (loaded?.kind === "file") {
    const file = importFile(loaded.module, path, importing, context);
    return file === undefined
      ? { alias }
      : { alias, imported: { file, ...(builtin === undefined ? {} : { builtin }) } };
  }
  if (builtin !== undefined) return { alias, imported: { builtin } };
  if (parsed.kind === "module") {
    problems.report(unknownModule, at, { path: text, nearest: nearestModule(text, catalog.modules) });
  } else {
    const reason = loaded?.reason ?? "this text stands alone: there are no files beside it";
    const hint = loaded?.hint === undefined ? {} : { hint: loaded.hint };
    problems.report(missingModule, at, { path: text, reason, ...hint });
  }
  return { alias };
}

/** Also one that is only missing its folder: "strings" where there is "golang/strings". */
function nearestModule(path: string, modules: readonly string[]): string | undefined {
  return modules.find((module) => module.endsWith(`/${path}`)) ?? nearest(path, modules);
}

function sharedName(imported: readonly Imported[], added: Imported): string | undefined {
  for (const other of imported) {
    for (const world of [functionWorld, variableWorld]) {
      const names = new Set(namesIn(other, world));
      for (const name of namesIn(added, world)) if (names.has(name)) return name;
    }
  }
  return undefined;
}

function* namesIn({ builtin, file }: Imported, world: typeof functionWorld | typeof variableWorld): Generator<string> {
  if (builtin !== undefined) yield* world.offeredBy(builtin).keys();
  const opened = file?.open();
  if (opened !== undefined) yield* world.declaredIn(opened.names).keys();
}
