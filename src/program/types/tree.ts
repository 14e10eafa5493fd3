// SPDX-License-Identifier: Apache-2.0
// The typed tree: what the function graph is built from. Calls of the program's own functions and includes of its classes
// are instantiated: every instance is a copy with types of its own, its parameters are binds. All types are closed.
// Written by types/, read by function-graph/.

import type { Span } from "../../base/span.ts";
import type { FunctionDefinition, SolvedCall } from "../../contract/function.ts";
import type { Meta } from "../../contract/meta.ts";
import type { ResourceKind } from "../../contract/resource.ts";
import type { FunctionType, Type } from "../../values/type.ts";
import type { Value } from "../../values/value.ts";

export interface TypedProgram {
  readonly activation: Activation;
  readonly statements: readonly Statement[];
}

/**
 * A part of the program that comes to life as a whole, possibly many times: the program itself, a branch of an `if`
 * statement, the body of a loop, of a lambda, a branch of an `if` expression. Only its identity counts. A bind belongs to
 * the innermost activation that contains it and has one node in each living instance of it, however often it is used.
 */
export interface Activation {
  readonly kind: "program" | "branch" | "loop" | "lambda" | "expression-branch";
  readonly parent: Activation | undefined;
}

/**
 * `$name = value`, or a parameter of an instantiated function or class with its argument, or the result of a function of
 * the program (then the name is the function's) that several equal calls have in common because it is pure.
 */
export interface Bind {
  readonly kind: "bind";
  readonly activation: Activation;
  readonly name: string;
  readonly at: Span;
  readonly type: Type;
  readonly value: Expression;
}

/** A value that its activation is given: a parameter of a lambda, a variable of a loop. */
export interface Parameter {
  readonly kind: "parameter";
  readonly activation: Activation;
  readonly name: string;
  readonly at: Span;
  readonly type: Type;
}

// ---- Statements ----

export type Statement = Resource | Edge | If | For | Panic;

export interface Resource {
  readonly kind: "resource";
  readonly at: Span;
  readonly type: string;
  /** Absent for an unknown kind, which is an error only when the statement is reached. */
  readonly definition?: ResourceKind;
  readonly name: Names;
  /** Of a `collect`: the resources that others export, in the place of `name`. */
  readonly collected?: CallBuiltin;
  readonly fields: readonly ResourceField[];
  readonly meta: readonly ResourceMeta[];
  readonly edges: readonly ResourceEdge[];
}

/** One name or a list of names. */
export interface Names {
  readonly list: boolean;
  readonly value: Expression;
}

export interface ResourceField {
  readonly at: Span;
  readonly name: string;
  readonly condition?: Expression;
  readonly value: Expression;
}

/** `parameter` is absent for the form with the whole struct. */
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

/** At least two halves; with a field on both of exactly two it sends a value. */
export interface Edge {
  readonly kind: "edge";
  readonly at: Span;
  readonly halves: readonly EdgeHalf[];
}

export interface EdgeHalf {
  readonly at: Span;
  readonly type: string;
  readonly name: Names;
  readonly field?: string;
}

export interface If {
  readonly kind: "if";
  readonly at: Span;
  readonly condition: Expression;
  readonly then: Branch;
  readonly otherwise?: Branch;
}

export interface Branch {
  readonly activation: Activation;
  readonly statements: readonly Statement[];
}

export interface For {
  readonly kind: "for";
  readonly at: Span;
  readonly over: "list" | "map";
  readonly subject: Expression;
  readonly first: Parameter;
  readonly value: Parameter;
  readonly body: Branch;
}

export interface Panic {
  readonly kind: "panic";
  readonly at: Span;
  /** A call of the built-in `panic` or `panic_debug`. */
  readonly call: CallBuiltin;
}

// ---- Expressions ----

export type Expression =
  | Constant
  | List
  | MapExpression
  | Struct
  | Reference
  | CallBuiltin
  | CallValue
  | Lambda
  | IfExpression
  | Except;

export interface Constant {
  readonly kind: "constant";
  readonly at: Span;
  readonly type: Type;
  readonly value: Value;
}

export interface List {
  readonly kind: "list";
  readonly at: Span;
  readonly type: Type;
  readonly items: readonly Expression[];
}

export interface MapExpression {
  readonly kind: "map";
  readonly at: Span;
  readonly type: Type;
  readonly entries: readonly { readonly key: Expression; readonly value: Expression }[];
}

export interface Struct {
  readonly kind: "struct";
  readonly at: Span;
  readonly type: Type;
  readonly fields: readonly { readonly name: string; readonly value: Expression }[];
}

export interface Reference {
  readonly kind: "reference";
  readonly at: Span;
  readonly type: Type;
  readonly to: Bind | Parameter;
}

/** Two calls are two instances, also of the same function with the same arguments. */
export interface CallBuiltin {
  readonly kind: "call-builtin";
  readonly at: Span;
  readonly type: Type;
  /** As the user sees it: `fmt.printf`, `+`, `[]`, `->`. */
  readonly shownAs: string;
  readonly function: FunctionDefinition;
  readonly solved: SolvedCall;
  readonly args: readonly Expression[];
}

export interface CallValue {
  readonly kind: "call-value";
  readonly at: Span;
  readonly type: Type;
  readonly callee: Expression;
  readonly args: readonly Expression[];
}

export interface Lambda {
  readonly kind: "lambda";
  readonly at: Span;
  readonly type: FunctionType;
  readonly activation: Activation;
  readonly parameters: readonly Parameter[];
  readonly body: Expression;
}

/** Each branch is an activation: what it binds lives only while it is taken. */
export interface IfExpression {
  readonly kind: "if-expression";
  readonly at: Span;
  readonly type: Type;
  readonly condition: Expression;
  readonly then: Expression;
  readonly otherwise: Expression;
  readonly thenActivation: Activation;
  readonly otherwiseActivation: Activation;
}

export interface Except {
  readonly kind: "except";
  readonly at: Span;
  readonly type: Type;
  readonly main: Expression;
  readonly fallback: Expression;
  readonly fallbackActivation: Activation;
}
