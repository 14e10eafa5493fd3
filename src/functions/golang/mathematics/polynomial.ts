// SPDX-License-Identifier: Apache-2.0
// Polynomials in the order of Horner, so that each result is rounded as Go rounds it.

/** c₀ + x·(c₁ + x·(c₂ + …)) */
export function ascending(x: number, coefficients: readonly number[]): number {
  let sum = coefficients.at(-1) ?? 0;
  for (let index = coefficients.length - 2; index >= 0; index -= 1) sum = (coefficients[index] ?? 0) + x * sum;
  return sum;
}

/** ((c₀·x + c₁)·x + c₂)·x + … */
export function descending(x: number, coefficients: readonly number[]): number {
  let sum = coefficients[0] ?? 0;
  for (let index = 1; index < coefficients.length; index += 1) sum = sum * x + (coefficients[index] ?? 0);
  return sum;
}
