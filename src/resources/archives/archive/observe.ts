// SPDX-License-Identifier: Apache-2.0
// What the archive says and what is on the disk. Files at rest cost a look each; others are read once.

import { Failure } from "../../../contract/failure.ts";
import type { FileState, Guard } from "../../../contract/host.ts";
import type { ResourceEnv } from "../../../contract/resource.ts";
import { isSettled, isVerified, stampOf } from "../../files/file/stamp.ts";
import { cleanPath, joinPath } from "../../files/path.ts";
import { trustedPlace } from "../../files/trusted-place.ts";
import { type Content, keepContents, type KeptContents, readContents, recallContents } from "./contents.ts";
import type { ArchiveWant } from "./fields.ts";

export type ArchiveHave =
  | { readonly kind: "unavailable"; readonly reason: string; readonly code: "not-found" | "conflict" }
  | {
      readonly kind: "found";
      /** The directory. */
      readonly path: string;
      readonly guard: Guard;
      readonly at: FileState | undefined;
      /** The archive; undefined when it is not there, and what it had is only remembered. */
      readonly source: Source | undefined;
      readonly entries: readonly Entry[];
    };

export interface Source {
  readonly path: string;
  readonly guard: Guard;
}

export interface Entry {
  readonly content: Content;
  readonly at: FileState | undefined;
  /** Whether it has the content, or the text of the link. */
  readonly same: boolean;
  /** Owner and group that it must have, where that matters. */
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

export async function observeArchive(want: ArchiveWant, env: ResourceEnv): Promise<ArchiveHave> {
  const { files } = env.host;
  const place = await trustedPlace(cleanPath(want.source), env.host, env.signal, "follow");
  const from = await files.inspect(place.path, env.signal);
  const known = await contentsOf(want, place, from, env);
  if ("reason" in known) return { kind: "unavailable", ...known };
  const owners = await ownersOf(want, env);
  if ("reason" in owners) return { kind: "unavailable", ...owners };
  const target = await trustedPlace(cleanPath(want.path), env.host, env.signal, "follow");
  // Links that the archive itself has made are not to be followed either.
  const guard = target.guard.noLinksBelow === undefined ? { noLinksBelow: target.path } : target.guard;
  const at = await files.inspect(target.path, env.signal);
  const entries: Entry[] = [];
  for (const content of known.contents) {
    const path = joinPath(target.path, content.path);
    const there = at?.kind === "directory" ? await files.inspect(path, env.signal) : undefined;
    const same = there?.kind === content.kind && (await isSame(content, path, there, guard, env));
    entries.push({ content, at: there, same, ...(await owners.of(content)) });
  }
  return { kind: "found", path: target.path, guard, at, source: from === undefined ? undefined : place, entries };
}

type Unavailable = { readonly reason: string; readonly code: "not-found" | "conflict" };

async function contentsOf(
  want: ArchiveWant,
  source: Source,
  from: FileState | undefined,
  env: ResourceEnv,
): Promise<KeptContents | Unavailable> {
  const { files, clock } = env.host;
  const reading = JSON.stringify([cleanPath(want.source), want.strip, want.links]);
  const kept = await recallContents(env);
  const usable = kept !== undefined && kept.reading === reading && (want.sha256 === "" || kept.sha256 === want.sha256);
  if (from === undefined) {
    return usable ? kept : { reason: `the archive ${want.source} does not exist`, code: "not-found" };
  }
  if (from.kind !== "file") return { reason: `the archive ${want.source} is not a file`, code: "conflict" };
  if (usable && kept.stamp === stampOf(from)) return kept;
  const settled = isSettled(from, clock);
  const sha256 = await files.digest(source.path, env.signal, source.guard);
  if (want.sha256 !== "" && sha256 !== want.sha256) {
    return { reason: `the archive ${want.source} has the SHA-256 ${sha256}, not ${want.sha256}`, code: "conflict" };
  }
  const contents =
    usable && kept.sha256 === sha256
      ? kept.contents
      : await readContents(source.path, source.guard, { strip: want.strip, anyLinks: want.links === "any" }, env);
  const read: KeptContents = { reading, stamp: settled ? stampOf(from) : "", sha256, contents };
  await keepContents(read, env);
  return read;
}

async function isSame(content: Content, path: string, at: FileState, guard: Guard, env: ResourceEnv): Promise<boolean> {
  const { files } = env.host;
  switch (content.kind) {
    case "directory":
      return true;
    case "symlink":
      return (await files.readLink(path, env.signal)) === content.linkText;
    case "file": {
      if (at.size !== content.size) return false;
      const stamp = `${content.sha256} ${stampOf(at)}`;
      return isVerified(
        { label: `file ${content.path}`, stamp, states: [at] },
        env,
        async () => (await digestOf(path, guard, env)) === content.sha256,
      );
    }
  }
}

/** Undefined when it has gone since it was looked at. */
async function digestOf(path: string, guard: Guard, { host, signal }: ResourceEnv): Promise<string | undefined> {
  try {
    return await host.files.digest(path, signal, guard);
  } catch (reason) {
    if (reason instanceof Failure && (reason.code === "not-found" || reason.code === "conflict")) return undefined;
    throw reason;
  }
}

interface Owners {
  of(content: Content): Promise<{ readonly uid: number | undefined; readonly gid: number | undefined }>;
}

async function ownersOf(want: ArchiveWant, { host, signal }: ResourceEnv): Promise<Owners | Unavailable> {
  const { identity } = host;
  if (want.same_owner) {
    return {
      of: async ({ uid, gid, userName, groupName }) => ({
        uid: (userName === "" ? undefined : await identity.userId(userName, signal)) ?? uid,
        gid: (groupName === "" ? undefined : await identity.groupId(groupName, signal)) ?? gid,
      }),
    };
  }
  const uid = want.owner === "" ? undefined : await identity.userId(want.owner, signal);
  const gid = want.group === "" ? undefined : await identity.groupId(want.group, signal);
  if (want.owner !== "" && uid === undefined) {
    return { reason: `there is no user named ${want.owner}`, code: "not-found" };
  }
  if (want.group !== "" && gid === undefined) {
    return { reason: `there is no group named ${want.group}`, code: "not-found" };
  }
  return { of: async () => ({ uid, gid }) };
}
