// SPDX-License-Identifier: Apache-2.0
// Where a name is declared, where it is used, and how it gets another one. Sees the files that it is given.

import type { Span } from "../base/span.ts";
import { isReservedWord } from "../syntax/tokens.ts";
import type { Analysis } from "./analysis.ts";
import { type FileIndex, scopeAt } from "./index-file.ts";
import type { Definition, Scope } from "./symbols.ts";

/** Where the name at an offset is declared; the file of a module for the alias of an import. */
export function definitionAt(analysis: Analysis, offset: number): Span | undefined {
  const definition = definedAt(analysis, offset);
  const source = definition?.kind === "import" ? definition.target?.source?.source : undefined;
  return source === undefined ? definition?.at : { file: source, start: 0, end: 0 };
}

export function definedAt(analysis: Analysis, offset: number): Definition | undefined {
  const meaning = analysis.occurrenceAt(offset)?.meaning;
  return meaning?.kind === "definition" ? meaning.definition : undefined;
}

/** Every place of the name in the files, its declaration among them or not; each once. */
export function placesOf(
  definition: Definition,
  files: Iterable<FileIndex>,
  options: { readonly withDeclaration: boolean },
): readonly Span[] {
  const places = new Map<string, Span>();
  for (const { occurrences } of files) {
    for (const { at, meaning, isDefinition } of occurrences) {
      if (meaning.kind !== "definition" || !isSame(meaning.definition, definition)) continue;
      if (isDefinition && !options.withDeclaration) continue;
      // The path of an import that has an alias stands for the same, but is not its name.
      if (!isDefinition && at.file.text[at.start] === '"') continue;
      places.set(`${at.file.path}:${at.start}`, at);
    }
  }
  return [...places.values()];
}

/** A file that is read twice, once for each program that imports it, is the same file. */
function isSame(one: Definition, other: Definition): boolean {
  return one === other || (one.at.file.path === other.at.file.path && one.at.start === other.at.start);
}

// ---- Another name ----

/** What would be renamed; or why nothing can be. */
export function renameable(analysis: Analysis, offset: number): { readonly at: Span } | { readonly refused: string } {
  const occurrence = analysis.occurrenceAt(offset);
  if (occurrence === undefined) return { refused: "There is no name here." };
  const { meaning } = occurrence;
  if (meaning.kind !== "definition") return { refused: "This name is built in." };
  const { definition } = meaning;
  if (definition.at.file.path.startsWith("<")) return { refused: "This name is part of mgmt." };
  if (definition.kind === "import" && !isAlias(definition)) {
    return { refused: "This name comes from the path of the import. Write `import … as name` to choose another one." };
  }
  return { at: occurrence.at };
}

function isAlias({ syntax }: Definition): boolean {
  return syntax !== undefined && "alias" in syntax && syntax.alias !== undefined && syntax.alias.text !== "*";
}

/** The places to write the new name at; or why it cannot be had. */
export function renameTo(
  definition: Definition,
  wanted: string,
  files: readonly FileIndex[],
): { readonly places: readonly Span[] } | { readonly refused: string } {
  const name = wanted.replace(/^\$/, "");
  if (!/^[a-z](?:[a-z0-9_]*[a-z0-9])?$/.test(name)) {
    return {
      refused: `\`${name}\` cannot be a name: it has small letters, digits and underscores, and begins with a letter.`,
    };
  }
  if (name.includes("__")) return { refused: `\`${name}\` cannot be a name: it has two underscores in a row.` };
  if (isReservedWord(name)) return { refused: `\`${name}\` is a word of the language.` };
  if (name === definition.name) return { places: [] };
  const places = placesOf(definition, files, { withDeclaration: true });
  const clash = clashOf(definition, name, files);
  if (clash !== undefined) return { refused: clash };
  return { places };
}

function clashOf(definition: Definition, name: string, files: readonly FileIndex[]): string | undefined {
  const taken = namesLike(definition.scope, definition).get(name);
  if (taken !== undefined) return `There is already a ${kindWords[definition.kind]} \`${name}\` here.`;
  for (const file of files) {
    for (const { at, meaning, isDefinition } of file.occurrences) {
      if (meaning.kind !== "definition" || isDefinition) continue;
      const from = scopeAt(file, at.start);
      const ends = isSame(meaning.definition, definition)
        ? // Something between the use and the declaration has the name.
          hides(from, definition.scope, name, definition)
        : // A use of another one of that name would now find this one.
          meaning.definition.name === name &&
          sharesNames(meaning.definition, definition) &&
          isInside(from, definition.scope) &&
          isInside(definition.scope, meaning.definition.scope);
      if (ends) return `\`${name}\` means something else where \`${definition.name}\` is in reach.`;
    }
  }
  return undefined;
}

function hides(from: Scope, to: Scope, name: string, like: Definition): boolean {
  for (let scope: Scope | undefined = from; scope !== undefined && scope !== to; scope = scope.parent) {
    if (namesLike(scope, like).has(name)) return true;
  }
  return false;
}

function isInside(scope: Scope, outer: Scope): boolean {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) if (at === outer) return true;
  return false;
}

function namesLike(scope: Scope, { kind }: Definition): { get(name: string): unknown; has(name: string): boolean } {
  switch (kind) {
    case "function":
      return scope.functions;
    case "class":
      return scope.classes;
    case "instance":
    case "import":
      return new Map<string, unknown>([...scope.imports, ...scope.instances]);
    case "variable":
    case "parameter":
    case "loop-variable":
      return scope.variables;
  }
}

function sharesNames(one: Definition, other: Definition): boolean {
  return worldOf(one) === worldOf(other);
}

function worldOf({ kind }: Definition): string {
  if (kind === "function" || kind === "class") return kind;
  return kind === "instance" || kind === "import" ? "alias" : "variable";
}

const kindWords: Readonly<Record<Definition["kind"], string>> = {
  variable: "variable",
  parameter: "variable",
  "loop-variable": "variable",
  function: "function",
  class: "class",
  instance: "name of an include or import",
  import: "name of an include or import",
};
