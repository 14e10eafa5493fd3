// SPDX-License-Identifier: Apache-2.0
// How a web server takes what is posted for a `http:server:flag`. The value lives as long as the run.

import type { ResourceEnv } from "../../../contract/resource.ts";
import { Failure } from "../../../contract/failure.ts";
import { parseForm } from "../../../protocols/http/form.ts";
import type { MemberPart } from "./part.ts";
import { type Route, said } from "./routes.ts";
import { stateOf } from "./state.ts";

interface FlagWant {
  readonly path: string;
  readonly key: string;
}

const kept = "value";
const longestForm = 4 * 1024 * 1024;

export const flagMember: MemberPart = {
  async observe({ resource }, env, server) {
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

/** One form serves all flags of the path, so the first of them answers for the others. */
export const flagRoute: Route = async (member, { path, query }, request, { state, pulse }, members) => {
  if ((member.want as unknown as FlagWant).path !== path || request.method !== "POST") return undefined;
  const form = await formOf(request.headers.get("content-type"), query, () => request.body(longestForm));
  if (form === undefined) return said(413, `a form may have ${longestForm} bytes at the most`);
  for (const { kind, want, resource } of members) {
    const flag = want as unknown as FlagWant;
    if (kind === member.kind && flag.path === path)
      state.posted.set(resource, flag.key === "" ? "" : (form.get(flag.key) ?? ""));
  }
  pulse();
  return said(200, "taken");
};

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
