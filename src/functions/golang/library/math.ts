// SPDX-License-Identifier: Apache-2.0
// golang/math: Go's package math. Nothing fails here: what has no result is not a number or infinite.

import type { FunctionDefinition } from "../../../contract/function.ts";
import { fatal } from "../../arguments.ts";
import { j0, j1, jn, y0, y1, yn } from "../mathematics/bessel.ts";
import {
  binaryExponent,
  copysign,
  fma,
  isNegative,
  ldexp,
  nextafter,
  remainder,
  round,
  roundToEven,
} from "../mathematics/bits.ts";
import { erf, erfc, erfcinv, erfinv } from "../mathematics/error-function.ts";
import { exp, exp2, expm1, log, log10, log1p, log2, pow, pow10 } from "../mathematics/exponential.ts";
import { cbrt, gamma, hypot } from "../mathematics/gamma.ts";
import {
  acos,
  acosh,
  asin,
  asinh,
  atan,
  atan2,
  atanh,
  cos,
  cosh,
  sin,
  sinh,
  tan,
  tanh,
} from "../mathematics/trigonometry.ts";
import { goPackage } from "./wrap.ts";

const { pure } = goPackage("math");

/** What Ilogb gives for infinities and what is no number; with a minus and one more for 0. */
const greatestInt32 = 2n ** 31n - 1n;

/** Orders of Bessel functions are counted up to. */
const greatestOrder = 10_000_000n;

export const golangMath: readonly FunctionDefinition[] = [
  one("Abs", "The number without its sign.", "-1.5", Math.abs),
  one("Acos", "The angle with this cosine.", "0.5", acos),
  one("Acosh", "The number with this hyperbolic cosine.", "2.0", acosh),
  one("Asin", "The angle with this sine.", "0.5", asin),
  one("Asinh", "The number with this hyperbolic sine.", "2.0", asinh),
  one("Atan", "The angle with this tangent.", "1.0", atan),
  two("Atan2", "The angle of the point that has this y and this x.", "1.0, -1.0", atan2),
  one("Atanh", "The number with this hyperbolic tangent.", "0.5", atanh),
  one("Cbrt", "The cube root.", "27.0", cbrt),
  one("Ceil", "The least whole number that is not less.", "1.2", Math.ceil),
  two("Copysign", "The size of the first with the sign of the second.", "1.5, -2.0", copysign),
  one("Cos", "The cosine of an angle in radians.", "0.5", cos),
  one("Cosh", "The hyperbolic cosine.", "0.5", cosh),
  two("Dim", "How much the first is greater than the second, 0 if it is not.", "5.0, 3.0", (x, y) => {
    const difference = x - y;
    return difference <= 0 ? 0 : difference;
  }),
  one("Erf", "The error function.", "0.5", erf),
  one("Erfc", "1 less the error function.", "0.5", erfc),
  one("Erfcinv", "The number of which 1 less the error function is this.", "0.5", erfcinv),
  one("Erfinv", "The number of which the error function is this.", "0.5", erfinv),
  one("Exp", "e to this power.", "1.0", exp),
  one("Exp2", "2 to this power.", "10.0", exp2),
  one("Expm1", "e to this power, less 1; exact also near 0.", "0.001", expm1),
  pure("FMA", "func(x float, y float, z float) float", "x * y + z, rounded once.", "2.0, 3.0, 4.0", fma),
  one("Floor", "The greatest whole number that is not greater.", "1.8", Math.floor),
  one("Gamma", "The gamma function.", "5.0", gamma),
  two("Hypot", "The root of the sum of the squares.", "3.0, 4.0", hypot),
  pure("Ilogb", "func(x float) int", "The exponent to the base 2.", "10.0", (x) => {
    if (x === 0) return -greatestInt32 - 1n;
    return Number.isFinite(x) ? BigInt(binaryExponent(x)) : greatestInt32;
  }),
  pure("Inf", "func(sign int) float", "Infinity, below zero when the sign is.", "1", (sign) =>
    sign < 0n ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY,
  ),
  pure(
    "IsInf",
    "func(f float, sign int) bool",
    "Whether a number is infinite: above zero, below, or any, as the sign says.",
    "1.0, 0",
    (f, sign) => (f === Number.POSITIVE_INFINITY && sign >= 0n) || (f === Number.NEGATIVE_INFINITY && sign <= 0n),
  ),
  pure("IsNaN", "func(f float) bool", "Whether it is not a number.", "1.0", (f) => Number.isNaN(f)),
  one("J0", "The Bessel function of the first kind of order 0.", "1.0", j0),
  one("J1", "The Bessel function of the first kind of order 1.", "1.0", j1),
  pure("Jn", "func(n int, x float) float", "The Bessel function of the first kind of order n.", "2, 1.0", (n, x) =>
    jn(orderOf(n), x),
  ),
  pure("Ldexp", "func(frac float, exp int) float", "The first times 2 to the second.", "0.5, 4", (frac, exponent) =>
    ldexp(frac, clamped(exponent)),
  ),
  one("Log", "The natural logarithm.", "10.0", log),
  one("Log10", "The logarithm to the base 10.", "100.0", log10),
  one("Log1p", "The natural logarithm of 1 more; exact also near 0.", "0.001", log1p),
  one("Log2", "The logarithm to the base 2.", "8.0", log2),
  one("Logb", "The exponent to the base 2, as a float.", "10.0", (x) => {
    if (x === 0) return Number.NEGATIVE_INFINITY;
    return Number.isFinite(x) ? binaryExponent(x) : Math.abs(x);
  }),
  two("Max", "The greater one.", "1.0, 2.0", (x, y) =>
    x === Number.POSITIVE_INFINITY || y === Number.POSITIVE_INFINITY ? Number.POSITIVE_INFINITY : Math.max(x, y),
  ),
  two("Min", "The smaller one.", "1.0, 2.0", (x, y) =>
    x === Number.NEGATIVE_INFINITY || y === Number.NEGATIVE_INFINITY ? Number.NEGATIVE_INFINITY : Math.min(x, y),
  ),
  two("Mod", "What is left of the first after dividing by the second.", "7.0, 3.0", (x, y) => x % y),
  pure("NaN", "func() float", "What is not a number.", "", () => Number.NaN),
  two("Nextafter", "The next float from the first towards the second.", "1.0, 2.0", nextafter),
  two("Pow", "The first to the power of the second.", "2.0, 0.5", pow),
  pure("Pow10", "func(n int) float", "10 to this power.", "3", (n) => pow10(clamped(n))),
  two("Remainder", "The first less the nearest whole multiple of the second.", "7.0, 4.0", remainder),
  one("Round", "The nearest whole number; halves away from 0.", "2.5", round),
  one("RoundToEven", "The nearest whole number; halves to the even one.", "2.5", roundToEven),
  pure("Signbit", "func(x float) bool", "Whether it is below zero, or the zero that is.", "-1.0", isNegative),
  one("Sin", "The sine of an angle in radians.", "0.5", sin),
  one("Sinh", "The hyperbolic sine.", "0.5", sinh),
  one("Sqrt", "The square root.", "2.0", Math.sqrt),
  one("Tan", "The tangent of an angle in radians.", "0.5", tan),
  one("Tanh", "The hyperbolic tangent.", "0.5", tanh),
  one("Trunc", "The number without its fraction.", "-1.8", Math.trunc),
  one("Y0", "The Bessel function of the second kind of order 0.", "1.0", y0),
  one("Y1", "The Bessel function of the second kind of order 1.", "1.0", y1),
  pure("Yn", "func(n int, x float) float", "The Bessel function of the second kind of order n.", "2, 1.0", (n, x) =>
    yn(orderOf(n), x),
  ),
];

function one(goName: string, doc: string, sample: string, apply: (x: number) => number): FunctionDefinition {
  return pure(goName, "func(x float) float", doc, sample, apply);
}

function two(goName: string, doc: string, sample: string, apply: (x: number, y: number) => number): FunctionDefinition {
  return pure(goName, "func(x float, y float) float", doc, sample, apply);
}

/** Far beyond every exponent of a float there is no difference. */
function clamped(exponent: bigint): number {
  return Number(exponent > 100_000n ? 100_000n : exponent < -100_000n ? -100_000n : exponent);
}

function orderOf(n: bigint): number {
  if (n > greatestOrder || n < -greatestOrder) {
    throw fatal(`the order of a Bessel function can be ${greatestOrder} at the most here, not ${n}`);
  }
  return Number(n);
}
