// SPDX-License-Identifier: Apache-2.0
// Users and groups of the machine in memory: they stand in its /etc/passwd and the tables beside it.

import type { Accounts } from "../../contract/accounts.ts";
import type { Clock, Files } from "../../contract/host.ts";
import { bytesOf, textOf } from "../../values/bytes.ts";
import { type AccountIndex, indexOf } from "../account-index.ts";
import {
  type AccountTables,
  hashIn,
  withChangedGroup,
  withChangedUser,
  withGroup,
  withoutGroup,
  withoutUser,
  withPasswordHash,
  withUser,
} from "../account-tables.ts";
import { onlyForRoot } from "../account-failures.ts";
import { type Actor, root, type Tree } from "./tree.ts";

export interface MemoryAccountsParts {
  readonly tree: Tree;
  readonly actor: Actor;
  readonly files: Files;
  readonly clock: Clock;
}

const tableFiles = { passwd: "/etc/passwd", group: "/etc/group", shadow: "/etc/shadow", gshadow: "/etc/gshadow" };
const dayMs = 86_400_000;

export function memoryAccounts({ tree, actor, files, clock }: MemoryAccountsParts): Accounts {
  const text = (path: string) =>
    tree.look(path, root, true)?.kind === "file" ? textOf(tree.read(path, root)) : undefined;
  const tables = (signal: AbortSignal): AccountTables => {
    signal.throwIfAborted();
    return {
      passwd: text(tableFiles.passwd) ?? "",
      group: text(tableFiles.group) ?? "",
      shadow: text(tableFiles.shadow),
      gshadow: text(tableFiles.gshadow),
    };
  };
  const index = (signal: AbortSignal): AccountIndex => indexOf(tables(signal));
  const change = async (
    doing: string,
    signal: AbortSignal,
    after: (before: AccountTables) => AccountTables,
  ): Promise<void> => {
    const before = tables(signal);
    if (actor.uid !== 0) throw onlyForRoot(doing);
    const wanted = after(before);
    for (const table of ["passwd", "group", "shadow", "gshadow"] as const) {
      const content = wanted[table];
      if (content !== undefined && content !== before[table]) tree.overwrite(tableFiles[table], bytesOf(content), root);
    }
  };
  const today = () => Math.floor(clock.now() / dayMs);
  return {
    user: async (name, signal) => index(signal).users.get(name),
    userWithId: async (uid, signal) => index(signal).usersById.get(uid),
    group: async (name, signal) => index(signal).groups.get(name),
    groupWithId: async (gid, signal) => index(signal).groupsById.get(gid),
    async passwordHash(user, signal) {
      const found = tables(signal);
      if (actor.uid !== 0) throw onlyForRoot("read the passwords");
      return hashIn(found, user);
    },
    addUser: (name, attributes, signal) =>
      change(`add the user ${name}`, signal, (before) => withUser(before, name, attributes, today())),
    changeUser: (name, attributes, signal) =>
      change(`change the user ${name}`, signal, (before) => withChangedUser(before, name, attributes)),
    setPasswordHash: (user, hash, signal) =>
      change(`change the user ${user}`, signal, (before) => withPasswordHash(before, user, hash, today())),
    removeUser: (name, signal) => change(`remove the user ${name}`, signal, (before) => withoutUser(before, name)),
    addGroup: (name, attributes, signal) =>
      change(`add the group ${name}`, signal, (before) => withGroup(before, name, attributes)),
    changeGroup: (name, { gid }, signal) =>
      change(`change the group ${name}`, signal, (before) => withChangedGroup(before, name, gid)),
    removeGroup: (name, signal) => change(`remove the group ${name}`, signal, (before) => withoutGroup(before, name)),
    changes: (signal) =>
      files.watch(
        Object.values(tableFiles).map((path) => ({ path })),
        signal,
      ),
  };
}
