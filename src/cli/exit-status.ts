// SPDX-License-Identifier: Apache-2.0
// What the exit status tells. Stable: scripts depend on it.

export const exitStatus = {
  good: 0,
  /** The user's program or input is wrong. */
  wrong: 1,
  /** The command line is wrong. */
  usage: 2,
  /** The machine refused: a resource failed. */
  refused: 3,
} as const;
