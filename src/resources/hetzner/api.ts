// SPDX-License-Identifier: Apache-2.0
// The interface of Hetzner Cloud, as far as servers need it.

import { Failure } from "../../contract/failure.ts";
import type { ResourceEnv } from "../../contract/resource.ts";
import { ask, jsonBody, parseJson, refusedBy } from "../asking/answer.ts";
import { listMember, member, numberMember, textMember } from "../asking/members.ts";

export interface Server {
  readonly id: number;
  /** `running`, `off`, or something that does not last. */
  readonly status: string;
  readonly type: string;
  /** All names of where it is: that of the datacenter and that of the location. */
  readonly places: readonly string[];
  /** All names of what it was made from; none when that is gone. */
  readonly images: readonly string[];
  readonly isRescued: boolean;
}

const who = "Hetzner Cloud";
const usualOrigin = "https://api.hetzner.cloud/v1";

/** Undefined when there is no server of that name. */
export async function findServer(name: string, token: string, env: ResourceEnv): Promise<Server | undefined> {
  const answer = await call("GET", `/servers?name=${encodeURIComponent(name)}`, undefined, token, env);
  const [found] = listMember(answer, "servers").filter((server) => textMember(server, "name") === name);
  return found === undefined ? undefined : serverFrom(found);
}

/** `path`: of the server, `/actions/poweron`. Resolves when it is accepted, not when it is done. */
export async function changeServer(
  method: "POST" | "DELETE",
  path: string,
  body: unknown,
  token: string,
  env: ResourceEnv,
): Promise<void> {
  await call(method, `/servers${path}`, body, token, env);
}

/** The numbers of keys with these names, or the numbers themselves. */
export async function keyNumbers(
  names: readonly string[],
  token: string,
  env: ResourceEnv,
): Promise<readonly number[]> {
  const numbers: number[] = [];
  for (const name of names) {
    if (/^\d+$/.test(name)) {
      numbers.push(Number(name));
      continue;
    }
    const answer = await call("GET", `/ssh_keys?name=${encodeURIComponent(name)}`, undefined, token, env);
    const id = numberMember(listMember(answer, "ssh_keys")[0], "id");
    if (id === undefined) {
      throw new Failure(`${who} has no SSH key "${name}"`, {
        code: "not-found",
        hint: "Add it to the project, or take it out of `serverrescuekeys`.",
      });
    }
    numbers.push(id);
  }
  return numbers;
}

async function call(
  method: "GET" | "POST" | "DELETE",
  path: string,
  body: unknown,
  token: string,
  { host, signal }: ResourceEnv,
): Promise<unknown> {
  const authorization = ["authorization", `Bearer ${token}`] as const;
  const carried = body === undefined ? { headers: new Map([authorization]) } : jsonBody(body, [authorization]);
  const origin = (host.system.environment("HCLOUD_ENDPOINT") || usualOrigin).replace(/\/$/, "");
  const { status, text } = await ask(who, { method, url: `${origin}${path}`, ...carried }, host.http, signal);
  if (status < 300) return text === "" ? undefined : parseJson(text, who);
  let said = "";
  try {
    said = textMember(JSON.parse(text) as unknown, "error", "message");
  } catch {
    // Then the status has to do.
  }
  const what = `${method} ${path.split("?")[0] ?? path}`;
  const hint = status === 401 || status === 403 ? "See whether `apitoken` is right and may write." : undefined;
  throw refusedBy(who, what, status, said, hint);
}

function serverFrom(found: unknown): Server {
  const id = numberMember(found, "id");
  if (id === undefined) throw new Failure(`${who} tells of a server without a number`, { code: "unexpected" });
  const image = member(found, "image");
  const imageId = numberMember(image, "id");
  const texts = [textMember(image, "name"), textMember(image, "description"), String(imageId ?? "")];
  const places = [
    textMember(found, "datacenter", "name"),
    textMember(found, "datacenter", "location", "name"),
    textMember(found, "location", "name"),
  ];
  return {
    id,
    status: textMember(found, "status"),
    type: textMember(found, "server_type", "name"),
    places: places.filter((place) => place !== ""),
    images: texts.filter((text) => text !== ""),
    isRescued: member(found, "rescue_enabled") === true,
  };
}
