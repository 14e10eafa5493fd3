// SPDX-License-Identifier: Apache-2.0
// Bessel functions of the first and second kind, rounded as Go rounds them. Derived from Go's package math, and through
// it from FreeBSD's msun: see NOTICE.

import { type AsymptoticRange, orderOne, orderZero } from "./bessel-tables.ts";
import { log } from "./exponential.ts";
import { ascending } from "./polynomial.ts";
import { cos, sin } from "./trigonometry.ts";

const twoOverPi = 0.6366197723675814;
const inverseRootOfPi = 0.5641895835477563;
const infinity = Number.POSITIVE_INFINITY;
/** Beyond it the ratios are 1 and 0. */
const veryGreat = 2 ** 129;

const j0Above = [0.015624999999999995, -0.00018997929423885472, 1.8295404953270067e-6, -4.618326885321032e-9];
const j0Below = [1, 0.015619102946489001, 0.00011692678466333745, 5.135465502073181e-7, 1.1661400333379e-9];
const y0Above = [
  -0.07380429510868723, 0.17666645250918112, -0.01381856719455969, 0.00034745343209368365, -3.8140705372436416e-6,
  1.9559013703502292e-8, -3.982051941321034e-11,
];
const y0Below = [1, 0.01273048348341237, 7.600686273503533e-5, 2.591508518404578e-7, 4.4111031133267547e-10];
const j1Above = [-6.25e-2, 0.001407056669551897, -1.599556310840356e-5, 4.9672799960958445e-8];
const j1Below = [
  1, 0.019153759953836346, 0.00018594678558863092, 1.1771846404262368e-6, 5.0463625707621704e-9, 1.2354227442613791e-11,
];
const y1Above = [
  -0.19605709064623894, 0.05044387166398113, -0.0019125689587576355, 2.352526005616105e-5, -9.190991580398789e-8,
];
const y1Below = [
  1, 0.01991673182366499, 0.00020255258102513517, 1.3560880109751623e-6, 6.227414523646215e-9, 1.6655924620799208e-11,
];

export function j0(x: number): number {
  if (Number.isNaN(x)) return x;
  const size = Math.abs(x);
  if (size === infinity) return 0;
  if (size >= 2) return waveZero(size, "first");
  if (size < 2 ** -27) return 1;
  if (size < 2 ** -13) return 1 - 0.25 * size * size;
  const square = size * size;
  const part = (square * ascending(square, j0Above)) / ascending(square, j0Below);
  if (size < 1) return 1 + square * (-0.25 + part);
  const half = 0.5 * size;
  return (1 + half) * (1 - half) + square * part;
}

export function y0(x: number): number {
  if (x < 0 || Number.isNaN(x)) return Number.NaN;
  if (x === infinity) return 0;
  if (x === 0) return -infinity;
  if (x >= 2) return waveZero(x, "second");
  if (x <= 2 ** -27) return (y0Above[0] ?? 0) + twoOverPi * log(x);
  const square = x * x;
  return ascending(square, y0Above) / ascending(square, y0Below) + twoOverPi * j0(x) * log(x);
}

export function j1(x: number): number {
  if (Number.isNaN(x)) return x;
  const size = Math.abs(x);
  if (size === infinity || x === 0) return 0;
  if (size >= 2) {
    const value = waveOne(size, "first");
    return x < 0 ? -value : value;
  }
  if (size < 2 ** -27) return 0.5 * size;
  const square = size * size;
  const part = square * ascending(square, j1Above) * size;
  const value = 0.5 * size + part / ascending(square, j1Below);
  return x < 0 ? -value : value;
}

export function y1(x: number): number {
  if (x < 0 || Number.isNaN(x)) return Number.NaN;
  if (x === infinity) return 0;
  if (x === 0) return -infinity;
  if (x >= 2) return waveOne(x, "second");
  if (x <= 2 ** -54) return -twoOverPi / x;
  const square = x * x;
  const part = ascending(square, y1Above) / ascending(square, y1Below);
  return x * part + twoOverPi * (j1(x) * log(x) - 1 / x);
}

type Kind = "first" | "second";

function waveZero(x: number, kind: Kind): number {
  const [s, c] = [sin(x), cos(x)];
  let [difference, sum] = [s - c, s + c];
  if (x < Number.MAX_VALUE / 2) {
    // The smaller of the two has lost digits: it is found from the product.
    const product = -cos(x + x);
    if (s * c < 0) sum = product / difference;
    else difference = product / sum;
  }
  return damped(x, kind, sum, difference, orderZero, -0.125);
}

function waveOne(x: number, kind: Kind): number {
  const [s, c] = [sin(x), cos(x)];
  let [sum, difference] = [-s - c, s - c];
  if (x < Number.MAX_VALUE / 2) {
    const product = cos(x + x);
    if (s * c > 0) difference = product / sum;
    else sum = product / difference;
  }
  return damped(x, kind, difference, sum, orderOne, 0.375);
}

/** A cosine and a sine of the phase, with the two ratios, getting smaller with the root of x. */
function damped(
  x: number,
  kind: Kind,
  cosine: number,
  sine: number,
  ranges: readonly AsymptoticRange[],
  first: number,
): number {
  const root = Math.sqrt(x);
  if (x > veryGreat) return (inverseRootOfPi * (kind === "first" ? cosine : sine)) / root;
  const range = ranges.find(({ from }) => x >= from);
  const { cosineAbove = [], cosineBelow = [], sineAbove = [], sineBelow = [] } = range ?? {};
  const z = 1 / (x * x);
  const u = 1 + ascending(z, cosineAbove) / ascending(z, cosineBelow);
  const v = (first + ascending(z, sineAbove) / ascending(z, sineBelow)) / x;
  return (inverseRootOfPi * (kind === "first" ? u * cosine - v * sine : u * sine + v * cosine)) / root;
}

export function jn(order: number, argument: number): number {
  if (Number.isNaN(argument)) return argument;
  if (!Number.isFinite(argument)) return 0;
  if (order === 0) return j0(argument);
  if (argument === 0) return 0;
  const n = Math.abs(order);
  const x = order < 0 ? -argument : argument;
  if (n === 1) return j1(x);
  const size = Math.abs(x);
  const value = n <= size ? forward(n, size) : size < 2 ** -29 ? firstTerm(n, size) : backward(n, size);
  return x < 0 && n % 2 === 1 ? -value : value;
}

/** From orders 0 and 1 upwards. */
function forward(n: number, x: number): number {
  if (x >= 2 ** 302) return veryGreatWave(n, x, "first");
  let [before, value] = [j0(x), j1(x)];
  for (let order = 1; order < n; order += 1) [before, value] = [value, value * ((order + order) / x) - before];
  return value;
}

/** The first term of the series. */
function firstTerm(n: number, x: number): number {
  if (n > 33) return 0;
  const half = x * 0.5;
  let [value, factorial] = [half, 1];
  for (let order = 2; order <= n; order += 1) {
    factorial *= order;
    value *= half;
  }
  return value / factorial;
}

/** Downwards from an order where the value is next to nothing, and then made to fit order 0. */
function backward(n: number, x: number): number {
  const w = (n + n) / x;
  const step = 2 / x;
  let z = w + step;
  let [last, next] = [w, w * z - 1];
  let count = 1;
  while (next < 1e9) {
    count += 1;
    z += step;
    [last, next] = [next, z * next - last];
  }
  let ratio = 0;
  for (let order = 2 * (n + count); order >= n + n; order -= 2) ratio = 1 / (order / x - ratio);
  const isSafe = n * log(Math.abs(step * n)) < 709.782712893384;
  let [after, value] = [ratio, 1];
  for (let order = n - 1; order > 0; order -= 1) {
    [after, value] = [value, (value * (order + order)) / x - after];
    if (!isSafe && value > 1e100) {
      after /= value;
      ratio /= value;
      value = 1;
    }
  }
  return (ratio * j0(x)) / value;
}

export function yn(order: number, x: number): number {
  if (x < 0 || Number.isNaN(x)) return Number.NaN;
  if (x === infinity) return 0;
  if (order === 0) return y0(x);
  const n = Math.abs(order);
  const isNegative = order < 0 && n % 2 === 1;
  if (x === 0) return isNegative ? infinity : -infinity;
  let value: number;
  if (n === 1) {
    value = y1(x);
  } else if (x >= 2 ** 302) {
    value = veryGreatWave(n, x, "second");
  } else {
    let before = y0(x);
    value = y1(x);
    for (let at = 1; at < n && value !== -infinity; at += 1)
      [before, value] = [value, ((at + at) / x) * value - before];
  }
  return isNegative ? -value : value;
}

function veryGreatWave(n: number, x: number, kind: Kind): number {
  const [s, c] = [sin(x), cos(x)];
  const quarters = kind === "first" ? [c + s, -c + s, -c - s, c - s] : [s - c, -s - c, -s + c, s + c];
  return (inverseRootOfPi * (quarters[n % 4] ?? 0)) / Math.sqrt(x);
}
