// SPDX-License-Identifier: Apache-2.0
// Every name in one file, with what it stands for. Works on what could be parsed; knows nothing of types.

import { Problems } from "../base/problem.ts";
import type { Span } from "../base/span.ts";
import type { Catalog, Module } from "../contract/catalog.ts";
import { type Meta, metaParameters } from "../contract/meta.ts";
import { parseImportPath } from "../program/modules/import-path.ts";
import type { ImportedFile, ModuleFile } from "../program/modules/module-file.ts";
import { nestClasses } from "../program/names/nested-classes.ts";
import { readStrings, type StringPart } from "../program/names/strings.ts";
import { partsOf } from "../program/names/walk.ts";
import type * as Syntax from "../syntax/tree.ts";
import {
  createScope,
  type Definition,
  find,
  type Meaning,
  type Occurrence,
  type Scope,
  type World,
} from "./symbols.ts";

export interface FileIndex {
  readonly scope: Scope;
  /** All scopes of the file, outer ones before those inside. */
  readonly scopes: readonly Scope[];
  /** By their place. */
  readonly occurrences: readonly Occurrence[];
}

/** Indexes files, each once. */
export class Indexer {
  readonly catalog: Catalog;
  readonly globals: Module;
  readonly #known = new WeakMap<ModuleFile, FileIndex>();

  constructor(catalog: Catalog) {
    this.catalog = catalog;
    this.globals = catalog.module("") ?? { functions: new Map(), constants: new Map() };
  }

  index(file: ModuleFile): FileIndex {
    const known = this.#known.get(file);
    if (known !== undefined) return known;
    const walk = new Walk(file, this);
    // Known before its names are looked up: files may import each other in a circle.
    this.#known.set(file, walk.index);
    walk.lookUp();
    return walk.index;
  }
}

interface Use {
  readonly scope: Scope;
  /** The whole name, without a `$`. */
  readonly at: Span;
  readonly text: string;
  readonly world: World;
  readonly typedAt: Span;
}

class Walk {
  readonly #file: ModuleFile;
  readonly #indexer: Indexer;
  readonly #uses: Use[] = [];
  readonly #occurrences: Occurrence[] = [];
  readonly #scopes: Scope[] = [];
  /** By the scope of the body. */
  readonly #classes = new Map<Scope, Definition>();
  readonly #strings = new Map<Syntax.StringLiteral, readonly StringPart[]>();
  readonly index: FileIndex;

  constructor(file: ModuleFile, indexer: Indexer) {
    this.#file = file;
    this.#indexer = indexer;
    const whole: Span = { file: file.source, start: 0, end: file.source.text.length };
    const body = nestClasses(file.tree?.body ?? [], new Problems());
    readStrings(body, this.#strings, new Problems());
    const scope = this.#open("file", whole, undefined);
    this.index = { scope, scopes: this.#scopes, occurrences: this.#occurrences };
    this.#block(body, scope);
  }

  lookUp(): void {
    for (const use of this.#uses) this.#lookUp(use);
    this.#occurrences.sort((a, b) => a.at.start - b.at.start);
  }

  #lookUp({ scope, at, text, world, typedAt }: Use): void {
    const parts = text.split(".");
    const meanings = find(scope, parts, world, this.#indexer.globals);
    if (meanings === undefined) return this.#lookUpAlias(scope, at, parts);
    const words = wordsIn(at, parts.length);
    for (const [index, meaning] of meanings.entries()) {
      const first = words[index];
      const last = index === meanings.length - 1 ? words.at(-1) : first;
      if (first === undefined || last === undefined) continue;
      const isLast = index === meanings.length - 1;
      const place = { file: at.file, start: first.start, end: last.end };
      this.#occurrences.push({ at: place, typedAt: isLast ? typedAt : place, meaning, isDefinition: false });
    }
  }

  /** Of a name that is unknown, the alias in front of it may be known. */
  #lookUpAlias(scope: Scope, at: Span, parts: readonly string[]): void {
    const [first] = parts;
    if (first === undefined || parts.length < 2) return;
    const alias = findAlias(scope, first);
    const word = wordsIn(at, parts.length)[0];
    if (alias === undefined || word === undefined) return;
    this.#occurrences.push({
      at: word,
      typedAt: word,
      meaning: { kind: "definition", definition: alias },
      isDefinition: false,
    });
  }

  #open(kind: Scope["kind"], at: Span, parent: Scope | undefined): Scope {
    const scope = createScope(kind, at, parent);
    this.#scopes.push(scope);
    return scope;
  }

  #define(definition: Definition): Definition {
    const meaning: Meaning = { kind: "definition", definition };
    this.#occurrences.push({ at: definition.at, typedAt: definition.typedAt, meaning, isDefinition: true });
    return definition;
  }

  /** The first of a name counts, as for the compiler; a later one stands for it too. */
  #declare(names: Map<string, Definition>, definition: Definition): void {
    const first = names.get(definition.name);
    if (first === undefined) names.set(definition.name, this.#define(definition));
    else this.#mean(definition.at, { kind: "definition", definition: first }, definition.typedAt);
  }

  #mean(at: Span, meaning: Meaning, typedAt: Span = at): void {
    this.#occurrences.push({ at, typedAt, meaning, isDefinition: false });
  }

  // ---- Statements ----

  #block(body: readonly Syntax.Statement[], scope: Scope): void {
    for (const statement of body) this.#statement(statement, scope);
  }

  #statement(statement: Syntax.Statement, scope: Scope): void {
    const { at: whole } = statement;
    switch (statement.kind) {
      case "bind": {
        const { at, text: name } = statement.name;
        const typedAt = { file: whole.file, start: whole.start, end: at.end };
        this.#declare(scope.variables, { kind: "variable", name, at, whole, typedAt, scope, syntax: statement });
        return this.#expression(statement.value, scope);
      }
      case "func": {
        const { at, text: name } = statement.name;
        const definition = { kind: "function", name, at, whole, typedAt: at, scope, syntax: statement } as const;
        this.#declare(scope.functions, definition);
        return this.#function(statement, scope);
      }
      case "class":
        return this.#class(statement, scope);
      case "include":
        return this.#include(statement, scope);
      case "import":
        return this.#importing(statement, scope);
      case "resource":
        return this.#resource(statement, scope);
      case "collect":
        return this.#resource(statement.resource, scope);
      case "edge":
        for (const half of statement.halves) this.#half(half, scope);
        return;
      case "if":
        this.#expression(statement.condition, scope);
        this.#block(statement.then.body, this.#open("block", statement.then.at, scope));
        if (statement.otherwise !== undefined) {
          this.#block(statement.otherwise.body, this.#open("block", statement.otherwise.at, scope));
        }
        return;
      case "for":
        this.#expression(statement.list, scope);
        return this.#loop([statement.index, statement.value], statement, scope);
      case "forkv":
        this.#expression(statement.map, scope);
        return this.#loop([statement.key, statement.value], statement, scope);
      case "panic":
        return this.#expressions(statement.args.items, scope);
    }
  }

  #loop(names: readonly Syntax.Name[], { at: whole, body }: Syntax.For | Syntax.ForKv, outer: Scope): void {
    const scope = this.#open("parameters", body.at, outer);
    for (const { at, text: name } of names) {
      this.#declare(scope.variables, { kind: "loop-variable", name, at, whole, typedAt: at, scope });
    }
    this.#block(body.body, this.#open("block", body.at, scope));
  }

  #class(statement: Syntax.Class, scope: Scope): void {
    const { body, at: whole } = statement;
    const parameters = this.#open("parameters", body.at, scope);
    this.#parameters(statement.params?.items ?? [], parameters);
    const inner = this.#open("class", body.at, parameters);
    const name = statement.name.text;
    // Of `class base:inner`, which was moved into `base`, the last part.
    const at = { ...statement.name.at, start: statement.name.at.end - name.length };
    const definition: Definition = {
      kind: "class",
      name,
      at,
      whole,
      typedAt: at,
      scope,
      syntax: statement,
      body: inner,
    };
    this.#declare(scope.classes, definition);
    this.#classes.set(inner, definition);
    this.#outerNames(statement.name.at, at, scope);
    this.#block(body.body, inner);
  }

  /** In `class base:inner` also `base` is a name. */
  #outerNames(written: Span, own: Span, home: Scope): void {
    if (written.start === own.start) return;
    const words = wordsIn({ ...written, end: own.start }, 2);
    let scope: Scope | undefined = home;
    for (const word of words.toReversed()) {
      const outer: Definition | undefined = scope === undefined ? undefined : this.#classes.get(scope);
      if (outer === undefined) return;
      this.#mean(word, { kind: "definition", definition: outer });
      scope = outer.scope;
    }
  }

  #include({ name, args, alias, at: whole }: Syntax.Include, scope: Scope): void {
    this.#uses.push({ scope, at: name.at, text: name.text, world: "classes", typedAt: name.at });
    this.#expressions(args?.items ?? [], scope);
    if (alias === undefined) return;
    const { at, text } = alias;
    const classOf = lookUpOnce(() => {
      const last = find(scope, name.text.split("."), "classes", this.#indexer.globals)?.at(-1);
      return last?.kind === "definition" ? last.definition : undefined;
    });
    this.#declare(scope.instances, { kind: "instance", name: text, at, whole, typedAt: at, scope, classOf });
  }

  #importing(statement: Syntax.Import, scope: Scope): void {
    const { path, alias, at: whole } = statement;
    const imported: ImportedFile | undefined = this.#file.imports.get(path.text);
    const source = imported?.kind === "file" ? imported.module : undefined;
    const file = source === undefined ? undefined : () => this.#indexer.index(source).scope;
    const target = { path: path.text, module: this.#indexer.catalog.module(path.text), file, source };
    const isStar = alias?.text === "*";
    const at = alias === undefined || isStar ? path.at : alias.at;
    const parsed = parseImportPath(path.text);
    const own = parsed.kind === "invalid" ? path.text : parsed.alias;
    const name = alias === undefined || isStar ? own : alias.text;
    const definition: Definition = { kind: "import", name, at, whole, typedAt: at, scope, syntax: statement, target };
    this.#define(definition);
    if (at !== path.at) this.#mean(path.at, { kind: "definition", definition });
    if (isStar) scope.stars.push(definition);
    else scope.imports.set(name, [...(scope.imports.get(name) ?? []), definition]);
  }

  // ---- Resources ----

  #resource({ type, name, items }: Syntax.Resource, scope: Scope): void {
    const resource = this.#kind(type);
    this.#expression(name, scope);
    for (const item of items) {
      if (item.condition !== undefined) this.#expression(item.condition, scope);
      switch (item.kind) {
        case "field": {
          const field = Object.hasOwn(resource?.fields ?? {}, item.name.text)
            ? resource?.fields[item.name.text]
            : undefined;
          if (resource !== undefined && field !== undefined) {
            this.#mean(item.name.at, { kind: "field", resource, name: item.name.text, field });
          }
          this.#expression(item.value, scope);
          break;
        }
        case "edge":
          this.#mean(item.relation.at, { kind: "relation", relation: item.relation.text });
          this.#half(item.target, scope);
          break;
        case "meta": {
          const parameter = metaNamed(item.name.text);
          if (parameter !== undefined) this.#mean(item.name.at, { kind: "meta", parameter });
          this.#expression(item.value, scope);
          break;
        }
        case "meta-struct":
          this.#expression(item.value, scope);
          break;
      }
    }
  }

  #kind({ at, text }: Syntax.Name) {
    const resource = this.#indexer.catalog.kind(text);
    if (resource !== undefined) this.#mean(at, { kind: "resource-kind", resource });
    return resource;
  }

  #half({ type, name, field }: Syntax.EdgeHalf, scope: Scope): void {
    const resource = this.#kind(type);
    this.#expression(name, scope);
    const declared = field === undefined ? undefined : resource?.fields[field.text];
    if (resource !== undefined && field !== undefined && declared !== undefined) {
      this.#mean(field.at, { kind: "field", resource, name: field.text, field: declared });
    }
  }

  // ---- Expressions ----

  #expressions(expressions: readonly Syntax.Expression[], scope: Scope): void {
    for (const expression of expressions) this.#expression(expression, scope);
  }

  #expression(expression: Syntax.Expression, scope: Scope): void {
    const { at } = expression;
    switch (expression.kind) {
      case "variable":
        this.#variable(expression.name, at, scope);
        return;
      case "string":
        for (const part of this.#strings.get(expression) ?? []) {
          if (part.kind === "text") continue;
          const inside = { ...part.at, start: part.at.start + "${".length, end: part.at.end - "}".length };
          this.#uses.push({ scope, at: inside, text: part.name, world: "variables", typedAt: part.at });
        }
        return;
      case "lambda":
        return this.#function(expression, scope);
      case "call": {
        const { callee, args } = expression;
        if (callee.kind === "lambda") this.#function(callee, scope);
        else if (callee.kind === "variable") this.#variable(callee.name, callee.at, scope);
        else {
          const { at: nameAt, text } = callee.name;
          this.#uses.push({ scope, at: nameAt, text, world: "functions", typedAt: at });
        }
        return this.#expressions(args.items, scope);
      }
      case "bool":
      case "int":
      case "float":
      case "list":
      case "map":
      case "struct":
      case "if-expression":
      case "parenthesized":
      case "binary":
      case "not":
      case "lookup":
      case "field-lookup":
      case "except":
        return this.#expressions(partsOf(expression), scope);
    }
  }

  #variable(name: Syntax.Name, typedAt: Span, scope: Scope): void {
    this.#uses.push({ scope, at: name.at, text: name.text, world: "variables", typedAt });
  }

  #function({ params, body, bodyAt }: Syntax.Lambda | Syntax.FunctionStatement, outer: Scope): void {
    const scope = this.#open("parameters", bodyAt, outer);
    this.#parameters(params.items, scope);
    this.#expression(body, scope);
  }

  #parameters(parameters: readonly Syntax.Parameter[], scope: Scope): void {
    for (const parameter of parameters) {
      const { at, text: name } = parameter.name;
      const typedAt = { file: at.file, start: parameter.at.start, end: at.end };
      const whole = parameter.at;
      this.#declare(scope.variables, { kind: "parameter", name, at, whole, typedAt, scope, syntax: parameter });
    }
  }
}

/** The innermost scope around an offset. */
export function scopeAt({ scope, scopes }: FileIndex, offset: number): Scope {
  let found = scope;
  for (const inner of scopes) {
    if (inner.at.start < offset && offset < inner.at.end && inner.at.start >= found.at.start) found = inner;
  }
  return found;
}

export function findAlias(start: Scope, name: string): Definition | undefined {
  for (let scope: Scope | undefined = start; scope !== undefined; scope = scope.parent) {
    const found = scope.instances.get(name) ?? scope.imports.get(name)?.at(-1);
    if (found !== undefined) return found;
  }
  return undefined;
}

function metaNamed(name: string): keyof Meta | undefined {
  return metaParameters.find((parameter) => parameter.name === name)?.name;
}

/** The parts of a name with dots, around which there may be blanks. */
function wordsIn(at: Span, count: number): readonly Span[] {
  if (count === 1) return [at];
  const words: Span[] = [];
  for (const { index, 0: word } of at.file.text.slice(at.start, at.end).matchAll(/[a-z][a-z0-9_]*/g)) {
    words.push({ file: at.file, start: at.start + index, end: at.start + index + word.length });
  }
  return words;
}

/** A definition that needs itself has none. */
function lookUpOnce<Result>(compute: () => Result): () => Result | undefined {
  let state: { readonly result: Result | undefined } | undefined;
  return () => {
    if (state !== undefined) return state.result;
    state = { result: undefined };
    state = { result: compute() };
    return state.result;
  };
}

/** The imports of a text alone, also of one that is broken: enough to load its modules. */
export function importsOf(text: string): string {
  return [...text.matchAll(/^[ \t]*import[ \t]+("[^"\n]*")/gm)].map(([, path]) => `import ${path}\n`).join("");
}
