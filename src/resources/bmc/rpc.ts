// SPDX-License-Identifier: Apache-2.0
// Controllers behind a service of somebody's own making: requests and answers as JSON, in the form of the RPC provider of
// bmclib, signed with the password, which itself is never sent.

import { Failure } from "../../contract/failure.ts";
import type { ResourceEnv } from "../../contract/resource.ts";
import { bytesOf } from "../../values/bytes.ts";
import { ask, parseJson, refusedBy } from "../asking/answer.ts";
import { calendarTime } from "../asking/calendar.ts";
import { hexOf, hmac } from "../asking/hmac.ts";
import { member, textMember } from "../asking/members.ts";

const who = "the service of the controller";

export interface RpcPlace {
  readonly origin: string;
  readonly hostname: string;
  readonly password: string;
}

/** Gives what it results in. */
export async function askRpc(
  { origin, hostname, password }: RpcPlace,
  method: "getPowerState" | "setPowerState",
  parameters: unknown,
  { host, signal }: ResourceEnv,
): Promise<unknown> {
  const nowMs = host.clock.now();
  const request = { id: nowMs, host: hostname, method, ...(parameters === undefined ? {} : { params: parameters }) };
  const text = JSON.stringify(request);
  const time = calendarTime(nowMs).extended;
  const headers = new Map([
    ["content-type", "application/json"],
    ["x-bmclib-timestamp", time],
  ]);
  if (password !== "") {
    const code = hexOf(hmac(bytesOf(password), bytesOf(`${text}${time}`), host.hashing));
    headers.set("x-bmclib-signature-256", `sha256=${code}`);
  }
  const asked = { method: "POST", url: `${origin}/`, headers, body: bytesOf(text) };
  const answer = await ask(who, asked, host.http, signal);
  if (answer.status >= 300) {
    const hint = answer.status === 401 || answer.status === 403 ? "See whether `password` is right." : undefined;
    throw refusedBy(who, method, answer.status, answer.text.trim().slice(0, 200), hint);
  }
  const told = parseJson(answer.text, who);
  const error = member(told, "error");
  if (error !== undefined && error !== null) {
    throw new Failure(`${who} refuses ${method}: ${textMember(error, "message") || "it does not say why"}`, {
      code: "command-failed",
    });
  }
  return member(told, "result");
}
