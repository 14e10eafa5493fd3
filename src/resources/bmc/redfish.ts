// SPDX-License-Identifier: Apache-2.0
// Redfish, the interface of controllers over HTTP with JSON, by the documents of the DMTF. A controller that is met for
// the first time is believed its certificate, which hardly ever an authority has signed; later it must have the same one.

import { Failure } from "../../contract/failure.ts";
import type { HttpRequest } from "../../contract/http.ts";
import type { ResourceEnv } from "../../contract/resource.ts";
import { bytesOf, textOf } from "../../values/bytes.ts";
import { type Answer, ask, jsonBody, parseJson, refusedBy } from "../asking/answer.ts";
import { base64Of } from "../asking/base64.ts";
import { listMember, textMember } from "../asking/members.ts";

export interface Redfish {
  get(path: string): Promise<unknown>;
  /** What it answers, and where it tells how the work goes. */
  post(path: string, carried: Pick<HttpRequest, "headers" | "body">): Promise<Answer>;
  postJson(path: string, body: unknown): Promise<Answer>;
}

export interface Login {
  readonly origin: string;
  readonly username: string;
  readonly password: string;
}

const who = "the controller";
const certificateFile = "certificate.sha256";

export async function redfishOf({ origin, username, password }: Login, env: ResourceEnv): Promise<Redfish> {
  const trust = origin.startsWith("https:") ? await trustOf(env) : undefined;
  const authorization = ["authorization", `Basic ${base64Of(`${username}:${password}`)}`] as const;
  const send = async (method: string, path: string, carried: Pick<HttpRequest, "headers" | "body"> = {}) => {
    const { headers = new Map(), body } = carried;
    const all = new Map([...headers, authorization, ["accept", "application/json"] as const]);
    const request: HttpRequest = {
      method,
      url: new URL(path, origin).href,
      headers: all,
      ...(body === undefined ? {} : { body }),
      ...(trust === undefined ? {} : { acceptsCertificate: trust.accepts }),
    };
    const answer = await ask(who, request, env.host.http, env.signal);
    await trust?.remember();
    if (answer.status < 300) return answer;
    const hint = answer.status === 401 ? "See whether `username` and `password` are right." : undefined;
    throw refusedBy(who, `${method} ${path}`, answer.status, saidIn(answer.text), hint);
  };
  return {
    get: async (path) => parseJson((await send("GET", path)).text, who),
    post: (path, carried) => send("POST", path, carried),
    postJson: (path, body) => send("POST", path, jsonBody(body)),
  };
}

/** The places of all that is in a collection, such as `/redfish/v1/Systems`. */
export async function membersOf(redfish: Redfish, path: string): Promise<readonly string[]> {
  const collection = await redfish.get(path);
  return listMember(collection, "Members")
    .map((each) => textMember(each, "@odata.id"))
    .filter((place) => place !== "");
}

interface Trust {
  readonly accepts: (sha256: string) => boolean;
  remember(): Promise<void>;
}

async function trustOf(env: ResourceEnv): Promise<Trust> {
  const { files } = env.host;
  const path = `${(await env.stateDirectory()).replace(/\/$/, "")}/${certificateFile}`;
  const known =
    (await files.inspect(path, env.signal)) === undefined
      ? undefined
      : textOf(await files.read(path, 1024, env.signal)).trim();
  let met: string | undefined;
  return {
    accepts(sha256) {
      if (known !== undefined && known !== sha256) {
        throw new Failure("the controller has another certificate than before", {
          code: "denied",
          hint: `If it was given a new one, remove ${path}; else somebody may be in between.`,
        });
      }
      met = sha256;
      return true;
    },
    async remember() {
      if (met === undefined || known !== undefined) return;
      await files.write(path, bytesOf(`${met}\n`), { mode: 0o600, durable: true }, env.signal);
    },
  };
}

function saidIn(text: string): string {
  try {
    const answer = JSON.parse(text) as unknown;
    const [first] = listMember(answer, "error", "@Message.ExtendedInfo");
    return textMember(first, "Message") || textMember(answer, "error", "message");
  } catch {
    return "";
  }
}
