// SPDX-License-Identifier: Apache-2.0
// From a user as it is to one as declared. Pure.

import type { UserAttributes } from "../../../contract/accounts.ts";
import { cleanPath } from "../../files/path.ts";
import type { UserWant } from "./fields.ts";
import type { UserHave } from "./observe.ts";
import type { UserStep } from "./steps.ts";

export function planUser(want: UserWant, have: UserHave): readonly UserStep[] {
  const { name, account } = have;
  if (want.state === "absent") return planRemoval(want, have);
  const steps: UserStep[] = [];
  if (account === undefined) {
    steps.push({ do: "add", name, attributes: attributesOf(want), system: want.system });
  } else {
    steps.push(...changes(want, have));
  }
  if (want.password !== undefined && want.password !== have.passwordHash) {
    const had = /^[^!*]/.test(have.passwordHash ?? "");
    steps.push({ do: "set-password", name, hash: want.password, had });
  }
  if (want.createhome && have.homeMissing) {
    steps.push({ do: "make-home", name, home: cleanPath(want.homedir ?? account?.home ?? `/home/${name}`) });
  }
  return steps;
}

function planRemoval(want: UserWant, { account, group, homeMissing, homeToSpare }: UserHave): readonly UserStep[] {
  if (account === undefined) return [];
  const removes = want.removehome && !homeMissing && homeToSpare === undefined;
  return [{ do: "remove", account, group, home: removes ? cleanPath(account.home) : undefined, spared: homeToSpare }];
}

function attributesOf(want: UserWant): UserAttributes {
  const { uid, gid, group, groups, homedir, shell, comment, allowduplicateuid } = want;
  const primary = group ?? gid;
  return {
    ...(uid === undefined ? {} : { uid }),
    ...(allowduplicateuid ? { allowDuplicateId: true } : {}),
    ...(primary === undefined ? {} : { group: primary }),
    ...(groups === undefined ? {} : { groups }),
    ...(homedir === undefined ? {} : { home: cleanPath(homedir) }),
    ...(shell === undefined ? {} : { shell }),
    ...(comment === undefined ? {} : { comment }),
  };
}

/** Each attribute by itself, so that a person sees what was other than declared. The primary group comes before the rest. */
function changes(want: UserWant, { name, account, group, wantedGid, wantedGroup }: UserHave): readonly UserStep[] {
  if (account === undefined) return [];
  const steps: UserStep[] = [];
  const change = (attributes: UserAttributes, text: string) => steps.push({ do: "change", name, attributes, text });
  const { uid, gid, shell, comment, allowduplicateuid } = want;
  if (uid !== undefined && uid !== account.uid) {
    const attributes = { uid, ...(allowduplicateuid ? { allowDuplicateId: true } : {}) };
    change(attributes, `set the number ${uid} (was ${account.uid})`);
  }
  const primary = want.group ?? gid;
  if (primary !== undefined && wantedGid !== account.gid) {
    change({ group: primary }, `set the primary group ${primary} (was ${group})`);
  }
  if (want.groups !== undefined) {
    // Whether the primary group lists the user too means nothing.
    const wanted = want.groups.filter((one) => one !== wantedGroup).sort();
    const listing = account.groups.filter((one) => one !== wantedGroup);
    if (wanted.join() !== listing.join()) {
      const was = listing.length === 0 ? "none" : listing.join(", ");
      change({ groups: wanted }, `set the other groups ${wanted.join(", ") || "to none"} (was ${was})`);
    }
  }
  const home = want.homedir === undefined ? undefined : cleanPath(want.homedir);
  if (home !== undefined && home !== cleanPath(account.home)) {
    change({ home }, `set the home directory ${home} (was ${account.home})`);
  }
  if (shell !== undefined && shell !== account.shell)
    change({ shell }, `set the shell ${shell} (was ${account.shell})`);
  if (comment !== undefined && comment !== account.comment) {
    change({ comment }, `set the comment ${JSON.stringify(comment)} (was ${JSON.stringify(account.comment)})`);
  }
  return steps;
}
