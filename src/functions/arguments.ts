// SPDX-License-Identifier: Apache-2.0
// Reads the arguments of a call. The type checker has seen to their kinds: another kind is a bug of ours.

import { Bug } from "../base/invariant.ts";
import { FunctionFailure } from "../contract/function.ts";
import { concatTexts } from "../values/bytes.ts";
import { MapValue, StructValue, type Value } from "../values/value.ts";

/** The arguments of one call, and what some kinds of them look like. */
export type Arguments = readonly Value[];

export function boolAt(args: Arguments, index: number): boolean {
  const value = args[index];
  if (typeof value !== "boolean") throw wrongKind(index, "a bool");
  return value;
}

export function textAt(args: Arguments, index: number): string {
  const value = args[index];
  if (typeof value !== "string") throw wrongKind(index, "a str");
  return value;
}

export function intAt(args: Arguments, index: number): bigint {
  const value = args[index];
  if (typeof value !== "bigint") throw wrongKind(index, "an int");
  return value;
}

export function floatAt(args: Arguments, index: number): number {
  const value = args[index];
  if (typeof value !== "number") throw wrongKind(index, "a float");
  return value;
}

export function listAt(args: Arguments, index: number): readonly Value[] {
  const value = args[index];
  if (!isList(value)) throw wrongKind(index, "a list");
  return value;
}

export function mapAt(args: Arguments, index: number): MapValue {
  const value = args[index];
  if (!(value instanceof MapValue)) throw wrongKind(index, "a map");
  return value;
}

export function structAt(args: Arguments, index: number): StructValue {
  const value = args[index];
  if (!(value instanceof StructValue)) throw wrongKind(index, "a struct");
  return value;
}

/** Any value. */
export function valueAt(args: Arguments, index: number): Value {
  const value = args[index];
  if (value === undefined) throw wrongKind(index, "there");
  return value;
}

/** A list of str. */
export function textsAt(args: Arguments, index: number): readonly string[] {
  const list = listAt(args, index);
  return list.map((_, at) => textAt(list, at));
}

export function isList(value: unknown): value is readonly Value[] {
  return Array.isArray(value);
}

/** Ends the program's run. */
export function fatal(message: string, cause?: unknown): FunctionFailure {
  return new FunctionFailure(readable(message), { catchable: false, cause });
}

/** Flows on until `<|>` handles it. */
export function catchable(message: string, cause?: unknown): FunctionFailure {
  return new FunctionFailure(readable(message), { catchable: true, cause });
}

/** Of a message: its beginning, and its end, which often says what is wrong. */
const longestMessage = { begin: 1500, end: 500 } as const;

/** A text of megabytes that is no address is not shown in full. */
function readable(message: string): string {
  const { begin, end } = longestMessage;
  return message.length <= begin + end ? message : `${message.slice(0, begin)}…${message.slice(-end)}`.toWellFormed();
}

/** 64 Mi. A text that is twice the one before soon is longer than any machine has memory for. */
const longestText = 2 ** 26;

/** One after the other, as what becomes of texts in programs: a length that nobody can mean ends the run. */
export function joinTexts(left: string, right: string): string {
  if (left.length + right.length > longestText) throw fatal("the text is longer than 64 MiB");
  return concatTexts(left, right);
}

function wrongKind(index: number, expected: string): Bug {
  return new Bug(`argument ${index} of a function is ${expected}: the type checker saw to it`);
}
