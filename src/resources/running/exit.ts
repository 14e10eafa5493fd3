// SPDX-License-Identifier: Apache-2.0
// `exit`: the end of the run, when everything before it is done.

import { field, type Want } from "../../contract/field.ts";
import { defineResource, type Step } from "../../contract/resource.ts";
import { onceArmed } from "../armed.ts";

const fields = {
  code: field.int({
    bits: 8,
    unsigned: true,
    doc: "The exit status of `mgmt run`, from 0 to 125: shells give those above a meaning of their own.",
    example: "1",
  }),
};

type ExitWant = Want<typeof fields>;

interface End extends Step {
  readonly do: "end";
  readonly status: number;
}

const asked = "asked";
const largestStatus = 125;

export const exit = defineResource({
  kind: "exit",
  summary: "The end of the run, in order, with an exit status; after what it depends on.",
  fields,
  traits: {},
  watchedFields: [],
  check: ({ code }: ExitWant) =>
    code > largestStatus
      ? [
          {
            field: "code",
            title: `the exit status ${code} is larger than ${largestStatus}`,
            hint: "Larger ones are those of the shell and of signals.",
          },
        ]
      : [],
  observe: async (_want: ExitWant, env) => ({ asked: env.memory.get(asked) === true }),
  plan: ({ code }: ExitWant, have): readonly End[] => (have.asked ? [] : [{ do: "end", status: code }]),
  explain: ({ status }: End) => ({ mark: "!", text: `end the run with status ${status}` }),
  apply: async ({ status }: End, _want, env) => {
    env.memory.set(asked, true);
    env.end(status);
  },
  watch: (_want, env) => onceArmed(env.signal),
});
