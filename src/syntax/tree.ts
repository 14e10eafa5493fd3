// SPDX-License-Identifier: Apache-2.0
// The syntax tree: the text as written, nothing resolved, nothing desugared; the formatter prints it back.
// Language: mcl reference, section 2 (grammar).

import type { Span } from "../base/span.ts";

/** A file: its statements in order, and all comments, which are never part of the tree. */
export interface File {
  readonly at: Span;
  readonly body: readonly Statement[];
  readonly comments: readonly Comment[];
}

/** `# text` to the end of the line; `text` is all behind the `#`. */
export interface Comment {
  readonly at: Span;
  readonly text: string;
}

/** A name with its place. `text` is lower case also where it was written capitalised (edge halves, `Meta`). */
export interface Name {
  readonly at: Span;
  readonly text: string;
}

/** Statements between `{` and `}`; `at` covers the braces. */
export interface Block {
  readonly at: Span;
  readonly body: readonly Statement[];
}

// ---- Statements ----

export type Statement =
  | Bind
  | Panic
  | Collect
  | Resource
  | Edge
  | If
  | For
  | ForKv
  | FunctionStatement
  | Class
  | Include
  | Import;

/** `$name type = value` */
export interface Bind {
  readonly kind: "bind";
  readonly at: Span;
  /** Without the `$`. */
  readonly name: Name;
  readonly type?: TypeNode;
  readonly value: Expression;
}

/** `panic(args)` */
export interface Panic {
  readonly kind: "panic";
  readonly at: Span;
  readonly args: Arguments;
}

/** `collect kind name { … }` */
export interface Collect {
  readonly kind: "collect";
  readonly at: Span;
  readonly resource: Resource;
}

/** `kind name { items }` */
export interface Resource {
  readonly kind: "resource";
  readonly at: Span;
  /** With its colons: `http:server`. */
  readonly type: Name;
  readonly name: Expression;
  readonly items: readonly ResourceItem[];
  /** The braces and all between. */
  readonly bodyAt: Span;
}

export type ResourceItem = ResourceField | ResourceEdge | ResourceMeta | ResourceMetaStruct;

/** `field => condition ?: value,` */
export interface ResourceField {
  readonly kind: "field";
  readonly at: Span;
  readonly name: Name;
  readonly condition?: Expression;
  readonly value: Expression;
}

/** `Before => Kind["name"],`; `relation` is any capitalised word, lower case: the check is a later phase. */
export interface ResourceEdge {
  readonly kind: "edge";
  readonly at: Span;
  readonly relation: Name;
  readonly condition?: Expression;
  readonly target: EdgeHalf;
}

/** `Meta:name => condition ?: value,` */
export interface ResourceMeta {
  readonly kind: "meta";
  readonly at: Span;
  readonly name: Name;
  readonly condition?: Expression;
  readonly value: Expression;
}

/** `Meta => condition ?: struct{…},` */
export interface ResourceMetaStruct {
  readonly kind: "meta-struct";
  readonly at: Span;
  readonly condition?: Expression;
  readonly value: Expression;
}

/** `A["x"] -> B["y"]`, or with `.field` on both of exactly two halves: send and receive. */
export interface Edge {
  readonly kind: "edge";
  readonly at: Span;
  readonly halves: readonly EdgeHalf[];
}

/** `Kind["name"]` or `Kind["name"].field` */
export interface EdgeHalf {
  readonly at: Span;
  /** Lower case, with its colons. */
  readonly type: Name;
  readonly name: Expression;
  readonly field?: Name;
}

/** `if condition { … } else { … }` */
export interface If {
  readonly kind: "if";
  readonly at: Span;
  readonly condition: Expression;
  readonly then: Block;
  readonly otherwise?: Block;
}

/** `for $index, $value in list { … }` */
export interface For {
  readonly kind: "for";
  readonly at: Span;
  readonly index: Name;
  readonly value: Name;
  readonly list: Expression;
  readonly body: Block;
}

/** `forkv $key, $value in map { … }` */
export interface ForKv {
  readonly kind: "forkv";
  readonly at: Span;
  readonly key: Name;
  readonly value: Name;
  readonly map: Expression;
  readonly body: Block;
}

/** `func name(params) result { body }` */
export interface FunctionStatement {
  readonly kind: "func";
  readonly at: Span;
  readonly name: Name;
  readonly params: Parameters;
  readonly result?: TypeNode;
  readonly body: Expression;
  /** The braces around the body. */
  readonly bodyAt: Span;
}

/** `class name(params) { … }`; `params` is absent when written without parentheses. */
export interface Class {
  readonly kind: "class";
  readonly at: Span;
  /** With its colons: `base:inner`. */
  readonly name: Name;
  readonly params?: Parameters;
  readonly body: Block;
}

/** `include name(args) as alias`; `args` is absent when written without parentheses. */
export interface Include {
  readonly kind: "include";
  readonly at: Span;
  /** With its dots. */
  readonly name: Name;
  readonly args?: Arguments;
  readonly alias?: Name;
}

/** `import "path" as alias`; the alias is `*` for a star import. */
export interface Import {
  readonly kind: "import";
  readonly at: Span;
  /** Verbatim between the quotes: imports have no escapes and no interpolation. */
  readonly path: Name;
  readonly alias?: Name;
}

// ---- Expressions ----

export type Expression =
  | BoolLiteral
  | StringLiteral
  | IntLiteral
  | FloatLiteral
  | ListLiteral
  | MapLiteral
  | StructLiteral
  | Variable
  | Call
  | Lambda
  | IfExpression
  | Parenthesized
  | Binary
  | Not
  | Lookup
  | FieldLookup
  | Except;

export interface BoolLiteral {
  readonly kind: "bool";
  readonly at: Span;
  readonly value: boolean;
}

/** `raw` is the text between the quotes, escapes and `${…}` untouched: interpolation is a later phase. */
export interface StringLiteral {
  readonly kind: "string";
  readonly at: Span;
  readonly raw: string;
}

export interface IntLiteral {
  readonly kind: "int";
  readonly at: Span;
  readonly value: bigint;
}

export interface FloatLiteral {
  readonly kind: "float";
  readonly at: Span;
  readonly value: number;
}

export interface ListLiteral {
  readonly kind: "list";
  readonly at: Span;
  readonly items: readonly Expression[];
}

export interface MapLiteral {
  readonly kind: "map";
  readonly at: Span;
  readonly entries: readonly { readonly key: Expression; readonly value: Expression }[];
}

export interface StructLiteral {
  readonly kind: "struct";
  readonly at: Span;
  readonly fields: readonly { readonly name: Name; readonly value: Expression }[];
}

/** `$name` or `$alias.name`; `name` is without the `$`, with its dots. */
export interface Variable {
  readonly kind: "variable";
  readonly at: Span;
  readonly name: Name;
}

/** `f(args)`, `$f(args)` or `func(…) {…}(args)` */
export interface Call {
  readonly kind: "call";
  readonly at: Span;
  readonly callee:
    | { readonly kind: "function"; readonly at: Span; readonly name: Name }
    | { readonly kind: "variable"; readonly at: Span; readonly name: Name }
    | Lambda;
  readonly args: Arguments;
}

/** The parenthesis of a call or an include. */
export interface Arguments {
  /** The parentheses and all between. */
  readonly at: Span;
  readonly items: readonly Expression[];
}

/** `func(params) result { body }` */
export interface Lambda {
  readonly kind: "lambda";
  readonly at: Span;
  readonly params: Parameters;
  readonly result?: TypeNode;
  readonly body: Expression;
  /** The braces around the body. */
  readonly bodyAt: Span;
}

export interface Parameters {
  /** The parentheses and all between. */
  readonly at: Span;
  readonly items: readonly Parameter[];
}

/** `$name type` */
export interface Parameter {
  readonly at: Span;
  readonly name: Name;
  readonly type?: TypeNode;
}

/** `if condition { then } else { otherwise }` */
export interface IfExpression {
  readonly kind: "if-expression";
  readonly at: Span;
  readonly condition: Expression;
  readonly then: Expression;
  readonly otherwise: Expression;
  /** The braces around each branch. */
  readonly thenAt: Span;
  readonly otherwiseAt: Span;
}

/** `(inner)`: kept for the formatter, means nothing. */
export interface Parenthesized {
  readonly kind: "parenthesized";
  readonly at: Span;
  readonly inner: Expression;
}

export type BinaryOperator = "or" | "and" | "<" | ">" | "<=" | ">=" | "==" | "!=" | "in" | "+" | "-" | "*" | "/";

export interface Binary {
  readonly kind: "binary";
  readonly at: Span;
  readonly operator: BinaryOperator;
  readonly operatorAt: Span;
  readonly left: Expression;
  readonly right: Expression;
}

export interface Not {
  readonly kind: "not";
  readonly at: Span;
  readonly operand: Expression;
}

/** `container[key]` */
export interface Lookup {
  readonly kind: "lookup";
  readonly at: Span;
  readonly container: Expression;
  readonly key: Expression;
}

/** `struct->field`, or `struct->field <|> fallback`, which is decided by the struct's type. */
export interface FieldLookup {
  readonly kind: "field-lookup";
  readonly at: Span;
  readonly struct: Expression;
  readonly field: Name;
  readonly fallback?: Expression;
}

/** `main <|> fallback` */
export interface Except {
  readonly kind: "except";
  readonly at: Span;
  readonly main: Expression;
  readonly fallback: Expression;
}

// ---- Types ----

export type TypeNode =
  | { readonly kind: "name"; readonly at: Span; readonly name: "bool" | "str" | "int" | "float" | "variant" }
  | { readonly kind: "list"; readonly at: Span; readonly element: TypeNode }
  | { readonly kind: "map"; readonly at: Span; readonly key: TypeNode; readonly value: TypeNode }
  | {
      readonly kind: "struct";
      readonly at: Span;
      readonly fields: readonly { readonly name: Name; readonly type: TypeNode }[];
    }
  | {
      readonly kind: "func";
      readonly at: Span;
      readonly params: readonly { readonly name?: Name; readonly type: TypeNode }[];
      readonly result: TypeNode;
    };
