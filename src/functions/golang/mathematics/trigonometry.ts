// SPDX-License-Identifier: Apache-2.0
// Circular and hyperbolic functions, each rounded as Go's portable code rounds it. Derived from Go's package math, and
// through it from the Cephes library and FreeBSD's msun: see NOTICE.

import { bitsOf, copysign, floatOf, isNegative } from "./bits.ts";
import { exp, log, log1p } from "./exponential.ts";
import { descending } from "./polynomial.ts";

const sinCoefficients = [
  1.5896230157654656e-10, -2.5050747762857807e-8, 2.7557313621385722e-6, -0.0001984126982958954, 0.008333333333322118,
  -0.1666666666666663,
];
const cosCoefficients = [
  -1.1358536521387682e-11, 2.087570084197473e-9, -2.755731417929674e-7, 2.4801587288851704e-5, -0.0013888888888873056,
  0.041666666666666595,
];
const tanAbove = [-13093.693918138379, 1153516.6483858742, -17956525.197648488];
const tanBelow = [1, 13681.296347069296, -1320892.3444021097, 25008380.18233579, -53869575.592945464];
const atanAbove = [
  -0.8750608600031904, -16.157537187333652, -75.00855792314705, -122.88666844901361, -64.85021904942025,
];
const atanBelow = [1, 24.858464901423062, 165.02700983169885, 432.88106049129027, 485.3903996359137, 194.5506571482614];
const sinhAbove = [-26.30563213397497, -2894.211355989564, -89912.72022039509, -630767.3640497717];
const sinhBelow = [1, -173.6789535582337, 15215.17378790019, -630767.3640497717];
const tanhAbove = [-0.9643991794250523, -99.28772310019185, -1614.6876844170845];
const tanhBelow = [1, 112.81167849163293, 2235.4883906010045, 4844.063053251255];

/** The bits of 4/π, after the point in words of 64. */
const fourOverPi = [
  0x0000000000000001n,
  0x45f306dc9c882a53n,
  0xf84eafa3ea69bb81n,
  0xb6c52b3278872083n,
  0xfca2c757bd778ac3n,
  0x6e48dc74849ba5c0n,
  0x0c925dd413a32439n,
  0xfc3bd63962534e7dn,
  0xd1046bea5d768909n,
  0xd338e04d68befc82n,
  0x7323ac7306a673e9n,
  0x3908bf177bf25076n,
  0x3ff12fffbc0b301fn,
  0xde5e2316b414da3en,
  0xda6cfd9e4f96136en,
  0x9e8c7ecd3cbfd45an,
  0xea4f758fd7cbe2f6n,
  0x7a0e73ef14a525d4n,
  0xd7f6bf623f1aba10n,
  0xac06608df8f6d757n,
].reduce((bits, word) => (bits << 64n) | word, 0n);
const fourOverPiBits = 20 * 64;

export function sin(x: number): number {
  if (x === 0 || Number.isNaN(x)) return x;
  if (!Number.isFinite(x)) return Number.NaN;
  const { octant, rest } = reduced(Math.abs(x));
  const isSecondHalf = octant > 3;
  const quarter = octant % 4;
  const value = quarter === 1 || quarter === 2 ? smallCos(rest) : smallSin(rest);
  return x < 0 === isSecondHalf ? value : -value;
}

export function cos(x: number): number {
  if (!Number.isFinite(x)) return Number.NaN;
  const { octant, rest } = reduced(Math.abs(x));
  const quarter = octant % 4;
  const value = quarter === 1 || quarter === 2 ? smallSin(rest) : smallCos(rest);
  return octant > 3 === quarter > 1 ? value : -value;
}

export function tan(x: number): number {
  if (x === 0 || Number.isNaN(x)) return x;
  if (!Number.isFinite(x)) return Number.NaN;
  const { octant, rest } = reduced(Math.abs(x));
  const square = rest * rest;
  const small =
    square > 1e-14 ? rest + rest * ((square * descending(square, tanAbove)) / descending(square, tanBelow)) : rest;
  const value = octant % 4 > 1 ? -1 / small : small;
  return x < 0 ? -value : value;
}

function smallSin(x: number): number {
  const square = x * x;
  return x + x * square * descending(square, sinCoefficients);
}

function smallCos(x: number): number {
  const square = x * x;
  return 1 - 0.5 * square + square * square * descending(square, cosCoefficients);
}

/** Which eighth of the circle, made even, and how far from it; never more than π/4. */
function reduced(size: number): { readonly octant: number; readonly rest: number } {
  if (size >= 2 ** 29) return reducedExactly(size);
  let turns = Math.trunc(size * 1.2732395447351628);
  if (turns % 2 === 1) turns += 1;
  const rest = size - turns * 0.7853981256484985 - turns * 3.774894707930798e-8;
  return { octant: turns % 8, rest: rest - turns * 2.6951514290790595e-15 };
}

/** Of big numbers: multiplied with as many bits of 4/π as matter. */
function reducedExactly(size: number): { readonly octant: number; readonly rest: number } {
  const bits = bitsOf(size);
  const exponent = Number((bits >> 52n) & 0x7ffn) - 1075;
  const mantissa = (bits & ((1n << 52n) - 1n)) | (1n << 52n);
  // The window of 192 bits that begins so many bits before the point that the product keeps the last three of them.
  const window = (fourOverPi >> BigInt(fourOverPiBits - (exponent + 61) - 192)) & ((1n << 192n) - 1n);
  const product = BigInt.asUintN(128, (window >> 64n) * mantissa + (((window & ((1n << 64n) - 1n)) * mantissa) >> 64n));
  let octant = Number(product >> 125n);
  const fraction = BigInt.asUintN(64, product >> 61n);
  const leading = 64 - fraction.toString(2).length;
  // The lower half is taken without the three bits that moved up, as Go does it.
  const shift = BigInt(leading + 1);
  const aligned = BigInt.asUintN(64, (fraction << shift) | (BigInt.asUintN(64, product) >> (64n - shift)));
  let rest = floatOf((aligned >> 12n) | (BigInt(1023 - (leading + 1)) << 52n));
  if (octant % 2 === 1) {
    octant = (octant + 1) % 8;
    rest -= 1;
  }
  return { octant, rest: rest * (Math.PI / 4) };
}

export function asin(x: number): number {
  if (x === 0) return x;
  const size = Math.abs(x);
  if (!(size <= 1)) return Number.NaN;
  const other = Math.sqrt(1 - size * size);
  const angle = size > 0.7 ? Math.PI / 2 - positiveAtan(other / size) : positiveAtan(size / other);
  return x < 0 ? -angle : angle;
}

export function acos(x: number): number {
  return Math.PI / 2 - asin(x);
}

export function atan(x: number): number {
  if (x === 0) return x;
  return x > 0 ? positiveAtan(x) : -positiveAtan(-x);
}

export function atan2(y: number, x: number): number {
  if (Number.isNaN(y) || Number.isNaN(x)) return Number.NaN;
  if (y === 0) return copysign(isNegative(x) ? Math.PI : 0, y);
  if (x === 0) return copysign(Math.PI / 2, y);
  const isInfinite = !Number.isFinite(y);
  if (x === Number.POSITIVE_INFINITY) return copysign(isInfinite ? Math.PI / 4 : 0, y);
  if (x === Number.NEGATIVE_INFINITY) return copysign(isInfinite ? 2.356194490192345 : Math.PI, y);
  if (isInfinite) return copysign(Math.PI / 2, y);
  const angle = atan(y / x);
  if (x > 0) return angle;
  return angle <= 0 ? angle + Math.PI : angle - Math.PI;
}

function positiveAtan(x: number): number {
  const lowBits = 6.123233995736766e-17;
  if (x <= 0.66) return smallAtan(x);
  if (x > 2.414213562373095) return Math.PI / 2 - smallAtan(1 / x) + lowBits;
  return Math.PI / 4 + smallAtan((x - 1) / (x + 1)) + 0.5 * lowBits;
}

function smallAtan(x: number): number {
  const square = x * x;
  return x * ((square * descending(square, atanAbove)) / descending(square, atanBelow)) + x;
}

export function sinh(x: number): number {
  if (x === 0) return x;
  const size = Math.abs(x);
  let value: number;
  if (size > 21) {
    value = exp(size) * 0.5;
  } else if (size > 0.5) {
    const power = exp(size);
    value = (power - 1 / power) * 0.5;
  } else {
    const square = size * size;
    value = (descending(square, sinhAbove) * size) / descending(square, sinhBelow);
  }
  return x < 0 ? -value : value;
}

export function cosh(x: number): number {
  const size = Math.abs(x);
  if (size > 21) return exp(size) * 0.5;
  const power = exp(size);
  return (power + 1 / power) * 0.5;
}

export function tanh(x: number): number {
  const size = Math.abs(x);
  if (size > 44.014845965556525) return Math.sign(x);
  if (size >= 0.625) {
    const value = 1 - 2 / (exp(2 * size) + 1);
    return x < 0 ? -value : value;
  }
  if (x === 0) return x;
  const square = x * x;
  return x + (x * square * descending(square, tanhAbove)) / descending(square, tanhBelow);
}

export function asinh(x: number): number {
  if (x === 0 || !Number.isFinite(x)) return x;
  const size = Math.abs(x);
  let value: number;
  if (size > 2 ** 28) value = log(size) + Math.LN2;
  else if (size > 2) value = log(2 * size + 1 / (Math.sqrt(size * size + 1) + size));
  else if (size < 2 ** -28) value = size;
  else value = log1p(size + (size * size) / (1 + Math.sqrt(1 + size * size)));
  return x < 0 ? -value : value;
}

export function acosh(x: number): number {
  if (!(x >= 1)) return Number.NaN;
  if (x === 1) return 0;
  if (x >= 2 ** 28) return log(x) + Math.LN2;
  if (x > 2) return log(2 * x - 1 / (x + Math.sqrt(x * x - 1)));
  const t = x - 1;
  return log1p(t + Math.sqrt(2 * t + t * t));
}

export function atanh(x: number): number {
  const size = Math.abs(x);
  if (x === 0) return x;
  if (!(size <= 1)) return Number.NaN;
  if (size === 1) return copysign(Number.POSITIVE_INFINITY, x);
  let value = size;
  if (size >= 0.5) {
    value = 0.5 * log1p((size + size) / (1 - size));
  } else if (size >= 2 ** -28) {
    const twice = size + size;
    value = 0.5 * log1p(twice + (twice * size) / (1 - size));
  }
  return x < 0 ? -value : value;
}
