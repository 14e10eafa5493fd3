// SPDX-License-Identifier: Apache-2.0
// What an archive must have made: a list of every file, directory and link with what to know it by. Kept over restarts,
// so that what was extracted can be looked after without reading the archive, and even without the archive.

import { Failure } from "../../../contract/failure.ts";
import type { Guard } from "../../../contract/host.ts";
import type { ResourceEnv } from "../../../contract/resource.ts";
import { bytesOf, textOf } from "../../../values/bytes.ts";
import type { Member } from "../formats/member.ts";
import { membersOf } from "./members.ts";
import { safeName, staysInside } from "./safe-name.ts";

export interface Content {
  /** Relative to the directory. */
  readonly path: string;
  readonly kind: "file" | "directory" | "symlink";
  /** Undefined for a directory that only the names of others imply. */
  readonly mode: number | undefined;
  readonly size: number;
  /** Of a file. */
  readonly sha256: string;
  readonly linkText: string;
  /** The file of the archive that this one is another name of. */
  readonly copyOf: string;
  readonly uid: number;
  readonly gid: number;
  readonly userName: string;
  readonly groupName: string;
}

export interface Reading {
  readonly strip: number;
  /** Whether symbolic links may lead out of the directory. */
  readonly anyLinks: boolean;
}

/** Reads the whole archive. Fails when anything in it is not to be had. */
export async function readContents(
  path: string,
  guard: Guard,
  { strip, anyLinks }: Reading,
  env: ResourceEnv,
): Promise<readonly Content[]> {
  const found = new Map<string, Content>();
  for await (const member of membersOf(path, guard, env)) {
    const content = await contentOf(member, strip, found, env);
    if (content === undefined) continue;
    if (content.kind === "symlink" && !anyLinks && !staysInside(content.path, content.linkText)) {
      throw refused(`the link ${content.path} leads out of the directory, to ${content.linkText}`, linkHint);
    }
    found.delete(content.path); // The last of several with one name counts, in its place.
    found.set(content.path, content);
  }
  return [...impliedBy(found), ...found.values()];
}

/** Directories that are above something in the archive, but not in it themselves. */
function impliedBy(found: ReadonlyMap<string, Content>): readonly Content[] {
  const implied = new Map<string, Content>();
  for (const { path, uid, gid, userName, groupName } of found.values()) {
    for (let above = parentOf(path); above !== "" && !implied.has(above); above = parentOf(above)) {
      const there = found.get(above);
      if (there?.kind === "directory") continue;
      if (there !== undefined) throw refused(`${path} lies below ${above}, which is not a directory`);
      const owner = { uid, gid, userName, groupName };
      implied.set(above, { ...nothing, ...owner, path: above, kind: "directory", mode: undefined });
    }
  }
  return [...implied.values()].sort((one, other) => (one.path < other.path ? -1 : 1));
}

const nothing = { size: 0, sha256: "", linkText: "", copyOf: "" } as const;

const linkHint = 'Set `links` to "any" if you trust the archive; nothing is ever written through them.';

async function contentOf(
  member: Member,
  strip: number,
  earlier: ReadonlyMap<string, Content>,
  env: ResourceEnv,
): Promise<Content | undefined> {
  const name = safeName(member.name, strip);
  if ("wrong" in name) throw refused(name.wrong);
  if (name.path === "") return undefined;
  const { mode, size, uid, gid, userName, groupName, linkText } = member;
  const common = { ...nothing, path: name.path, mode, uid, gid, userName, groupName };
  switch (member.kind) {
    case "directory":
      return { ...common, kind: "directory" };
    case "symlink":
      return { ...common, kind: "symlink", linkText };
    case "file": {
      const sum = env.host.hashing.sha256();
      for await (const piece of member.content) sum.add(piece);
      return { ...common, kind: "file", size, sha256: sum.hex() };
    }
    case "hard link": {
      const target = safeName(linkText, strip);
      const first = "wrong" in target ? undefined : earlier.get(target.path);
      if (first?.kind !== "file") throw refused(`${name.path} is another name of ${linkText}, which is not in it`);
      return { ...first, path: name.path, copyOf: first.copyOf || first.path };
    }
    case "special":
      throw refused(`${name.path} is a device or pipe`, "Only files, directories and links are extracted.");
  }
}

function refused(what: string, hint?: string): Failure {
  return new Failure(`the archive is refused: ${what}`, {
    code: "conflict",
    ...(hint === undefined ? {} : { hint }),
  });
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

// ---- Kept over restarts ----

export interface KeptContents {
  /** What all this depends on, besides the archive. */
  readonly reading: string;
  /** Of the archive; empty when it was still too young to be told from its next version. */
  readonly stamp: string;
  readonly sha256: string;
  readonly contents: readonly Content[];
}

const fileName = "contents.json";
const largestKeptBytes = 256 * 1024 * 1024;

/** What we did not write ourselves counts as nothing. */
export async function recallContents(env: ResourceEnv): Promise<KeptContents | undefined> {
  const known = env.memory.get(fileName);
  if (typeof known === "string") return parseKept(known);
  try {
    const path = `${await env.stateDirectory()}/${fileName}`;
    const text = textOf(await env.host.files.read(path, largestKeptBytes, env.signal));
    env.memory.set(fileName, text);
    return parseKept(text);
  } catch (reason) {
    if (!(reason instanceof Failure) || reason.code !== "not-found") throw reason;
    return undefined;
  }
}

export async function keepContents(kept: KeptContents, env: ResourceEnv): Promise<void> {
  const text = JSON.stringify({ version: 1, ...kept });
  const path = `${await env.stateDirectory()}/${fileName}`;
  await env.host.files.write(path, bytesOf(text), { mode: 0o600 }, env.signal);
  env.memory.set(fileName, text);
}

function parseKept(text: string): KeptContents | undefined {
  try {
    const read: unknown = JSON.parse(text);
    return isKept(read) ? read : undefined;
  } catch {
    return undefined;
  }
}

function isKept(value: unknown): value is KeptContents {
  return (
    typeof value === "object" &&
    value !== null &&
    Reflect.get(value, "version") === 1 &&
    typeof Reflect.get(value, "reading") === "string" &&
    Array.isArray(Reflect.get(value, "contents"))
  );
}
