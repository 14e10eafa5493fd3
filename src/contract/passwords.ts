// SPDX-License-Identifier: Apache-2.0
// Hashes of passwords as the tables of users hold them. The password itself is in no argument of any process.

export type HashFormat = "sha512" | "yescrypt";

export interface Passwords {
  /**
   * The hash of a password with a fresh salt, `$6$…` or `$y$…`. `cost` counts rounds for sha512, from 1000 to
   * 999999999, and is a step from 1 to 11 for yescrypt. Fails with `not-found` where the machine cannot make it.
   */
  hash(password: string, format: HashFormat, cost: number, signal: AbortSignal): Promise<string>;
  /** Whether this is a hash of the password. Fails as `hash` does. */
  verify(password: string, hash: string, signal: AbortSignal): Promise<boolean>;
}
