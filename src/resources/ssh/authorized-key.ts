// SPDX-License-Identifier: Apache-2.0
// `ssh:authorized_key`: a key that lets its owner log in. A key is what it opens: the line of the same key with other
// options is changed, never doubled. In the home of another user no symbolic link is followed: root must not be led.

import { Failure, type FailureCode } from "../../contract/failure.ts";
import type { FileState, Guard, WriteOptions } from "../../contract/host.ts";
import { defineResource, type ResourceEnv, type Step, type StepText } from "../../contract/resource.ts";
import { bytesOf } from "../../values/bytes.ts";
import { expandHome, watchHomePath } from "../files/home-path.ts";
import { renderMode } from "../files/mode.ts";
import { oneAtATime } from "../files/one-at-a-time.ts";
import { cleanPath, isBelow, parentOf } from "../files/path.ts";
import { fileOrDirectoriesAbove } from "../files/path-identities.ts";
import { readText } from "../files/read-text.ts";
import { realPath } from "../files/real-path.ts";
import { linesOfKey, withKey, withoutKey } from "./key-file.ts";
import { type KeyLine, renderKeyLine, shortKey } from "./key-line.ts";
import {
  type AuthorizedKeyWant,
  authorizedKeyFields,
  checkAuthorizedKey,
  wantedFile,
  wantedKey,
  wantedOwner,
} from "./wanted-key.ts";

interface Place {
  readonly path: string;
  readonly uid: number;
  /** Present where the owner of the file could lead us elsewhere. */
  readonly noLinksBelow?: string;
}

interface Unavailable {
  readonly kind: "unavailable";
  readonly code: FailureCode;
  readonly reason: string;
}

interface Found {
  readonly kind: "found";
  readonly place: Place;
  readonly key: KeyLine;
  readonly file: FileState | undefined;
  readonly directoryMissing: boolean;
  /** The lines about this key. */
  readonly lines: readonly string[];
  readonly right: boolean;
}

type KeyStep =
  | (Step & { readonly do: "make-directory"; readonly place: Place })
  | (Step & {
      readonly do: "put";
      readonly place: Place;
      readonly key: KeyLine;
      readonly was: readonly string[];
      readonly present: boolean;
      readonly made: boolean;
    })
  | (Step & { readonly do: "protect"; readonly place: Place; readonly text: string })
  | (Step & { readonly do: "refuse"; readonly code: FailureCode; readonly reason: string });

/** The SSH server ignores files that others can write to. */
const writableByOthers = 0o022;
/** A file of keys is nothing to run with the rights of its owner. */
const plainBits = 0o777;

export const authorizedKey = defineResource({
  kind: "ssh:authorized_key",
  summary: "A public key with which somebody may log in as a user of this machine.",
  fields: authorizedKeyFields,
  traits: {},
  watchedFields: ["file", "user"],
  edges: {
    reads: ["file", "user"],
    offers: () => [], // What is in a file is not the file.
    *wishes(want) {
      const owner = wantedOwner(want);
      if (owner !== "") yield { order: "before", anyOf: [{ space: "user", id: owner }], why: "is a key of" };
      const file = wantedFile(want);
      if (file.startsWith("/")) yield { order: "before", anyOf: fileOrDirectoriesAbove(file), why: "is a line in" };
    },
  },
  check: checkAuthorizedKey,
  observe: observeKey,
  plan: planKey,
  explain: explainKey,
  apply: applyKey,
  watch: (want: AuthorizedKeyWant, env) => watchHomePath(wantedFile(want), env.host, env.signal),
});

async function observeKey(want: AuthorizedKeyWant, env: ResourceEnv): Promise<Found | Unavailable> {
  const { files } = env.host;
  const key = wantedKey(want, env.name);
  if ("wrong" in key) return { kind: "unavailable", code: "invalid", reason: key.wrong };
  const place = await placeOf(want, env);
  if ("reason" in place) return place;
  const link = await linkOnTheWay(place, env);
  if (link !== undefined) {
    const reason = `${link} is a symbolic link, which is not followed in the home directory of another user`;
    return { kind: "unavailable", code: "conflict", reason };
  }
  const text = (await readText(place.path, files, env.signal, guardOf(place))) ?? "";
  const others = linesOfOthers(want, env);
  return {
    kind: "found",
    place,
    key,
    file: await files.inspect(place.path, env.signal),
    directoryMissing: (await files.inspectTarget(parentOf(place.path), env.signal)) === undefined,
    lines: linesOfKey(text, key, others),
    right: text === edited(text, want.state !== "absent", key, others),
  };
}

function planKey(want: AuthorizedKeyWant, have: Found | Unavailable): readonly KeyStep[] {
  if (have.kind === "unavailable") return [{ do: "refuse", code: have.code, reason: have.reason }];
  const { place, key, file, directoryMissing, lines, right } = have;
  const present = want.state !== "absent";
  const steps: KeyStep[] = [];
  if (present && directoryMissing && want.mkdir) steps.push({ do: "make-directory", place });
  if (!right) steps.push({ do: "put", place, key, was: lines, present, made: file !== undefined });
  const needed = present && file?.kind === "file" ? protection(file, place) : [];
  if (needed.length > 0) steps.push({ do: "protect", place, text: needed.join(", ") });
  return steps;
}

function explainKey(step: KeyStep): StepText {
  switch (step.do) {
    case "make-directory":
      return { mark: "+", text: `make the directory ${parentOf(step.place.path)}, mode 0700, owner ${step.place.uid}` };
    case "put": {
      const [was] = step.was;
      const key = shortKey(step.key);
      const again = step.was.length > 1 ? ` (there ${step.was.length} times)` : "";
      if (!step.present) return { mark: "-", text: `remove the key ${key}${again}` };
      if (was === undefined) return { mark: "+", text: `add the key ${key}${step.made ? "" : " to a new file"}` };
      const line = renderKeyLine(step.key);
      if (step.was.includes(line)) return { mark: "~", text: `keep one line of the key ${key}${again}` };
      return { mark: "~", text: `change the line of the key ${key}${again}`, content: { before: was, after: line } };
    }
    case "protect":
      return { mark: "~", text: step.text };
    case "refuse":
      return { mark: "!", text: step.reason };
  }
}

/** The file is read again: another resource may have changed it since it was observed. */
async function applyKey(step: KeyStep, want: AuthorizedKeyWant, env: ResourceEnv): Promise<void> {
  const { host, signal } = env;
  if (step.do === "refuse") throw new Failure(step.reason, { code: step.code });
  const { path, uid } = step.place;
  const guard = guardOf(step.place);
  await oneAtATime(host.files, path, signal, async () => {
    const file = await host.files.inspect(path, signal);
    if (step.do === "make-directory") {
      const directory = parentOf(path);
      if ((await host.files.inspect(directory, signal)) !== undefined) return;
      await host.files.createDirectory(
        directory,
        { mode: 0o700, ...(await ownerAt(directory, uid, env)), ...guard },
        signal,
      );
      return;
    }
    const before = (await readText(path, host.files, signal, guard)) ?? "";
    const after = step.do === "put" ? edited(before, step.present, step.key, linesOfOthers(want, env)) : before;
    if (step.do === "put" && after === before) return;
    const attributes: WriteOptions =
      file === undefined
        ? { mode: 0o600, ...(await ownerAt(path, uid, env)) }
        : { mode: file.mode & plainBits & ~writableByOthers, uid: file.uid === 0 ? 0 : uid };
    await host.files.write(path, bytesOf(after), { ...attributes, ...guard }, signal);
  });
}

/** New things get the group of the directory in which they are. */
async function ownerAt(path: string, uid: number, { host, signal }: ResourceEnv): Promise<WriteOptions> {
  const directory = await host.files.inspectTarget(parentOf(path), signal);
  if (host.identity.uid !== 0 || directory === undefined) return {};
  return { uid, gid: directory.gid };
}

function edited(text: string, present: boolean, key: KeyLine, others: ReadonlySet<string>): string {
  return present ? withKey(text, key, others) : withoutKey(text, key, others);
}

function linesOfOthers(want: AuthorizedKeyWant, env: ResourceEnv): ReadonlySet<string> {
  const lines = new Set<string>();
  for (const peer of env.peers()) {
    // Peers are of this kind, so their fields are those of this schema.
    const other = peer.want as AuthorizedKeyWant;
    const key = wantedKey(other, peer.name);
    if (other.state !== "absent" && wantedFile(other) === wantedFile(want) && !("wrong" in key)) {
      lines.add(renderKeyLine(key));
    }
  }
  return lines;
}

async function placeOf(want: AuthorizedKeyWant, { host, signal }: ResourceEnv): Promise<Place | Unavailable> {
  const { identity } = host;
  const expanded = await expandHome(wantedFile(want), host, signal);
  if ("unknown" in expanded) return { kind: "unavailable", code: "not-found", reason: expanded.unknown };
  const owner = wantedOwner(want);
  const uid = owner === "" ? identity.uid : await identity.userId(owner, signal);
  if (uid === undefined) return { kind: "unavailable", code: "not-found", reason: `the user ${owner} does not exist` };
  const home = owner === "" ? undefined : await identity.homeDirectory(owner, signal);
  const foreign = home !== undefined && uid !== identity.uid && isBelow(expanded.path, cleanPath(home));
  if (foreign) return { path: expanded.path, uid, noLinksBelow: cleanPath(home) };
  return { path: await realPath(expanded.path, host.files, signal), uid };
}

function guardOf({ noLinksBelow }: Place): Guard {
  return noLinksBelow === undefined ? {} : { noLinksBelow };
}

/** The first that is there now; what is put there later is refused by the host. */
async function linkOnTheWay(place: Place, { host, signal }: ResourceEnv): Promise<string | undefined> {
  if (place.noLinksBelow === undefined) return undefined;
  const links: string[] = [];
  for (let at = place.path; at !== place.noLinksBelow; at = parentOf(at)) {
    if ((await host.files.inspect(at, signal))?.kind === "symlink") links.push(at);
  }
  return links.at(-1);
}

/** What must change so that the SSH server trusts the file. */
function protection(file: FileState, place: Place): readonly string[] {
  const mode = file.mode & plainBits & ~writableByOthers;
  return [
    ...(mode === file.mode ? [] : [`set mode ${renderMode(mode)} (was ${renderMode(file.mode)})`]),
    ...(file.uid === place.uid || file.uid === 0 ? [] : [`set owner ${place.uid} (was ${file.uid})`]),
  ];
}
