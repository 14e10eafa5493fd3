// SPDX-License-Identifier: Apache-2.0
// The value of a `http:server:ui:input`: what the program says until a person enters another one, or what its store has,
// which others may change too. What was entered is newer than what the store had.

import type { MemberWant, ResourceEnv } from "../../../contract/resource.ts";
import { quote } from "../../../values/print.ts";
import { type InputStore, openStore, parseStore } from "./input-store.ts";
import type { MemberPart, MemberStep } from "./part.ts";
import { follow, stateOf } from "./state.ts";

export interface InputWant {
  readonly id: string;
  readonly value: string;
  readonly store: string;
  readonly type: string;
  readonly sort: string;
}

const kept = { value: "value", declared: "declared" } as const;

export const inputMember: MemberPart = {
  async observe(member, env, server) {
    const state = stateOf(server);
    const store = storeOf(member, env);
    if (store === undefined) adoptDeclared(inputOf(member), env);
    else {
      await follow(state, `${inputOf(member).store} ${member.name}`, (signal) => store.changes(signal));
      const stored = await store.get(env.signal);
      if (stored !== undefined) env.memory.set(kept.value, stored);
      else if (!state.posted.has(member.resource))
        return [{ ...stepFor(member, valueOf(env), "begin with"), do: "begin" }];
    }
    env.send({ value: valueOf(env) });
    const next = state.posted.get(member.resource);
    if (next !== undefined && next !== valueOf(env)) return [stepFor(member, next, "take what was entered:")];
    state.posted.delete(member.resource);
    return [];
  },
  async apply({ do: deed, value: given, member }, env, server) {
    const own = membersBelow(server.members).find(({ resource }) => resource === member);
    const store = own === undefined ? undefined : storeOf(own, env);
    // Somebody else may have begun in the meantime.
    const present = deed === "begin" ? await store?.get(env.signal) : undefined;
    const value = present ?? given;
    if (present === undefined) await store?.set(value, env.signal);
    env.memory.set(kept.value, value);
    env.send({ value });
    const { posted } = stateOf(server);
    if (posted.get(member) === value) posted.delete(member);
  },
};

function stepFor({ resource }: MemberWant, value: string, doing: string): MemberStep {
  return { do: "take", member: resource, text: `${doing} ${quote(value)}`, value };
}

/** What the form shows now. */
export function valueOf({ memory }: ResourceEnv): string {
  const value = memory.get(kept.value);
  return typeof value === "string" ? value : "";
}

export function inputOf({ want }: MemberWant): InputWant {
  return want as unknown as InputWant;
}

/** Those of forms too. */
export function membersBelow<Each extends { readonly members: readonly Each[] }>(
  members: readonly Each[],
): readonly Each[] {
  return members.flatMap((member) => [member, ...membersBelow(member.members)]);
}

/** An edit of the program counts like an entry. */
function adoptDeclared({ value }: InputWant, { memory }: ResourceEnv): void {
  if (memory.get(kept.declared) === value) return;
  memory.set(kept.declared, value);
  memory.set(kept.value, value);
}

function storeOf(member: MemberWant, env: ResourceEnv): InputStore | undefined {
  const { store } = inputOf(member);
  const place = store === "" ? undefined : parseStore(store, member.name);
  return place === undefined ? undefined : openStore(place, env);
}
