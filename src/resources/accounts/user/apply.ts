// SPDX-License-Identifier: Apache-2.0
// Changing a user. Whatever somebody else has done meanwhile in the same sense is no failure.

import { Failure } from "../../../contract/failure.ts";
import type { ResourceEnv } from "../../../contract/resource.ts";
import { joinPath } from "../../files/path.ts";
import { unlessGone } from "../group.ts";
import type { UserWant } from "./fields.ts";
import type { UserStep } from "./steps.ts";

const skeleton = "/etc/skel";

export async function applyUser(step: UserStep, _want: UserWant, env: ResourceEnv): Promise<void> {
  const { accounts, files } = env.host;
  switch (step.do) {
    case "add":
      return accounts.addUser(step.name, { ...step.attributes, system: step.system }, env.signal);
    case "change":
      return accounts.changeUser(step.name, step.attributes, env.signal);
    case "set-password":
      return accounts.setPasswordHash(step.name, step.hash, env.signal);
    case "make-home":
      return makeHome(step.name, env);
    case "remove":
      await unlessGone(accounts.removeUser(step.account.name, env.signal));
      if (step.home !== undefined) await files.remove(step.home, { recursive: true }, env.signal);
  }
}

/** The place is that of the account, which may just have been made. */
async function makeHome(name: string, env: ResourceEnv): Promise<void> {
  const { accounts, files } = env.host;
  const account = await accounts.user(name, env.signal);
  if (account === undefined) throw new Failure(`the user ${name} has gone meanwhile`, { code: "conflict" });
  const owner = { uid: account.uid, gid: account.gid };
  if ((await files.inspect(account.home, env.signal)) !== undefined) return;
  await files.createDirectory(account.home, { mode: 0o700, parents: true, ...owner }, env.signal);
  if ((await files.inspectTarget(skeleton, env.signal))?.kind === "directory") {
    await copyInside(skeleton, account.home, owner, env);
  }
}

/** Nobody else can enter the new directory, so nobody can put anything in our way. */
async function copyInside(
  from: string,
  to: string,
  owner: { readonly uid: number; readonly gid: number },
  env: ResourceEnv,
): Promise<void> {
  const { files } = env.host;
  for (const name of await files.list(from, env.signal)) {
    const source = joinPath(from, name);
    const place = joinPath(to, name);
    const state = await files.inspect(source, env.signal);
    switch (state?.kind) {
      case "directory":
        await files.createDirectory(place, { mode: state.mode, ...owner }, env.signal);
        await copyInside(source, place, owner, env);
        break;
      case "file":
        await files.copy(source, place, { mode: state.mode, ...owner }, env.signal);
        break;
      case "symlink":
        await files.link(place, await files.readLink(source, env.signal), env.signal);
        await files.setOwner(place, owner, env.signal);
        break;
      default: // What is neither is nothing to begin a home with.
    }
  }
}
