// SPDX-License-Identifier: Apache-2.0
// `test:refusal`: a test case whose program must be refused. Only `mgmt test` reads it.

import { defineResource } from "../../contract/resource.ts";
import { onlyTold } from "./only-told.ts";

export const testRefusal = defineResource({
  kind: "test:refusal",
  summary:
    "The program of a test case must be refused, with a message that has this name in it; only `mgmt test` reads it.",
  fields: {},
  ...onlyTold,
});
