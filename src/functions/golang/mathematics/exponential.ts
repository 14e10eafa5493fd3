// SPDX-License-Identifier: Apache-2.0
// Exponentials, logarithms and powers, each rounded as Go's portable code rounds it, which the runtime's own are not
// always. Derived from Go's package math, and through it from FreeBSD's msun: see NOTICE.

import { bitsOf, copysign, floatOf, frexp, isNegative, ldexp } from "./bits.ts";
import { ascending } from "./polynomial.ts";

const ln2High = 0.6931471803691238;
const ln2Low = 1.9082149292705877e-10;
const invertedLn2 = 1.4426950408889634;
const infinity = Number.POSITIVE_INFINITY;

const expCoefficients = [
  0.16666666666666666, -0.0027777777777015593, 6.613756321437934e-5, -1.6533902205465252e-6, 4.1381367970572385e-8,
];
const expm1Coefficients = [
  1, -0.03333333333333313, 0.0015873015872548146, -7.93650757867488e-5, 4.008217827329362e-6, -2.0109921818362437e-7,
];
const logCoefficients = [
  0.6666666666666735, 0.3999999999940942, 0.2857142874366239, 0.22222198432149784, 0.1818357216161805,
  0.15313837699209373, 0.14798198605116586,
];
const logOdd = logCoefficients.filter((_, index) => index % 2 === 0);
const logEven = logCoefficients.filter((_, index) => index % 2 === 1);

export function exp(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x > 709.782712893384) return infinity;
  if (x < -745.1332191019411) return 0;
  if (Math.abs(x) < 2 ** -28) return 1 + x;
  const power = Math.trunc(invertedLn2 * x + (x < 0 ? -0.5 : 0.5));
  return scaledExp(x - power * ln2High, power * ln2Low, power);
}

export function exp2(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x > 1023.9999999999999) return infinity;
  if (x < -1.074e3) return 0;
  const power = Math.trunc(x < 0 ? x - 0.5 : x + 0.5);
  const rest = x - power;
  return scaledExp(rest * ln2High, -rest * ln2Low, power);
}

/** e^(high - low) × 2^power. */
function scaledExp(high: number, low: number, power: number): number {
  const rest = high - low;
  const square = rest * rest;
  const c = rest - square * ascending(square, expCoefficients);
  return ldexp(1 - (low - (rest * c) / (2 - c) - high), power);
}

/** e^x - 1, exact for small x. */
export function expm1(x: number): number {
  if (x === infinity || Number.isNaN(x)) return x;
  const size = Math.abs(x);
  if (size >= 38.816242111356935) {
    if (x < 0) return -1;
    if (size >= 709.782712893384) return infinity;
  }
  if (size < 2 ** -54) return x;
  let [power, correction, reduced] = [0, 0, x];
  if (size > 0.34657359027997264) {
    power = size < 1.0397207708399179 ? Math.sign(x) : Math.trunc(invertedLn2 * x + (x < 0 ? -0.5 : 0.5));
    const high = x - power * ln2High;
    const low = power * ln2Low;
    reduced = high - low;
    correction = high - reduced - low;
  }
  return scaledExpm1(reduced, correction, power);
}

function scaledExpm1(x: number, correction: number, power: number): number {
  const half = 0.5 * x;
  const halfSquare = x * half;
  const r1 = ascending(halfSquare, expm1Coefficients);
  const t = 3 - r1 * half;
  let e = halfSquare * ((r1 - t) / (6 - x * t));
  if (power === 0) return x - (x * e - halfSquare);
  e = x * (e - correction) - correction;
  e -= halfSquare;
  if (power === -1) return 0.5 * (x - e) - 0.5;
  if (power === 1) return x < -0.25 ? -2 * (e - (x + 0.5)) : 1 + 2 * (x - e);
  const scaled = (y: number) => floatOf(bitsOf(y) + (BigInt(power) << 52n));
  if (power <= -2 || power > 56) return scaled(1 - (e - x)) - 1;
  if (power < 20) return scaled(1 - 2 ** -power - (e - x));
  return scaled(x - (e + 2 ** -power) + 1);
}

export function log(x: number): number {
  if (Number.isNaN(x) || x === infinity) return x;
  if (x < 0) return Number.NaN;
  if (x === 0) return -infinity;
  let [fraction, power] = frexp(x);
  if (fraction < Math.SQRT1_2) {
    fraction *= 2;
    power -= 1;
  }
  const f = fraction - 1;
  const s = f / (2 + f);
  const s2 = s * s;
  const s4 = s2 * s2;
  const rest = s2 * ascending(s4, logOdd) + s4 * ascending(s4, logEven);
  const halfSquare = 0.5 * f * f;
  return power * ln2High - (halfSquare - (s * (halfSquare + rest) + power * ln2Low) - f);
}

export function log10(x: number): number {
  return log(x) * 0.4342944819032518;
}

export function log2(x: number): number {
  const [fraction, power] = frexp(x);
  if (fraction === 0.5) return power - 1;
  return log(fraction) * 1.4426950408889634 + power;
}

/** log(1 + x), exact for small x. */
export function log1p(x: number): number {
  if (x < -1 || Number.isNaN(x)) return Number.NaN;
  if (x === -1) return -infinity;
  if (x === infinity) return infinity;
  const size = Math.abs(x);
  if (size < 0.41421356237309503) {
    if (size < 2 ** -54) return x;
    if (size < 2 ** -29) return x - x * x * 0.5;
    if (x > -0.2928932188134525) return reducedLog1p(x, 0, 0, false);
  }
  const isPlain = size < 2 ** 53;
  let sum = isPlain ? 1 + x : x;
  let bits = bitsOf(sum);
  let power = Number((bits >> 52n) - 1023n);
  const lost = isPlain ? (power > 0 ? 1 - (sum - x) : x - (sum - 1)) / sum : 0;
  bits &= 0x000fffffffffffffn;
  if (bits < 0x0006a09e667f3bcdn) {
    sum = floatOf(bits | 0x3ff0000000000000n);
  } else {
    power += 1;
    sum = floatOf(bits | 0x3fe0000000000000n);
    bits = (0x0010000000000000n - bits) >> 2n;
  }
  return reducedLog1p(sum - 1, power, lost, bits === 0n);
}

function reducedLog1p(f: number, power: number, lost: number, isNearOne: boolean): number {
  const halfSquare = 0.5 * f * f;
  if (isNearOne) {
    if (f === 0) return power === 0 ? 0 : power * ln2High + (lost + power * ln2Low);
    const rest = halfSquare * (1 - 0.6666666666666666 * f);
    return power === 0 ? f - rest : power * ln2High - (rest - (power * ln2Low + lost) - f);
  }
  const s = f / (2 + f);
  const z = s * s;
  const rest = z * ascending(z, logCoefficients);
  if (power === 0) return f - (halfSquare - s * (halfSquare + rest));
  return power * ln2High - (halfSquare - (s * (halfSquare + rest) + (power * ln2Low + lost)) - f);
}

export function pow(x: number, y: number): number {
  const special = specialPower(x, y);
  if (special !== undefined) return special;
  let whole = Math.trunc(Math.abs(y));
  let rest = Math.abs(y) - whole;
  if (rest !== 0 && x < 0) return Number.NaN;
  if (whole >= 2 ** 63) {
    if (x === -1) return 1;
    return Math.abs(x) < 1 === y > 0 ? 0 : infinity;
  }
  let result = 1;
  let power = 0;
  if (rest !== 0) {
    if (rest > 0.5) {
      rest -= 1;
      whole += 1;
    }
    result = exp(rest * log(x));
  }
  // By squaring: the powers of two of x are kept apart, so nothing overflows on the way.
  let [square, squarePower] = frexp(x);
  for (let left = whole; left !== 0; left = Math.floor(left / 2)) {
    if (Math.abs(squarePower) > 4096) {
      power += squarePower; // Out of range whatever follows.
      break;
    }
    if (left % 2 === 1) {
      result *= square;
      power += squarePower;
    }
    square *= square;
    squarePower *= 2;
    if (square < 0.5) {
      square += square;
      squarePower -= 1;
    }
  }
  return y < 0 ? ldexp(1 / result, -power) : ldexp(result, power);
}

function specialPower(x: number, y: number): number | undefined {
  if (y === 0 || x === 1) return 1;
  if (y === 1) return x;
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  if (x === 0) {
    const sign = isNegative(x) && isOdd(y) ? -1 : 1;
    return copysign(y < 0 ? infinity : 0, sign);
  }
  if (!Number.isFinite(y)) {
    if (x === -1) return 1;
    return Math.abs(x) < 1 === y > 0 ? 0 : infinity;
  }
  if (x === -infinity) return pow(1 / x, -y);
  if (x === infinity) return y < 0 ? 0 : infinity;
  if (y === 0.5) return Math.sqrt(x);
  return y === -0.5 ? 1 / Math.sqrt(x) : undefined;
}

function isOdd(y: number): boolean {
  return Math.abs(y) < 2 ** 53 && Math.abs(y % 2) === 1;
}

/** In two steps, as Go does it: some results are not the nearest floats. */
export function pow10(power: number): number {
  if (power < -323) return 0;
  if (power > 308) return infinity;
  const size = Math.abs(power);
  const great = Number(`1e${power < 0 ? "-" : ""}${size - (size % 32)}`);
  const small = Number(`1e${size % 32}`);
  return power < 0 ? great / small : great * small;
}
