// SPDX-License-Identifier: Apache-2.0
// Makes the names of a block, so that its statements can use each other in any order: declarations exist before
// their values are resolved, and are filled in place.

import { invariant } from "../../base/invariant.ts";
import type { Span } from "../../base/span.ts";
import type * as Syntax from "../../syntax/tree.ts";
import { annotationOf } from "./annotations.ts";
import { variableAt } from "./block-declarations.ts";
import type { ClassNames } from "./class-names.ts";
import type { Context } from "./context.ts";
import { runImports } from "./imports.ts";
import { declareParameters } from "./parameters.ts";
import {
  classWorld,
  find,
  type ImportSite,
  type Instance,
  type Names,
  namesOfVariables,
  type Opened,
} from "./scope.ts";
import type { Bind, Broken, Expression, FunctionDeclaration, Include, Lambda, Scope } from "./tree.ts";
import { reportUnknownClass } from "./unknown-names.ts";

/** The names of a block with what its statements will fill in. */
export interface OpenBlock extends Names {
  readonly body: readonly Syntax.Statement[];
  readonly binds: ReadonlyMap<Syntax.Bind, Bind & { value: Expression }>;
  readonly functionsBySyntax: ReadonlyMap<Syntax.FunctionStatement, FunctionDeclaration & { lambda: Lambda }>;
  /** Each behind those that it needs. */
  readonly includes: ReadonlyMap<Syntax.Include, PendingInclude>;
}

export function openBlock(
  body: readonly Syntax.Statement[],
  scope: Scope,
  parent: Names,
  context: Context,
  /** Given for a file: how it came in. */
  site: ImportSite | undefined = parent.site,
): OpenBlock {
  const outline = context.outlines.get(body);
  invariant(outline !== undefined, "every block has an outline");
  const { declarations } = outline;

  const variables = new Map<string, Bind>();
  const binds = new Map<Syntax.Bind, Bind & { value: Expression }>();
  for (const [name, syntax] of declarations.variables) {
    const bind = declareBind(syntax, scope);
    variables.set(name, bind);
    binds.set(syntax, bind);
    context.made.binds.push(bind);
  }

  const functions = new Map<string, FunctionDeclaration>();
  const functionsBySyntax = new Map<Syntax.FunctionStatement, FunctionDeclaration & { lambda: Lambda }>();
  for (const [name, syntax] of declarations.functions) {
    const declaration = declareFunction(syntax, scope);
    functions.set(name, declaration);
    functionsBySyntax.set(syntax, declaration);
    context.made.functions.push(declaration);
  }

  const classes = new Map<string, ClassNames>();
  const instances = new Map<string, PendingInclude>();
  const includes = new Map<Syntax.Include, PendingInclude>();
  const imports = runImports(declarations, { scope, seen: parent, site }, context);
  const names = {
    scope,
    parent,
    variables,
    functions,
    classes,
    instances,
    imports,
    site,
    body,
    binds,
    functionsBySyntax,
    includes,
  };

  for (const [name, syntax] of declarations.classes) {
    const declared = declareClass(syntax, names);
    classes.set(name, declared);
    context.made.classes.push(declared);
  }
  for (const syntax of outline.includes) includes.set(syntax, new PendingInclude(syntax, names, context));
  for (const [alias, syntax] of declarations.instances) {
    const include = includes.get(syntax);
    if (include !== undefined) instances.set(alias, include);
  }
  return names;
}

function declareBind(syntax: Syntax.Bind, scope: Scope): Bind & { value: Expression } {
  const { at, name, type } = syntax;
  return {
    kind: "bind",
    scope,
    name: name.text,
    at: variableAt(syntax),
    ...(type === undefined ? {} : { annotation: annotationOf(type) }),
    value: notYet(at),
  };
}

function declareFunction(syntax: Syntax.FunctionStatement, scope: Scope): FunctionDeclaration & { lambda: Lambda } {
  const { at, name } = syntax;
  const parameters: Scope = { kind: "parameters", parent: scope };
  const lambda: Lambda = { kind: "lambda", at, scope: parameters, parameters: [], body: notYet(at) };
  return { kind: "function", scope, name: name.text, at: name.at, lambda };
}

function declareClass(syntax: Syntax.Class, home: Names): ClassNames {
  const scope: Scope = { kind: "parameters", parent: home.scope };
  const parameters = declareParameters(syntax.params?.items ?? [], scope);
  return {
    syntax,
    declaration: { kind: "class", scope: home.scope, name: syntax.name.text, at: syntax.name.at, parameters },
    parameters: namesOfVariables(scope, home, parameters),
  };
}

/** Until the statement is resolved. */
function notYet(at: Span): Broken {
  return { kind: "broken", at };
}

// ---- Includes ----

export interface OpenedInclude extends Opened {
  readonly step: Include & { args: readonly Expression[] };
  /** Of the body of the class. */
  readonly names: OpenBlock;
}

/** Its class is looked up when something first needs it: the statement itself, or a name behind its alias. */
export class PendingInclude implements Instance {
  readonly #syntax: Syntax.Include;
  readonly #site: Names;
  readonly #context: Context;
  #state: "new" | "opening" | "open" = "new";
  #opened: OpenedInclude | undefined;

  constructor(syntax: Syntax.Include, site: Names, context: Context) {
    this.#syntax = syntax;
    this.#site = site;
    this.#context = context;
  }

  open(): OpenedInclude | undefined {
    if (this.#state === "new") {
      this.#state = "opening";
      this.#opened = this.#find();
      this.#state = "open";
    }
    // While it is opening, it needs itself: a circle, which the order of statements has reported.
    return this.#opened;
  }

  #find(): OpenedInclude | undefined {
    const { name, at } = this.#syntax;
    const found = find(this.#site, name.text, classWorld);
    if (found === undefined) reportUnknownClass(name, this.#site, this.#context);
    if (found === undefined || found === "broken") return undefined;
    if (found.isInherited) this.#context.hasInheritedNames = true;
    const include = {
      kind: "include" as const,
      scope: this.#site.scope,
      at,
      path: found.path,
      class: found.entry.declaration,
      args: [],
    };
    this.#context.made.includes.push(include);
    return { step: include, names: bodyOf(found.entry, this.#context) };
  }
}

/** Opens it for the first include. */
export function bodyOf(included: ClassNames, context: Context): OpenBlock {
  if (included.body === undefined) {
    const scope: Scope = { kind: "class", parent: included.parameters.scope };
    included.body = openBlock(included.syntax.body.body, scope, included.parameters, context);
    context.waiting.push({ kind: "class", included });
  }
  return included.body;
}
