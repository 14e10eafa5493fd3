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

/** `mgmt plan` has its own, as others who plan do. */
export const planStatus = {
  nothingToDo: 0,
  /** Whatever is wrong, the command line included. */
  wrong: 1,
  changes: 2,
} as const;

/** For people. */
export const statuses: readonly { readonly status: number; readonly doc: string }[] = [
  { status: exitStatus.good, doc: "All is well." },
  { status: exitStatus.wrong, doc: "The program or another input is wrong." },
  { status: exitStatus.usage, doc: "The command line is wrong." },
  { status: exitStatus.refused, doc: "The machine refused: a resource failed, or a file cannot be read." },
];
