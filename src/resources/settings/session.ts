// SPDX-License-Identifier: Apache-2.0
// As whom a command about the desktop of a user runs, and with which of the user's buses.

import { Failure } from "../../contract/failure.ts";
import type { Command } from "../../contract/host.ts";
import type { ResourceEnv } from "../../contract/resource.ts";

export interface Session {
  readonly uid: number;
  readonly home: string;
  /** Where the settings are kept. */
  readonly configuration: string;
  /** Whether the user has a bus: is logged in. */
  readonly hasBus: boolean;
  readonly credentials: Pick<Command, "uid" | "gid" | "env" | "cwd">;
}

/** `missing` says whom there is not. Without `user`, it is the session of whom we act for. */
export async function sessionOf(
  user: string,
  group: string,
  { host, signal }: ResourceEnv,
): Promise<Session | { readonly missing: string }> {
  const { identity, system, files } = host;
  const uid = user === "" ? identity.uid : await identity.userId(user, signal);
  if (uid === undefined) return { missing: `there is no user named ${user}` };
  const name = (await identity.userName(uid, signal)) ?? user;
  const gid = group === "" ? await identity.primaryGroupId(name, signal) : await identity.groupId(group, signal);
  if (group !== "" && gid === undefined) return { missing: `there is no group named ${group}` };
  const isOther = uid !== identity.uid || (gid !== undefined && gid !== identity.gid);
  if (isOther && identity.uid !== 0) {
    throw new Failure(`cannot change settings of the user ${name}`, {
      code: "denied",
      hint: "Only root may change the settings of somebody else.",
    });
  }
  const ours = uid === identity.uid ? system.environmentVariables() : new Map<string, string>();
  const home = ours.get("HOME") ?? (await identity.homeDirectory(name, signal));
  if (home === undefined) return { missing: `the user ${name} has no home directory` };
  const runtime = ours.get("XDG_RUNTIME_DIR") ?? `/run/user/${uid}`;
  const socket = await files.inspectTarget(`${runtime}/bus`, signal);
  const bus = ours.get("DBUS_SESSION_BUS_ADDRESS") ?? (socket === undefined ? undefined : `unix:path=${runtime}/bus`);
  const env = new Map([
    ...ours,
    ["HOME", home],
    ["USER", name],
    ["LOGNAME", name],
    ["PATH", system.environment("PATH") ?? "/usr/bin:/bin"],
    ["LC_ALL", "C.UTF-8"],
    ...(bus === undefined
      ? []
      : ([
          ["DBUS_SESSION_BUS_ADDRESS", bus],
          ["XDG_RUNTIME_DIR", runtime],
        ] as const)),
  ]);
  return {
    uid,
    home,
    configuration: ours.get("XDG_CONFIG_HOME") ?? `${home}/.config`,
    hasBus: bus !== undefined,
    credentials: { env, cwd: "/", ...(isOther ? { uid, ...(gid === undefined ? {} : { gid }) } : {}) },
  };
}
