// SPDX-License-Identifier: Apache-2.0
// Who we are and who others are. Names come from /etc/passwd and /etc/group, and where those do not know one, from
// `getent`, which asks every source that the machine is set up with. Knows nothing of how users are made.

import { readFileSync } from "node:fs";
import os from "node:os";
import { Failure } from "../../contract/failure.ts";
import type { Clock, Identity, Processes } from "../../contract/host.ts";
import { textOf } from "../../values/bytes.ts";
import { type Accounts, decimalId, parseAccounts } from "../accounts.ts";
import { lookAt } from "./states.ts";

/** Milliseconds for which an answer of `getent` is believed. That somebody does not exist is asked again each time. */
const believedForMs = 60_000;

/** `getent` exits with this when the key is not known. */
const unknownKey = 2;

export interface IdentityParts {
  readonly processes: Processes;
  readonly clock: Clock;
  readonly passwdFile?: string;
  readonly groupFile?: string;
}

export function linuxIdentity(parts: IdentityParts): Identity {
  const users = accountsOf("passwd", parts.passwdFile ?? "/etc/passwd", parts);
  const groups = accountsOf("group", parts.groupFile ?? "/etc/group", parts);
  return {
    async hostname(signal) {
      signal.throwIfAborted();
      return os.hostname();
    },
    get uid() {
      return process.geteuid?.() ?? 0;
    },
    get gid() {
      return process.getegid?.() ?? 0;
    },
    get umask() {
      return process.umask();
    },
    userId: users.id,
    groupId: groups.id,
    userName: users.name,
    groupName: groups.name,
    primaryGroupId: users.primaryGroup,
    homeDirectory: users.home,
  };
}

/** One of the two tables, with what `getent` has told lately. */
function accountsOf(database: "passwd" | "group", path: string, { processes, clock }: IdentityParts) {
  let known: Accounts = parseAccounts("");
  let knownStamp = "";
  let getentMissing = false;
  const told = new Map<string, { readonly accounts: Accounts; readonly untilMs: number }>();

  function local(): Accounts {
    const state = lookAt(path);
    const stamp = `${state?.inode} ${state?.changedNs} ${state?.size}`;
    if (stamp !== knownStamp) {
      known = state === undefined ? parseAccounts("") : parseAccounts(textOf(readFileSync(path)));
      knownStamp = stamp;
      told.clear();
    }
    return known;
  }

  async function elsewhere(key: string, signal: AbortSignal): Promise<Accounts> {
    const remembered = told.get(key);
    if (remembered !== undefined && remembered.untilMs > clock.monotonicMs()) return remembered.accounts;
    const accounts = await ask(key, signal);
    if (accounts.ids.size > 0) told.set(key, { accounts, untilMs: clock.monotonicMs() + believedForMs });
    return accounts;
  }

  async function ask(key: string, signal: AbortSignal): Promise<Accounts> {
    // Keys that no table can hold; the first would also be read as an option.
    if (getentMissing || key === "" || /^-|[:\n]/.test(key) || !key.isWellFormed()) return parseAccounts("");
    try {
      const { status, stdout } = await processes.run({ argv: ["getent", database, key] }, signal);
      if (status === 0) return parseAccounts(textOf(stdout));
      if (status === unknownKey) return parseAccounts("");
      throw new Failure(`cannot look up "${key}" in the ${database} table: getent ended with status ${status}`, {
        code: "unreachable",
        hint: `see what \`getent ${database} ${key}\` says, and /etc/nsswitch.conf`,
        retry: "backoff",
      });
    } catch (reason) {
      if (!(reason instanceof Failure) || reason.code !== "not-found") throw reason;
      getentMissing = true; // A system this small has its files only.
      return parseAccounts("");
    }
  }

  return {
    id: async (name: string, signal: AbortSignal): Promise<number | undefined> => {
      signal.throwIfAborted();
      const found = local().ids.get(name) ?? decimalId(name);
      if (found !== undefined || /^\d+$/.test(name)) return found;
      return (await elsewhere(name, signal)).ids.get(name);
    },
    name: async (id: number, signal: AbortSignal): Promise<string | undefined> => {
      signal.throwIfAborted();
      return local().names.get(id) ?? (await elsewhere(String(id), signal)).names.get(id);
    },
    primaryGroup: async (user: string, signal: AbortSignal): Promise<number | undefined> => {
      signal.throwIfAborted();
      const id = decimalId(user);
      const groupIn = (table: Accounts): number | undefined => {
        const name = table.ids.has(user) || id === undefined ? user : (table.names.get(id) ?? user);
        return table.primaryGroups.get(name);
      };
      return groupIn(local()) ?? groupIn(await elsewhere(user, signal));
    },
    home: async (name: string, signal: AbortSignal): Promise<string | undefined> => {
      signal.throwIfAborted();
      const table = local();
      return table.ids.has(name) ? table.homes.get(name) : (await elsewhere(name, signal)).homes.get(name);
    },
  };
}
