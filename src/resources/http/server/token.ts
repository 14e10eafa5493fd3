// SPDX-License-Identifier: Apache-2.0
// Tokens that whoever asks must show, and how often they were good. What was used up stays so over restarts: it is on the
// disk before anything is answered. A token itself is never kept, only its digest.

import { Failure } from "../../../contract/failure.ts";
import { field } from "../../../contract/field.ts";
import type { Member, MemberWant, ResourceEnv, WantProblem } from "../../../contract/resource.ts";
import type { IncomingRequest, Reply } from "../../../contract/serving.ts";
import { bytesOf, textOf } from "../../../values/bytes.ts";
import { said } from "./routes.ts";

export interface TokenWant {
  readonly token: string;
  readonly uses: bigint;
}

/** `usual`: how often a token is good when the program does not say it. */
export function tokenFields(usual: bigint) {
  return {
    token: field.str({
      secret: true,
      doc: "What whoever asks must show: as `Authorization: Bearer TOKEN`, as `?token=TOKEN`, or as the field `token` of a form. At least 16 characters that nobody can guess. Not given: nothing.",
      example: '"6f1c0a52c1d44d1f9ef0a3d2b2a5c9e1"',
    }),
    uses: field.int64({
      unsigned: true,
      default: usual,
      doc: "How often the token is good, over restarts too; another token begins anew. 0: always.",
    }),
  };
}

/** What fewer characters say can be tried out. */
const shortestToken = 16;

export function tokenProblems({ token }: TokenWant): readonly WantProblem[] {
  if (token === "" || (token.length >= shortestToken && /^[\x21-\x7e]+$/.test(token))) return [];
  const title = `a token has at least ${shortestToken} characters, without spaces and accents`;
  return [{ field: "token", title, hint: "`openssl rand -hex 16` makes one." }];
}

interface Uses {
  /** Of the token that they are of. */
  readonly digest: string;
  readonly used: number;
  /** What was told with it the last time. */
  readonly value: string;
}

export type Admission = "admitted" | "missing" | "wrong" | "used up";

/** Whether this token opens the member now; uses nothing. */
export async function mayEnter(member: Member, shown: readonly string[]): Promise<Admission> {
  const { token, uses } = tokenOf(member);
  if (token === "") return "admitted";
  if (shown.length === 0) return "missing";
  const { env } = member;
  const digest = digestOf(token, env);
  // Digests are compared: how long that takes tells nothing of the token.
  if (!shown.some((text) => digestOf(text, env) === digest)) return "wrong";
  const { used } = await usesOf(member, env);
  return uses > 0n && BigInt(used) >= uses ? "used up" : "admitted";
}

/** One more use, with what it told. False when others were faster. */
export async function use(member: Member, value = ""): Promise<boolean> {
  const { token, uses } = tokenOf(member);
  if (token === "") return true;
  const { env } = member;
  const asked = await usesOf(member, env);
  const now = known.get(env.memory); // While we waited others may have used it.
  const { used } = now?.digest === asked.digest ? now : asked;
  if (uses > 0n && BigInt(used) >= uses) return false;
  const next: Uses = { digest: asked.digest, used: used + 1, value };
  known.set(env.memory, next); // At once, so that nobody else has it meanwhile.
  try {
    const text = bytesOf(`${JSON.stringify(next)}\n`);
    await env.host.files.write(await pathOf(env), text, { mode: 0o600, durable: true }, env.signal);
    return true;
  } catch (reason) {
    if (known.get(env.memory) === next) known.delete(env.memory);
    throw reason;
  }
}

/** What was told with the token that the member has now, before a restart too; undefined: nothing. */
export async function toldBefore(member: MemberWant, env: ResourceEnv): Promise<string | undefined> {
  if (tokenOf(member).token === "") return undefined;
  const { used, value } = await usesOf(member, env);
  return used === 0 ? undefined : value;
}

export function refused(admission: Exclude<Admission, "admitted">): Reply {
  switch (admission) {
    case "missing":
      return said(401, "a token is needed here", { "www-authenticate": "Bearer" });
    case "wrong":
      return said(403, "this token is not good here");
    case "used up":
      return said(403, "this token was used already");
  }
}

/** `query` and `form` are fields with what was sent. */
export function shownTokens(request: IncomingRequest, ...fields: readonly ReadonlyMap<string, string>[]): string[] {
  const bearer = /^Bearer +([\x21-\x7e]+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  const given = [bearer, ...fields.map((each) => each.get("token"))];
  return given.filter((text) => text !== undefined && text !== "").map(String);
}

/** The engine keeps the memory of a resource as long as the resource, so this is as good as a part of it. */
const known = new WeakMap<ResourceEnv["memory"], Uses>();

async function usesOf(member: MemberWant, env: ResourceEnv): Promise<Uses> {
  const digest = digestOf(tokenOf(member).token, env);
  const now = known.get(env.memory);
  if (now?.digest === digest) return now;
  const kept = now ?? (await read(env));
  const present = known.get(env.memory); // Perhaps somebody has used it meanwhile.
  if (present?.digest === digest) return present;
  const uses = kept?.digest === digest ? kept : { digest, used: 0, value: "" };
  known.set(env.memory, uses);
  return uses;
}

async function read(env: ResourceEnv): Promise<Uses | undefined> {
  const { files } = env.host;
  const path = await pathOf(env);
  if ((await files.inspect(path, env.signal)) === undefined) return undefined;
  try {
    const kept = JSON.parse(textOf(await files.read(path, longestFile, env.signal))) as Uses;
    if (typeof kept.digest === "string" && Number.isSafeInteger(kept.used)) return kept;
  } catch (reason) {
    if (reason instanceof Failure) throw reason;
  }
  throw new Failure(`${path} does not tell which tokens were used`, {
    code: "invalid",
    hint: "move it away if they may be used again",
  });
}

const longestFile = 8 * 1024 * 1024;

async function pathOf(env: ResourceEnv): Promise<string> {
  return `${await env.stateDirectory()}/token.json`;
}

function digestOf(text: string, { host }: ResourceEnv): string {
  const digest = host.hashing.sha256();
  digest.add(bytesOf(text));
  return digest.hex();
}

function tokenOf({ want }: MemberWant): TokenWant {
  return want as unknown as TokenWant;
}
