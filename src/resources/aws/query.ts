// SPDX-License-Identifier: Apache-2.0
// Questions to the services of Amazon: those that take forms and answer with XML, and those that take JSON.

import type { ResourceEnv } from "../../contract/resource.ts";
import { bytesOf } from "../../values/bytes.ts";
import { type Answer, ask, parseJson, refusedBy } from "../asking/answer.ts";
import { textMember } from "../asking/members.ts";
import { childOf, type Element, parseXml, textAt } from "../xml/read.ts";
import { findCredentials } from "./credentials.ts";
import { signed } from "./sign.ts";

const who = "Amazon Web Services";
const versions = { ec2: "2016-11-15", sns: "2010-03-31" } as const;

export type Parameters = Readonly<Record<string, string | undefined>>;

/** An action of a service that takes forms. */
export async function askAws(
  service: "ec2" | "sns",
  region: string,
  action: string,
  parameters: Parameters,
  env: ResourceEnv,
): Promise<Element> {
  const form = new URLSearchParams({ Action: action, Version: versions[service] });
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) form.set(name, value);
  const headers = new Map([["content-type", "application/x-www-form-urlencoded; charset=utf-8"]]);
  const answer = await send(service, region, headers, form.toString(), env);
  if (answer.status === 200) return parseXml(answer.text, `the answer of ${who}`);
  let code = "";
  let said = "";
  try {
    const refusal = parseXml(answer.text, "");
    const error = childOf(refusal, "Errors", "Error") ?? childOf(refusal, "Error");
    [code, said] = [textAt(error, "Code"), textAt(error, "Message")];
  } catch {
    // Then the status has to do.
  }
  throw refused(action, code, said, answer);
}

/** An action of Amazon EventBridge. */
export async function askEvents(
  region: string,
  action: string,
  parameters: unknown,
  env: ResourceEnv,
): Promise<unknown> {
  const headers = new Map([
    ["content-type", "application/x-amz-json-1.1"],
    ["x-amz-target", `AWSEvents.${action}`],
  ]);
  const answer = await send("events", region, headers, JSON.stringify(parameters), env);
  if (answer.status === 200) return parseJson(answer.text, who);
  let told: unknown;
  try {
    told = JSON.parse(answer.text) as unknown;
  } catch {
    // Then the status has to do.
  }
  throw refused(
    action,
    textMember(told, "__type").replace(/^.*#/, ""),
    textMember(told, "message") || textMember(told, "Message"),
    answer,
  );
}

async function send(
  service: string,
  region: string,
  headers: ReadonlyMap<string, string>,
  text: string,
  env: ResourceEnv,
): Promise<Answer> {
  const { host, signal } = env;
  const variable = (name: string) => host.system.environment(name) || undefined;
  const place = variable(`AWS_ENDPOINT_URL_${service.toUpperCase()}`) ?? variable("AWS_ENDPOINT_URL");
  const domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  const url = new URL(place ?? `https://${service}.${region}.${domain}/`);
  const body = bytesOf(text);
  const credentials = await findCredentials(env);
  const all = signed({ url, headers, body, service, region }, credentials, host.clock.now(), host.hashing);
  return ask(who, { method: "POST", url: url.href, headers: all, body }, host.http, signal);
}

const hints: Readonly<Record<string, string>> = {
  AuthFailure: "See whether the credentials are right, and the clock of this machine.",
  SignatureDoesNotMatch: "See whether the secret key is right.",
  RequestExpired: "See whether the clock of this machine is right.",
  UnauthorizedOperation: "The user or role of the credentials must be allowed to do this.",
  OptInRequired: "The account must be allowed to use this region.",
};

function refused(action: string, code: string, said: string, { status }: Answer): Error {
  const isLimit = code === "RequestLimitExceeded" || code === "Throttling";
  const isMissing = /NotFound/.test(code);
  const isDenied = Object.hasOwn(hints, code) || /AccessDenied|InvalidClientTokenId/.test(code);
  const seen = isLimit ? 429 : isMissing ? 404 : isDenied ? 403 : status;
  return refusedBy(who, action, seen, [code, said].filter((text) => text !== "").join(": "), hints[code]);
}
