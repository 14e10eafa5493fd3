// SPDX-License-Identifier: Apache-2.0
// `user`: an account of this machine. What is not given stays as it is. The parts are in `user/`.

import { defineResource } from "../../contract/resource.ts";
import { applyUser } from "./user/apply.ts";
import { userEdges } from "./user/automatic-edges.ts";
import { checkUser } from "./user/check.ts";
import { userFields } from "./user/fields.ts";
import { observeUser, watchUser } from "./user/observe.ts";
import { planUser } from "./user/plan.ts";
import { explainUser } from "./user/steps.ts";

export const user = defineResource({
  kind: "user",
  summary: "A user account of this machine: its number, groups, home, shell and password.",
  fields: userFields,
  traits: { receives: true },
  watchedFields: ["homedir", "createhome"],
  edges: userEdges,
  check: checkUser,
  observe: observeUser,
  plan: planUser,
  explain: explainUser,
  apply: applyUser,
  watch: watchUser,
});
