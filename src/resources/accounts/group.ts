// SPDX-License-Identifier: Apache-2.0
// `group`: a group of users. Who is in it is told by `user`.

import type { GroupAccount } from "../../contract/accounts.ts";
import { Failure } from "../../contract/failure.ts";
import { field, optional, type Want } from "../../contract/field.ts";
import { defineResource, type Step, type StepText, type WantProblem } from "../../contract/resource.ts";
import { largestId, whyNoAccountName } from "./names.ts";

const fields = {
  state: field.str({ choices: ["exists", "absent"], doc: "Whether it must be there. Not given: it must." }),
  gid: optional(field.int({ bits: 32, unsigned: true, doc: "Its number. Not given: any.", example: "2001" })),
  system: field.bool({ doc: "Takes a new group's number from those of the system. No change for one that is there." }),
};

type GroupWant = Want<typeof fields>;

type GroupStep =
  | (Step & {
      readonly do: "add";
      readonly name: string;
      readonly gid: number | undefined;
      readonly system: boolean;
    })
  | (Step & { readonly do: "renumber"; readonly name: string; readonly gid: number; readonly was: number })
  | (Step & { readonly do: "remove"; readonly was: GroupAccount });

interface GroupHave {
  readonly name: string;
  readonly group: GroupAccount | undefined;
}

export const group = defineResource({
  kind: "group",
  summary: "A group of users of this machine.",
  fields,
  traits: {},
  watchedFields: [],
  edges: {
    reads: ["gid"],
    offers: (want, name) => [
      { space: "group", id: name },
      ...(want.gid === undefined ? [] : [{ space: "group" as const, id: String(want.gid) }]),
    ],
    wishes: () => [],
  },
  check: checkGroup,
  observe: async (_want: GroupWant, { host, name, signal }): Promise<GroupHave> => ({
    name,
    group: await host.accounts.group(name, signal),
  }),
  plan: planGroup,
  explain: explainGroup,
  apply: async (step: GroupStep, _want: GroupWant, { host: { accounts }, signal }) => {
    switch (step.do) {
      case "add": {
        const { name, gid, system } = step;
        return accounts.addGroup(name, { system, ...(gid === undefined ? {} : { gid }) }, signal);
      }
      case "renumber":
        return accounts.changeGroup(step.name, { gid: step.gid }, signal);
      case "remove":
        return unlessGone(accounts.removeGroup(step.was.name, signal));
    }
  },
  watch: (_want: GroupWant, { host, signal }) => host.accounts.changes(signal),
});

function checkGroup(want: GroupWant, name: string): readonly WantProblem[] {
  const wrong = whyNoAccountName(name);
  return [
    ...(wrong === undefined ? [] : [{ title: `"${name}" cannot be the name of a group: ${wrong}` }]),
    ...(want.gid !== undefined && want.gid > largestId
      ? [{ field: "gid", title: `${want.gid} cannot be the number of a group: the largest is ${largestId}` }]
      : []),
  ];
}

function planGroup(want: GroupWant, { name, group: have }: GroupHave): readonly GroupStep[] {
  if (want.state === "absent") return have === undefined ? [] : [{ do: "remove", was: have }];
  if (have === undefined) return [{ do: "add", name, gid: want.gid, system: want.system }];
  if (want.gid === undefined || want.gid === have.gid) return [];
  return [{ do: "renumber", name, gid: want.gid, was: have.gid }];
}

function explainGroup(step: GroupStep): StepText {
  switch (step.do) {
    case "add":
      return { mark: "+", text: `add the group${step.gid === undefined ? "" : ` with the number ${step.gid}`}` };
    case "renumber":
      return { mark: "~", text: `set the number ${step.gid} (was ${step.was})` };
    case "remove": {
      const { gid, members } = step.was;
      const listed = members.length === 0 ? "" : `, which lists ${members.join(", ")}`;
      return { mark: "-", text: `remove the group with the number ${gid}${listed}` };
    }
  }
}

/** Somebody else may have done it since we looked. */
export async function unlessGone(removal: Promise<void>): Promise<void> {
  try {
    await removal;
  } catch (reason) {
    if (!(reason instanceof Failure) || reason.code !== "not-found") throw reason;
  }
}
