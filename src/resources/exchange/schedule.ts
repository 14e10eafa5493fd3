// SPDX-License-Identifier: Apache-2.0
// `schedule`: that this host can be chosen, of all hosts that want to be under the same name.

import type { Candidacy } from "../../contract/exchange.ts";
import { Failure } from "../../contract/failure.ts";
import { field, fromName, optional, type Want } from "../../contract/field.ts";
import { defineResource, type Step, type WantProblem } from "../../contract/resource.ts";
import { quote } from "../../values/print.ts";

const fields = {
  namespace: field.str({
    doc: "The name of the schedule, as in `world.schedule`; the name of the resource when not given.",
    default: fromName,
    example: '"backup"',
  }),
  strategy: optional(
    field.str({
      doc: "`rr`: who comes first is chosen and stays so; `alpha`: the first by their names. Of what several hosts say, the last counts. `rr` when nobody says it.",
      choices: ["rr", "alpha"],
      example: '"rr"',
    }),
  ),
  max: optional(
    field.int({
      doc: "How many hosts are chosen at the most; 1 when nobody says it. Not above 0 is as if not given.",
      bits: 32,
      example: "3",
    }),
  ),
  persist: field.bool({ doc: "The host can be chosen even while it is not there, until it withdraws." }),
  ttl: optional(
    field.int({
      doc: "For how many seconds the host can still be chosen after it has gone, also when it was stopped in order. When not given, one that stops goes at once, and one that is lost after 10 seconds. Not above 0 is as if not given.",
      bits: 32,
      example: "60",
    }),
  ),
  withdraw: field.bool({ doc: "The host cannot be chosen." }),
};

type ScheduleWant = Want<typeof fields>;

interface Enter extends Step {
  readonly do: "enter" | "change" | "withdraw";
}

export const schedule = defineResource({
  kind: "schedule",
  summary: "This host can be chosen, of all hosts that share the schedule; `world.schedule` tells who is.",
  fields,
  traits: {},
  watchedFields: ["namespace"],
  peers: { reads: ["namespace"], areRead: () => true },
  reversal: {
    refuse: () => undefined,
    subject: ({ namespace }: ScheduleWant) => namespace,
    reverse: async ({ namespace }: ScheduleWant) => ({ namespace, withdraw: true }),
  },
  check,
  observe: async (want: ScheduleWant, env) => {
    for (const peer of env.peers()) {
      if (peer.want["namespace"] === want.namespace) throw twice(want.namespace, peer.name);
    }
    return { present: await env.exchange.schedules.candidacy(want.namespace, env.signal) };
  },
  plan: (want: ScheduleWant, { present }: { readonly present: Candidacy | undefined }): readonly Enter[] => {
    if (want.withdraw) return present === undefined ? [] : [{ do: "withdraw" }];
    if (present === undefined) return [{ do: "enter" }];
    return isSame(candidacyOf(want), present) ? [] : [{ do: "change" }];
  },
  explain: (step) => {
    if (step.do === "withdraw") return { mark: "-", text: "withdraw from the schedule" };
    if (step.do === "enter") return { mark: "+", text: "enter the schedule" };
    return { mark: "~", text: "enter the schedule with other options" };
  },
  apply: (step, want: ScheduleWant, { exchange, signal }) =>
    step.do === "withdraw"
      ? exchange.schedules.withdraw(want.namespace, signal)
      : exchange.schedules.enter(want.namespace, candidacyOf(want), signal),
  watch: (want: ScheduleWant, { exchange, signal }) => exchange.schedules.attend(want.namespace, signal),
});

function candidacyOf({ strategy, max, persist, ttl }: ScheduleWant): Candidacy {
  return {
    ...(strategy === undefined ? {} : { strategy }),
    ...(max === undefined || max <= 0 ? {} : { max }),
    persist,
    ...(ttl === undefined || ttl <= 0 ? {} : { ttl }),
  };
}

function isSame(left: Candidacy, right: Candidacy): boolean {
  return (
    left.strategy === right.strategy &&
    left.max === right.max &&
    left.persist === right.persist &&
    left.ttl === right.ttl
  );
}

function check(want: ScheduleWant): readonly WantProblem[] {
  const problems: WantProblem[] = [];
  if (want.namespace === "")
    problems.push({
      field: "namespace",
      title: "the namespace must not be empty",
      hint: "Not given, it is the name of the resource.",
    });
  if (want.strategy === "") problems.push({ field: "strategy", title: 'the strategy is "rr" or "alpha"' });
  if (want.persist && want.ttl !== undefined && want.ttl > 0) {
    problems.push({ field: "ttl", title: "a host that persists never goes, so `ttl` has no meaning with `persist`" });
  }
  if (want.withdraw) {
    const given = (["strategy", "max", "persist", "ttl"] as const).find(
      (name) => want[name] !== undefined && want[name] !== false,
    );
    if (given !== undefined) {
      problems.push({ field: given, title: `a host that withdraws is not chosen, so \`${given}\` has no meaning` });
    }
  }
  return problems;
}

function twice(namespace: string, other: string): Failure {
  return new Failure(`the schedule ${quote(namespace)} is that of schedule[${other}], too`, {
    code: "conflict",
    hint: "Let one resource say it for this host.",
  });
}
