// SPDX-License-Identifier: Apache-2.0
// How values print: `%v`, logs, graph dumps. Reference: mcl functions, 1.7.

import { bytesOf } from "./bytes.ts";
import { MapValue, StructValue, type Value } from "./value.ts";

/** A str at the top is bare, inside containers it is quoted; maps are sorted by key. */
export function printValue(value: Value): string {
  return typeof value === "string" ? value : printNested(value);
}

/** As `printValue`, but at most some more than so many characters: large values are not walked to their end. */
export function printBeginning(value: Value, characters: number): string {
  if (typeof value === "string") return value.slice(0, characters + 1);
  let text = "";
  for (const piece of piecesOf(value)) {
    text += piece;
    if (text.length > characters) break;
  }
  return text;
}

/** The text of a float: shortest decimal that reads back the same, never an exponent, no forced `.0`. */
export function printFloat(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  if (value === Number.NEGATIVE_INFINITY) return "-Inf";
  if (Object.is(value, -0)) return "-0";
  const text = String(value);
  return text.includes("e") ? withoutExponent(text) : text;
}

/** In double quotes, with `\n \t \" \\ \xNN \uNNNN` for what does not print. */
export function quote(text: string): string {
  return `"${text.replace(toEscape, escapeOf)}"`;
}

/** Most characters of most texts are none of these. */
const toEscape = /["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;

/** The order in which map keys print: false before true, numbers by size, texts by their bytes. */
export function compareForPrint(left: Value, right: Value): number {
  if (typeof left === "string" && typeof right === "string") return compareBytes(left, right);
  if (typeof left === "boolean" && typeof right === "boolean") return Number(left) - Number(right);
  if (typeof left === "bigint" && typeof right === "bigint") return left < right ? -1 : left > right ? 1 : 0;
  if (typeof left === "number" && typeof right === "number") return left - right;
  return compareBytes(printValue(left), printValue(right));
}

function printNested(value: Value): string {
  switch (typeof value) {
    case "boolean":
    case "bigint":
      return String(value);
    case "string":
      return quote(value);
    case "number":
      return printFloat(value);
    default:
      if (value instanceof MapValue) {
        const entries = [...value.entries()].sort((left, right) => compareForPrint(left[0], right[0]));
        return `{${entries.map(([key, item]) => `${printNested(key)}: ${printNested(item)}`).join(", ")}}`;
      }
      if (value instanceof StructValue) {
        const fields = value.names.map((name, index) => `${name}: ${printNested(value.values[index] as Value)}`);
        return `struct{${fields.join("; ")}}`;
      }
      if (Array.isArray(value)) return `[${value.map(printNested).join(", ")}]`;
      return "func(...) { ... }";
  }
}

/** Together the text of the value. */
function* piecesOf(value: Value): Generator<string, void, undefined> {
  if (value instanceof MapValue) {
    const entries = [...value.entries()].sort((left, right) => compareForPrint(left[0], right[0]));
    yield "{";
    for (const [index, [key, item]] of entries.entries()) {
      yield `${index === 0 ? "" : ", "}${printNested(key)}: `;
      yield* piecesOf(item);
    }
    yield "}";
  } else if (value instanceof StructValue) {
    yield "struct{";
    for (const [index, name] of value.names.entries()) {
      yield `${index === 0 ? "" : "; "}${name}: `;
      yield* piecesOf(value.values[index] as Value);
    }
    yield "}";
  } else if (Array.isArray(value)) {
    yield "[";
    for (const [index, item] of value.entries()) {
      if (index > 0) yield ", ";
      yield* piecesOf(item as Value);
    }
    yield "]";
  } else {
    yield printNested(value);
  }
}

function withoutExponent(text: string): string {
  const [mantissa = "", exponentText = "0"] = text.split("e");
  const negative = mantissa.startsWith("-");
  const [whole = "", fraction = ""] = mantissa.replace("-", "").split(".");
  const digits = whole + fraction;
  const point = whole.length + Number(exponentText);
  const plain =
    point <= 0
      ? `0.${"0".repeat(-point)}${digits}`
      : point >= digits.length
        ? digits + "0".repeat(point - digits.length)
        : `${digits.slice(0, point)}.${digits.slice(point)}`;
  return negative ? `-${plain}` : plain;
}

function compareBytes(left: string, right: string): number {
  const a = bytesOf(left);
  const b = bytesOf(right);
  for (let at = 0; at < a.length && at < b.length; at += 1) {
    const difference = (a[at] as number) - (b[at] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

const namedEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\u0007": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
};

function escapeOf(character: string): string {
  const named = namedEscapes[character];
  if (named !== undefined) return named;
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`;
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, "0")}`;
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
}
