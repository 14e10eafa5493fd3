// SPDX-License-Identifier: Apache-2.0
// By what others find a user, and what must be there before it: its groups, the directory of its home. One that goes
// does so before its groups.

import type { AutomaticEdges, Identity } from "../../../contract/automatic.ts";
import { directoriesAbove, pathIdentity } from "../../files/path-identities.ts";
import type { UserWant } from "./fields.ts";

export const userEdges = {
  reads: ["state", "uid", "gid", "group", "groups", "homedir", "createhome"],
  offers(want, name) {
    const identities: Identity[] = [{ space: "user", id: name }];
    if (want.uid !== undefined) identities.push({ space: "user", id: String(want.uid) });
    if (makesHome(want)) identities.push(pathIdentity(want.homedir ?? ""));
    return identities;
  },
  *wishes(want, name) {
    const order = want.state === "absent" ? "after" : "before";
    const primary = want.group ?? (want.gid === undefined ? name : String(want.gid));
    for (const group of [primary, ...(want.groups ?? [])]) {
      yield { order, anyOf: [{ space: "group", id: group }], why: "is in the group" };
    }
    if (makesHome(want)) {
      yield { order: "before", anyOf: directoriesAbove(want.homedir ?? ""), why: "has its home in" };
    }
  },
} as const satisfies AutomaticEdges<UserWant>;

/** Where it is when the program does not say is decided by the machine. */
function makesHome({ state, createhome, homedir = "" }: UserWant): boolean {
  return createhome && state !== "absent" && homedir !== "";
}
