// SPDX-License-Identifier: Apache-2.0
// How a web server takes what is posted for a `http:server:flag`. The value lives as long as the run; one that came with a
// token as long as the token, because it cannot be posted again.

import type { Member, ResourceEnv } from "../../../contract/resource.ts";
import { Failure } from "../../../contract/failure.ts";
import type { Reply, IncomingRequest } from "../../../contract/serving.ts";
import { parseForm } from "../../../protocols/http/form.ts";
import type { Target } from "../../../protocols/http/target.ts";
import type { MemberPart } from "./part.ts";
import { type Route, said, type Serving } from "./routes.ts";
import { stateOf } from "./state.ts";
import { type Admission, mayEnter, refused, shownTokens, type TokenWant, toldBefore, use } from "./token.ts";

interface FlagWant extends TokenWant {
  readonly path: string;
  readonly key: string;
}

const kept = "value";
const longestForm = 4 * 1024 * 1024;

export const flagMember: MemberPart = {
  async observe(member, env, server) {
    const { resource } = member;
    const before = env.memory.has(kept) ? undefined : await toldBefore(member, env);
    if (before !== undefined) env.memory.set(kept, before);
    const value = valueOf(env);
    env.send({ value });
    const { posted } = stateOf(server);
    const next = posted.get(resource);
    if (next === undefined || next === value) {
      posted.delete(resource);
      return [];
    }
    return [{ do: "take", member: resource, text: "take the value that was posted", value: next }];
  },
  async apply({ value, member }, env, server) {
    env.memory.set(kept, value);
    env.send({ value });
    const { posted } = stateOf(server);
    if (posted.get(member) === value) posted.delete(member);
  },
};

function valueOf({ memory }: ResourceEnv): string {
  const value = memory.get(kept);
  return typeof value === "string" ? value : "";
}

/**
 * One form serves all flags of the path that its token opens, so the first of them answers for the others: machines may
 * post to one path, each with its token.
 */
export const flagRoute: Route = {
  isFor: (member, { path }, { method }) => method === "POST" && wantOf(member).path === path,
  answer: take,
};

async function take(
  member: Member,
  { path, query }: Target,
  request: IncomingRequest,
  { state, pulse }: Serving,
  members: readonly Member[],
): Promise<Reply> {
  const form = await formOf(request.headers.get("content-type"), query, () => request.body(longestForm));
  if (form === undefined) return said(413, `a form may have ${longestForm} bytes at the most`);
  const shown = shownTokens(request, form);
  const found = new Set<Admission>();
  for (const flag of members.filter((each) => each.kind === member.kind && wantOf(each).path === path)) {
    const admission = await mayEnter(flag, shown);
    const { key } = wantOf(flag);
    const value = key === "" ? "" : (form.get(key) ?? "");
    const isTaken = admission === "admitted" && (await use(flag, value));
    found.add(admission === "admitted" && !isTaken ? "used up" : admission);
    if (isTaken) state.posted.set(flag.resource, value);
  }
  if (!found.has("admitted")) return refused(worst.find((each) => found.has(each)) ?? "wrong");
  pulse();
  return said(200, "taken");
}

/** Which refusal says the most, first. */
const worst = ["used up", "wrong", "missing"] as const;

function wantOf({ want }: Member): FlagWant {
  return want as unknown as FlagWant;
}

/** The body counts before what stands behind the `?`. Undefined when there is too much of it. */
async function formOf(type: string | undefined, query: string, body: () => Promise<Uint8Array>) {
  const form = new Map(parseForm("application/x-www-form-urlencoded", new TextEncoder().encode(query)));
  try {
    for (const [key, value] of parseForm(type, await body()) ?? []) form.set(key, value);
    return form;
  } catch (reason) {
    if (reason instanceof Failure && reason.code === "too-large") return undefined;
    throw reason;
  }
}
