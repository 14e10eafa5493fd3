// SPDX-License-Identifier: Apache-2.0
// Numbers from texts as Go's strconv reads them: every base, underscores between digits, 32 or 64 bits.

import { quote } from "../../../values/print.ts";
import { fatal } from "../../arguments.ts";
import { parseFloat64 } from "../../convert/parse-number.ts";
import { ldexp, scaledInteger } from "../mathematics/bits.ts";

/** Base 0: by the prefix. Size 0: 64 bits. Throws `FunctionFailure`. */
export function parseIntOf(text: string, base: bigint, bitSize: bigint): bigint {
  const size = bitSize === 0n ? 64n : bitSize;
  if (base !== 0n && (base < 2n || base > 36n)) throw fatal(`the base must be 0 or from 2 to 36, not ${base}`);
  if (size < 0n || size > 64n) throw fatal(`the size must be from 0 to 64 bits, not ${bitSize}`);
  const [, sign = "", written = ""] = /^([+-]?)([^]*)$/.exec(text) ?? [];
  const [radix, digits] = base === 0n ? withPrefix(written) : [Number(base), written];
  const bare = base === 0n && underscoresFit(written) ? digits.replaceAll("_", "") : digits;
  const magnitude = parseDigits(bare, radix);
  if (magnitude === undefined) throw fatal(`${quote(text)} is no int${base === 10n ? "" : ` in base ${base}`}`);
  const value = sign === "-" ? -magnitude : magnitude;
  if (BigInt.asIntN(Number(size), value) !== value) throw fatal(`${quote(text)} is too big for ${size} bits`);
  return value;
}

function withPrefix(text: string): readonly [radix: number, digits: string] {
  const letter = /^0([box])[^]/i.exec(text)?.[1]?.toLowerCase();
  if (letter !== undefined) return [letter === "b" ? 2 : letter === "o" ? 8 : 16, text.slice(2)];
  return text.startsWith("0") ? [8, text === "0" ? "0" : text.slice(1)] : [10, text];
}

/** Each stands between two digits; a prefix counts as one. */
function underscoresFit(text: string): boolean {
  const [, prefix = "", rest = ""] = /^[+-]?(0[box])?([^]*)$/i.exec(text) ?? [];
  const digits = `${prefix === "" ? "" : "0"}${rest}`;
  const isHex = prefix.toLowerCase() === "0x";
  return !(isHex ? /(?<![0-9a-fA-F])_|_(?![0-9a-fA-F])/ : /(?<![0-9])_|_(?![0-9])/).test(digits);
}

function parseDigits(digits: string, radix: number): bigint | undefined {
  if (!/^[0-9a-zA-Z]+$/.test(digits)) return undefined;
  let value = 0n;
  for (const digit of digits) {
    const worth = Number.parseInt(digit, 36);
    if (worth >= radix) return undefined;
    // What is beyond every size stays so: long texts cost no more than their length.
    value = value >> 64n > 0n ? value : value * BigInt(radix) + BigInt(worth);
  }
  return value;
}

/** Rounded once to the nearest float of 64 bits, or of 32 if that is the size. Throws `FunctionFailure`. */
export function parseFloatOf(text: string, bitSize: bigint): number {
  const plain = underscoresFit(text) ? text.replaceAll("_", "") : text;
  const parsed = parseFloat64(plain);
  if (parsed.kind === "no-number") throw fatal(`${quote(text)} is no float`);
  if (parsed.kind === "too-big") throw fatal(`${quote(text)} is too big for ${bitSize === 32n ? 32 : 64} bits`);
  if (bitSize !== 32n && !/x/i.test(plain)) return parsed.value;
  const exact = exactValue(plain);
  if (bitSize !== 32n) return exact === undefined ? parsed.value : rounded(exact, 53);
  const single = exact === undefined ? parsed.value : rounded(exact, 24);
  if (Number.isFinite(parsed.value) && Math.abs(single) >= 2 ** 128)
    throw fatal(`${quote(text)} is too big for 32 bits`);
  return single;
}

/** above ÷ below × 2^power. */
interface Exact {
  readonly negative: boolean;
  readonly above: bigint;
  readonly below: bigint;
  readonly power: number;
}

/** Undefined for infinities and what is not a number, and where it is next to nothing. */
function exactValue(text: string): Exact | undefined {
  const negative = text.startsWith("-");
  const hex = /^[+-]?0x([0-9a-f]*)\.?([0-9a-f]*)p([+-]?[0-9]+)$/i.exec(text);
  if (hex !== null) {
    const [, whole = "", fraction = "", power = ""] = hex;
    return { negative, above: BigInt(`0x0${whole}${fraction}`), below: 1n, power: Number(power) - 4 * fraction.length };
  }
  const decimal = /^[+-]?([0-9]*)\.?([0-9]*)(?:e([+-]?[0-9]+))?$/i.exec(text);
  if (decimal === null) return undefined;
  const [, whole = "", fraction = "", exponent = "0"] = decimal;
  const scale = Number(exponent) - fraction.length;
  const digits = BigInt(`0${whole}${fraction}`);
  // The number of digits and the scale are both known: far below every float it is 0.
  if (digits !== 0n && String(digits).length + scale < -400) return { negative, above: 0n, below: 1n, power: 0 };
  if (digits === 0n || scale >= 0)
    return { negative, above: digits === 0n ? 0n : digits * 10n ** BigInt(scale), below: 1n, power: 0 };
  return { negative, above: digits, below: 10n ** BigInt(-scale), power: 0 };
}

function rounded({ negative, above, below, power }: Exact, bits: 24 | 53): number {
  if (above === 0n) return negative ? -0 : 0;
  // So many bits of the quotient that a remainder can only matter as a last bit that is set.
  const shift = Math.max(0, 80 - (above.toString(2).length - below.toString(2).length));
  const quotient = (above << BigInt(shift)) / below;
  const isInexact = (above << BigInt(shift)) % below !== 0n;
  const sticky = (quotient << 1n) | (isInexact ? 1n : 0n);
  const total = power - shift - 1;
  const length = sticky.toString(2).length;
  if (length + total > 1100) return negative ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (length + total < -1200) return negative ? -0 : 0;
  const signed = negative ? -sticky : sticky;
  if (bits === 53) return scaledInteger(signed, total);
  // A float of 32 bits has 24 of them, the last no less than 2^-149: made by shifting those of 64 bits away.
  const dropped = BigInt(Math.max(length - 24, -149 - total));
  const kept = sticky >> dropped;
  const rest = sticky - (kept << dropped);
  const half = dropped === 0n ? 0n : 1n << (dropped - 1n);
  const up = rest > half || (rest === half && (kept & 1n) === 1n) ? 1n : 0n;
  const value = ldexp(Number(kept + up), total + Number(dropped));
  return negative ? -value : value;
}
