// SPDX-License-Identifier: Apache-2.0
// The common form of /etc/passwd and /etc/group: the name is the first field of a line, the id the third. Only users
// have a group of their own, the fourth, and a home, the sixth.

export interface Accounts {
  readonly ids: ReadonlyMap<string, number>;
  readonly names: ReadonlyMap<number, string>;
  /** Of users: the id of the group that they are in first of all, by name. */
  readonly primaryGroups: ReadonlyMap<string, number>;
  /** By name; those that are absolute paths. */
  readonly homes: ReadonlyMap<string, string>;
}

/** The largest id there is; the next number means "leave it as it is". */
const largestId = 0xffff_fffe;

/** Lines that are not of this form are left out. Of two lines with one name or id, the first counts. */
export function parseAccounts(text: string): Accounts {
  const ids = new Map<string, number>();
  const names = new Map<number, string>();
  const homes = new Map<string, string>();
  const primaryGroups = new Map<string, number>();
  for (const line of text.split("\n")) {
    const [name = "", , number = "", groupNumber = "", , home = ""] = line.split(":");
    const id = decimalId(number);
    const group = decimalId(groupNumber);
    if (name === "" || name.startsWith("#") || id === undefined) continue;
    if (!ids.has(name) && home.startsWith("/")) homes.set(name, home);
    if (!ids.has(name) && group !== undefined) primaryGroups.set(name, group);
    if (!ids.has(name)) ids.set(name, id);
    if (!names.has(id)) names.set(id, name);
  }
  return { ids, names, homes, primaryGroups };
}

/** The id that a text of decimal digits says. */
export function decimalId(text: string): number | undefined {
  if (!/^\d{1,10}$/.test(text)) return undefined;
  const id = Number(text);
  return id <= largestId ? id : undefined;
}
