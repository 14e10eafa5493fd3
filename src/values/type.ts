// SPDX-License-Identifier: Apache-2.0
// The types of the language. Struct types are ordered; function types compare by position. Reference: mcl language, 3.

/** Type variables appear only in the signatures of polymorphic functions: `func(?1, []?1) bool`. */
export type Type =
  | { readonly kind: "bool" }
  | { readonly kind: "str" }
  | { readonly kind: "int" }
  | { readonly kind: "float" }
  | { readonly kind: "variant" }
  | ListType
  | MapType
  | StructType
  | FunctionType
  | TypeVariable;

export interface ListType {
  readonly kind: "list";
  readonly element: Type;
}

export interface MapType {
  readonly kind: "map";
  readonly key: Type;
  readonly value: Type;
}

export interface StructType {
  readonly kind: "struct";
  readonly fields: readonly { readonly name: string; readonly type: Type }[];
}

export interface FunctionType {
  readonly kind: "func";
  readonly params: readonly { readonly name?: string; readonly type: Type }[];
  readonly result: Type;
}

/** `?1`: every occurrence of one number in one signature is the same type. */
export interface TypeVariable {
  readonly kind: "variable";
  readonly id: number;
}

export const boolType: Type = { kind: "bool" };
export const strType: Type = { kind: "str" };
export const intType: Type = { kind: "int" };
export const floatType: Type = { kind: "float" };

export function listType(element: Type): ListType {
  return { kind: "list", element };
}

export function mapType(key: Type, value: Type): MapType {
  return { kind: "map", key, value };
}

export function structType(fields: StructType["fields"]): StructType {
  return { kind: "struct", fields };
}

export function functionType(params: FunctionType["params"], result: Type): FunctionType {
  return { kind: "func", params, result };
}

/** Equal types: same structure; names of function parameters do not count. */
export function sameType(left: Type, right: Type): boolean {
  // One object stands in many places, also inside of itself many times.
  if (left === right) return true;
  switch (left.kind) {
    case "bool":
    case "str":
    case "int":
    case "float":
    case "variant":
      return left.kind === right.kind;
    case "list":
      return right.kind === "list" && sameType(left.element, right.element);
    case "map":
      return right.kind === "map" && sameType(left.key, right.key) && sameType(left.value, right.value);
    case "struct":
      return (
        right.kind === "struct" &&
        left.fields.length === right.fields.length &&
        left.fields.every((field, index) => {
          const other = right.fields[index];
          return other !== undefined && field.name === other.name && sameType(field.type, other.type);
        })
      );
    case "func":
      return (
        right.kind === "func" &&
        left.params.length === right.params.length &&
        left.params.every((param, index) => {
          const other = right.params[index];
          return other !== undefined && sameType(param.type, other.type);
        }) &&
        sameType(left.result, right.result)
      );
    case "variable":
      return right.kind === "variable" && left.id === right.id;
  }
}

/** Only these may be keys of a map: scalars, and structs of such. A type variable may still become one. */
export function isHashable(type: Type): boolean {
  switch (type.kind) {
    case "bool":
    case "str":
    case "int":
    case "float":
    case "variable":
      return true;
    case "struct":
      return type.fields.every((field) => isHashable(field.type));
    case "list":
    case "map":
    case "func":
    case "variant":
      return false;
  }
}

/** For people, of a type that is perhaps not known in all its parts: `[]…`. */
export function renderOpenType(type: Type): string {
  return renderType(type).replaceAll(/\?\d+/g, "…");
}

/** The type as the language writes it: `map{str: int}`, `struct{a int; b str}`, `func(x int) str`, `?1`. */
export function renderType(type: Type): string {
  switch (type.kind) {
    case "bool":
    case "str":
    case "int":
    case "float":
    case "variant":
      return type.kind;
    case "list":
      return `[]${renderType(type.element)}`;
    case "map":
      return `map{${renderType(type.key)}: ${renderType(type.value)}}`;
    case "struct":
      return `struct{${type.fields.map((field) => `${field.name} ${renderType(field.type)}`).join("; ")}}`;
    case "func": {
      const params = type.params.map((param) =>
        param.name === undefined ? renderType(param.type) : `${param.name} ${renderType(param.type)}`,
      );
      return `func(${params.join(", ")}) ${renderType(type.result)}`;
    }
    case "variable":
      return `?${type.id}`;
  }
}
