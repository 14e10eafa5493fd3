// SPDX-License-Identifier: Apache-2.0
// How a web server answers for a `http:server:invitation`: the invitation is made when it is asked for, told once, and kept by
// nobody; what is written down of it by the authority is a digest.

import type { Member } from "../../../contract/resource.ts";
import { Failure } from "../../../contract/failure.ts";
import type { IncomingRequest, Reply } from "../../../contract/serving.ts";
import { parseForm } from "../../../protocols/http/form.ts";
import type { Target } from "../../../protocols/http/target.ts";
import { bytesOf } from "../../../values/bytes.ts";
import { type Route, said } from "./routes.ts";
import { mayEnter, refused, shownTokens, type TokenWant, use } from "./token.ts";

export interface InvitationWant extends TokenWant {
  readonly path: string;
  readonly hostname: string;
  readonly entrance: string;
  readonly valid: bigint;
}

const usualPort = 2381;

export const invitationRoute: Route = {
  isFor: (member, { path }) => wantOf(member).path === path,
  answer: invite,
};

async function invite(member: Member, { query }: Target, request: IncomingRequest): Promise<Reply> {
  if (request.method !== "GET") return said(405, "only GET is possible here", { allow: "GET" });
  const { hostname, entrance, valid } = wantOf(member);
  const { env } = member;
  const fields = parseForm("application/x-www-form-urlencoded", bytesOf(query));
  const admission = await mayEnter(member, shownTokens(request, fields ?? new Map<string, string>()));
  if (admission !== "admitted") return refused(admission);
  try {
    const made = await env.exchange.doors.invite(hostname, env.signal, Number(valid) * 60_000);
    if (!(await use(member))) return refused("used up");
    const own =
      made.entrance.port === usualPort
        ? shown(made.entrance.host)
        : `${shown(made.entrance.host)}:${made.entrance.port}`;
    const body = bytesOf(`${made.token}@${entrance === "" ? own : entrance}\n`);
    return { status: 200, headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" }, body };
  } catch (reason) {
    if (!(reason instanceof Failure)) throw reason;
    env.say(`${hostname} was not invited: ${reason.message}`, "stderr");
    return said(503, "nobody can be let in at the moment", { "retry-after": "10" });
  }
}

function shown(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

function wantOf({ want }: Member): InvitationWant {
  return want as unknown as InvitationWant;
}
