// SPDX-License-Identifier: Apache-2.0
// `kv`: a text that the hosts of a cluster share under a key: one of all of them, or one of each.

import type { Slot } from "../../contract/exchange.ts";
import { field, fromName, optional, type Want } from "../../contract/field.ts";
import { defineResource, type ResourceEnv, type Step, type WantProblem } from "../../contract/resource.ts";
import { bytesOf } from "../../values/bytes.ts";
import { quote } from "../../values/print.ts";

const fields = {
  key: field.str({ doc: "The key; the name of the resource when not given.", default: fromName, example: '"leader"' }),
  value: optional(
    field.str({ doc: "The text. Not given: there is none, and what is there is removed.", example: '"web1"' }),
  ),
  mapped: field.bool({
    doc: "Each host has a text of its own under the key, which `world.kvlookup` reads. Without it there is one of all hosts, which `world.getval` reads.",
  }),
  skiplessthan: field.bool({
    doc: "A text that is greater than ours stays as it is, unless another resource refreshes this one.",
  }),
  skipcmpstyle: field.int({
    doc: "How `skiplessthan` compares: `0` as integers, `1` as texts, byte by byte.",
    bits: 32,
  }),
};

type KvWant = Want<typeof fields>;

interface Change extends Step {
  readonly do: "put" | "remove";
  readonly value: string | undefined;
  readonly before: string | undefined;
  /** Also in the place of a greater one. */
  readonly always: boolean;
}

const shownLength = 60;

export const kv = defineResource({
  kind: "kv",
  summary: "A text under a key that all hosts of the cluster can read.",
  fields,
  traits: { receives: true, refresh: true },
  watchedFields: ["key", "mapped"],
  reversal: {
    refuse: () => undefined,
    subject: ({ key, mapped }: KvWant) => (mapped ? `mapped ${key}` : key),
    reverse: async (want: KvWant, env) => {
      const { key, mapped } = want;
      const present = await env.exchange.texts.get(slotOf(want, env), env.signal);
      return { key, mapped, ...(present === undefined ? {} : { value: present }) };
    },
  },
  check,
  observe: async (want: KvWant, env) => ({ present: await env.exchange.texts.get(slotOf(want, env), env.signal) }),
  plan: (want: KvWant, { present }: { readonly present: string | undefined }, { refresh }): readonly Change[] =>
    nextOf(want, present, refresh) === present
      ? []
      : [{ do: want.value === undefined ? "remove" : "put", before: present, always: refresh, value: want.value }],
  explain: ({ before, value }) => {
    if (value === undefined) return { mark: "-", text: `remove the text ${shown(before ?? "")}` };
    if (before === undefined) return { mark: "+", text: `set the text ${shown(value)}` };
    return { mark: "~", text: `set the text ${shown(value)} (was ${shown(before)})` };
  },
  // Another host may have been faster, so it is decided once more by what is there then.
  apply: ({ always }, want: KvWant, env) =>
    env.exchange.texts.update(slotOf(want, env), (present) => nextOf(want, present, always), env.signal),
  watch: (want: KvWant, env) => env.exchange.texts.changes(slotOf(want, env), env.signal),
});

function slotOf({ key, mapped }: KvWant, { exchange }: ResourceEnv): Slot {
  return mapped ? { key, host: exchange.hostname } : { key };
}

/** What is to be there in the place of what is there. */
function nextOf(want: KvWant, present: string | undefined, always: boolean): string | undefined {
  const { value, skiplessthan } = want;
  if (!skiplessthan || always || value === undefined || present === undefined) return value;
  return isLess(value, present, want.skipcmpstyle) ? present : value;
}

function isLess(left: string, right: string, style: number): boolean {
  if (style === 1) return compareBytes(bytesOf(left), bytesOf(right)) < 0;
  const [a, b] = [integerIn(left), integerIn(right)];
  return a !== undefined && b !== undefined && a < b;
}

function integerIn(text: string): bigint | undefined {
  return /^[+-]?[0-9]{1,100}$/.test(text) ? BigInt(text.replace(/^\+/, "")) : undefined;
}

function compareBytes(left: Uint8Array, right: Uint8Array): number {
  for (let at = 0; at < left.length && at < right.length; at += 1) {
    if (left[at] !== right[at]) return (left[at] ?? 0) - (right[at] ?? 0);
  }
  return left.length - right.length;
}

function check(want: KvWant): readonly WantProblem[] {
  const problems: WantProblem[] = [];
  if (want.key === "")
    problems.push({
      field: "key",
      title: "the key must not be empty",
      hint: "Not given, it is the name of the resource.",
    });
  if (want.skipcmpstyle !== 0 && want.skipcmpstyle !== 1) {
    problems.push({
      field: "skipcmpstyle",
      title: `\`skipcmpstyle\` is 0 for integers or 1 for texts, not ${want.skipcmpstyle}`,
    });
  } else if (want.skiplessthan && want.skipcmpstyle === 0 && want.value !== undefined) {
    if (integerIn(want.value) === undefined) {
      problems.push({
        field: "value",
        title: "`skiplessthan` compares integers, and this text is none",
        hint: "Compare texts with `skipcmpstyle => 1`.",
      });
    }
  }
  return problems;
}

function shown(text: string): string {
  return quote(text.length > shownLength ? `${text.slice(0, shownLength)}…` : text);
}
