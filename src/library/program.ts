// SPDX-License-Identifier: Apache-2.0
// Programs in mcl, as an embedding program runs them: from a path or a text, with values of its own as inputs.

import { parseType } from "../values/parse-type.ts";
import type { Reactive } from "./reactive.ts";
import type { AnyValue } from "./resource.ts";
import { inputOf, TypedInput, WrittenProgram } from "./written-program.ts";

/** A program in mcl. */
export interface Program {
  /** As the command line takes it: a directory, a file, or mcl code. */
  readonly text: string;
  readonly inputs: Readonly<Record<string, Input>>;
}

/** A value for a program in mcl, with its type. */
export interface Input {
  /** As mcl writes it: `int`, `[]str`, `map{str: int}`. */
  readonly type: string;
  readonly value: AnyValue | Reactive<AnyValue>;
}

/**
 * A program in mcl: a directory, an .mcl file, or code. It gets each input as a function of the module `inputs`:
 *
 *     import "inputs"
 *     file "/run/level" { state => "exists", content => fmt.printf("%d\n", inputs.level()), }
 *
 * A reactive input flows into the program. The type of an input is that of its first value, where a `bigint` is an int
 * and a `number` a float; where the value says none (an empty list, a stream), use `input`.
 *
 * @example
 * const level = cell(7n);
 * mgmt.run(program("site.mcl", { inputs: { level, names: input("[]str", []) } }));
 */
export function program(
  text: string,
  options: { readonly inputs?: Readonly<Record<string, AnyValue | Reactive<AnyValue> | Input>> } = {},
): Program {
  const given = Object.entries(options.inputs ?? {});
  return new WrittenProgram(text, Object.fromEntries(given.map(([name, value]) => [name, inputOf(name, value)])));
}

/** An input of this type; a number is then an int where the type says so. */
export function input(type: string, value: AnyValue | Reactive<AnyValue>): Input {
  return new TypedInput(type, parseType(type), value);
}
