// SPDX-License-Identifier: Apache-2.0
// Circular and hyperbolic functions, each rounded as Go's portable code rounds it. Derived from Go's package math, and
// through it from the Cephes library and FreeBSD's msun: see NOTICE.

import { bitsOf, copysign, floatOf, isNegative } from "./bits.ts";
import { exp, log, log1p } from "./exponential.ts";
import { descending } from "./polynomial.ts";

const sinCoefficients = [
  1.5896230157654656806e-10, -2.50507477628578072866e-8, 2.75573136213857245213e-6, -1.98412698295895385996e-4,
  8.33333333332211858878e-3, -1.66666666666666307295e-1,
];
const cosCoefficients = [
  -1.135853652138768173e-11, 2.08757008419747316778e-9, -2.75573141792967388112e-7, 2.48015872888517045348e-5,
  -1.38888888888730564116e-3, 4.16666666666665929218e-2,
];
const tanAbove = [-1.30936939181383777646e4, 1.1535166483858741614e6, -1.79565251976484877988e7];
const tanBelow = [
  1, 1.36812963470692954678e4, -1.32089234440210967447e6, 2.50083801823357915839e7, -5.38695755929454629881e7,
];
const atanAbove = [
  -8.750608600031904122785e-1, -1.615753718733365076637e1, -7.50085579231470466734e1, -1.22886668449013617341e2,
  -6.485021904942025371773e1,
];
const atanBelow = [
  1, 2.485846490142306297962e1, 1.650270098316988542046e2, 4.328810604912902668951e2, 4.853903996359136964868e2,
  1.945506571482613964425e2,
];
const sinhAbove = [
  -0.2630563213397497062819489e2, -0.2894211355989563807284660366e4, -0.8991272022039509355398013511e5,
  -0.6307673640497716991184787251e6,
];
const sinhBelow = [
  1, -0.173678953558233699533450911e3, 0.1521517378790019070696485176e5, -0.6307673640497716991212077277e6,
];
const tanhAbove = [-9.64399179425052238628e-1, -9.92877231001918586564e1, -1.61468768441708447952e3];
const tanhBelow = [1, 1.12811678491632931402e2, 2.23548839060100448583e3, 4.84406305325125486048e3];

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
  let turns = Math.trunc(size * 1.27323954473516268615107010698140931);
  if (turns % 2 === 1) turns += 1;
  const rest = size - turns * 7.85398125648498535156e-1 - turns * 3.77489470793079817668e-8;
  return { octant: turns % 8, rest: rest - turns * 2.69515142907905952645e-15 };
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
  if (x === Number.NEGATIVE_INFINITY) return copysign(isInfinite ? 2.35619449019234492884698253745962716 : Math.PI, y);
  if (isInfinite) return copysign(Math.PI / 2, y);
  const angle = atan(y / x);
  if (x > 0) return angle;
  return angle <= 0 ? angle + Math.PI : angle - Math.PI;
}

function positiveAtan(x: number): number {
  const lowBits = 6.12323399573676588613e-17;
  if (x <= 0.66) return smallAtan(x);
  if (x > 2.4142135623730950488) return Math.PI / 2 - smallAtan(1 / x) + lowBits;
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
  if (size > 4.4014845965556527147994e1) return Math.sign(x);
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
