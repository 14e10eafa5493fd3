// SPDX-License-Identifier: Apache-2.0
// Reads numbers from texts, strictly: no white space, nothing left over. Undefined when the text is no number.

const decimal = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const hexadecimal = /^([+-]?)0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([+-]?[0-9]+)$/;

const names: ReadonlyMap<string, number> = new Map([
  ...["inf", "infinity", "+inf", "+infinity"].map((name) => [name, Number.POSITIVE_INFINITY] as const),
  ...["-inf", "-infinity"].map((name) => [name, Number.NEGATIVE_INFINITY] as const),
  ["nan", Number.NaN] as const,
]);

export type ParsedNumber<Of> =
  | { readonly kind: "number"; readonly value: Of }
  | { readonly kind: "no-number" }
  | { readonly kind: "too-big" };

/** Decimal, with an optional sign; within 64 bits. */
export function parseInt64(text: string): ParsedNumber<bigint> {
  if (!/^[+-]?[0-9]+$/.test(text)) return { kind: "no-number" };
  const value = BigInt(text.replace(/^\+/, ""));
  return BigInt.asIntN(64, value) === value ? { kind: "number", value } : { kind: "too-big" };
}

/** Decimal with an optional exponent, hexadecimal with one to the power of 2, or a name: inf, infinity, nan. */
export function parseFloat64(text: string): ParsedNumber<number> {
  const named = names.get(text.toLowerCase());
  if (named !== undefined) return { kind: "number", value: named };
  const value = decimal.test(text) ? Number(text) : hexadecimalValue(text);
  if (value === undefined) return { kind: "no-number" };
  return Number.isFinite(value) ? { kind: "number", value } : { kind: "too-big" };
}

function hexadecimalValue(text: string): number | undefined {
  const [, sign = "", whole = "", fraction = "", power = ""] = hexadecimal.exec(text) ?? [];
  if (whole + fraction === "") return undefined;
  const digits = BigInt(`0x${whole}${fraction}`);
  // Digits beyond the 53 bits of a float round while they are an integer; scaling by powers of two is exact.
  const value = scale(Number(digits), Number(power) - 4 * fraction.length);
  return sign === "-" ? -value : value;
}

function scale(value: number, exponent: number): number {
  let scaled = value;
  let left = Math.max(-5000, Math.min(5000, exponent));
  for (; left > 1000 && scaled !== 0; left -= 1000) scaled *= 2 ** 1000;
  for (; left < -1000 && scaled !== 0; left += 1000) scaled *= 2 ** -1000;
  return scaled * 2 ** left;
}
