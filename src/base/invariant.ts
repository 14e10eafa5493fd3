// SPDX-License-Identifier: Apache-2.0
// What must be true if our own code is right. A broken one is a bug, never the user's mistake.

export class Bug extends Error {
  override readonly name = "Bug";
}

/** Throws when `condition` does not hold. The text says what should have been true. */
export function invariant(condition: unknown, text: string): asserts condition {
  if (!condition) throw new Bug(`this should be true, but is not: ${text}`);
}

/** Closes a `switch` over a union: the compiler complains when a case is missing. */
export function unreachable(value: never): never {
  throw new Bug(`a case is missing: ${JSON.stringify(value)}`);
}
