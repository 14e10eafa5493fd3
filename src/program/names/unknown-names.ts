// SPDX-License-Identifier: Apache-2.0
// A name was not found: what was probably meant. Runs only then, so it may look at everything.

import { nearest } from "../../base/nearest.ts";
import { isReservedWord } from "../../syntax/tokens.ts";
import type { Name } from "../../syntax/tree.ts";
import type { Span } from "../../base/span.ts";
import { type UnknownName, unknownClass, unknownFunction, unknownVariable } from "../problems.ts";
import type { Context } from "./context.ts";
import { defaultAlias } from "../modules/import-path.ts";
import { classWorld, find, functionWorld, type Imported, type Names, variableWorld, type World } from "./scope.ts";

/** `at` is the variable with its `$`, or the `${…}` around it. */
export function reportUnknownVariable(name: string, at: Span, names: Names, context: Context): void {
  const better = hintForVariable(name, names);
  const facts = better === undefined ? describe(name, names, variableWorld, context) : { name, hint: better };
  const elsewhere = facts.nearest === undefined && better === undefined ? boundElsewhere(name, at, context) : undefined;
  context.problems.report(unknownVariable, at, { ...facts, elsewhere });
}

/** Where a block that does not reach here binds this name. */
function boundElsewhere(name: string, { file }: Span, context: Context): Span | undefined {
  if (context.searchesLeft === 0) return undefined;
  for (const block of context.outlines.keys()) {
    for (const statement of block) {
      if (statement.kind === "bind" && statement.name.text === name && statement.at.file === file) {
        return statement.name.at;
      }
    }
  }
  return undefined;
}

export function reportUnknownFunction(name: Name, names: Names, context: Context): void {
  const facts = describe(name.text, names, functionWorld, context);
  const isVariable = isFound(find(names, name.text, variableWorld));
  const own = isVariable
    ? `\`$${name.text}\` is a variable: if it holds a function, write \`$${name.text}(…)\`.`
    : (facts.hint ?? hintForModuleFunction(name.text, names, context));
  context.problems.report(unknownFunction, name.at, { ...facts, ...hint(own) });
}

export function reportUnknownClass(name: Name, names: Names, context: Context): void {
  context.problems.report(unknownClass, name.at, describe(name.text, names, classWorld, context));
}

function hintForVariable(name: string, names: Names): string | undefined {
  if (isReservedWord(name)) return `\`${name}\` is a word of the language: no variable can be called so.`;
  const [first = "", ...fields] = name.split(".");
  if (fields.length > 0 && isFound(find(names, first, variableWorld))) {
    return `A field of a struct is read with an arrow, \`$${first}->${fields.join("->")}\`; a value of a map with \`$${first}["${fields.join('"]["')}"]\`.`;
  }
  if (!isFound(find(names, name, functionWorld))) return undefined;
  return `\`${name}\` is a function, not a value. Where a function is wanted, wrap it: \`func($x) { ${name}($x) }\`.`;
}

/** `printf` alone, where `fmt.printf` exists. */
function hintForModuleFunction(name: string, names: Names, { catalog }: Context): string | undefined {
  if (name.includes(".")) return undefined;
  for (let at: Names | undefined = names; at !== undefined; at = at.parent) {
    for (const [alias, imported] of at.imports.modules) {
      if (imported === "broken") continue;
      for (const member of membersOf(imported, functionWorld)) {
        if (member === name) return `Write \`${alias}.${name}(…)\`.`;
      }
    }
  }
  // Of several modules the shortest name is the most ordinary one.
  const offering = catalog.modules.filter((module) => catalog.module(module)?.functions.has(name));
  const [module] = offering.toSorted((a, b) => a.length - b.length);
  if (module === undefined) return undefined;
  return `Add \`import "${module}"\` and write \`${defaultAlias(module)}.${name}(…)\`.`;
}

function describe<Entry>(name: string, names: Names, world: World<Entry>, context: Context): UnknownName {
  const alias = firstPart(name);
  if (alias === name) return { name, nearest: search(name, visible(names, world), context) };

  const rest = name.slice(alias.length + 1);
  const behind = membersBehind(alias, names, world);
  if (behind !== undefined) {
    const near = search(rest, behind.members, context);
    const similar = near === undefined ? {} : { nearest: `${alias}.${near}` };
    return { name, of: { alias, rest, what: behind.what }, ...similar };
  }
  if (isFound(find(names, alias, classWorld))) {
    return {
      name,
      hint: `Write \`include ${alias} as ${alias}\`: then what the class \`${alias}\` defines is in reach.`,
    };
  }
  const missing = context.catalog.modules
    .filter((module) => defaultAlias(module) === alias)
    .toSorted((a, b) => a.length - b.length); // Of several the shortest name is the most ordinary one.
  const best = missing.find((module) => offers(module, rest, world, context)) ?? missing[0];
  if (best !== undefined) return { name, hint: `Add \`import "${best}"\` to the file.` };
  // The parts before the last dot are long and alike in all constants: they must not make anything seem near.
  const parent = name.slice(0, name.lastIndexOf(".") + 1);
  const siblings = [...dottedNames(names, world)].filter((known) => known.startsWith(parent));
  if (siblings.length > 0) {
    const near = search(
      name.slice(parent.length),
      siblings.map((known) => known.slice(parent.length)),
      context,
    );
    if (near !== undefined) return { name, nearest: parent + near };
    const shown = siblings.slice(0, 6).map((known) => `\`$${known}\``);
    return {
      name,
      hint: `There ${shown.length === 1 ? "is" : "are"} ${shown.join(", ")}${siblings.length > 6 ? " and more" : ""}.`,
    };
  }
  const similar = search(name, dottedNames(names, world), context);
  return { name, ...(similar === undefined ? {} : { nearest: similar }) };
}

function offers<Entry>(module: string, name: string, world: World<Entry>, { catalog }: Context): boolean {
  const found = catalog.module(module);
  return found !== undefined && world.offeredBy(found).has(name);
}

// ---- Names in reach ----

function* visible<Entry>(start: Names, world: World<Entry>): Generator<string> {
  for (let names: Names | undefined = start; names !== undefined; names = names.parent) {
    yield* world.declaredIn(names).keys();
    yield* typeable(membersOf(names.imports.stars, world));
  }
}

function membersBehind<Entry>(alias: string, start: Names, world: World<Entry>) {
  for (let names: Names | undefined = start; names !== undefined; names = names.parent) {
    const opened = names.instances.get(alias)?.open();
    if (opened !== undefined) return { what: "class" as const, members: world.declaredIn(opened.names).keys() };
    const imported = names.imports.modules.get(alias);
    if (imported !== undefined && imported !== "broken") {
      return { what: "module" as const, members: membersOf(imported, world) };
    }
  }
  return undefined;
}

function* membersOf<Entry>(imported: readonly Imported[], world: World<Entry>): Generator<string> {
  for (const { builtin, file } of imported) {
    const opened = file?.open();
    if (opened !== undefined) yield* world.declaredIn(opened.names).keys();
    if (builtin !== undefined) yield* world.offeredBy(builtin).keys();
  }
}

/** All that can be written with a dot from here, as deep as one alias. */
function* dottedNames<Entry>(start: Names, world: World<Entry>): Generator<string> {
  for (let names: Names | undefined = start; names !== undefined; names = names.parent) {
    for (const alias of [...names.instances.keys(), ...names.imports.modules.keys()]) {
      const behind = membersBehind(alias, names, world);
      for (const member of behind?.members ?? []) yield `${alias}.${member}`;
    }
  }
  yield* visible(start, world); // Some constants have dots of their own.
}

/** Without the functions that only syntax can call. */
function* typeable(names: Iterable<string>): Generator<string> {
  for (const name of names) if (!name.startsWith("_") && !isReservedWord(name)) yield name;
}

// ---- Small things ----

function search(name: string, candidates: Iterable<string>, context: Context): string | undefined {
  if (context.searchesLeft === 0) return undefined;
  context.searchesLeft -= 1;
  return nearest(name, candidates);
}

function firstPart(name: string): string {
  return name.split(".")[0] ?? name;
}

function hint(text: string | undefined): { readonly hint?: string } {
  return text === undefined ? {} : { hint: text };
}

function isFound(found: unknown): boolean {
  return found !== undefined && found !== "broken";
}
