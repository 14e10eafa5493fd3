// SPDX-License-Identifier: Apache-2.0
// `msg`: a message with a priority, to whoever runs the program and, when asked, to the journal and to syslog.

import { Failure } from "../../contract/failure.ts";
import { field, type Want } from "../../contract/field.ts";
import { defineResource, type ResourceEnv, type Step, type WantProblem } from "../../contract/resource.ts";
import { bytesOf } from "../../values/bytes.ts";
import type { Value } from "../../values/value.ts";
import { onceArmed } from "../armed.ts";

/** From most to least urgent; the place is the number that syslog gives it. */
const priorities = ["Emerg", "Alert", "Crit", "Err", "Warning", "Notice", "Info", "Debug"];

const fields = {
  body: field.str({ doc: "The text of the message.", example: '"the disk is nearly full"' }),
  priority: field.str({ choices: priorities, doc: "How urgent it is. Must be given.", example: '"Warning"' }),
  fields: field.stringMap({
    doc: "More fields of the journal entry. Their names are capital letters, digits and underscores.",
    example: '{"SERVICE" => "backup"}',
  }),
  journal: field.bool({ doc: "Sends it to the systemd journal too." }),
  syslog: field.bool({ doc: "Sends it to syslog too." }),
};

type MsgWant = Want<typeof fields>;

interface Tell extends Step {
  readonly do: "say" | "journal" | "syslog";
  readonly body: string;
}

const told = "told";

export const msg = defineResource({
  kind: "msg",
  summary: "A message with a priority, told once and again on each refresh; to the journal and to syslog when asked.",
  fields,
  traits: { refresh: true },
  watchedFields: [],
  check: checkMsg,
  observe: async (want: MsgWant, env) => {
    const before = env.memory.get(told);
    return { told: before !== undefined && before === identityOf(want) };
  },
  plan: (want: MsgWant, have: { readonly told: boolean }, hints): readonly Tell[] => {
    if (have.told && !hints.refresh) return [];
    const { body } = want;
    return [
      ...(want.journal ? [{ do: "journal", body } as const] : []),
      ...(want.syslog ? [{ do: "syslog", body } as const] : []),
      { do: "say", body },
    ];
  },
  explain: (step) => {
    const where = { say: "say", journal: "send to the journal", syslog: "send to syslog" }[step.do];
    return { mark: "!", text: `${where} ${JSON.stringify(step.body)}` };
  },
  apply: async (step, want: MsgWant, env) => {
    switch (step.do) {
      case "journal":
        return runLogger(["logger", "--journald"], journalEntry(want), env);
      case "syslog":
        return runLogger(
          ["logger", "--priority", `user.${want.priority.toLowerCase()}`, "--tag", "mgmt"],
          bytesOf(`${want.body}\n`),
          env,
        );
      case "say":
        for (const line of want.body.replace(/\n$/, "").split("\n")) env.say(line);
        // Last, so that a message which could not be delivered everywhere is tried again as a whole.
        env.memory.set(told, identityOf(want));
    }
  },
  watch: (_want, env) => onceArmed(env.signal),
});

function checkMsg(want: MsgWant): readonly WantProblem[] {
  const found: WantProblem[] = [];
  if (want.body === "")
    found.push({ field: "body", title: "a message needs a `body`", hint: "It is what the message says." });
  if (want.priority === "") {
    found.push({
      field: "priority",
      title: "a message needs a `priority`",
      hint: `One of ${priorities.join(", ")}.`,
    });
  }
  for (const name of want.fields.keys()) {
    if (!/^[A-Z][A-Z0-9_]*$/.test(name)) {
      found.push({
        field: "fields",
        title: `"${name}" is no name of a journal field`,
        hint: "Capital letters, digits and underscores, beginning with a letter.",
      });
    } else if (reserved.has(name)) {
      found.push({ field: "fields", title: `the journal field ${name} is set from \`body\` and \`priority\`` });
    }
  }
  return found;
}

const reserved: ReadonlySet<string> = new Set(["MESSAGE", "PRIORITY"]);

/** The form that `logger --journald` reads: a line for each field, repeated for each line of a value. */
function journalEntry(want: MsgWant): Uint8Array {
  const entries: (readonly [string, string])[] = [
    ["PRIORITY", String(priorities.indexOf(want.priority))],
    ["SYSLOG_IDENTIFIER", "mgmt"],
    ...[...want.fields].sort(([left], [right]) => (left < right ? -1 : 1)),
    ["MESSAGE", want.body],
  ];
  const lines = entries.flatMap(([name, value]) => value.split("\n").map((line) => `${name}=${line}\n`));
  return bytesOf(lines.join(""));
}

async function runLogger(argv: readonly [string, ...string[]], input: Uint8Array, env: ResourceEnv): Promise<void> {
  const outcome = await env.host.processes.run({ argv, input }, env.signal);
  if (outcome.status === 0) return;
  throw new Failure(
    `the message could not be sent: ${argv.join(" ")} ended with status ${outcome.status ?? "unknown"}`,
    {
      code: "command-failed",
    },
  );
}

/** Equal for messages that are the same to whoever reads them. */
function identityOf(want: MsgWant): Value {
  const extra = [...want.fields].sort(([left], [right]) => (left < right ? -1 : 1));
  return JSON.stringify([want.body, want.priority, extra, want.journal, want.syslog]);
}
