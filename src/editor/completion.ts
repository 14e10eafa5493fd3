// SPDX-License-Identifier: Apache-2.0
// What can be completed at a place: names in reach, fields, kinds, modules, words of the language.

import type { Field } from "../contract/field.ts";
import { metaParameters } from "../contract/meta.ts";
import type { Module } from "../contract/catalog.ts";
import { isReservedWord } from "../syntax/tokens.ts";
import { renderType, type Type } from "../values/type.ts";
import type { Analysis } from "./analysis.ts";
import { type CompletionContext, completionContextAt } from "./completion-context.ts";
import {
  capitalised,
  describeBuiltin,
  describeField,
  describeKind,
  describeMeta,
  type Description,
  relations,
  renderMarkdown,
  renderOpen,
  renderSignature,
} from "./describe.ts";
import { findAlias, scopeAt } from "./index-file.ts";
import type { Range } from "./lines.ts";
import { type Definition, find, type Scope, visible, type World } from "./symbols.ts";

export type CompletionKind = "variable" | "constant" | "function" | "class" | "module" | "field" | "kind" | "keyword";

export interface Completion {
  readonly label: string;
  readonly kind: CompletionKind;
  readonly detail: string;
  readonly markdown?: string;
  /** What replaces the range. */
  readonly text: string;
  /** The same with places to fill in, `$1` and `${2:like this}`. */
  readonly snippet?: string;
  /** What the editor compares with what is written. */
  readonly filter: string;
}

export interface Completions {
  readonly range: Range;
  readonly items: readonly Completion[];
}

export function completionsAt(analysis: Analysis, offset: number): Completions | undefined {
  const context = completionContextAt(analysis.tokens, offset);
  if (context === undefined) return undefined;
  const scope = scopeAt(analysis.index, offset);
  const written = "written" in context ? context.written : "";
  // Behind an alias only what follows the dot is replaced.
  const from = context.from + (written.lastIndexOf(".") + 1);
  const items = itemsFor(context, { analysis, scope });
  return { range: analysis.lines.rangeOf({ start: from, end: offset }), items };
}

interface Place {
  readonly analysis: Analysis;
  readonly scope: Scope;
}

function itemsFor(context: CompletionContext, place: Place): readonly Completion[] {
  const { catalog } = place.analysis.indexer;
  switch (context.kind) {
    case "import":
      return catalog.modules.map((path) => simple(path, "module", ""));
    case "variable":
      return context.written.includes(".") ? membersOf(context.written, "variables", place) : variables(place, "");
    case "statement":
      return [...statementWords, ...catalog.kinds.map((kind) => kindItem(kind, place))];
    case "item":
      return itemsOfResource(context.resource, context.used, place);
    case "meta":
      return metaParameters.map(({ name, type }) =>
        withArrow(name, renderType(type), placeholder(type), "field", describeMeta(name)),
      );
    case "class":
      return context.written.includes(".") ? membersOf(context.written, "classes", place) : classes(place);
    case "edge-kind":
      return catalog.kinds.map((kind) => ({
        ...simple(capitalised(kind), "kind", catalog.kind(kind)?.summary ?? ""),
        snippet: `${capitalised(kind)}["$1"]$0`,
      }));
    case "type":
      return typeWords;
    case "struct-field":
      return fieldsOfStruct(context.of, place);
    case "value":
      return context.written.includes(".") ? membersOf(context.written, "functions", place) : values(place);
  }
}

// ---- Names in reach ----

function variables(place: Place, sigil: "" | "$"): readonly Completion[] {
  const { analysis, scope } = place;
  const own = [...visible(scope, "variables")].map((definition) => variableItem(definition, analysis, sigil));
  const aliases = aliasesIn(scope)
    .filter((alias) => hasMembers(alias, "variables"))
    .map(({ name }) => ({ ...simple(`${sigil}${name}`, "module", ""), text: `${sigil}${name}`, filter: name }));
  const { constants } = analysis.indexer.globals;
  const always = [...constants.values()].map(({ name, type }) => ({
    ...simple(`${sigil}${name}`, "constant", renderType(type)),
  }));
  return [...own, ...aliases, ...always];
}

function variableItem(definition: Definition, analysis: Analysis, sigil: string): Completion {
  const types = analysis.likelyTypesAt(definition.typedAt).map(renderOpen);
  return { ...simple(`${sigil}${definition.name}`, "variable", [...new Set(types)].join(" or ")) };
}

function classes({ scope }: Place): readonly Completion[] {
  const aliases = aliasesIn(scope).filter((alias) => hasMembers(alias, "classes"));
  return [
    ...[...visible(scope, "classes")].map((definition) => classItem(definition)),
    ...aliases.map(({ name }) => simple(name, "module", "")),
  ];
}

function classItem({ name, syntax }: Definition): Completion {
  const parameters = syntax !== undefined && "params" in syntax ? (syntax.params?.items ?? []) : [];
  return parameters.length === 0
    ? simple(name, "class", "")
    : { ...simple(name, "class", ""), snippet: `${name}($1)$0` };
}

function values(place: Place): readonly Completion[] {
  const { analysis, scope } = place;
  const own = [...visible(scope, "functions")].map((definition) => functionItem(definition, analysis));
  const modules = aliasesIn(scope)
    .filter((alias) => hasMembers(alias, "functions"))
    .map(({ name }) => simple(name, "module", ""));
  return [...variables(place, "$"), ...own, ...modules, ...builtins(analysis.indexer.globals), ...valueWords];
}

function functionItem({ name, typedAt }: Definition, analysis: Analysis): Completion {
  const [type] = analysis.likelyTypesAt(typedAt);
  const detail = type?.kind === "func" ? renderSignature(type) : "";
  return { ...simple(name, "function", detail), snippet: `${name}($1)$0` };
}

function builtins({ functions }: Module): readonly Completion[] {
  return [...functions.values()]
    .filter(({ name }) => !name.startsWith("_") && !isReservedWord(name))
    .map((definition) => ({
      ...simple(definition.name, "function", renderSignature(definition.type)),
      markdown: renderMarkdown(describeBuiltin(definition, definition.name)),
      snippet: definition.type.params.length === 0 ? `${definition.name}()$0` : `${definition.name}($1)$0`,
    }));
}

/** What is behind `alias.`; several dots lead through several aliases, or are part of the name of a constant. */
function membersOf(written: string, world: World, { analysis, scope }: Place): readonly Completion[] {
  const parts = written.split(".").slice(0, -1);
  let alias = findAlias(scope, parts[0] ?? "");
  let rest = parts.slice(1);
  while (rest.length > 0 && alias !== undefined) {
    const inside: Scope | undefined = scopeBehind(alias);
    const next: Definition | undefined = inside === undefined ? undefined : findAlias(inside, rest[0] ?? "");
    if (next === undefined) break;
    alias = next;
    rest = rest.slice(1);
  }
  if (alias === undefined) return [];
  const module = alias.target?.module;
  const inside = rest.length === 0 ? scopeBehind(alias) : undefined;
  const declared = inside === undefined ? [] : declaredIn(inside, world);
  const own = declared.map((definition) => {
    if (world === "functions") return functionItem(definition, analysis);
    return world === "classes" ? classItem(definition) : variableItem(definition, analysis, "");
  });
  const nested = inside === undefined ? [] : aliasesIn(inside, "here").map(({ name }) => simple(name, "module", ""));
  if (module === undefined || world === "classes") return [...own, ...nested];
  if (world === "functions") return rest.length > 0 ? [] : [...own, ...nested, ...builtins(module)];
  return [...own, ...nested, ...constantsBelow(module, rest)];
}

/** Names of constants have dots: after `const.res.` there is `file`. */
function constantsBelow({ constants }: Module, parts: readonly string[]): readonly Completion[] {
  const prefix = parts.map((part) => `${part}.`).join("");
  const found = new Map<string, Completion>();
  for (const { name, type } of constants.values()) {
    if (!name.startsWith(prefix)) continue;
    const rest = name.slice(prefix.length);
    found.set(rest, simple(rest, "constant", renderType(type)));
  }
  return [...found.values()];
}

function scopeBehind(alias: Definition): Scope | undefined {
  return alias.kind === "import" ? alias.target?.file?.() : alias.classOf?.()?.body;
}

function declaredIn(scope: Scope, world: World): readonly Definition[] {
  // The parameters of a class are seen behind its alias too.
  const outer = scope.kind === "class" && scope.parent?.kind === "parameters" ? [...scope.parent[world].values()] : [];
  return [...scope[world].values(), ...outer];
}

function hasMembers(alias: Definition, world: World): boolean {
  const inside = scopeBehind(alias);
  if (inside !== undefined) return declaredIn(inside, world).length > 0 || aliasesIn(inside, "here").length > 0;
  const module = alias.target?.module;
  if (module === undefined) return false;
  return world === "functions" ? module.functions.size > 0 : world === "variables" && module.constants.size > 0;
}

function aliasesIn(start: Scope, reach: "here" | "outwards" = "outwards"): readonly Definition[] {
  const found = new Map<string, Definition>();
  for (let scope: Scope | undefined = start; scope !== undefined; scope = scope.parent) {
    for (const definition of [...scope.instances.values(), ...[...scope.imports.values()].flat()]) {
      if (!found.has(definition.name)) found.set(definition.name, definition);
    }
    if (reach === "here") break;
  }
  return [...found.values()];
}

function fieldsOfStruct(name: string, { analysis, scope }: Place): readonly Completion[] {
  const meaning = find(scope, name.split("."), "variables", analysis.indexer.globals)?.at(-1);
  if (meaning?.kind !== "definition") return [];
  const types = analysis.typesAt(meaning.definition.typedAt).filter((type) => type.kind === "struct");
  return types.flatMap(({ fields }) => fields.map(({ name: label, type }) => simple(label, "field", renderType(type))));
}

// ---- Resources ----

function kindItem(kind: string, { analysis }: Place): Completion {
  const resource = analysis.indexer.catalog.kind(kind);
  const markdown = resource === undefined ? {} : { markdown: renderMarkdown(describeKind(resource)) };
  return { ...simple(kind, "kind", resource?.summary ?? ""), ...markdown, snippet: `${kind} "$1" {\n\t$0\n}` };
}

function itemsOfResource(kind: string, used: readonly string[], { analysis }: Place): readonly Completion[] {
  const fields = analysis.indexer.catalog.kind(kind)?.fields ?? {};
  const free = Object.entries(fields).filter(([name]) => !used.includes(name));
  return [
    ...free.map(([name, field]) => {
      const detail = field.type === "any" ? "" : renderType(field.type);
      return withArrow(name, detail, placeholderOf(field), "field", describeField({ kind }, name, field));
    }),
    ...relations.map((relation) => withArrow(capitalised(relation), "edge", '$1["$2"]', "keyword")),
    { ...simple("Meta", "keyword", "meta parameter"), text: "Meta:", snippet: "Meta:$0" },
  ];
}

/** `name => value,` */
function withArrow(
  name: string,
  detail: string,
  value: string,
  kind: CompletionKind,
  description?: Description,
): Completion {
  const markdown = description === undefined ? {} : { markdown: renderMarkdown(description) };
  return { ...simple(name, kind, detail), ...markdown, text: `${name} => `, snippet: `${name} => ${value},$0` };
}

function placeholderOf({ type, choices = [] }: Field<unknown>): string {
  const texts = choices.filter((choice) => /^[^,|"\\]+$/.test(choice));
  if (texts.length > 0) return `"\${1|${texts.join(",")}|}"`;
  return type === "any" ? "$1" : placeholder(type);
}

function placeholder(type: Type): string {
  switch (type.kind) {
    case "str":
      return '"$1"';
    case "bool":
      return "${1|true,false|}";
    case "list":
      return "[$1]";
    case "map":
      return "{$1}";
    default:
      return "$1";
  }
}

// ---- Words of the language ----

const statementWords: readonly Completion[] = [
  word("import", 'import "$1"$0'),
  word("include", "include $0"),
  word("class", "class $1($2) {\n\t$0\n}"),
  word("func", "func $1($2) {\n\t$0\n}"),
  word("if", "if $1 {\n\t$0\n}"),
  word("for", "for \\$${1:index}, \\$${2:value} in $3 {\n\t$0\n}"),
  word("forkv", "forkv \\$${1:key}, \\$${2:value} in $3 {\n\t$0\n}"),
  word("panic", "panic($1)$0"),
  word("collect", 'collect $1 "$2" {\n\t$0\n}'),
];

const valueWords: readonly Completion[] = [
  word("true"),
  word("false"),
  word("not", "not $0"),
  word("if", "if $1 { $2 } else { $3 }$0"),
  word("func", "func($1) { $2 }$0"),
  word("struct", "struct{$1 => $2}$0"),
];

const typeWords: readonly Completion[] = [
  ...["bool", "str", "int", "float"].map((name) => word(name)),
  word("[]", "[]$0"),
  word("map", "map{${1:str}: ${2:str}}$0"),
  word("struct", "struct{$1}$0"),
  word("func", "func($1) $0"),
];

function word(label: string, snippet?: string): Completion {
  return { ...simple(label, "keyword", ""), ...(snippet === undefined ? {} : { snippet }) };
}

function simple(label: string, kind: CompletionKind, detail: string): Completion {
  return { label, kind, detail, text: label, filter: label };
}
