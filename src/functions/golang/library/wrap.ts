// SPDX-License-Identifier: Apache-2.0
// One function of Go's standard library as a function of the language: a row of a table. The signature is a text from
// which the types of the implementation follow, so a row cannot read an argument as what it is not.

import { invariant } from "../../../base/invariant.ts";
import {
  defineFunction,
  type FunctionDefinition,
  type ReadEnv,
  type SolvedCall,
  type StreamEnv,
} from "../../../contract/function.ts";
import type { Value } from "../../../values/value.ts";
import type { Arguments } from "../../arguments.ts";

type ValueOf<Written extends string> = Written extends "bool"
  ? boolean
  : Written extends "str"
    ? string
    : Written extends "int"
      ? bigint
      : Written extends "float"
        ? number
        : Written extends "[]str"
          ? readonly string[]
          : never;

type ParametersOf<Written extends string> = Written extends `${string} ${infer First}, ${infer Rest}`
  ? readonly [ValueOf<First>, ...ParametersOf<Rest>]
  : Written extends `${string} ${infer Only}`
    ? readonly [ValueOf<Only>]
    : readonly [];

type Signature = `func(${string}) ${string}`;

type ArgumentsOf<Written extends Signature> = Written extends `func(${infer Parameters}) ${string}`
  ? ParametersOf<Parameters>
  : never;

type ResultOf<Written extends Signature> = Written extends `func(${string}) ${infer Result}` ? ValueOf<Result> : never;

type Pure<Written extends Signature> = (...args: ArgumentsOf<Written>) => ResultOf<Written>;
type Read<Written extends Signature> = (env: ReadEnv, ...args: ArgumentsOf<Written>) => ResultOf<Written>;
type Ask<Written extends Signature> = (env: StreamEnv, ...args: ArgumentsOf<Written>) => Promise<ResultOf<Written>>;

/** Rows for the functions of one Go package. */
export interface Package {
  /** Its result follows from its arguments alone. `sample` are arguments for an example. */
  readonly pure: <const Written extends Signature>(
    goName: string,
    type: Written,
    doc: string,
    sample: string,
    implementation: Pure<Written>,
  ) => FunctionDefinition;
  /** It asks something of the machine that is known at once. */
  readonly read: <const Written extends Signature>(
    goName: string,
    type: Written,
    doc: string,
    sample: string,
    implementation: Read<Written>,
  ) => FunctionDefinition;
  /** It asks something of the machine that has to be waited for, once for each new argument. */
  readonly ask: <const Written extends Signature>(
    goName: string,
    type: Written,
    doc: string,
    sample: string,
    implementation: Ask<Written>,
  ) => FunctionDefinition;
}

/** `goPath` as Go imports it: `path/filepath`. */
export function goPackage(goPath: string): Package {
  const module = `golang/${goPath}`;
  const last = goPath.slice(goPath.lastIndexOf("/") + 1);
  const named = (goName: string, doc: string, sample: string) => {
    const name = snakeCase(goName);
    return { module, name, doc: `${doc} Go's ${last}.${goName}.`, example: `$result = ${last}.${name}(${sample})` };
  };
  return {
    pure: (goName, type, doc, sample, implementation) =>
      defineFunction({
        ...named(goName, doc, sample),
        type,
        pure: (args: Arguments, call: SolvedCall): Value => {
          invariant(args.length === call.type.params.length, "the type checker saw to the number of arguments");
          return implementation(...typed<typeof type>(args));
        },
      }),
    read: (goName, type, doc, sample, implementation) =>
      defineFunction({
        ...named(goName, doc, sample),
        type,
        read: (args: Arguments, env: ReadEnv): Value => implementation(env, ...typed<typeof type>(args)),
      }),
    ask: (goName, type, doc, sample, implementation) =>
      defineFunction({
        ...named(goName, doc, sample),
        type,
        stream: async function* (args: Arguments, env: StreamEnv) {
          yield await implementation(env, ...typed<typeof type>(args));
        },
      }),
  };
}

/** The type checker has held the arguments to the signature from which this type is read. */
function typed<Written extends Signature>(args: Arguments): ArgumentsOf<Written> {
  return args as unknown as ArgumentsOf<Written>;
}

/** `ToValidUTF8` is `to_valid_utf_8`, `IsNaN` is `is_na_n`. */
export function snakeCase(goName: string): string {
  return goName
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .replace(/([A-Za-z])([0-9])/g, "$1_$2")
    .replace(/([0-9])([A-Za-z])/g, "$1_$2")
    .toLowerCase();
}
