// SPDX-License-Identifier: Apache-2.0
// The named tree: every name is resolved to what declares it, all sugar is gone (operators, lookups and interpolation are
// calls), only statements that put something out remain. Nothing is typed yet.
// Written by names/, read by types/.

import type { Span } from "../../base/span.ts";
import type { FunctionDefinition } from "../../contract/function.ts";
import type { Meta } from "../../contract/meta.ts";
import type { Type } from "../../values/type.ts";
import type { Value } from "../../values/value.ts";

export interface NamedProgram {
  readonly main: Block;
}

// ---- Scopes and what they declare ----

/**
 * A place where names live: a file, a class body, a branch, a loop body, or the parameters of a function, a lambda or a
 * class. Only its identity counts: every declaration knows the scope that owns it.
 */
export interface Scope {
  readonly kind: "file" | "class" | "branch" | "loop" | "parameters";
  readonly parent: Scope | undefined;
}

export type Declaration = Bind | Parameter | LoopVariable;

/** `$name type = value` */
export interface Bind {
  readonly kind: "bind";
  readonly scope: Scope;
  readonly name: string;
  readonly at: Span;
  readonly annotation?: Annotation;
  readonly value: Expression;
}

/** A parameter of a function, a lambda or a class. */
export interface Parameter {
  readonly kind: "parameter";
  readonly scope: Scope;
  readonly name: string;
  readonly at: Span;
  readonly annotation?: Annotation;
}

/** A variable of `for` or `forkv`. */
export interface LoopVariable {
  readonly kind: "loop-variable";
  readonly scope: Scope;
  readonly name: string;
  readonly at: Span;
  readonly role: "index" | "key" | "value";
}

/** A type as the program wrote it. */
export interface Annotation {
  readonly at: Span;
  readonly type: Type;
}

/** `func name(…) …`: every call is an instance of its own, typed by itself. */
export interface FunctionDeclaration {
  readonly kind: "function";
  /** The scope that owns the name. */
  readonly scope: Scope;
  readonly name: string;
  readonly at: Span;
  readonly lambda: Lambda;
}

/** `class name(…) { … }`: every include is an instance of its own. */
export interface ClassDeclaration {
  readonly kind: "class";
  readonly scope: Scope;
  readonly name: string;
  readonly at: Span;
  readonly parameters: readonly Parameter[];
  /** Absent as long as nothing includes it: such bodies are never resolved. */
  readonly body?: Block;
}

/** What a statement defines for others to use. */
export type Definition = Bind | FunctionDeclaration | ClassDeclaration;

// ---- Statements: only those that put something out ----

export interface Block {
  readonly scope: Scope;
  readonly at: Span;
  readonly statements: readonly Statement[];
}

export type Statement = Resource | Edge | If | For | Include | Panic;

export interface Resource {
  readonly kind: "resource";
  readonly at: Span;
  /** `http:server`; whether there is such a kind is asked later. */
  readonly type: string;
  readonly typeAt: Span;
  /** Of a `collect`: the names of what other hosts export, or pairs of names and hosts. */
  readonly name: Expression;
  /** `collect type name { … }`: the function that gives what is exported. */
  readonly collects?: FunctionDefinition;
  readonly fields: readonly ResourceField[];
  readonly meta: readonly ResourceMeta[];
  readonly edges: readonly ResourceEdge[];
}

export interface ResourceField {
  readonly at: Span;
  readonly name: string;
  readonly nameAt: Span;
  readonly condition?: Expression;
  readonly value: Expression;
}

/** `parameter` is absent for the form with the whole struct. Fields, meta and edges keep their source order. */
export interface ResourceMeta {
  readonly at: Span;
  readonly parameter?: keyof Meta;
  readonly condition?: Expression;
  readonly value: Expression;
}

export interface ResourceEdge {
  readonly at: Span;
  readonly relation: "before" | "depend" | "notify" | "listen";
  readonly condition?: Expression;
  readonly target: EdgeHalf;
}

/** A chain `A["x"] -> B["y"] -> …` of at least one half. */
export interface Edge {
  readonly kind: "edge";
  readonly at: Span;
  readonly halves: readonly EdgeHalf[];
}

export interface EdgeHalf {
  readonly at: Span;
  readonly type: string;
  readonly name: Expression;
  /** With a field on both of two halves the edge also sends a value. */
  readonly field?: { readonly at: Span; readonly name: string };
}

export interface If {
  readonly kind: "if";
  readonly at: Span;
  readonly condition: Expression;
  readonly then: Block;
  readonly otherwise?: Block;
}

/** `for $index, $value in list` or `forkv $key, $value in map`. */
export interface For {
  readonly kind: "for";
  readonly at: Span;
  readonly over: "list" | "map";
  readonly subject: Expression;
  readonly first: LoopVariable;
  readonly value: LoopVariable;
  readonly body: Block;
}

/** An instance of a class. Also a step of a `Path`. */
export interface Include {
  readonly kind: "include";
  /** The scope in which it stands. */
  readonly scope: Scope;
  readonly at: Span;
  /** How to get from here to the class: through other instances, when it was named with dots. */
  readonly path: Path;
  readonly class: ClassDeclaration;
  readonly args: readonly Expression[];
}

/** A module of the user: an instance of its file. Only a step of a `Path`, it puts nothing out. */
export interface Import {
  readonly kind: "import";
  readonly scope: Scope;
  readonly at: Span;
  readonly module: Block;
}

/** From the scope of the reference through instances into the one where the name is looked up; mostly empty. */
export type Path = readonly (Include | Import)[];

/** Stops the program when the call is true: `panic` and its arguments. */
export interface Panic {
  readonly kind: "panic";
  readonly at: Span;
  readonly call: CallBuiltin;
}

// ---- Expressions ----

export type Expression =
  | Literal
  | List
  | MapExpression
  | Struct
  | Reference
  | ForcedText
  | CallBuiltin
  | CallFunction
  | CallValue
  | Lambda
  | IfExpression
  | Except
  | Broken;

/** A literal after escapes, or a constant of a module. */
export interface Literal {
  readonly kind: "literal";
  readonly at: Span;
  readonly type: Type;
  readonly value: Value;
}

export interface List {
  readonly kind: "list";
  readonly at: Span;
  readonly items: readonly Expression[];
}

export interface MapExpression {
  readonly kind: "map";
  readonly at: Span;
  readonly entries: readonly { readonly key: Expression; readonly value: Expression }[];
}

export interface Struct {
  readonly kind: "struct";
  readonly at: Span;
  readonly fields: readonly { readonly name: string; readonly at: Span; readonly value: Expression }[];
}

/** A use of a variable. */
export interface Reference {
  readonly kind: "reference";
  readonly at: Span;
  /** As written, with dots, without `$`. */
  readonly name: string;
  readonly path: Path;
  readonly to: Declaration;
}

/** `"${name}"`: the variable alone, which must be a str. */
export interface ForcedText {
  readonly kind: "forced-text";
  readonly at: Span;
  readonly inner: Reference;
}

/**
 * A call of a built-in function; also every operator (`_operator`, first argument the literal sign), `a[b]` (`_lookup`),
 * `a->f` (`_struct_lookup`), `a->f <|> d` (`_struct_lookup_optional`), `in` and interpolation.
 */
export interface CallBuiltin {
  readonly kind: "call-builtin";
  readonly at: Span;
  /** As the user sees it: `fmt.printf`, `+`, `[]`, `->`. */
  readonly shownAs: string;
  readonly function: FunctionDefinition;
  readonly args: readonly Expression[];
}

/** A call of a function that the program defines with `func name`. */
export interface CallFunction {
  readonly kind: "call-function";
  readonly at: Span;
  readonly name: string;
  readonly path: Path;
  readonly function: FunctionDeclaration;
  readonly args: readonly Expression[];
}

/** A call of a function value: `$f(…)`, or a lambda called where it stands. */
export interface CallValue {
  readonly kind: "call-value";
  readonly at: Span;
  readonly callee: Expression;
  readonly args: readonly Expression[];
}

export interface Lambda {
  readonly kind: "lambda";
  readonly at: Span;
  /** Owns the parameters. */
  readonly scope: Scope;
  readonly parameters: readonly Parameter[];
  readonly result?: Annotation;
  readonly body: Expression;
}

export interface IfExpression {
  readonly kind: "if-expression";
  readonly at: Span;
  readonly condition: Expression;
  readonly then: Expression;
  readonly otherwise: Expression;
}

export interface Except {
  readonly kind: "except";
  readonly at: Span;
  readonly main: Expression;
  readonly fallback: Expression;
}

/** Stands where a problem has been reported already: has any type, so that one mistake gives one message. */
export interface Broken {
  readonly kind: "broken";
  readonly at: Span;
}
