// SPDX-License-Identifier: Apache-2.0
// Whether the file is what the server has. Asks the server only where that changes nothing there, and at most once.

import { Failure } from "../../../contract/failure.ts";
import type { FileState } from "../../../contract/host.ts";
import type { ResourceEnv } from "../../../contract/resource.ts";
import { textOf } from "../../../values/bytes.ts";
import { isSettled, stampOf } from "../../files/file/stamp.ts";
import { type TrustedPlace, trustedPlace } from "../../files/trusted-place.ts";
import { renderHttpDate } from "../../../protocols/http/date.ts";
import { usualIdleMs } from "./asking.ts";
import { type Download, download, placedName, remember } from "./download.ts";
import { type ClientWant, isReading, placeOf, requestKey } from "./fields.ts";
import { handoverOf } from "./handover.ts";
import { type Kept, recall } from "./kept.ts";

export type ClientHave =
  /** `asked`: the server has said so just now. */
  | { readonly kind: "current"; readonly asked: boolean; readonly made: boolean }
  | { readonly kind: "to be asked"; readonly made: boolean }
  | { readonly kind: "downloaded"; readonly got: Download; readonly was: number | undefined }
  | { readonly kind: "unavailable"; readonly reason: string };

/** What is sent on is held in memory. */
const largestSentBytes = 16 * 1024 * 1024;

export async function observeClient(want: ClientWant, env: ResourceEnv): Promise<ClientHave> {
  const { files } = env.host;
  const target = await targetOf(want, env);
  const at = await files.inspect(target.path, env.signal);
  if (at !== undefined && at.kind !== "file") {
    return { kind: "unavailable", reason: `${target.path} is in the way: it is not a regular file` };
  }
  const have = await compare(want, target, at, env);
  if (have.kind === "current" && at !== undefined) await sendContent(target, at, env);
  return have;
}

export async function targetOf(want: ClientWant, env: ResourceEnv): Promise<TrustedPlace> {
  return trustedPlace(await placeOf(want, env), env.host, env.signal, "follow");
}

async function compare(
  want: ClientWant,
  target: TrustedPlace,
  at: FileState | undefined,
  env: ResourceEnv,
): Promise<ClientHave> {
  const made = at !== undefined;
  const handed = handoverOf(env.memory).received;
  if (handed !== undefined) return decide(handed, want, target, at, env);
  const kept = await recall(placedName, env);
  const placed = kept?.request === requestKey(want) ? kept : undefined;
  const standing = at === undefined ? "missing" : await standingOf(want, target, at, placed, env);
  if (standing === "right") return { kind: "current", asked: false, made };
  if (standing === "missing" || standing === "wrong") return { kind: "to be asked", made };
  if (want.longpoll) return { kind: "current", asked: false, made }; // The watch is asking all the time.
  const isWatched = env.memory.has("watched");
  if (!isReading(want)) {
    return standing === "as placed" && isWatched
      ? { kind: "current", asked: false, made }
      : { kind: "to be asked", made };
  }
  // Nothing but a poll asks the server again and again.
  if (standing === "as placed" && isWatched && env.memory.has("asked")) return { kind: "current", asked: false, made };
  const headers = want.mtime_check && at !== undefined ? conditions(placed, at) : new Map<string, string>();
  const got = await download(want, { headers, idleMs: usualIdleMs }, "part", env);
  env.memory.set("asked", true);
  return got === undefined ? { kind: "current", asked: true, made } : decide(got, want, target, at, env);
}

/** `as placed`: it is what we have downloaded ourselves; `foreign`: we do not know. */
type Standing = "right" | "wrong" | "as placed" | "foreign";

async function standingOf(
  want: ClientWant,
  target: TrustedPlace,
  at: FileState,
  placed: Kept | undefined,
  env: ResourceEnv,
): Promise<Standing> {
  if (want.sha256 === "" && placed === undefined) return "foreign";
  const sha256 = await digestOf(target, at, env);
  if (want.sha256 !== "") return sha256 === want.sha256 ? "right" : "wrong";
  return sha256 === placed?.sha256 ? "as placed" : "wrong";
}

/** Headers by which the server answers only with something else than we have. */
export function conditions(placed: Kept | undefined, at: FileState): ReadonlyMap<string, string> {
  if (placed !== undefined && placed.etag !== "") return new Map([["if-none-match", placed.etag]]);
  const since = placed?.lastModified || renderHttpDate(Number(at.modifiedNs / 1_000_000n));
  return new Map([["if-modified-since", since]]);
}

async function decide(
  got: Download,
  want: ClientWant,
  target: TrustedPlace,
  at: FileState | undefined,
  env: ResourceEnv,
): Promise<ClientHave> {
  if (at === undefined || at.size !== got.size || (await digestOf(target, at, env)) !== got.sha256) {
    return { kind: "downloaded", got, was: at?.size };
  }
  await remember(got, want, env);
  await env.host.files.remove(got.path, {}, env.signal);
  handoverOf(env.memory).take();
  return { kind: "current", asked: true, made: true };
}

async function digestOf(target: TrustedPlace, at: FileState, env: ResourceEnv): Promise<string> {
  const stamp = stampOf(at);
  const known = env.memory.get("digest");
  if (typeof known === "string" && known.startsWith(`${stamp} `)) return known.slice(stamp.length + 1);
  const settled = isSettled(at, env.host.clock);
  const sha256 = await env.host.files.digest(target.path, env.signal, target.guard);
  if (settled) env.memory.set("digest", `${stamp} ${sha256}`);
  return sha256;
}

/** Sent once for each content; what is too long for that is only in the file. */
export async function sendContent(target: TrustedPlace, at: FileState, env: ResourceEnv): Promise<void> {
  const stamp = stampOf(at);
  if (env.memory.get("sent") === stamp) return;
  try {
    env.send({ content: textOf(await env.host.files.read(target.path, largestSentBytes, env.signal, target.guard)) });
  } catch (reason) {
    if (!(reason instanceof Failure) || reason.code !== "too-large") throw reason;
    env.send({ content: undefined });
  }
  env.memory.set("sent", stamp);
}
