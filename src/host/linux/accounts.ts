// SPDX-License-Identifier: Apache-2.0
// Users and groups of this machine. Read from its tables; changed by the programs `useradd` and the like, and where those
// are missing by writing the tables. What would be refused is found before, so it is said in the same words everywhere.

import { readFileSync } from "node:fs";
import type { Accounts, UserAttributes } from "../../contract/accounts.ts";
import { Failure } from "../../contract/failure.ts";
import type { Clock, Files, Processes } from "../../contract/host.ts";
import { bytesOf, textOf } from "../../values/bytes.ts";
import { onlyForRoot } from "../account-failures.ts";
import { type AccountIndex, indexOf } from "../account-index.ts";
import {
  type AccountTables,
  groupsIn,
  hashIn,
  withChangedGroup,
  withChangedUser,
  withGroup,
  withoutGroup,
  withoutUser,
  withPasswordHash,
  withUser,
} from "../account-tables.ts";
import { failureFrom } from "./failures.ts";
import { lookAt, lookThrough } from "./states.ts";

export interface LinuxAccountsParts {
  readonly processes: Processes;
  readonly files: Files;
  readonly clock: Clock;
  /** Where the programs are looked for; tests have none. */
  readonly programDirectories?: readonly string[];
}

const tableFiles = { passwd: "/etc/passwd", group: "/etc/group", shadow: "/etc/shadow", gshadow: "/etc/gshadow" };
const tableNames = ["passwd", "group", "shadow", "gshadow"] as const;
const usualDirectories = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];
const dayMs = 86_400_000;

/** With these the programs end when the tables are locked by somebody else, or when the user has processes. */
const tablesBusy = new Set([1, 10]);
const userBusy = 8;
const nameTaken = 9;

export function linuxAccounts(parts: LinuxAccountsParts): Accounts {
  const { processes, files, clock } = parts;
  let known: AccountIndex = indexOf({ passwd: "", group: "", shadow: undefined, gshadow: undefined });
  let knownStamp = "";
  /** The programs refuse to work side by side. */
  let lastChange: Promise<void> = Promise.resolve();

  function index(signal: AbortSignal): AccountIndex {
    signal.throwIfAborted();
    const stamp = [tableFiles.passwd, tableFiles.group].map(stampOf).join();
    if (stamp !== knownStamp) {
      const passwd = readTable(tableFiles.passwd) ?? "";
      known = indexOf({ passwd, group: readTable(tableFiles.group) ?? "", shadow: undefined, gshadow: undefined });
      knownStamp = stamp;
    }
    return known;
  }

  async function change(
    doing: string,
    signal: AbortSignal,
    after: (before: AccountTables) => AccountTables,
    commands: (before: AccountTables, wanted: AccountTables) => readonly ChangeCommand[],
  ): Promise<void> {
    const earlier = lastChange;
    const mine = (async () => {
      await earlier.catch(() => undefined); // Whoever asked for it is told.
      signal.throwIfAborted();
      if (process.geteuid?.() !== 0) throw onlyForRoot(doing);
      const before = readTables();
      const wanted = after(before);
      for (const { argv, input, isNeeded } of commands(before, wanted)) {
        if (isNeeded?.() === false) continue;
        const program = findProgram(argv[0]);
        if (program === undefined) return writeTables(before, wanted, signal);
        await runProgram(doing, [program, ...argv.slice(1)], input, signal);
      }
    })();
    lastChange = mine;
    return mine;
  }

  function findProgram(name: string): string | undefined {
    const candidates = (parts.programDirectories ?? usualDirectories).map((directory) => `${directory}/${name}`);
    return candidates.find((path) => lookThrough(path)?.kind === "file");
  }

  async function runProgram(
    doing: string,
    argv: readonly [string, ...string[]],
    input: string | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const { status, stderr } = await processes.run(
      { argv, ...(input === undefined ? {} : { input: bytesOf(input) }) },
      signal,
    );
    if (status === 0) return;
    const why = textOf(stderr).trim().split("\n").at(-1) ?? "";
    const retry = status !== undefined && tablesBusy.has(status) ? { retry: "backoff" as const } : {};
    throw new Failure(`cannot ${doing}: ${why || `${argv[0]} ended with status ${status}`}`, {
      ...(status === userBusy
        ? { code: "busy", hint: "End what the user runs, or let the user log out." }
        : { code: status === nameTaken ? "exists" : "command-failed" }),
      ...(status === nameTaken ? { hint: "A directory service may know the name: see what `getent` says." } : {}),
      ...retry,
    });
  }

  async function writeTables(before: AccountTables, wanted: AccountTables, signal: AbortSignal): Promise<void> {
    for (const table of tableNames) {
      const content = wanted[table];
      if (content !== undefined && content !== before[table]) {
        await files.write(tableFiles[table], bytesOf(content), { durable: true }, signal);
      }
    }
  }

  const today = () => Math.floor(clock.now() / dayMs);
  return {
    user: async (name, signal) => index(signal).users.get(name),
    userWithId: async (uid, signal) => index(signal).usersById.get(uid),
    group: async (name, signal) => index(signal).groups.get(name),
    groupWithId: async (gid, signal) => index(signal).groupsById.get(gid),
    async passwordHash(user, signal) {
      signal.throwIfAborted();
      if (process.geteuid?.() !== 0) throw onlyForRoot("read the passwords");
      return hashIn({ passwd: "", group: "", shadow: readTable(tableFiles.shadow), gshadow: undefined }, user);
    },
    addUser: (name, attributes, signal) =>
      change(
        `add the user ${name}`,
        signal,
        (before) => withUser(before, name, attributes, today()),
        (before) => {
          const own = hasGroup(before, name) ? ["-g", name] : ["-U"];
          const flags = [...(attributes.system === true ? ["-r"] : []), ...flagsOf(attributes)];
          return [{ argv: ["useradd", "-M", ...(attributes.group === undefined ? own : []), ...flags, name] }];
        },
      ),
    changeUser: (name, attributes, signal) =>
      change(
        `change the user ${name}`,
        signal,
        (before) => withChangedUser(before, name, attributes),
        () => [{ argv: ["usermod", ...flagsOf(attributes), name] }],
      ),
    setPasswordHash: (user, hash, signal) =>
      change(
        `change the password of ${user}`,
        signal,
        (before) => withPasswordHash(before, user, hash, today()),
        () => [{ argv: ["chpasswd", "-e"], input: `${user}:${hash}\n` }],
      ),
    removeUser: (name, signal) =>
      change(
        `remove the user ${name}`,
        signal,
        (before) => withoutUser(before, name),
        (_before, wanted) => [
          { argv: ["userdel", name] },
          // Some systems are set up to keep the group that came with the user.
          { argv: ["groupdel", name], isNeeded: () => !hasGroup(wanted, name) && hasGroup(readTables(), name) },
        ],
      ),
    addGroup: (name, attributes, signal) =>
      change(
        `add the group ${name}`,
        signal,
        (before) => withGroup(before, name, attributes),
        () => {
          const number = attributes.gid === undefined ? [] : ["-g", String(attributes.gid)];
          return [{ argv: ["groupadd", ...(attributes.system === true ? ["-r"] : []), ...number, name] }];
        },
      ),
    changeGroup: (name, { gid }, signal) =>
      change(
        `change the group ${name}`,
        signal,
        (before) => withChangedGroup(before, name, gid),
        () => [{ argv: ["groupmod", "-g", String(gid), name] }],
      ),
    removeGroup: (name, signal) =>
      change(
        `remove the group ${name}`,
        signal,
        (before) => withoutGroup(before, name),
        () => [{ argv: ["groupdel", name] }],
      ),
    changes: (signal) =>
      files.watch(
        Object.values(tableFiles).map((path) => ({ path })),
        signal,
      ),
  };
}

interface ChangeCommand {
  readonly argv: readonly [string, ...string[]];
  readonly input?: string;
  /** Asked when those before it have ended. */
  readonly isNeeded?: () => boolean;
}

function hasGroup({ group }: AccountTables, name: string): boolean {
  return groupsIn(group).some((one) => one.name === name);
}

function flagsOf(attributes: UserAttributes): readonly string[] {
  const { uid, allowDuplicateId, group, groups, comment, home, shell } = attributes;
  return [
    ...(uid === undefined ? [] : ["-u", String(uid), ...(allowDuplicateId === true ? ["-o"] : [])]),
    ...(group === undefined ? [] : ["-g", String(group)]),
    ...(groups === undefined ? [] : ["-G", groups.join(",")]),
    ...(comment === undefined ? [] : ["-c", comment]),
    ...(home === undefined ? [] : ["-d", home]),
    ...(shell === undefined ? [] : ["-s", shell]),
  ];
}

function readTables(): AccountTables {
  return {
    passwd: readTable(tableFiles.passwd) ?? "",
    group: readTable(tableFiles.group) ?? "",
    shadow: readTable(tableFiles.shadow),
    gshadow: readTable(tableFiles.gshadow),
  };
}

function readTable(path: string): string | undefined {
  try {
    return lookThrough(path) === undefined ? undefined : textOf(readFileSync(path));
  } catch (reason) {
    throw failureFrom(reason, { doing: "read", path });
  }
}

function stampOf(path: string): string {
  const state = lookAt(path);
  return `${state?.inode} ${state?.changedNs} ${state?.size}`;
}
