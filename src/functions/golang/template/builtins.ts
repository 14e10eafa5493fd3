// SPDX-License-Identifier: Apache-2.0
// The functions that every template has. `and`, `or` stop early, so they are in execute.ts; their names are here.

import { byteLength, bytesOf, textOf } from "../../../values/bytes.ts";
import { printValue, quote } from "../../../values/print.ts";
import { MapValue } from "../../../values/value.ts";
import { isList } from "../../arguments.ts";
import { sprint, sprintf, sprintln } from "../format.ts";
import { GoInt, type GoValue, goTypeOf, isFunction, plain } from "../value.ts";
import { areEqual, type Compared, isLess, isTrue } from "./truth.ts";

/** A call that cannot be done; the message is part of a sentence. */
export class CallError extends Error {
  override readonly name = "CallError";
}

export interface Builtin {
  readonly least: number;
  readonly most: number;
  readonly call: (args: readonly GoValue[]) => GoValue;
}

export const shortCircuits: readonly string[] = ["and", "or"];

const any = Number.POSITIVE_INFINITY;

export const builtins: Readonly<Record<string, Builtin>> = {
  call: { least: 1, most: any, call: ([callee]) => failCall(callee) },
  eq: {
    least: 2,
    most: any,
    call: ([first, ...others]) => others.some((other) => decided(areEqual(or(first), other))),
  },
  ne: { least: 2, most: 2, call: ([left, right]) => !decided(areEqual(or(left), or(right))) },
  lt: { least: 2, most: 2, call: ([left, right]) => decided(isLess(or(left), or(right))) },
  le: { least: 2, most: 2, call: ([left, right]) => isAtMost(or(left), or(right)) },
  gt: { least: 2, most: 2, call: ([left, right]) => !isAtMost(or(left), or(right)) },
  ge: { least: 2, most: 2, call: ([left, right]) => !decided(isLess(or(left), or(right))) },
  not: { least: 1, most: 1, call: ([value]) => !isTrue(or(value)) },
  len: { least: 1, most: 1, call: ([value]) => new GoInt(BigInt(lengthOf(or(value)))) },
  index: { least: 1, most: any, call: ([value, ...keys]) => keys.reduce<GoValue>(elementOf, or(value)) },
  slice: { least: 1, most: 4, call: ([value, ...bounds]) => sliceOf(or(value), bounds) },
  print: { least: 0, most: any, call: sprint },
  println: { least: 0, most: any, call: sprintln },
  printf: {
    least: 1,
    most: any,
    call: ([format, ...values]) => {
      if (typeof format !== "string") throw new CallError(`the format is ${goTypeOf(format)}, not a text`);
      return sprintf(format, values);
    },
  },
  html: {
    least: 0,
    most: any,
    call: (args) => sprint(args).replace(/[&<>"'\0]/g, (found) => htmlEscapes[found] ?? ""),
  },
  js: { least: 0, most: any, call: (args) => escapeForJavaScript(sprint(args)) },
  urlquery: { least: 0, most: any, call: (args) => escapeForQuery(sprint(args)) },
};

/** How many arguments there may be: "2 arguments", "at least 1 argument". */
export function amountOf(least: number, most: number = least): string {
  if (most === Number.POSITIVE_INFINITY) return `at least ${amountOf(least)}`;
  return least === most ? `${least} argument${least === 1 ? "" : "s"}` : `${least} to ${most} arguments`;
}

const htmlEscapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&#34;",
  "'": "&#39;",
  "\0": "\ufffd",
};

function or(value: GoValue | undefined): GoValue {
  return value ?? null;
}

function decided(result: Compared): boolean {
  if (typeof result === "string") throw new CallError(result);
  return result;
}

function isAtMost(left: GoValue, right: GoValue): boolean {
  return decided(isLess(left, right)) || decided(areEqual(left, right));
}

function failCall(callee: GoValue | undefined): never {
  throw new CallError(
    isFunction(or(callee)) ? "functions of the program cannot be called here" : `${goTypeOf(callee)} is no function`,
  );
}

function lengthOf(value: GoValue): number {
  if (typeof value === "string") return byteLength(value);
  if (value instanceof MapValue) return value.size;
  if (value !== null && isList(value)) return value.length;
  throw new CallError(`${goTypeOf(value)} has no length`);
}

/** What a map lacks is nil; what a list or text lacks is an error. */
function elementOf(value: GoValue, key: GoValue): GoValue {
  if (value instanceof MapValue) {
    const found = plain(key);
    if (found === null || typeof found === "object") throw new CallError(`${goTypeOf(key)} is no key of the map`);
    return value.get(found) ?? null;
  }
  if (typeof value === "string") {
    return new GoInt(BigInt(bytesOf(value)[positionIn(key, byteLength(value) - 1)] ?? 0), "uint8");
  }
  if (value !== null && isList(value)) return or(value[positionIn(key, value.length - 1)]);
  throw new CallError(`${goTypeOf(value)} has no elements`);
}

function sliceOf(value: GoValue, bounds: readonly GoValue[]): GoValue {
  const length = lengthOf(value instanceof MapValue ? null : value);
  const positions = bounds.map((bound) => positionIn(bound, length));
  const [start = 0, end = length, capacity = length] = positions;
  if (start > end || end > capacity) throw new CallError(`${start} to ${end} is no part of ${length}`);
  if (value !== null && isList(value)) return value.slice(start, end);
  if (bounds.length > 2) throw new CallError("a text is cut with two positions at the most");
  return textOf(bytesOf(typeof value === "string" ? value : "").subarray(start, end));
}

function positionIn(given: GoValue, last: number): number {
  const index = plain(given);
  if (typeof index !== "bigint") throw new CallError(`a position is an int, not ${goTypeOf(given)}`);
  if (index < 0n || index > BigInt(last)) throw new CallError(`the position ${printValue(index)} is out of range`);
  return Number(index);
}

function escapeForJavaScript(text: string): string {
  let escaped = "";
  for (const character of text) escaped += javaScriptEscapeOf(character);
  return escaped;
}

function javaScriptEscapeOf(character: string): string {
  if (character === "\\" || character === "'" || character === '"') return `\\${character}`;
  const code = character.codePointAt(0) ?? 0;
  const prints =
    !"<>&=".includes(character) &&
    (code >= 0x80 ? quote(character) === `"${character}"` : code >= 0x20 && code !== 0x7f);
  return prints || (code >= 0x7f && code < 0x80) ? character : `\\u${code.toString(16).toUpperCase().padStart(4, "0")}`;
}

function escapeForQuery(text: string): string {
  let escaped = "";
  for (const byte of bytesOf(text)) {
    const character = String.fromCharCode(byte);
    if (/[A-Za-z0-9_.~-]/.test(character)) escaped += character;
    else escaped += character === " " ? "+" : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return escaped;
}
