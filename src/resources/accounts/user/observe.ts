// SPDX-License-Identifier: Apache-2.0
// What the machine knows of a user, and when to look again.

import type { UserAccount } from "../../../contract/accounts.ts";
import type { ResourceEnv } from "../../../contract/resource.ts";
import { cleanPath } from "../../files/path.ts";
import type { UserWant } from "./fields.ts";

export interface UserHave {
  readonly name: string;
  readonly account: UserAccount | undefined;
  /** The name, else the number, of its primary group. */
  readonly group: string;
  /** The number and name of its primary group when it is as declared, where that is there. */
  readonly wantedGid: number | undefined;
  readonly wantedGroup: string;
  /** Undefined when it does not matter. */
  readonly passwordHash: string | undefined;
  /** Only looked at when it is to be made or removed. */
  readonly homeMissing: boolean;
  /** That the home directory is somebody else's, or not that of a user alone, when it would be removed. */
  readonly homeToSpare: string | undefined;
}

export async function observeUser(want: UserWant, { host, name, signal }: ResourceEnv): Promise<UserHave> {
  const { accounts, files } = host;
  const account = await accounts.user(name, signal);
  const absent = want.state === "absent";
  const group = account === undefined ? undefined : await accounts.groupWithId(account.gid, signal);
  const wantedGid =
    want.gid ?? (want.group === undefined ? account?.gid : (await accounts.group(want.group, signal))?.gid);
  const named = wantedGid === undefined ? undefined : await accounts.groupWithId(wantedGid, signal);
  const reads = want.password !== undefined && account !== undefined && !absent;
  const home = want.homedir ?? account?.home ?? "";
  const looksAtHome = absent ? want.removehome && account !== undefined : want.createhome && home.startsWith("/");
  const at = looksAtHome ? await files.inspect(cleanPath(absent ? (account?.home ?? "/") : home), signal) : undefined;
  return {
    name,
    account,
    group: group?.name ?? String(account?.gid ?? ""),
    wantedGid,
    wantedGroup: want.group ?? named?.name ?? "",
    passwordHash: reads ? await accounts.passwordHash(name, signal) : undefined,
    homeMissing: looksAtHome ? at === undefined : !absent,
    homeToSpare: absent && account !== undefined && at !== undefined ? whyToSpare(account, at) : undefined,
  };
}

function whyToSpare(account: UserAccount, at: { readonly kind: string; readonly uid: number }): string | undefined {
  if (at.kind !== "directory") return "it is no directory";
  if (cleanPath(account.home).split("/").length < 3) return "it stands directly in /";
  return at.uid === account.uid ? undefined : `it belongs to the user number ${at.uid}`;
}

/** The tables, and the home directory where it matters. */
export async function* watchUser(want: UserWant, env: ResourceEnv): AsyncIterable<void> {
  const { accounts, files } = env.host;
  if (!want.createhome || want.state === "absent") {
    yield* accounts.changes(env.signal);
    return;
  }
  for (;;) {
    const home = await homeOf(want, env);
    const places = ["/etc/passwd", "/etc/group", "/etc/shadow", ...(home === "" ? [] : [home])];
    for await (const _ of files.watch(
      places.map((path) => ({ path })),
      env.signal,
    )) {
      yield;
      if ((await homeOf(want, env)) !== home) break;
    }
    if (env.signal.aborted) return;
  }
}

/** As it will be when the user is as declared. */
async function homeOf(want: UserWant, { host, name, signal }: ResourceEnv): Promise<string> {
  const home = want.homedir ?? (await host.accounts.user(name, signal))?.home ?? "";
  return home.startsWith("/") ? cleanPath(home) : "";
}
