// SPDX-License-Identifier: Apache-2.0
// The numbers that are written in templates.

/** An int unless it has a point or an exponent; undefined when it is none, or beyond 64 bits. */
export function numberFrom(text: string): bigint | number | undefined {
  const plain = text.replaceAll("_", "").replace(/^\+/, "");
  if (/^-?0[xXbBoO]/.test(plain)) return intFrom(plain);
  if (/^-?[0-9]+$/.test(plain)) return intFrom(plain.replace(/^(-?)0([0-7]+)$/, "$10o$2"));
  const value = Number(plain);
  return Number.isFinite(value) ? value : undefined;
}

function intFrom(text: string): bigint | undefined {
  const negative = text.startsWith("-");
  try {
    const size = BigInt(negative ? text.slice(1) : text);
    const value = negative ? -size : size;
    return BigInt.asIntN(64, value) === value ? value : undefined;
  } catch {
    return undefined; // Digits that the base does not have.
  }
}
