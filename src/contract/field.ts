// SPDX-License-Identifier: Apache-2.0
// The declared schema of a resource kind. Types, defaults, checks, equality, documents and editor help derive from it.

import { boolType, floatType, intType, listType, mapType, strType, type Type } from "../values/type.ts";
import type { Value } from "../values/value.ts";

/** The default of a field which, when not given, is the name of the resource. */
export const fromName: unique symbol = Symbol("the name of the resource");

/** `Wanted` is what the kind's own code sees. */
export interface Field<Wanted> {
  /** What a program must give; `any` takes a value of any one type. */
  readonly type: Type | "any";
  /** For integers: how many bits the value must fit into. */
  readonly bits?: 8 | 16 | 32 | 64;
  readonly unsigned?: boolean;
  /** For floats that must fit into 32 bits. */
  readonly single?: boolean;
  /** Not given is told apart from every value: `undefined`. */
  readonly optional: boolean;
  readonly initial: Wanted | typeof fromName;
  readonly doc: string;
  /** mcl text of a value, for the reference page. */
  readonly example?: string;
  /** The only texts allowed, when it is a closed list; `""` stands for "not given" and is always allowed. */
  readonly choices?: readonly string[];
  /** Never shown, logged, exported or put into a plan. */
  readonly secret: boolean;
}

export type FieldTable = Readonly<Record<string, Field<unknown>>>;

/** What a kind's own code gets: each field's value, default or `undefined`. */
export type Want<Fields extends FieldTable> = {
  readonly [Name in keyof Fields]: Fields[Name] extends Field<infer Wanted> ? Wanted : never;
};

interface Options<Wanted> {
  readonly doc: string;
  readonly example?: string;
  readonly default?: Wanted | typeof fromName;
  readonly choices?: readonly string[];
  readonly secret?: boolean;
}

function declare<Wanted>(type: Type | "any", zero: Wanted, options: Options<Wanted>): Field<Wanted> {
  return {
    type,
    optional: false,
    initial: options.default ?? zero,
    doc: options.doc,
    secret: options.secret ?? false,
    ...(options.example === undefined ? {} : { example: options.example }),
    ...(options.choices === undefined ? {} : { choices: options.choices }),
  };
}

/** Declares fields. Every field not given has its default: the zero of its type, unless stated. */
export const field = {
  str: (options: Options<string>): Field<string> => declare(strType, "", options),
  bool: (options: Options<boolean>): Field<boolean> => declare(boolType, false, options),
  /** Up to 32 bits, so it is a `number`. */
  int: (options: Options<number> & { readonly bits: 8 | 16 | 32; readonly unsigned?: boolean }): Field<number> => ({
    ...declare(intType, 0, options),
    bits: options.bits,
    unsigned: options.unsigned ?? false,
  }),
  int64: (options: Options<bigint> & { readonly unsigned?: boolean }): Field<bigint> => ({
    ...declare(intType, 0n, options),
    bits: 64,
    unsigned: options.unsigned ?? false,
  }),
  float: (options: Options<number> & { readonly single?: boolean }): Field<number> => ({
    ...declare(floatType, 0, options),
    single: options.single ?? false,
  }),
  strings: (options: Options<readonly string[]>): Field<readonly string[]> => declare(listType(strType), [], options),
  stringMap: (options: Options<ReadonlyMap<string, string>>): Field<ReadonlyMap<string, string>> =>
    declare<ReadonlyMap<string, string>>(mapType(strType, strType), new Map(), options),
  /** A value of a type for which there is no shorter form, as the language has it. */
  value: (type: Type, options: Options<Value | undefined>): Field<Value | undefined> => ({
    ...declare<Value | undefined>(type, undefined, options),
    optional: true,
  }),
  any: (options: Options<Value | undefined>): Field<Value | undefined> => ({
    ...declare<Value | undefined>("any", undefined, options),
    optional: true,
  }),
} as const;

/** The same field, but "not given" is `undefined` instead of a default. */
export function optional<Wanted>(declared: Field<Wanted>): Field<Wanted | undefined> {
  return { ...declared, optional: true, initial: undefined };
}
