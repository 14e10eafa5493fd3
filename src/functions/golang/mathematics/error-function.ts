// SPDX-License-Identifier: Apache-2.0
// The error function, its complement and their inverses, rounded as Go rounds them. Derived from Go's package math, and
// through it from FreeBSD's msun: see NOTICE.

import { bitsOf, floatOf } from "./bits.ts";
import { exp, log } from "./exponential.ts";
import { ascending, descending } from "./polynomial.ts";

/** A numerator and a denominator. */
interface Ratio {
  readonly above: readonly number[];
  readonly below: readonly number[];
}

const erfOne = 8.45062911510467529297e-1;

/** Up to 0.84375. */
const small: Ratio = {
  above: [
    1.28379167095512558561e-1, -3.2504210724700149937e-1, -2.84817495755985104766e-2, -5.77027029648944159157e-3,
    -2.37630166566501626084e-5,
  ],
  below: [
    1, 3.97917223959155352819e-1, 6.50222499887672944485e-2, 5.08130628187576562776e-3, 1.32494738004321644526e-4,
    -3.9602282787753681232e-6,
  ],
};
/** Up to 1.25. */
const aroundOne: Ratio = {
  above: [
    -2.36211856075265944077e-3, 4.14856118683748331666e-1, -3.72207876035701323847e-1, 3.18346619901161753674e-1,
    -1.10894694282396677476e-1, 3.54783043256182359371e-2, -2.166375594868790843e-3,
  ],
  below: [
    1, 1.06420880400844228286e-1, 5.40397917702171048937e-1, 7.18286544141962662868e-2, 1.26171219808761642112e-1,
    1.36370839120290507362e-2, 1.1984499846799107417e-2,
  ],
};
/** Up to 1/0.35. */
const middle: Ratio = {
  above: [
    -9.86494403484714822705e-3, -6.93858572707181764372e-1, -1.05586262253232909814e1, -6.23753324503260060396e1,
    -1.62396669462573470355e2, -1.84605092906711035994e2, -8.12874355063065934246e1, -9.81432934416914548592,
  ],
  below: [
    1, 1.96512716674392571292e1, 1.376577541435190426e2, 4.34565877475229228821e2, 6.45387271733267880336e2,
    4.29008140027567833386e2, 1.08635005541779435134e2, 6.57024977031928170135, -6.04244152148580987438e-2,
  ],
};
const great: Ratio = {
  above: [
    -9.86494292470009928597e-3, -7.99283237680523006574e-1, -1.77579549177547519889e1, -1.60636384855821916062e2,
    -6.37566443368389627722e2, -1.02509513161107724954e3, -4.83519191608651397019e2,
  ],
  below: [
    1, 3.03380607434824582924e1, 3.25792512996573918826e2, 1.53672958608443695994e3, 3.19985821950859553908e3,
    2.55305040643316442583e3, 4.74528541206955367215e2, -2.24409524465858183362e1,
  ],
};

/** For the inverse: up to 0.85, and beyond in the root of the logarithm, up to 5 and beyond. */
const inverseSmall: Ratio = {
  above: [
    8.87094069625455148302e2, 1.1819493347062294404278e4, 2.3782041382114385731252e4, 1.6235862515167575384252e4,
    4.8548868893843886794648e3, 6.9706266534389598238465e2, 4.7072688112383978012285e1, 1.1975323115670912564578,
  ],
  below: [
    5.226495278852854561e3, 2.8729085735721942674e4, 3.930789580009271061e4, 2.1213794301586595867e4,
    5.3941960214247511077e3, 6.871870074920579083e2, 4.2313330701600911252e1, 1,
  ],
};
const inverseMiddle: Ratio = {
  above: [
    7.7454501427834140764e-4, 2.27238449892691845833e-2, 2.4178072517745061177e-1, 1.27045825245236838258,
    3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734,
  ],
  below: [
    1.4859850019840355905497876e-9, 7.7441459065157709165577218e-4, 2.1494160384252876777097297e-2,
    2.0945065210512749128288442e-1, 9.7547832001787427186894837e-1, 2.3707661626024532365971225,
    2.9036514445419946173133295, 1.4142135623730950488016887,
  ],
};
const inverseGreat: Ratio = {
  above: [
    2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.2426609473880784386e-3, 2.6532189526576123093e-2,
    2.9656057182850489123e-1, 1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772,
  ],
  below: [
    2.891024605872965461538222e-15, 2.010321207683943062279931e-7, 2.61108840508059362513802e-5,
    1.112800997078859844711555e-3, 2.103693768272068968719679e-2, 1.936480946950659106176712e-1,
    8.482908416595164588112026e-1, 1.414213562373095048801689,
  ],
};

export function erf(x: number): number {
  if (x === 0 || Number.isNaN(x)) return x;
  const value = positiveErf(Math.abs(x));
  // From 1.25 on the result is 1 less something, and so its negative is too.
  return x < 0 ? -value : value;
}

function positiveErf(x: number): number {
  if (x < 0.84375) {
    if (x < 2.848094538889218e-306) return 0.125 * (8 * x + 1.02703333676410069053 * x);
    if (x < 2 ** -28) return x + 1.28379167095512586316e-1 * x;
    return x + x * smallRatio(x);
  }
  if (x < 1.25) return erfOne + ratio(x - 1, aroundOne);
  return x >= 6 ? 1 : 1 - tail(x) / x;
}

export function erfc(x: number): number {
  if (Number.isNaN(x)) return x;
  const size = Math.abs(x);
  if (size < 0.84375) {
    let value = size;
    if (size >= 2 ** -56) {
      const part = smallRatio(size);
      value = size < 0.25 ? size + size * part : 0.5 + (size * part + (size - 0.5));
    }
    return x < 0 ? 1 + value : 1 - value;
  }
  if (size < 1.25) {
    const part = ratio(size - 1, aroundOne);
    return x < 0 ? 1 + erfOne + part : 1 - erfOne - part;
  }
  if (size >= 28 || (x < -6 && size >= 1 / 0.35)) return x < 0 ? 2 : 0;
  const value = tail(size) / size;
  return x < 0 ? 2 - value : value;
}

/** What 1 - erf is times x, for x of 1.25 and more. */
function tail(x: number): number {
  const part = ratio(1 / (x * x), x < 1 / 0.35 ? middle : great);
  // The upper half of the bits, so that its square is exact.
  const z = floatOf(bitsOf(x) & 0xffffffff00000000n);
  return exp(-z * z - 0.5625) * exp((z - x) * (z + x) + part);
}

function smallRatio(x: number): number {
  return ratio(x * x, small);
}

function ratio(x: number, { above, below }: Ratio): number {
  return ascending(x, above) / ascending(x, below);
}

export function erfinv(x: number): number {
  if (x === 0) return x;
  if (Number.isNaN(x) || Math.abs(x) > 1) return Number.NaN;
  if (Math.abs(x) === 1) return x * Number.POSITIVE_INFINITY;
  const size = Math.abs(x);
  const value = positiveInverse(size);
  return x < 0 ? -value : value;
}

export function erfcinv(x: number): number {
  return erfinv(1 - x);
}

function positiveInverse(x: number): number {
  if (x <= 0.85) {
    const r = 0.180625 - 0.25 * x * x;
    return (x * descending(r, inverseSmall.above)) / descending(r, inverseSmall.below);
  }
  const r = Math.sqrt(Math.LN2 - log(1 - x));
  const [at, parts] = r <= 5 ? [r - 1.6, inverseMiddle] : [r - 5, inverseGreat];
  return descending(at, parts.above) / descending(at, parts.below);
}
