// SPDX-License-Identifier: Apache-2.0
// `noop`: does nothing. A place for edges to meet: a refresh that comes in goes out.

import { field } from "../../contract/field.ts";
import { defineResource } from "../../contract/resource.ts";
import { onceArmed } from "../armed.ts";

export const noop = defineResource({
  kind: "noop",
  summary: "Does nothing; a place where edges meet. It passes a refresh on to those it notifies.",
  fields: { comment: field.str({ doc: "A note for the reader of the program." }) },
  traits: { refresh: true },
  watchedFields: [],
  grouping: { reads: [], alike: () => "", run: "each" },
  observe: async () => ({}),
  plan: (_want, _have, hints) => (hints.refresh ? [{ do: "pass-on" }] : []),
  explain: () => ({ mark: "!", text: "pass the refresh on" }),
  apply: async () => {},
  watch: (_want, env) => onceArmed(env.signal),
});
