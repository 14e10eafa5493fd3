// SPDX-License-Identifier: Apache-2.0
// `config:etcd`: how many hosts of the cluster keep its store.

import type { IdealSize } from "../../contract/exchange.ts";
import { field, type Want } from "../../contract/field.ts";
import { defineResource, type Step, type WantProblem } from "../../contract/resource.ts";

const greatest = 99;

const fields = {
  idealclustersize: field.int({
    doc: "How many hosts are to keep the store, if there are so many: an odd number survives the loss of just less than half of them. `0` ends the store, in order; the last host keeps what is in it.",
    bits: 16,
    example: "3",
  }),
  allow_size_shutdown: field.bool({ doc: "`idealclustersize` may be `0`." }),
};

type SizeWant = Want<typeof fields>;

interface SizeHave {
  readonly size: number;
  /** This resource has been as declared before. */
  readonly wasRight: boolean;
}

interface SetSize extends Step {
  readonly do: "set";
  readonly size: number;
  readonly before: number;
}

/** In the memory of the resource. */
const wasRight = "was right";

export const configEtcd = defineResource({
  kind: "config:etcd",
  summary: "How many hosts of the cluster keep its store.",
  fields,
  traits: { receives: true },
  watchedFields: [],
  check,
  observe: async (want: SizeWant, env): Promise<SizeHave> => {
    const size = await env.exchange.idealSize.get(env.signal);
    if (size === want.idealclustersize) env.memory.set(wasRight, true);
    return { size, wasRight: env.memory.has(wasRight) };
  },
  plan: ({ idealclustersize: size }: SizeWant, have: SizeHave): readonly SetSize[] =>
    size === have.size || isLeft(have) ? [] : [{ do: "set", size, before: have.size }],
  explain: ({ size, before }) => ({ mark: "~", text: `let ${hosts(size)} keep the store (was ${before})` }),
  apply: async ({ size }, _want: SizeWant, env) => {
    await env.exchange.idealSize.set(size, env.signal);
    env.memory.set(wasRight, true);
  },
  watch: (_want: SizeWant, env) => sizeChanges(env.exchange.idealSize, env.signal),
});

/** Somebody ends the store while we run: it would not end if we said otherwise. */
function isLeft({ size, wasRight }: SizeHave): boolean {
  return size === 0 && wasRight;
}

function hosts(size: number): string {
  if (size === 0) return "no host";
  return size === 1 ? "1 host" : `${size} hosts`;
}

async function* sizeChanges(size: IdealSize, signal: AbortSignal): AsyncGenerator<void, void, undefined> {
  for await (const _ of size.follow(signal)) yield;
}

function check({ idealclustersize, allow_size_shutdown }: SizeWant): readonly WantProblem[] {
  if (idealclustersize < 0 || idealclustersize > greatest) {
    return [
      {
        field: "idealclustersize",
        title: `so many hosts cannot keep a store: ${idealclustersize}`,
        hint: `A number from 1 to ${greatest}; 3 or 5 are usual.`,
      },
    ];
  }
  if (idealclustersize > 0 || allow_size_shutdown) return [];
  return [
    {
      field: "idealclustersize",
      title: "with no host to keep it the store would end",
      hint: "Give the number of hosts, as 3; or `allow_size_shutdown => true`, when it is to end.",
    },
  ];
}
