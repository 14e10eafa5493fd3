// SPDX-License-Identifier: Apache-2.0
// Whether a file has the content it must have, at the least cost: its stamp, then its size, then its bytes. Reads only.

import { Failure } from "../../../contract/failure.ts";
import type { FileState } from "../../../contract/host.ts";
import type { ResourceEnv } from "../../../contract/resource.ts";
import { byteLength, bytesOf } from "../../../values/bytes.ts";
import { cleanPath, isDirectoryPath, joinPath } from "../path.ts";
import { trustedPlace } from "../trusted-place.ts";
import type { ContentOrigin, FileWant } from "./fields.ts";
import type { ContentHave } from "./have.ts";
import { isSettled, isVerified, stampOf } from "./stamp.ts";

/** Content beyond this many bytes is not shown as a difference. */
const shownBytes = 16 * 1024;
/** Files up to this size are compared by their bytes, bigger ones by their digests. */
const comparedBytes = 1024 * 1024;
/** What one fragment may have; they are held in memory. */
const fragmentBytes = 64 * 1024 * 1024;

/** `at` is the regular file at `path`, undefined when something else or nothing is there. */
export async function observeContent(
  want: FileWant,
  origin: ContentOrigin,
  path: string,
  at: FileState | undefined,
  env: ResourceEnv,
): Promise<ContentHave | undefined> {
  switch (origin) {
    case "content":
      return compareText(want.content ?? "", path, at, env);
    case "fragments":
      return compareFragments(want.fragments, path, at, env);
    case "source":
      return compareSource(cleanPath(want.source), path, at, env);
    case "none":
      return undefined;
  }
}

/** Both are regular files. `label` names the pair in the memory of the resource. */
export async function sameContent(
  label: string,
  source: string,
  from: FileState,
  path: string,
  at: FileState,
  env: ResourceEnv,
): Promise<boolean> {
  if (from.device === at.device && from.inode === at.inode) return true;
  if (from.size !== at.size) return false;
  const stamp = `${stampOf(from)} ${stampOf(at)}`;
  return isVerified({ label, stamp, states: [from, at] }, env, async () =>
    from.size <= comparedBytes
      ? sameBytesAt(path, await readWhatIsThere(source, comparedBytes, env), env)
      : (await env.host.files.digest(source, env.signal)) === (await env.host.files.digest(path, env.signal)),
  );
}

async function compareText(
  content: string,
  path: string,
  at: FileState | undefined,
  env: ResourceEnv,
): Promise<ContentHave> {
  if (at === undefined) return { kind: "different", bytes: bytesOf(content), before: undefined };
  const stamp = stampOf(at);
  if (env.memory.get("verified content") === content && env.memory.get("verified stamp") === stamp) {
    return { kind: "same" };
  }
  const settled = isSettled(at, env.host.clock);
  const result =
    at.size === byteLength(content)
      ? await compareBytes(bytesOf(content), path, at, env)
      : await different(bytesOf(content), path, at, env);
  if (result.kind === "same" && settled) {
    env.memory.set("verified content", content);
    env.memory.set("verified stamp", stamp);
  }
  return result;
}

async function compareFragments(
  fragments: readonly string[],
  path: string,
  at: FileState | undefined,
  env: ResourceEnv,
): Promise<ContentHave> {
  const parts = await findFragments(fragments, env);
  if (!Array.isArray(parts)) return parts;
  const stamps = [...parts.map((part) => `${part.path} ${stampOf(part.state)}`), at && stampOf(at)].join("\n");
  if (at !== undefined && env.memory.get("verified fragments") === stamps) return { kind: "same" };
  const states = [...parts.map((part) => part.state), ...(at === undefined ? [] : [at])];
  const settled = states.every((state) => isSettled(state, env.host.clock));
  const contents: Uint8Array[] = [];
  for (const part of parts) {
    const place = await trustedPlace(part.path, env.host, env.signal, "follow");
    contents.push(await env.host.files.read(place.path, fragmentBytes, env.signal, place.guard));
  }
  const bytes = joinBytes(contents);
  if (at === undefined) return { kind: "different", bytes, before: undefined };
  const result =
    at.size === bytes.length ? await compareBytes(bytes, path, at, env) : await different(bytes, path, at, env);
  if (result.kind === "same" && settled) env.memory.set("verified fragments", stamps);
  return result;
}

interface Fragment {
  readonly path: string;
  readonly state: FileState;
}

async function findFragments(fragments: readonly string[], env: ResourceEnv): Promise<Fragment[] | ContentHave> {
  const { files } = env.host;
  const found: Fragment[] = [];
  for (const fragment of fragments) {
    const path = cleanPath(fragment);
    const state = await files.inspectTarget(path, env.signal);
    const wanted = isDirectoryPath(fragment) ? "directory" : "file";
    if (state?.kind !== wanted) {
      const reason = state === undefined ? "does not exist" : `is not a ${wanted}`;
      return { kind: "unavailable", reason: `the fragment ${fragment} ${reason}` };
    }
    if (wanted === "file") {
      found.push({ path, state });
      continue;
    }
    for (const name of await files.list(path, env.signal)) {
      const entry = joinPath(path, name);
      const entryState = await files.inspect(entry, env.signal);
      if (entryState?.kind === "file") found.push({ path: entry, state: entryState });
    }
  }
  return found;
}

async function compareSource(
  source: string,
  path: string,
  at: FileState | undefined,
  env: ResourceEnv,
): Promise<ContentHave> {
  const from = await env.host.files.inspectTarget(source, env.signal);
  if (from?.kind !== "file") {
    const reason = from === undefined ? "does not exist" : "is not a regular file";
    return { kind: "unavailable", reason: `the source ${source} ${reason}` };
  }
  if (at !== undefined && (await sameContent("verified copy", source, from, path, at, env))) return { kind: "same" };
  return { kind: "copy", source, size: from.size, mode: from.mode };
}

async function compareBytes(bytes: Uint8Array, path: string, at: FileState, env: ResourceEnv): Promise<ContentHave> {
  return (await sameBytesAt(path, bytes, env)) ? { kind: "same" } : different(bytes, path, at, env);
}

async function different(bytes: Uint8Array, path: string, at: FileState, env: ResourceEnv): Promise<ContentHave> {
  const before = at.size <= shownBytes ? await readToShow(path, env) : undefined;
  return { kind: "different", bytes, before };
}

async function sameBytesAt(path: string, bytes: Uint8Array | undefined, env: ResourceEnv): Promise<boolean> {
  if (bytes === undefined) return false;
  const present = await readWhatIsThere(path, bytes.length, env);
  return present !== undefined && sameBytes(present, bytes);
}

/** What others could have led us to is not shown; the change itself will then be refused. */
async function readToShow(path: string, env: ResourceEnv): Promise<Uint8Array | undefined> {
  const place = await trustedPlace(path, env.host, env.signal, "keep");
  try {
    return await env.host.files.read(place.path, shownBytes, env.signal, place.guard);
  } catch (reason) {
    const unshown = ["not-found", "too-large", "conflict"];
    if (reason instanceof Failure && unshown.includes(reason.code)) return undefined;
    throw reason;
  }
}

/** Undefined when the file has gone or grown since it was inspected: then it is certainly another. */
async function readWhatIsThere(path: string, limit: number, env: ResourceEnv): Promise<Uint8Array | undefined> {
  try {
    return await env.host.files.read(path, limit, env.signal);
  } catch (reason) {
    if (reason instanceof Failure && (reason.code === "not-found" || reason.code === "too-large")) return undefined;
    throw reason;
  }
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  for (let at = 0; at < left.length; at += 1) {
    if (left[at] !== right[at]) return false;
  }
  return true;
}

function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
