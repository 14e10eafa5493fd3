// SPDX-License-Identifier: Apache-2.0
// Names of users and groups, and texts that fit into a field of their tables.

const longestName = 32;

/** The largest number of a user or a group there is. */
export const largestId = 0xffff_fffe;

/** What is wrong with it, for a person; undefined: nothing. Stricter than some systems, as strict as the strictest. */
export function whyNoAccountName(name: string): string | undefined {
  if (name === "") return "it is empty";
  if (name.length > longestName) return `it has ${name.length} characters, ${longestName} are allowed`;
  if (!/^[A-Za-z_]/.test(name)) return "it must begin with a letter or _";
  return /^[A-Za-z0-9_.-]+\$?$/.test(name) ? undefined : "it may have letters, digits, and _ . -";
}

/** A colon would begin the next field, a line end the next user. */
export function fitsIntoTable(text: string): boolean {
  return !/[:\p{Cc}]/u.test(text);
}
