// SPDX-License-Identifier: Apache-2.0
// By what other resources find a file, and which files it needs. Texts only: nothing is looked at on the disk.
// Whether a place is to exist or not makes no difference to the order.

import type { AutomaticEdges, Identity, Wish } from "../../../contract/automatic.ts";
import { directoriesAbove, mountsAbove, pathIdentity } from "../path-identities.ts";
import { type FileWant, targetOf } from "./fields.ts";

export const fileEdges = {
  reads: ["path", "dirname", "basename", "source", "fragments", "symlink", "owner", "group"],
  offers: (want) => [pathIdentity(writtenPath(want))],
  *wishes(want) {
    for (const fragment of want.fragments) yield before([pathIdentity(fragment)], "is made of");
    if (want.source !== "" && !want.symlink) yield before([pathIdentity(want.source)], "is a copy of");
    if (want.owner !== "") yield before([{ space: "user", id: want.owner }], "belongs to");
    if (want.group !== "") yield before([{ space: "group", id: want.group }], "belongs to");
    yield before(directoriesAbove(writtenPath(want)), "is in the directory");
    yield before(mountsAbove(writtenPath(want)), "is in what is mounted at");
  },
} as const satisfies AutomaticEdges<FileWant>;

/** The usual form is not taken apart: there may be thousands of them. */
function writtenPath(want: FileWant): string {
  return want.dirname === "" && want.basename === "" ? want.path : targetOf(want).written;
}

function before(anyOf: Iterable<Identity>, why: string): Wish {
  return { order: "before", anyOf, why };
}
