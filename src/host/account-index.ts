// SPDX-License-Identifier: Apache-2.0
// Users and groups of two tables by name and by number. Of two with one name or number the first counts.

import type { GroupAccount, UserAccount } from "../contract/accounts.ts";
import { type AccountTables, groupsIn, usersIn } from "./account-tables.ts";

export interface AccountIndex {
  readonly users: ReadonlyMap<string, UserAccount>;
  readonly usersById: ReadonlyMap<number, UserAccount>;
  readonly groups: ReadonlyMap<string, GroupAccount>;
  readonly groupsById: ReadonlyMap<number, GroupAccount>;
}

export function indexOf(tables: AccountTables): AccountIndex {
  const users = usersIn(tables);
  const groups = groupsIn(tables.group);
  return {
    users: firstOf(users, ({ name }) => name),
    usersById: firstOf(users, ({ uid }) => uid),
    groups: firstOf(groups, ({ name }) => name),
    groupsById: firstOf(groups, ({ gid }) => gid),
  };
}

function firstOf<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): ReadonlyMap<Key, Item> {
  const found = new Map<Key, Item>();
  for (const item of items) if (!found.has(keyOf(item))) found.set(keyOf(item), item);
  return found;
}
