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

const erfOne = 0.8450629115104675;

/** Up to 0.84375. */
const small: Ratio = {
  above: [
    0.12837916709551256, -0.3250421072470015, -0.02848174957559851, -0.005770270296489442, -2.3763016656650163e-5,
  ],
  below: [
    1, 0.39791722395915535, 0.0650222499887673, 0.005081306281875766, 0.00013249473800432164, -3.960228278775368e-6,
  ],
};
/** Up to 1.25. */
const aroundOne: Ratio = {
  above: [
    -0.0023621185607526594, 0.41485611868374833, -0.3722078760357013, 0.31834661990116175, -0.11089469428239668,
    0.035478304325618236, -0.002166375594868791,
  ],
  below: [
    1, 0.10642088040084423, 0.540397917702171, 0.07182865441419627, 0.12617121980876164, 0.01363708391202905,
    0.011984499846799107,
  ],
};
/** Up to 1/0.35. */
const middle: Ratio = {
  above: [
    -0.009864944034847148, -0.6938585727071818, -10.558626225323291, -62.375332450326006, -162.39666946257347,
    -184.60509290671104, -81.2874355063066, -9.814329344169145,
  ],
  below: [
    1, 19.651271667439257, 137.65775414351904, 434.56587747522923, 645.3872717332679, 429.00814002756783,
    108.63500554177944, 6.570249770319282, -0.0604244152148581,
  ],
};
const great: Ratio = {
  above: [
    -0.0098649429247001, -0.799283237680523, -17.757954917754752, -160.63638485582192, -637.5664433683896,
    -1025.0951316110772, -483.5191916086514,
  ],
  below: [
    1, 30.33806074348246, 325.7925129965739, 1536.729586084437, 3199.8582195085955, 2553.0504064331644,
    474.52854120695537, -22.44095244658582,
  ],
};

/** For the inverse: up to 0.85, and beyond in the root of the logarithm, up to 5 and beyond. */
const inverseSmall: Ratio = {
  above: [
    887.0940696254552, 11819.493347062295, 23782.041382114385, 16235.862515167575, 4854.886889384388, 697.062665343896,
    47.07268811238398, 1.1975323115670913,
  ],
  below: [
    5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751, 687.1870074920579,
    42.31333070160091, 1,
  ],
};
const inverseMiddle: Ratio = {
  above: [
    0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045,
    5.769497221460691, 4.630337846156546, 1.4234371107496835,
  ],
  below: [
    1.4859850019840355e-9, 0.0007744145906515771, 0.021494160384252878, 0.2094506521051275, 0.9754783200178743,
    2.3707661626024534, 2.9036514445419948, 1.4142135623730951,
  ],
};
const inverseGreat: Ratio = {
  above: [
    2.0103343992922881e-7, 2.7115555687434876e-5, 0.0012426609473880784, 0.026532189526576124, 0.29656057182850487,
    1.7848265399172913, 5.463784911164114, 6.657904643501103,
  ],
  below: [
    2.8910246058729655e-15, 2.010321207683943e-7, 2.6110884050805935e-5, 0.0011128009970788597, 0.02103693768272069,
    0.19364809469506591, 0.8482908416595164, 1.4142135623730951,
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
    if (x < 2.848094538889218e-306) return 0.125 * (8 * x + 1.0270333367641007 * x);
    if (x < 2 ** -28) return x + 0.1283791670955126 * x;
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
