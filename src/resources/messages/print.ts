// SPDX-License-Identifier: Apache-2.0
// `print`: a line for whoever runs the program, once for each text.

import { field } from "../../contract/field.ts";
import { defineResource } from "../../contract/resource.ts";
import { onceArmed } from "../armed.ts";

const printed = "printed";

export const print = defineResource({
  kind: "print",
  summary: "A message for whoever runs the program, printed when it is new.",
  fields: {
    msg: field.str({ doc: "The text. A new text is printed, the same one is not printed again.", example: '"hello"' }),
    refresh_only: field.bool({ doc: "Prints only when a resource that notifies this one has changed something." }),
  },
  traits: { receives: true, refresh: true },
  watchedFields: [],
  grouping: { reads: ["refresh_only"], alike: (want) => (want.refresh_only ? undefined : ""), run: "each" },
  observe: async (_want, env) => ({ printed: env.memory.get(printed) }),
  plan: (want, have, hints) => {
    const due = want.refresh_only ? hints.refresh : have.printed !== want.msg;
    return due ? [{ do: "print", text: want.msg === "" ? "<empty>" : want.msg }] : [];
  },
  explain: (step) => ({ mark: "!", text: `print ${JSON.stringify(step.text)}`, says: true }),
  apply: async (step, want, env) => {
    for (const line of step.text.replace(/\n$/, "").split("\n")) env.say(line);
    env.memory.set(printed, want.msg);
  },
  watch: (_want, env) => onceArmed(env.signal),
});
