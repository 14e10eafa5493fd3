// SPDX-License-Identifier: Apache-2.0
// The content of an answer, into a private file first: what broke off is continued, what is wrong never gets near the
// file that others read, and that one is replaced in one piece.

import { Failure } from "../../../contract/failure.ts";
import type { FileState } from "../../../contract/host.ts";
import type { HttpResponse } from "../../../contract/http.ts";
import type { ResourceEnv } from "../../../contract/resource.ts";
import { type TrustedPlace } from "../../files/trusted-place.ts";
import { parseHttpDate } from "../../../protocols/http/date.ts";
import { ask, publish, type Question } from "./asking.ts";
import { type ClientWant, isReading, requestKey } from "./fields.ts";
import { forget, keep, type Kept, recall, type Version, versionOf } from "./kept.ts";

/** Of the file that is in its place. */
export const placedName = "placed.json";

/** Whole and checked, but not yet in its place. */
export interface Download extends Version {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
}

/**
 * Asks, and gives what came; undefined when there is nothing new. `part` names the private file: two downloads at a time
 * must not have the same one.
 */
export async function download(
  want: ClientWant,
  question: Question,
  part: string,
  env: ResourceEnv,
): Promise<Download | undefined> {
  const begun = await begunPart(want, part, env);
  const headers = new Map([...question.headers, ...(begun === undefined ? [] : rangeHeaders(begun))]);
  let response: HttpResponse;
  try {
    response = await ask(want, { ...question, headers }, env);
  } catch (reason) {
    // What we have is not a part of what the server has now.
    if (begun !== undefined && reason instanceof Failure && Reflect.get(reason, "status") === 416) {
      await discard(part, env);
      return download(want, question, part, env);
    }
    throw reason;
  }
  if (response.status === 304) {
    await response.body.return?.();
    await publish(304, want, env);
    return undefined;
  }
  const got = await receive(response, begun, want, part, env);
  if (got === "begin anew") return download(want, question, part, env);
  await publish(200, want, env);
  return got;
}

interface Begun extends Kept {
  readonly size: number;
}

/** A version that can be named exactly is continued, and no other. */
async function begunPart(want: ClientWant, part: string, env: ResourceEnv): Promise<Begun | undefined> {
  if (want.method !== "GET") return undefined;
  const kept = await recall(`${part}.json`, env);
  const at = await env.host.files.inspect(await pathOf(part, env), env.signal);
  const isNamed = kept !== undefined && (isStrong(kept.etag) || (kept.etag === "" && kept.lastModified !== ""));
  if (!isNamed || at?.kind !== "file" || at.size === 0 || kept.request !== requestKey(want)) return undefined;
  return { ...kept, size: at.size };
}

function isStrong(etag: string): boolean {
  return etag.startsWith('"');
}

function rangeHeaders({ size, etag, lastModified }: Begun): readonly (readonly [string, string])[] {
  return [
    ["range", `bytes=${size}-`],
    ["if-range", etag || lastModified],
  ];
}

async function receive(
  response: HttpResponse,
  begun: Begun | undefined,
  want: ClientWant,
  part: string,
  env: ResourceEnv,
): Promise<Download | "begin anew"> {
  const { files } = env.host;
  const path = await pathOf(part, env);
  const version = versionOf(response);
  if (response.status === 206) {
    const start = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "")?.[1];
    if (begun === undefined || Number(start) !== begun.size) {
      await response.body.return?.();
      await discard(part, env);
      if (begun === undefined) throw new Failure("the server gives a part of what was asked for", { code: "invalid" });
      return "begin anew";
    }
  } else {
    await discard(part, env);
    if (isReading(want)) await keep(`${part}.json`, { ...version, request: requestKey(want), sha256: "" }, env);
  }
  await files.appendPieces(path, response.body, { mode: 0o600 }, env.signal);
  const [at, sha256] = [await files.inspect(path, env.signal), await files.digest(path, env.signal)];
  await forget(`${part}.json`, env);
  if (want.sha256 !== "" && sha256 !== want.sha256) {
    await discard(part, env);
    throw new Failure(`what was downloaded has the SHA-256 ${sha256}, not ${want.sha256}`, {
      code: "conflict",
      hint: "Compare `sha256` with the one that the maker gives, and see what the server has at this URL.",
    });
  }
  return { ...version, path, size: at?.size ?? 0, sha256 };
}

async function discard(part: string, env: ResourceEnv): Promise<void> {
  await forget(`${part}.json`, env);
  await env.host.files.remove(await pathOf(part, env), {}, env.signal);
}

async function pathOf(part: string, env: ResourceEnv): Promise<string> {
  return `${await env.stateDirectory()}/${part}`;
}

/** Puts it in its place and remembers the version. */
export async function place(got: Download, want: ClientWant, target: TrustedPlace, env: ResourceEnv): Promise<void> {
  const { files } = env.host;
  const modifiedMs = parseHttpDate(got.lastModified);
  const options = { ...target.guard, ...(modifiedMs === undefined ? {} : { modifiedMs }) };
  const at: FileState | undefined = await files.inspect(target.path, env.signal);
  // The private copy is only for whom we are; what others read has the usual mode, or the one that it had.
  const mode = at?.kind === "file" ? at.mode : 0o666 & ~env.host.identity.umask;
  await files.copy(got.path, target.path, { ...options, mode }, env.signal);
  await remember(got, want, env);
  await files.remove(got.path, {}, env.signal);
}

export async function remember(got: Download, want: ClientWant, env: ResourceEnv): Promise<void> {
  const { etag, lastModified, sha256 } = got;
  await keep(placedName, { request: requestKey(want), etag, lastModified, sha256 }, env);
}
