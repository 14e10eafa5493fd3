// SPDX-License-Identifier: Apache-2.0
// The tables of users and groups as texts, and what they are after a change: for the machine in memory, and for real
// ones that have no programs for it. Every line that a change is not about keeps its bytes.

import type { GroupAccount, UserAccount, UserAttributes } from "../contract/accounts.ts";
import {
  groupExists,
  groupIdTaken,
  isPrimaryGroup,
  noSuchGroup,
  noSuchUser,
  userExists,
  userIdTaken,
} from "./account-failures.ts";
import { decimalId } from "./accounts.ts";

export interface AccountTables {
  readonly passwd: string;
  readonly group: string;
  /** Undefined where there is no such table. */
  readonly shadow: string | undefined;
  readonly gshadow: string | undefined;
}

type Row = readonly string[];

/** Numbers that the system gives by itself. */
const ordinaryIds = { first: 1_000, last: 60_000 };
const systemIds = { first: 100, last: 999 };

// ---- What they say ----

export function usersIn({ passwd, group }: AccountTables): readonly UserAccount[] {
  const listing = new Map<string, GroupAccount[]>();
  for (const one of groupsIn(group)) {
    for (const member of new Set(one.members)) listing.set(member, [...(listing.get(member) ?? []), one]);
  }
  return rows(passwd).flatMap(([name = "", , uidText = "", gidText = "", comment = "", home = "", shell = ""]) => {
    const uid = decimalId(uidText);
    const gid = decimalId(gidText);
    if (!isName(name) || uid === undefined || gid === undefined) return [];
    const groups = [...new Set((listing.get(name) ?? []).map((one) => one.name))].sort();
    return [{ name, uid, gid, comment, home, shell, groups }];
  });
}

export function groupsIn(group: string): readonly GroupAccount[] {
  return rows(group).flatMap(([name = "", , gidText = "", members = ""]) => {
    const gid = decimalId(gidText);
    return isName(name) && gid !== undefined ? [{ name, gid, members: namesIn(members) }] : [];
  });
}

/** Undefined: no such user, or no such table. */
export function hashIn({ shadow }: AccountTables, user: string): string | undefined {
  return rows(shadow ?? "").find(([name]) => name === user)?.[1];
}

// ---- What they are after a change ----

export function withUser(
  tables: AccountTables,
  name: string,
  attributes: UserAttributes & { readonly system?: boolean },
  daysSince1970: number,
): AccountTables {
  const users = usersIn(tables);
  if (users.some((user) => user.name === name)) throw userExists(name);
  const uid = attributes.uid ?? freeId(new Set(users.map((user) => user.uid)), attributes.system === true);
  expectFreeUserId(users, uid, attributes, name);
  let after = tables;
  let group = attributes.group;
  if (group === undefined) {
    if (!groupsIn(tables.group).some((one) => one.name === name)) {
      const taken = groupsIn(tables.group).some(({ gid }) => gid === uid);
      after = withGroup(after, name, { ...(taken ? {} : { gid: uid }), system: attributes.system === true });
    }
    group = name;
  }
  const { comment = "", home = `/home/${name}`, shell = "/bin/sh" } = attributes;
  const gid = gidOf(after, group);
  const row = [name, "x", String(uid), String(gid), comment, home, shell];
  after = {
    ...after,
    passwd: appended(after.passwd, row),
    shadow: after.shadow && appended(after.shadow, [name, "!", String(daysSince1970), "0", "99999", "7", "", "", ""]),
  };
  return attributes.groups === undefined ? after : listedIn(after, name, attributes.groups);
}

export function withChangedUser(tables: AccountTables, name: string, attributes: UserAttributes): AccountTables {
  const users = usersIn(tables);
  if (!users.some((user) => user.name === name)) throw noSuchUser(name);
  if (attributes.uid !== undefined) expectFreeUserId(users, attributes.uid, attributes, name);
  const { uid, group, comment, home, shell, groups } = attributes;
  const gid = group === undefined ? undefined : String(gidOf(tables, group));
  const passwd = changed(tables.passwd, name, (row) =>
    replaced(row, { 2: uid === undefined ? undefined : String(uid), 3: gid, 4: comment, 5: home, 6: shell }),
  );
  return groups === undefined ? { ...tables, passwd } : listedIn({ ...tables, passwd }, name, groups);
}

export function withPasswordHash(tables: AccountTables, name: string, hash: string, days: number): AccountTables {
  if (!usersIn(tables).some((user) => user.name === name)) throw noSuchUser(name);
  const known = hashIn(tables, name) !== undefined;
  const shadow = tables.shadow ?? "";
  return {
    ...tables,
    shadow: known
      ? changed(shadow, name, (row) => replaced(row, { 1: hash, 2: String(days) }))
      : appended(shadow, [name, hash, String(days), "0", "99999", "7", "", "", ""]),
  };
}

export function withoutUser(tables: AccountTables, name: string): AccountTables {
  const user = usersIn(tables).find((one) => one.name === name);
  if (user === undefined) throw noSuchUser(name);
  const after = listedIn(
    { ...tables, passwd: without(tables.passwd, name), shadow: tables.shadow && without(tables.shadow, name) },
    name,
    [],
  );
  const own = groupsIn(after.group).find((one) => one.name === name);
  const isOwn = own !== undefined && own.gid === user.gid && own.members.every((member) => member === name);
  return isOwn && primaryUserOf(after, own.gid) === undefined ? withoutGroup(after, name) : after;
}

export function withGroup(
  tables: AccountTables,
  name: string,
  attributes: { readonly gid?: number; readonly system?: boolean },
): AccountTables {
  const groups = groupsIn(tables.group);
  if (groups.some((one) => one.name === name)) throw groupExists(name);
  const gid = attributes.gid ?? freeId(new Set(groups.map((one) => one.gid)), attributes.system === true);
  expectFreeGroupId(groups, gid, name);
  return {
    ...tables,
    group: appended(tables.group, [name, "x", String(gid), ""]),
    gshadow: tables.gshadow && appended(tables.gshadow, [name, "!", "", ""]),
  };
}

export function withChangedGroup(tables: AccountTables, name: string, gid: number): AccountTables {
  const groups = groupsIn(tables.group);
  const group = groups.find((one) => one.name === name);
  if (group === undefined) throw noSuchGroup(name);
  expectFreeGroupId(groups, gid, name);
  const passwd = rows(tables.passwd)
    .filter((row) => row[3] === String(group.gid))
    .reduce((text, [user = ""]) => changed(text, user, (row) => replaced(row, { 3: String(gid) })), tables.passwd);
  return { ...tables, passwd, group: changed(tables.group, name, (row) => replaced(row, { 2: String(gid) })) };
}

export function withoutGroup(tables: AccountTables, name: string): AccountTables {
  const group = groupsIn(tables.group).find((one) => one.name === name);
  if (group === undefined) throw noSuchGroup(name);
  const user = primaryUserOf(tables, group.gid);
  if (user !== undefined) throw isPrimaryGroup(name, user);
  return {
    ...tables,
    group: without(tables.group, name),
    gshadow: tables.gshadow && without(tables.gshadow, name),
  };
}

// ---- Parts ----

/** Its name stands in these groups and in no others. */
function listedIn(tables: AccountTables, name: string, wanted: readonly string[]): AccountTables {
  const known = groupsIn(tables.group);
  for (const group of wanted) if (!known.some((one) => one.name === group)) throw noSuchGroup(group);
  const relisted = (text: string, field: number) =>
    known.reduce((result, group) => {
      return changed(result, group.name, (row) => {
        const members = namesIn(row[field] ?? "");
        const isIn = members.includes(name);
        if (isIn === wanted.includes(group.name)) return row;
        const after = isIn ? members.filter((member) => member !== name) : [...members, name];
        return replaced(row, { [field]: after.join(",") });
      });
    }, text);
  return { ...tables, group: relisted(tables.group, 3), gshadow: tables.gshadow && relisted(tables.gshadow, 3) };
}

function gidOf(tables: AccountTables, group: string | number): number {
  const found = groupsIn(tables.group).find((one) => one.name === group || one.gid === group);
  if (found === undefined) throw noSuchGroup(String(group));
  return found.gid;
}

function primaryUserOf(tables: AccountTables, gid: number): string | undefined {
  return usersIn(tables).find((user) => user.gid === gid)?.name;
}

function expectFreeUserId(users: readonly UserAccount[], uid: number, attributes: UserAttributes, name: string): void {
  const owner = users.find((user) => user.uid === uid && user.name !== name);
  if (owner !== undefined && attributes.allowDuplicateId !== true) throw userIdTaken(uid, owner.name);
}

function expectFreeGroupId(groups: readonly GroupAccount[], gid: number, name: string): void {
  const owner = groups.find((group) => group.gid === gid && group.name !== name);
  if (owner !== undefined) throw groupIdTaken(gid, owner.name);
}

/** Ordinary ones grow, those of the system shrink. */
function freeId(taken: ReadonlySet<number>, system: boolean): number {
  if (system) {
    for (let id = systemIds.last; id > systemIds.first; id -= 1) if (!taken.has(id)) return id;
    return systemIds.first;
  }
  const last = Math.max(ordinaryIds.first - 1, ...[...taken].filter((id) => id <= ordinaryIds.last));
  for (let id = Math.max(last + 1, ordinaryIds.first); ; id += 1) if (!taken.has(id)) return id;
}

function rows(text: string): readonly Row[] {
  return text.split("\n").map((line) => line.split(":"));
}

/** Lines that begin with one of these are comments, or lead to a directory service. */
function isName(name: string): boolean {
  return name !== "" && !/^[#+-]/.test(name);
}

function namesIn(list: string): readonly string[] {
  return list.split(",").filter((name) => name !== "");
}

function appended(text: string, row: Row): string {
  return `${text}${text === "" || text.endsWith("\n") ? "" : "\n"}${row.join(":")}\n`;
}

/** The first row of this name, as the system looks it up. */
function changed(text: string, name: string, change: (row: Row) => Row): string {
  let done = false;
  return text
    .split("\n")
    .map((line) => {
      if (done || !line.startsWith(`${name}:`)) return line;
      done = true;
      return change(line.split(":")).join(":");
    })
    .join("\n");
}

function without(text: string, name: string): string {
  return text
    .split("\n")
    .filter((line) => !line.startsWith(`${name}:`))
    .join("\n");
}

function replaced(row: Row, fields: Readonly<Record<number, string | undefined>>): Row {
  return row.map((text, at) => fields[at] ?? text);
}
