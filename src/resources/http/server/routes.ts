// SPDX-License-Identifier: Apache-2.0
// Which member of a server answers a request, in their order; what nobody answers may be a file below the root.

import { Failure } from "../../../contract/failure.ts";
import type { Member, ResourceEnv } from "../../../contract/resource.ts";
import type { IncomingRequest, Reply } from "../../../contract/serving.ts";
import { parseTarget, type Target } from "../../../protocols/http/target.ts";
import { answerWith } from "./content.ts";
import { openBelow } from "../../files/open-below.ts";
import type { ServerState } from "./state.ts";

/** What a route may use; `env` is that of the server while it watches. */
export interface Serving {
  readonly env: ResourceEnv;
  readonly state: ServerState;
  /** The engine shall observe: something was posted. */
  readonly pulse: () => void;
}

/** How the members of one kind answer. */
export interface Route {
  /** Whether the request is for this member: asked of each in turn, so it must be quick. */
  isFor(member: Member, target: Target, request: IncomingRequest): boolean;
  /** `members` are all of the server. */
  answer(
    member: Member,
    target: Target,
    request: IncomingRequest,
    serving: Serving,
    members: readonly Member[],
  ): Promise<Reply>;
}

export function answerOf(root: string, routes: ReadonlyMap<string, Route>, serving: Serving) {
  return async (request: IncomingRequest): Promise<Reply> => {
    const target = parseTarget(request.target);
    if (target === undefined) return said(400, "this path is not served");
    const { members } = serving.env;
    for (const member of members) {
      const route = routes.get(member.kind);
      if (route?.isFor(member, target, request) === true) {
        return route.answer(member, target, request, serving, members);
      }
    }
    return root === "" ? notFound() : answerFromRoot(root, target, request, serving);
  };
}

async function answerFromRoot(
  root: string,
  { path }: Target,
  request: IncomingRequest,
  serving: Serving,
): Promise<Reply> {
  const refused = onlyReading(request);
  if (refused !== undefined) return refused;
  return answerWithFile(root, path.slice(1), request, serving);
}

/** A file below a directory, or that it is not there, or must not be read. */
export async function answerWithFile(
  root: string,
  path: string,
  request: IncomingRequest,
  { env, state }: Pick<Serving, "env" | "state">,
): Promise<Reply> {
  try {
    if (path === "" || path.endsWith("/")) return notFound();
    const content = await state.smallFiles.contentOf(root + path, path, () => openBelow(root, path, env), env);
    return content === undefined ? notFound() : await answerWith(content, request);
  } catch (reason) {
    if (reason instanceof Failure && reason.code === "denied") return said(403, "this file may not be read");
    throw reason;
  }
}

/** What is answered when a content is asked for with another method than GET and HEAD. */
export function onlyReading({ method }: IncomingRequest): Reply | undefined {
  if (method === "GET" || method === "HEAD") return undefined;
  return said(405, "only GET and HEAD are possible here", { allow: "GET, HEAD" });
}

export function notFound(): Reply {
  return said(404, "there is nothing here");
}

/** A short text for people. */
export function said(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Reply {
  const body = new TextEncoder().encode(`${text}\n`);
  return { status, headers: { ...headers, "content-type": "text/plain; charset=utf-8" }, body };
}
