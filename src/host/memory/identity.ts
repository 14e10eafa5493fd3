// SPDX-License-Identifier: Apache-2.0
// Who we are on the machine in memory. Users and groups stand in its /etc/passwd and /etc/group, so a test adds one by
// writing there.

import type { Identity } from "../../contract/host.ts";
import { textOf } from "../../values/bytes.ts";
import { type Accounts, decimalId, parseAccounts } from "../accounts.ts";
import { type Actor, root, type Tree } from "./tree.ts";

export interface MemoryIdentityParts {
  readonly tree: Tree;
  readonly actor: Actor;
  readonly umask: number;
  readonly hostname: () => string;
}

export function memoryIdentity({ tree, actor, umask, hostname }: MemoryIdentityParts): Identity {
  const table = (path: string, signal: AbortSignal): Accounts => {
    signal.throwIfAborted();
    return parseAccounts(tree.look(path, root, true)?.kind === "file" ? textOf(tree.read(path, root)) : "");
  };
  const id = (accounts: Accounts, name: string) => accounts.ids.get(name) ?? decimalId(name);
  return {
    async hostname(signal) {
      signal.throwIfAborted();
      return hostname();
    },
    uid: actor.uid,
    gid: actor.gid,
    umask,
    userId: async (user, signal) => id(table("/etc/passwd", signal), user),
    groupId: async (group, signal) => id(table("/etc/group", signal), group),
    userName: async (uid, signal) => table("/etc/passwd", signal).names.get(uid),
    primaryGroupId: async (user, signal) => {
      const accounts = table("/etc/passwd", signal);
      const number = decimalId(user);
      const name = accounts.ids.has(user) || number === undefined ? user : (accounts.names.get(number) ?? user);
      return accounts.primaryGroups.get(name);
    },
    homeDirectory: async (user, signal) => table("/etc/passwd", signal).homes.get(user),
    groupName: async (gid, signal) => table("/etc/group", signal).names.get(gid),
  };
}
