// SPDX-License-Identifier: Apache-2.0
// The gamma function, the cube root and the hypotenuse, rounded as Go rounds them. Derived from Go's package math, and
// through it from the Cephes library and FreeBSD's msun: see NOTICE.

import { bitsOf, copysign, floatOf } from "./bits.ts";
import { exp, pow } from "./exponential.ts";
import { descending } from "./polynomial.ts";
import { sin } from "./trigonometry.ts";

const infinity = Number.POSITIVE_INFINITY;
const euler = 0.57721566490153286060651209008240243;

const above = [
  1.60119522476751861407e-4, 1.19135147006586384913e-3, 1.04213797561761569935e-2, 4.76367800457137231464e-2,
  2.0744822764843597515e-1, 4.94214826801497100753e-1, 9.99999999999999996796e-1,
];
const below = [
  -2.31581873324120129819e-5, 5.39605580493303397842e-4, -4.45641913851797240494e-3, 1.18139785222060435552e-2,
  3.58236398605498653373e-2, -2.34591795718243348568e-1, 7.14304917030273074085e-2, 1.0000000000000000032,
];
const stirlingSeries = [
  7.87311395793093628397e-4, -2.2954996161337812638e-4, -2.68132617805781232825e-3, 3.4722222160545866731e-3,
  8.33333333333482257126e-2,
];

export function gamma(x: number): number {
  if (Number.isNaN(x) || x === -infinity || (x < 0 && Number.isInteger(x))) return Number.NaN;
  if (x === infinity) return infinity;
  if (x === 0) return copysign(infinity, x);
  return Math.abs(x) > 33 ? greatGamma(x) : smallGamma(x);
}

function greatGamma(x: number): number {
  if (x > 0) {
    const [first, second] = stirling(x);
    return first * second;
  }
  const size = -x;
  let whole = Math.floor(size);
  const sign = whole % 2 === 0 ? -1 : 1;
  let rest = size - whole;
  if (rest > 0.5) {
    whole += 1;
    rest = size - whole;
  }
  rest = size * sin(Math.PI * rest);
  if (rest === 0) return sign * infinity;
  const [first, second] = stirling(size);
  const product = Math.abs(rest) * first * second;
  const value = Number.isFinite(product) ? Math.PI / product : Math.PI / Math.abs(rest) / first / second;
  return sign * value;
}

function smallGamma(given: number): number {
  let x = given;
  let z = 1;
  const nearZero = () => (x === 0 ? infinity : z / ((1 + euler * x) * x));
  while (x >= 3) {
    x -= 1;
    z *= x;
  }
  while (x < 0) {
    if (x > -1e-9) return nearZero();
    z /= x;
    x += 1;
  }
  while (x < 2) {
    if (x < 1e-9) return nearZero();
    z /= x;
    x += 1;
  }
  if (x === 2) return z;
  x -= 2;
  return (z * descending(x, above)) / descending(x, below);
}

/** In two factors, because the product may be out of range. */
function stirling(x: number): readonly [number, number] {
  if (x > 200) return [infinity, 1];
  const inverse = 1 / x;
  const series = 1 + inverse * descending(inverse, stirlingSeries);
  const power = exp(x);
  const scale = 2.506628274631000502417 * series;
  if (x <= 143.01608) return [pow(x, x - 0.5) / power, scale];
  const half = pow(x, 0.5 * x - 0.25);
  return [half, scale * (half / power)];
}

export function cbrt(x: number): number {
  if (x === 0 || !Number.isFinite(x)) return x;
  const size = Math.abs(x);
  let t = floatOf(bitsOf(size) / 3n + (715094163n << 32n));
  if (size < 2 ** -1022) t = floatOf(bitsOf(2 ** 54 * size) / 3n + (696219795n << 32n));
  let r = (t * t) / size;
  let s = 5.42857142857142815906e-1 + r * t;
  t *= 3.57142857142857150787e-1 + 1.6071428571428572063 / (s + 1.41428571428571436819 + -7.0530612244897961105e-1 / s);
  // To 22 bits, rounded up, so that its square is exact.
  t = floatOf((bitsOf(t) & (0xffffffffcn << 28n)) + (1n << 30n));
  s = t * t;
  r = size / s;
  const twice = t + t;
  r = (r - t) / (twice + r);
  return copysign(t + t * r, x);
}

export function hypot(p: number, q: number): number {
  if (Math.abs(p) === infinity || Math.abs(q) === infinity) return infinity;
  if (Number.isNaN(p) || Number.isNaN(q)) return Number.NaN;
  const [great, small] = [Math.max(Math.abs(p), Math.abs(q)), Math.min(Math.abs(p), Math.abs(q))];
  if (great === 0) return 0;
  const ratio = small / great;
  return great * Math.sqrt(1 + ratio * ratio);
}
