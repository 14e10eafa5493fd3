// SPDX-License-Identifier: Apache-2.0
// `file`: one file, directory or symbolic link, with what is in it. What each part decides is in `file/`.

import { defineResource } from "../../contract/resource.ts";
import { fileEdges } from "./file/automatic-edges.ts";
import { checkFile } from "./file/check.ts";
import { fileFields } from "./file/fields.ts";
import { observeFile } from "./file/observe.ts";
import { planFile } from "./file/plan.ts";
import { fileReversal } from "./file/reverse.ts";
import { applyFileStep, explainFileStep } from "./file/steps.ts";
import { applyValidated } from "./file/validate.ts";
import { placesOf } from "./file/watch.ts";

export const file = defineResource({
  kind: "file",
  summary: "A file, a directory or a symbolic link: its content, owner, group and permissions.",
  fields: fileFields,
  traits: { receives: true },
  watchedFields: ["path", "dirname", "basename", "state", "source", "fragments", "purge", "symlink", "owner", "group"],
  edges: fileEdges,
  peers: { reads: ["path", "dirname", "basename", "recurse"], areRead: (want) => want.purge },
  reversal: fileReversal,
  check: checkFile,
  observe: observeFile,
  plan: planFile,
  explain: explainFileStep,
  apply: (step, { validate }, { host, signal }) => {
    const putsContent = step.inside === "" && (step.do === "write" || step.do === "copy");
    if (putsContent && validate.length > 0) return applyValidated(step, validate, host, signal);
    return applyFileStep(step, host, signal);
  },
  watch: (want, env) => env.host.files.watch(placesOf(want), env.signal),
});
