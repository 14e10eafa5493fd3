// SPDX-License-Identifier: Apache-2.0
// `archive`: what is in a tar or zip file, extracted into a directory and kept as it was. The parts are in `archive/`.

import { defineResource } from "../../contract/resource.ts";
import { cleanPath, isDirectoryPath } from "../files/path.ts";
import { ownerTables } from "../files/owner-tables.ts";
import { directoriesAbove, fileOrDirectoriesAbove, pathIdentity } from "../files/path-identities.ts";
import { applyArchiveStep } from "./archive/extract.ts";
import { type ArchiveWant, archiveFields, checkArchive } from "./archive/fields.ts";
import { observeArchive } from "./archive/observe.ts";
import { explainArchiveStep, planArchive } from "./archive/plan.ts";

export const archive = defineResource({
  kind: "archive",
  summary: "What is in a tar or zip file, extracted into a directory and kept as it was.",
  fields: archiveFields,
  traits: {},
  watchedFields: ["path", "source", "owner", "group", "same_owner"],
  edges: {
    reads: ["path", "source", "owner", "group"],
    offers: ({ path }) => [pathIdentity(directoryPath(path))],
    *wishes({ path, source, owner, group }) {
      yield { order: "before", anyOf: fileOrDirectoriesAbove(source), why: "is extracted from" };
      yield { order: "before", anyOf: directoriesAbove(directoryPath(path)), why: "is in the directory" };
      if (owner !== "") yield { order: "before", anyOf: [{ space: "user", id: owner }], why: "belongs to" };
      if (group !== "") yield { order: "before", anyOf: [{ space: "group", id: group }], why: "belongs to" };
    },
  },
  check: checkArchive,
  observe: observeArchive,
  plan: planArchive,
  explain: explainArchiveStep,
  apply: applyArchiveStep,
  watch: ({ path, source, owner, group, same_owner: isSame }: ArchiveWant, env) => {
    // The names in an archive may be any.
    const tables = isSame ? [{ path: "/etc/passwd" }, { path: "/etc/group" }] : ownerTables(owner, group);
    const places = [{ path: cleanPath(path), recursive: true }, { path: cleanPath(source) }, ...tables];
    return env.host.files.watch(places, env.signal);
  },
});

function directoryPath(path: string): string {
  return isDirectoryPath(path) ? path : `${path}/`;
}
