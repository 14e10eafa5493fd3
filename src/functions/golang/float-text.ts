// SPDX-License-Identifier: Apache-2.0
// Floats as text in the ways of Go, exactly rounded: half goes to the even digit.

/** The digits of a positive number, 0.d₁d₂d₃… × 10^point. */
interface Decimal {
  readonly digits: string;
  readonly point: number;
}

/** `%e`: 1.5e+08. `precision` digits after the point; undefined: as few as tell the number from all others. */
export function exponentText(value: number, precision: number | undefined): string {
  const { digits, point } = precision === undefined ? shortest(value) : roundedTo(value, precision + 1);
  const fraction = digits.slice(1).padEnd(precision ?? 0, "0");
  const exponent = value === 0 ? 0 : point - 1;
  return `${digits.charAt(0)}${fraction === "" ? "" : `.${fraction}`}${exponentSuffix(exponent)}`;
}

/** `%f`: 150000000.000000. Undefined precision: as few digits as tell the number from all others. */
export function fixedText(value: number, precision: number | undefined): string {
  if (precision === undefined) return plain(shortest(value));
  const [mantissa, exponent] = binaryOf(value);
  const scaled = mantissa * 10n ** BigInt(precision);
  const digits = String(exponent >= 0 ? scaled << BigInt(exponent) : halfEven(scaled, 1n << BigInt(-exponent)));
  const all = digits.padStart(precision + 1, "0");
  return precision === 0 ? all : `${all.slice(0, -precision)}.${all.slice(-precision)}`;
}

/** `%g`: `%e` for small and great exponents, else `%f`; without zeros at the end. */
export function generalText(value: number, precision: number | undefined): string {
  const significant = precision === undefined ? undefined : precision || 1;
  const exact = significant === undefined ? shortest(value) : roundedTo(value, significant);
  const digits = exact.digits.replace(/0+$/, "") || "0";
  const wanted = significant ?? 6;
  const exponent = exact.point - 1;
  if (exponent < -4 || exponent >= wanted) {
    const fraction = digits.slice(1);
    return `${digits.charAt(0)}${fraction === "" ? "" : `.${fraction}`}${exponentSuffix(exponent)}`;
  }
  return plain({ digits, point: exact.point });
}

/** `%b`: 4503599627370496p-52, a whole number and a power of two. */
export function binaryText(value: number): string {
  const [mantissa, exponent] = binaryOf(value);
  return `${mantissa}p${exponent < 0 ? "" : "+"}${exponent}`;
}

/** `%x`: 0x1.8p+01. `precision` digits after the point; undefined: all that there are. */
export function hexadecimalText(value: number, precision: number | undefined): string {
  let [mantissa, exponent] = binaryOf(value);
  // The first digit is the bit 2^52: 1, but for zero.
  const missing = mantissa === 0n ? 0 : 53 - mantissa.toString(2).length;
  mantissa <<= BigInt(missing);
  exponent = mantissa === 0n ? 0 : exponent + 52 - missing;
  if (precision !== undefined && precision < 13) {
    const below = 1n << BigInt(52 - 4 * precision);
    mantissa = halfEven(mantissa, below) * below;
    if (mantissa >> 53n === 1n) {
      mantissa >>= 1n;
      exponent += 1;
    }
  }
  const all = (mantissa & ((1n << 52n) - 1n)).toString(16).padStart(13, "0");
  const fraction = precision === undefined ? all.replace(/0+$/, "") : all.slice(0, precision).padEnd(precision, "0");
  const size = String(Math.abs(exponent)).padStart(2, "0");
  return `0x${mantissa >> 52n}${fraction === "" ? "" : `.${fraction}`}p${exponent < 0 ? "-" : "+"}${size}`;
}

function exponentSuffix(exponent: number): string {
  return `e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

function plain({ digits, point }: Decimal): string {
  const whole = point <= 0 ? "0" : digits.slice(0, point).padEnd(point, "0");
  const fraction = point <= 0 ? "0".repeat(-point) + digits : digits.slice(point);
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

/** The fewest digits that read back as the same float: the runtime's own conversion. */
function shortest(value: number): Decimal {
  if (value === 0) return { digits: "0", point: 1 };
  const [mantissa = "", exponent = ""] = value.toExponential().split("e");
  return { digits: mantissa.replace(".", ""), point: Number(exponent) + 1 };
}

/** Exactly `count` significant digits. */
function roundedTo(value: number, count: number): Decimal {
  if (value === 0) return { digits: "0".repeat(count), point: 1 };
  const [mantissa, exponent] = binaryOf(value);
  const guess = shortest(value).point;
  for (const point of [guess, guess + 1, guess - 1]) {
    const digits = String(scaledInteger(mantissa, exponent, count - point));
    if (digits.length === count) return { digits, point };
  }
  return { digits: "1".padEnd(count, "0"), point: guess + 1 };
}

/** mantissa × 2^exponent × 10^power, rounded. */
function scaledInteger(mantissa: bigint, exponent: number, power: number): bigint {
  const above = mantissa * (power > 0 ? 10n ** BigInt(power) : 1n) * (exponent > 0 ? 1n << BigInt(exponent) : 1n);
  const below = (power < 0 ? 10n ** BigInt(-power) : 1n) * (exponent < 0 ? 1n << BigInt(-exponent) : 1n);
  return halfEven(above, below);
}

function halfEven(above: bigint, below: bigint): bigint {
  const quotient = above / below;
  const twice = (above % below) * 2n;
  return twice > below || (twice === below && quotient % 2n === 1n) ? quotient + 1n : quotient;
}

/** A finite number that is not negative, as mantissa × 2^exponent. */
function binaryOf(value: number): readonly [mantissa: bigint, exponent: number] {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  const raw = bits.getBigUint64(0);
  const biased = Number(raw >> 52n) & 0x7ff;
  const fraction = raw & ((1n << 52n) - 1n);
  return biased === 0 ? [fraction, -1074] : [fraction | (1n << 52n), biased - 1075];
}
