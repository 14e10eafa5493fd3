// SPDX-License-Identifier: Apache-2.0
// Go's package fmt: printf with all its verbs, flags, widths and precisions; print and println.
//
// What does not fit is shown in the text, as Go does, and never fails: `%!d(string=hi)`.

import { bytesOf, textOf } from "../../values/bytes.ts";
import { quote } from "../../values/print.ts";
import { MapValue, StructValue } from "../../values/value.ts";
import { isList } from "../arguments.ts";
import { binaryText, exponentText, fixedText, generalText, hexadecimalText } from "./float-text.ts";
import { GoInt, type GoValue, goTypeOf, plain, sortedEntries } from "./value.ts";

/** Spaces between two operands where neither is a text. */
export function sprint(values: readonly GoValue[]): string {
  let text = "";
  for (const [index, value] of values.entries()) {
    if (index > 0 && typeof value !== "string" && typeof values[index - 1] !== "string") text += " ";
    text += render(value, "v", noFlags);
  }
  return text;
}

/** Spaces between all operands, and a newline. */
export function sprintln(values: readonly GoValue[]): string {
  return `${values.map((value) => render(value, "v", noFlags)).join(" ")}\n`;
}

export function sprintf(format: string, values: readonly GoValue[]): string {
  return new Printer(format, values).print();
}

interface Flags {
  readonly plus: boolean;
  readonly minus: boolean;
  readonly sharp: boolean;
  /** `%+v` and `%#v`, which say something else than `+` and `#` with other verbs: fields have names, and texts quotes. */
  readonly named: boolean;
  readonly exact: boolean;
  readonly space: boolean;
  readonly zero: boolean;
  readonly width: number | undefined;
  readonly precision: number | undefined;
}

const noFlags: Flags = {
  plus: false,
  minus: false,
  sharp: false,
  named: false,
  exact: false,
  space: false,
  zero: false,
  width: undefined,
  precision: undefined,
};

/** Go's own limit for a width or precision. */
const sizeLimit = 1_000_000;

class Printer {
  readonly #format: string;
  readonly #values: readonly GoValue[];
  #at = 0;
  #next = 0;
  #reordered = false;
  #goodIndex = true;

  constructor(format: string, values: readonly GoValue[]) {
    this.#format = format;
    this.#values = values;
  }

  print(): string {
    let text = "";
    while (this.#at < this.#format.length) {
      const percent = this.#format.indexOf("%", this.#at);
      const end = percent === -1 ? this.#format.length : percent;
      text += this.#format.slice(this.#at, end);
      this.#at = end + 1;
      if (percent !== -1) text += this.#directive();
    }
    if (this.#reordered || this.#next >= this.#values.length) return text;
    const extra = this.#values.slice(this.#next).map((value) => {
      return value === null ? "<nil>" : `${goTypeOf(value)}=${render(value, "v", noFlags)}`;
    });
    return `${text}%!(EXTRA ${extra.join(", ")})`;
  }

  #directive(): string {
    this.#goodIndex = true;
    let after = "";
    const letters = this.#flagLetters();
    let isIndexed = this.#index();
    const isWidthGiven = this.#format.charAt(this.#at) === "*";
    const width = this.#size();
    if (width === "bad") after += "%!(BADWIDTH)";
    // The index belongs before the verb, or before the asterisk that is to take it.
    if (isIndexed && !isWidthGiven && width !== undefined) this.#goodIndex = false;
    if (isWidthGiven) isIndexed = false;
    let precision: number | undefined;
    if (this.#format.charAt(this.#at) === "." && this.#at + 1 < this.#format.length) {
      this.#at += 1;
      if (isIndexed) this.#goodIndex = false;
      isIndexed = this.#index();
      const isGiven = this.#format.charAt(this.#at) === "*";
      const size = this.#size() ?? 0;
      if (size === "bad") after += "%!(BADPREC)";
      else if (size >= 0) precision = size;
      else if (isGiven) after += "%!(BADPREC)";
      if (isGiven) isIndexed = false;
    }
    if (!isIndexed) this.#index();
    const verb = String.fromCodePoint(this.#format.codePointAt(this.#at) ?? 0);
    if (this.#at >= this.#format.length) return `${after}%!(NOVERB)`;
    this.#at += verb.length;
    if (verb === "%") return `${after}%`;
    if (!this.#goodIndex) return `${after}%!${verb}(BADINDEX)`;
    const value = this.#values[this.#next];
    if (value === undefined) return `${after}%!${verb}(MISSING)`;
    this.#next += 1;
    const negative = typeof width === "number" && width < 0;
    const minus = letters.has("-") || negative;
    const isValue = verb === "v" || verb === "w";
    return (
      after +
      render(value, verb, {
        plus: letters.has("+") && !isValue,
        minus,
        sharp: letters.has("#") && !isValue,
        named: letters.has("+") && isValue,
        exact: letters.has("#") && isValue,
        space: letters.has(" "),
        zero: letters.has("0") && !minus,
        width: typeof width === "number" ? Math.abs(width) : undefined,
        precision,
      })
    );
  }

  #flagLetters(): ReadonlySet<string> {
    const start = this.#at;
    while ("+-# 0".includes(this.#format.charAt(this.#at)) && this.#at < this.#format.length) this.#at += 1;
    return new Set(this.#format.slice(start, this.#at));
  }

  /** A number in the format, or `*` for one among the values. */
  #size(): Size {
    if (this.#format.charAt(this.#at) === "*") {
      this.#at += 1;
      const value = plain(this.#values[this.#next] ?? null);
      this.#next += 1;
      if (typeof value !== "bigint" || value > sizeLimit || value < -sizeLimit) return "bad";
      return Number(value);
    }
    const digits = /^[0-9]*/.exec(this.#format.slice(this.#at))?.[0] ?? "";
    this.#at += digits.length;
    if (digits === "") return undefined;
    // Go looks at it before it takes in one more digit, and does not read on then.
    if (Number(digits.slice(0, -1)) <= sizeLimit) return Number(digits);
    this.#at = this.#format.length;
    return undefined;
  }

  /** `[2]` takes the second value next. Whether a number stands there. */
  #index(): boolean {
    if (this.#format.charAt(this.#at) !== "[") return false;
    this.#reordered = true;
    const end = this.#format.indexOf("]", this.#at);
    const number = this.#format.slice(this.#at + 1, end === -1 ? undefined : end);
    this.#at = end === -1 ? this.#at + 1 : end + 1;
    const isNumber = end !== -1 && /^[0-9]+$/.test(number) && Number(number) <= sizeLimit;
    if (isNumber && Number(number) >= 1 && Number(number) <= this.#values.length) this.#next = Number(number) - 1;
    else this.#goodIndex = false;
    return isNumber;
  }
}

type Size = number | "bad" | undefined;

function render(value: GoValue, verb: string, flags: Flags): string {
  if (verb === "T") return padded(cut(goTypeOf(value), flags), flags);
  if (value === null) return verb === "v" ? padded("<nil>", flags) : `%!${verb}(<nil>)`;
  if (value instanceof GoInt) return renderTyped(value, verb, flags);
  switch (typeof value) {
    case "boolean":
      return verb === "t" || verb === "v" ? padded(String(value), flags) : badVerb(value, verb, flags);
    case "bigint":
      return renderInt(value, verb, flags);
    case "number":
      return renderFloat(value, verb, flags);
    case "string":
      return renderText(value, verb, flags);
    default:
      return renderComposite(value, verb, flags);
  }
}

function renderTyped(value: GoInt, verb: string, flags: Flags): string {
  const isByte = value.type === "uint8" && verb === "v" && flags.exact;
  return isByte ? renderInt(value.value, "x", { ...flags, sharp: true }) : renderInt(value.value, verb, flags, value);
}

/** The verb holds for each element. */
function renderComposite(value: GoValue, verb: string, flags: Flags): string {
  if (verb === "w") return badVerb(value, verb, flags); // For an error, which is looked for in the whole of it.
  const { exact } = flags;
  const type = exact ? goTypeOf(value) : "";
  const [open, close, between] = exact ? ["{", "}", ", "] : ["[", "]", " "];
  if (value !== null && isList(value)) {
    const items = value.map((item) => render(item, verb, flags));
    return `${type}${open}${items.join(between)}${close}`;
  }
  if (value instanceof MapValue) {
    const entries = sortedEntries(value).map(
      ([key, item]) => `${render(key, verb, flags)}:${render(item, verb, flags)}`,
    );
    return `${exact ? type : "map"}${open}${entries.join(between)}${close}`;
  }
  if (value instanceof StructValue) {
    const named = flags.named || exact;
    const fields = value.values.map(
      (item, index) => `${named ? `${value.names[index]}:` : ""}${render(item, verb, flags)}`,
    );
    return `${type}{${fields.join(between)}}`;
  }
  return badVerb(value, verb, flags);
}

/** The flags hold for the value all the same, and `+` and `#` as with other verbs. */
function badVerb(value: GoValue, verb: string, flags: Flags): string {
  return `%!${verb}(${goTypeOf(value)}=${render(value, "v", flags)})`;
}

/** `typed`: the same with its type. */
function renderInt(value: bigint, verb: string, flags: Flags, typed: GoValue = value): string {
  switch (verb) {
    case "d":
    case "v":
      return intText(value, 10, "", flags);
    case "b":
      return intText(value, 2, flags.sharp ? "0b" : "", flags);
    case "o":
      return intText(value, 8, flags.sharp ? "0" : "", flags);
    case "O":
      return intText(value, 8, flags.sharp ? "0o0" : "0o", flags);
    case "x":
      return intText(value, 16, flags.sharp ? "0x" : "", flags);
    case "X":
      return intText(value, 16, flags.sharp ? "0x" : "", flags).toUpperCase();
    case "c":
      return padded(characterOf(value), flags);
    case "q":
      return padded(`'${quotedCharacter(characterOf(value), flags)}'`, flags);
    case "U": {
      const digits = BigInt.asUintN(64, value).toString(16).toUpperCase();
      const character = characterOf(value);
      const shown = flags.sharp && isValid(value) && isPrintable(character) ? ` '${character}'` : "";
      const code = digits.padStart(Math.max(4, flags.precision ?? 0), "0");
      return padded(`U+${code}${shown}`, { ...flags, zero: false });
    }
    default:
      return badVerb(typed, verb, flags);
  }
}

function intText(value: bigint, radix: number, prefix: string, flags: Flags): string {
  const whole = { ...flags, zero: false };
  if (flags.precision === 0 && value === 0n) return padded("", whole);
  const sign = signOf(value < 0n, flags);
  const zeros = flags.precision ?? (flags.zero ? (flags.width ?? 0) - sign.length : 0);
  const digits = (value < 0n ? -value : value).toString(radix).padStart(zeros, "0");
  // One zero in front is enough for a number of base eight.
  const before = radix === 8 && digits.startsWith("0") ? prefix.replace(/0$/, "") : prefix;
  return padded(`${sign}${before}${digits}`, whole);
}

function signOf(negative: boolean, flags: Flags): string {
  if (negative) return "-";
  return flags.plus ? "+" : flags.space ? " " : "";
}

function isValid(code: bigint): boolean {
  return code >= 0n && code <= 0x10ffffn && !(code >= 0xd800n && code <= 0xdfffn);
}

function characterOf(code: bigint): string {
  return isValid(code) ? String.fromCodePoint(Number(code)) : "\ufffd";
}

function isPrintable(character: string): boolean {
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character);
}

function quotedCharacter(character: string, flags: Flags): string {
  if (character === "'") return "\\'";
  if (character === '"') return character;
  const quoted = quote(character).slice(1, -1);
  return flags.plus ? quoted.replace(/[^\0-\x7f]/gu, asciiEscape) : quoted;
}

function renderFloat(value: number, verb: string, flags: Flags): string {
  const sign = signOf(value < 0 || Object.is(value, -0), flags);
  const text = floatText(Math.abs(value), verb, flags);
  if (text === undefined) return badVerb(value, verb, flags);
  if (!Number.isFinite(value)) {
    const shownSign = sign === "" && !Number.isNaN(value) ? "+" : sign;
    return padded(shownSign + (Number.isNaN(value) ? "NaN" : "Inf"), { ...flags, zero: false });
  }
  const shown = flags.sharp && verb !== "b" ? withPoint(text, verb, flags.precision) : text;
  const zeros = flags.zero ? (flags.width ?? 0) - sign.length : 0;
  return padded(sign + shown.padStart(zeros, "0"), { ...flags, zero: false });
}

/** `#`: a point in any case, and with `g` all the digits that there may be. */
function withPoint(text: string, verb: string, precision: number | undefined): string {
  const isHexadecimal = verb === "x" || verb === "X";
  const at = text.search(isHexadecimal ? /p/i : /e/i);
  const [digits, exponent] = at === -1 ? [text, ""] : [text.slice(0, at), text.slice(at)];
  const pointed = digits.includes(".") ? digits : `${digits}.`;
  if (!"vgGx".includes(verb)) return pointed + exponent;
  const significant = digits.replace(/^0*\.?0*/, "").replace(".", "").length;
  const isZero = digits === "0";
  return pointed + "0".repeat(Math.max(0, (precision ?? 6) - significant - (isZero ? 1 : 0))) + exponent;
}

function floatText(size: number, verb: string, flags: Flags): string | undefined {
  switch (verb) {
    case "v":
    case "g":
      return generalText(size, flags.precision);
    case "G":
      return generalText(size, flags.precision).toUpperCase();
    case "f":
    case "F":
      return fixedText(size, flags.precision ?? 6);
    case "e":
      return exponentText(size, flags.precision ?? 6);
    case "E":
      return exponentText(size, flags.precision ?? 6).toUpperCase();
    case "b":
      return binaryText(size);
    case "x":
      return hexadecimalText(size, flags.precision);
    case "X":
      return hexadecimalText(size, flags.precision).toUpperCase();
    default:
      return undefined;
  }
}

function renderText(value: string, verb: string, flags: Flags): string {
  switch (verb) {
    case "v":
      return flags.exact ? padded(quotedText(cut(value, flags), flags), flags) : padded(cut(value, flags), flags);
    case "s":
      return padded(cut(value, flags), flags);
    case "q":
      return padded(quotedText(cut(value, flags), flags), flags);
    case "x":
      return padded(hexText(value, flags), flags);
    case "X":
      return padded(hexText(value, flags).toUpperCase(), flags);
    default:
      return badVerb(value, verb, flags);
  }
}

function quotedText(text: string, flags: Flags): string {
  if (flags.sharp && !/[`\p{Cc}\ufeff]/u.test(text.replaceAll("\t", "")) && text.isWellFormed()) return `\`${text}\``;
  const quoted = quote(text);
  return flags.plus ? quoted.replace(/[^\0-\x7f]/gu, asciiEscape) : quoted;
}

export function asciiEscape(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
}

/** The precision counts bytes here; a space goes between the bytes. */
function hexText(text: string, flags: Flags): string {
  const bytes = bytesOf(text).subarray(0, flags.precision);
  const prefix = flags.sharp ? "0x" : "";
  const pairs = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"));
  if (pairs.length === 0) return "";
  return flags.space ? pairs.map((pair) => prefix + pair).join(" ") : prefix + pairs.join("");
}

/** The precision of a text is its greatest number of characters. */
function cut(text: string, flags: Flags): string {
  const { precision } = flags;
  if (precision === undefined || text.length <= precision) return text;
  let end = 0;
  for (let count = 0; count < precision && end < text.length; count += 1) end += isPair(text, end) ? 2 : 1;
  return text.slice(0, end);
}

function charactersIn(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += isPair(text, at) ? 2 : 1) count += 1;
  return count;
}

/** Two units that are one character. */
function isPair(text: string, at: number): boolean {
  return (text.codePointAt(at) ?? 0) > 0xffff;
}

/** The width counts characters. */
function padded(text: string, flags: Flags): string {
  const missing = (flags.width ?? 0) - (flags.width === undefined ? 0 : charactersIn(text));
  if (missing <= 0) return text;
  return flags.minus ? text + " ".repeat(missing) : (flags.zero ? "0" : " ").repeat(missing) + text;
}

/** Makes characters of bytes that have met. */
export function wellJoined(text: string): string {
  return text.isWellFormed() ? text : textOf(bytesOf(text));
}
