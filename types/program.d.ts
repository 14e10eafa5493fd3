// SPDX-License-Identifier: Apache-2.0
// Written by `npm run docs` from src/library; do not edit it.

import type { Reactive } from "./reactive.js";
import type { AnyValue } from "./resource.js";
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
export declare function program(text: string, options?: {
    readonly inputs?: Readonly<Record<string, AnyValue | Reactive<AnyValue> | Input>>;
}): Program;
/** An input of this type; a number is then an int where the type says so. */
export declare function input(type: string, value: AnyValue | Reactive<AnyValue>): Input;
