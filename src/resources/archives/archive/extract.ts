// SPDX-License-Identifier: Apache-2.0
// Putting members of an archive in their places. The archive is read through once, and each file is whole or not there.

import { Failure } from "../../../contract/failure.ts";
import type { FileAttributes, Guard } from "../../../contract/host.ts";
import type { ResourceEnv } from "../../../contract/resource.ts";
import { joinPath } from "../../files/path.ts";
import type { ArchiveWant } from "./fields.ts";
import { membersOf } from "./members.ts";
import type { ArchiveStep, Made } from "./plan.ts";
import { safeName } from "./safe-name.ts";

export async function applyArchiveStep(step: ArchiveStep, want: ArchiveWant, env: ResourceEnv): Promise<void> {
  const { files } = env.host;
  switch (step.do) {
    case "remove":
      return files.remove(step.path, { recursive: true, ...step.guard }, env.signal);
    case "extract":
      return extract(step, want, env);
    case "set-owner":
      return files.setOwner(step.path, ownerOf(step), env.signal, step.guard);
    case "set-mode":
      return files.setMode(step.path, step.mode, env.signal, step.guard);
    case "refuse":
      throw new Failure(step.reason, { code: step.code, ...(step.hint === undefined ? {} : { hint: step.hint }) });
  }
}

async function extract(
  step: ArchiveStep & { readonly do: "extract" },
  want: ArchiveWant,
  env: ResourceEnv,
): Promise<void> {
  const { path, guard, made } = step;
  const { files } = env.host;
  if (step.first) await makeDirectory(path, guard, {}, env, true);
  const wanted = new Map(made.map((one) => [one.content.path, one]));
  const directories = made.filter(({ content }) => content.kind === "directory").sort(byDepth);
  for (const one of directories) {
    // While its entries are made, we must be able to; its own mode comes at the end.
    const mode = one.mode === undefined ? {} : { mode: one.mode | 0o700 };
    await makeDirectory(joinPath(path, one.content.path), guard, { ...ownerOf(one), ...mode }, env);
  }
  for await (const member of membersOf(step.source.path, step.source.guard, env)) {
    const name = safeName(member.name, want.strip);
    const one = "wrong" in name ? undefined : wanted.get(name.path);
    if (one === undefined || one.content.kind === "directory") continue;
    const place = joinPath(path, one.content.path);
    if (member.kind === "symlink" && one.content.kind === "symlink") {
      await files.link(place, one.content.linkText, env.signal, guard);
      if (one.uid !== undefined || one.gid !== undefined) await files.setOwner(place, ownerOf(one), env.signal, guard);
    } else if (member.kind === "file" && one.content.copyOf === "") {
      await files.writePieces(place, member.content, { ...attributesOf(one), ...guard }, env.signal);
    }
  }
  for (const one of made.filter(({ content }) => content.copyOf !== "")) {
    const source = joinPath(path, one.content.copyOf);
    const options = { ...attributesOf(one), ...guard, sourceGuard: guard };
    await files.copy(source, joinPath(path, one.content.path), options, env.signal);
  }
  for (const one of directories.reverse()) {
    if (one.mode === undefined) continue;
    await files.setMode(joinPath(path, one.content.path), one.mode, env.signal, guard);
  }
}

async function makeDirectory(
  path: string,
  guard: Guard,
  attributes: FileAttributes,
  { host, signal }: ResourceEnv,
  parents = false,
): Promise<void> {
  // The guard of the directory itself begins at that directory.
  const above = guard.noLinksBelow === path ? {} : guard;
  try {
    await host.files.createDirectory(path, { ...attributes, ...above, parents }, signal);
  } catch (reason) {
    const there =
      reason instanceof Failure && reason.code === "exists" ? await host.files.inspect(path, signal) : undefined;
    if (there?.kind !== "directory") throw reason;
  }
}

function byDepth(one: Made, other: Made): number {
  return one.content.path.split("/").length - other.content.path.split("/").length;
}

function attributesOf(one: Made): FileAttributes {
  return { ...(one.mode === undefined ? {} : { mode: one.mode }), ...ownerOf(one) };
}

function ownerOf({ uid, gid }: { readonly uid: number | undefined; readonly gid: number | undefined }) {
  return { ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }) };
}
