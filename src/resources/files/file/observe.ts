// SPDX-License-Identifier: Apache-2.0
// Reading what is on the disk, no more of it than the plan needs. A file at rest costs one `lstat`.

import type { FileState } from "../../../contract/host.ts";
import type { ResourceEnv } from "../../../contract/resource.ts";
import { joinPath, parentOf } from "../path.ts";
import { realPath } from "../real-path.ts";
import { trustedPlace } from "../trusted-place.ts";
import { observeContent } from "./content.ts";
import { type ContentOrigin, type FileWant, originOf, type Target, targetOf } from "./fields.ts";
import type { FileHave, Principal } from "./have.ts";
import { namesInside, observeTree } from "./tree.ts";

/** What must be at the place; `any` when the program is content with whatever is there. */
export type Form = "file" | "directory" | "symlink" | "any";

export function formOf(want: FileWant, target: Target, origin: ContentOrigin): Form {
  if (want.symlink) return "symlink";
  if (target.directory) return "directory";
  return origin === "none" ? "any" : "file";
}

export async function observeFile(want: FileWant, env: ResourceEnv): Promise<FileHave> {
  const target = targetOf(want);
  const origin = originOf(want);
  const form = formOf(want, target, origin);
  const place = await locate(want, target, form, env);
  const { path, at } = place;
  const absent = want.state === "absent";
  const regular = at?.kind === "file" ? at : undefined;
  const recursive = form === "directory" && (want.purge || origin === "source") && !absent;
  return {
    ...place,
    inside: at?.kind === "directory" && mayRemoveDirectory(want, form) ? await namesInside(path, env) : [],
    parentMissing: at === undefined && want.recurse && !absent && (await isParentMissing(path, env)),
    umask: env.host.identity.umask,
    owner: absent ? undefined : await principal(want.owner, (name) => env.host.identity.userId(name, env.signal)),
    group: absent ? undefined : await principal(want.group, (name) => env.host.identity.groupId(name, env.signal)),
    content: form === "file" && !absent ? await observeContent(want, origin, path, regular, env) : undefined,
    tree: recursive ? await observeTree(want, path, at, env) : undefined,
    context: want.selinux === undefined ? undefined : await contextAt(path, at, env),
    linked: form === "symlink" && want.mode !== "" ? await inspectLinked(want, path, env) : undefined,
  };
}

/** Follows a symbolic link at the place when what it leads to is of the right form: it is then managed through the link. */
async function locate(
  want: FileWant,
  target: Target,
  form: Form,
  env: ResourceEnv,
): Promise<Pick<FileHave, "path" | "at" | "linkText">> {
  const { files } = env.host;
  const path = target.path;
  const at = await files.inspect(path, env.signal);
  if (at?.kind !== "symlink") return { path, at, linkText: undefined };
  const linkText = await files.readLink(path, env.signal);
  const end = form === "symlink" || want.state === "absent" ? undefined : await files.inspectTarget(path, env.signal);
  if (end === undefined || (form !== "any" && form !== end.kind)) return { path, at, linkText };
  const real = await trustedPlace(path, env.host, env.signal, "follow");
  // Whoever made this link could mean any file of the machine.
  if (real.guard.noLinksBelow !== undefined) return { path, at, linkText };
  return { path: real.path, at: await files.inspect(real.path, env.signal), linkText: undefined };
}

function mayRemoveDirectory(want: FileWant, form: Form): boolean {
  if (want.state === "absent") return want.recurse || (want.symlink && want.force);
  return want.force && (form === "file" || form === "symlink");
}

async function contextAt(path: string, at: FileState | undefined, env: ResourceEnv): Promise<string | undefined> {
  return at === undefined ? undefined : env.host.files.securityContext(path, env.signal);
}

async function isParentMissing(path: string, env: ResourceEnv): Promise<boolean> {
  return (await env.host.files.inspectTarget(parentOf(path), env.signal)) === undefined;
}

async function principal(
  name: string,
  idOf: (name: string) => Promise<number | undefined>,
): Promise<Principal | undefined> {
  return name === "" ? undefined : { name, id: await idOf(name) };
}

async function inspectLinked(want: FileWant, path: string, env: ResourceEnv): Promise<FileHave["linked"]> {
  const written = want.source.startsWith("/") ? want.source : joinPath(parentOf(path), want.source);
  const real = await realPath(written, env.host.files, env.signal);
  const at: FileState | undefined = await env.host.files.inspect(real, env.signal);
  return at === undefined ? undefined : { path: real, at };
}
