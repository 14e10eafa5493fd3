// SPDX-License-Identifier: Apache-2.0
// The gamma function, the cube root and the hypotenuse, rounded as Go rounds them. Derived from Go's package math, and
// through it from the Cephes library and FreeBSD's msun: see NOTICE.

import { bitsOf, copysign, floatOf } from "./bits.ts";
import { exp, pow } from "./exponential.ts";
import { descending } from "./polynomial.ts";
import { sin } from "./trigonometry.ts";

const infinity = Number.POSITIVE_INFINITY;
const euler = 0.5772156649015329;

const above = [
  0.00016011952247675185, 0.0011913514700658638, 0.010421379756176158, 0.04763678004571372, 0.20744822764843598,
  0.4942148268014971, 1,
];
const below = [
  -2.3158187332412014e-5, 0.0005396055804933034, -0.004456419138517973, 0.011813978522206043, 0.035823639860549865,
  -0.23459179571824335, 0.0714304917030273, 1,
];
const stirlingSeries = [
  0.0007873113957930937, -0.00022954996161337813, -0.0026813261780578124, 0.0034722222160545866, 0.08333333333334822,
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
  const scale = 2.5066282746310007 * series;
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
  let s = 0.5428571428571428 + r * t;
  t *= 0.35714285714285715 + 1.6071428571428572 / (s + 1.4142857142857144 + -0.7053061224489796 / s);
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
