// SPDX-License-Identifier: Apache-2.0
// Floats by their bits: taken apart, put together, the next one. What cannot be said in arithmetic.

const view = new DataView(new ArrayBuffer(8));

const smallestNormal = 2 ** -1022;
const fractionMask = (1n << 52n) - 1n;

export function bitsOf(value: number): bigint {
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}

/** Takes the lower 64 bits. */
export function floatOf(bits: bigint): number {
  view.setBigUint64(0, BigInt.asUintN(64, bits));
  return view.getFloat64(0);
}

export function isNegative(value: number): boolean {
  return value < 0 || Object.is(value, -0);
}

export function copysign(size: number, sign: number): number {
  return isNegative(sign) ? -Math.abs(size) : Math.abs(size);
}

/** The number as fraction × 2^exponent, the fraction from 0.5 to, and without, 1. Zero and what is not finite stay. */
export function frexp(value: number): readonly [fraction: number, exponent: number] {
  if (value === 0 || !Number.isFinite(value)) return [value, 0];
  const [normal, shift] = normalized(value);
  const bits = bitsOf(normal);
  const exponent = exponentOf(bits) - 1022 + shift;
  return [floatOf((bits & ~(0x7ffn << 52n)) | (1022n << 52n)), exponent];
}

/** fraction × 2^exponent, rounded once. */
export function ldexp(fraction: number, exponent: number): number {
  if (fraction === 0 || !Number.isFinite(fraction)) return fraction;
  const [normal, shift] = normalized(fraction);
  const bits = bitsOf(normal);
  const total = exponent + shift + exponentOf(bits) - 1023;
  if (total < -1075) return copysign(0, fraction);
  if (total > 1023) return copysign(Number.POSITIVE_INFINITY, fraction);
  const isTiny = total < -1022;
  const biased = BigInt(total + 1023 + (isTiny ? 53 : 0));
  const value = floatOf((bits & ~(0x7ffn << 52n)) | (biased << 52n));
  return isTiny ? value * 2 ** -53 : value;
}

/** The power of two in a finite number other than zero. */
export function binaryExponent(value: number): number {
  const [normal, shift] = normalized(value);
  return exponentOf(bitsOf(normal)) - 1023 + shift;
}

/** The next float from one number towards another. */
export function nextafter(from: number, towards: number): number {
  if (Number.isNaN(from) || Number.isNaN(towards)) return Number.NaN;
  if (from === towards) return from;
  if (from === 0) return copysign(floatOf(1n), towards);
  return floatOf(bitsOf(from) + (towards > from === from > 0 ? 1n : -1n));
}

/** x × y + z, rounded once. */
export function fma(x: number, y: number, z: number): number {
  if (x === 0 || y === 0 || z === 0 || ![x, y, z].every((value) => Number.isFinite(value))) {
    if (z === 0 && x !== 0 && y !== 0) return x * y;
    return Number.isFinite(x) && Number.isFinite(y) && !Number.isFinite(z) ? z : x * y + z;
  }
  const [xSize, xPower] = integerOf(x);
  const [ySize, yPower] = integerOf(y);
  const [zSize, zPower] = integerOf(z);
  const power = Math.min(xPower + yPower, zPower);
  const sum = ((xSize * ySize) << BigInt(xPower + yPower - power)) + (zSize << BigInt(zPower - power));
  return sum === 0n ? 0 : scaledInteger(sum, power);
}

/** integer × 2^power, rounded to the nearest float, halves to even. */
export function scaledInteger(integer: bigint, power: number): number {
  const size = integer < 0n ? -integer : integer;
  const length = size.toString(2).length;
  // What is below the last bit of the result; in tiny numbers that bit is 2^-1074.
  const dropped = Math.max(length - 53, -1074 - power);
  if (dropped > length) return integer < 0n ? -0 : 0;
  const kept = dropped <= 0 ? size : roundedShift(size, BigInt(dropped));
  const value = ldexp(Number(kept), power + Math.max(0, dropped));
  return integer < 0n ? -value : value;
}

export function round(value: number): number {
  if (!Number.isFinite(value) || Math.abs(value) >= 2 ** 52) return value;
  const size = Math.abs(value);
  const whole = Math.floor(size);
  return copysign(size - whole >= 0.5 ? whole + 1 : whole, value);
}

export function roundToEven(value: number): number {
  if (!Number.isFinite(value) || Math.abs(value) >= 2 ** 52) return value;
  const size = Math.abs(value);
  const whole = Math.floor(size);
  const rest = size - whole;
  return copysign(rest > 0.5 || (rest === 0.5 && whole % 2 === 1) ? whole + 1 : whole, value);
}

/** What is left of x after the nearest whole number of y, halves to even. */
export function remainder(x: number, y: number): number {
  if (Number.isNaN(x) || Number.isNaN(y) || !Number.isFinite(x) || y === 0) return Number.NaN;
  if (x === 0 || !Number.isFinite(y)) return x;
  const divisor = Math.abs(y);
  let left = Math.abs(x);
  if (left === divisor) return copysign(0, x);
  if (divisor <= Number.MAX_VALUE / 2) left %= divisor + divisor;
  if (divisor < 4.450147717014403e-308) {
    if (left + left > divisor) {
      left -= divisor;
      if (left + left >= divisor) left -= divisor;
    }
  } else if (left > 0.5 * divisor) {
    left -= divisor;
    if (left >= 0.5 * divisor) left -= divisor;
  }
  return x < 0 ? -left : left;
}

function roundedShift(size: bigint, count: bigint): bigint {
  const kept = size >> count;
  const rest = size - (kept << count);
  const half = 1n << (count - 1n);
  return rest > half || (rest === half && (kept & 1n) === 1n) ? kept + 1n : kept;
}

function integerOf(value: number): readonly [integer: bigint, power: number] {
  const bits = bitsOf(value);
  const exponent = exponentOf(bits);
  const size = exponent === 0 ? bits & fractionMask : (bits & fractionMask) | (1n << 52n);
  return [value < 0 ? -size : size, Math.max(exponent, 1) - 1075];
}

function exponentOf(bits: bigint): number {
  return Number((bits >> 52n) & 0x7ffn);
}

function normalized(value: number): readonly [normal: number, shift: number] {
  return Math.abs(value) < smallestNormal ? [value * 2 ** 52, -52] : [value, 0];
}
