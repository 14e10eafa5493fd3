// SPDX-License-Identifier: Apache-2.0
// What may have changed: the files of the tree, what git has checked out there, and a repository on this machine. The
// store of git is not watched: it is big, and every fetch writes into it.

import type { Host, WatchTarget } from "../../../contract/host.ts";
import type { ResourceEnv } from "../../../contract/resource.ts";
import { cleanPath, joinPath } from "../../files/path.ts";
import { type GitWant, localRepository } from "./fields.ts";

export async function* watchGit(want: GitWant, env: ResourceEnv): AsyncIterable<void> {
  env.memory.set("watched", true);
  for (;;) {
    const targets = await targetsOf(want, env);
    for await (const _ of env.host.files.watch(targets, env.signal)) {
      yield;
      if (JSON.stringify(await targetsOf(want, env)) !== JSON.stringify(targets)) break;
    }
    if (env.signal.aborted) return;
  }
}

/** What submodules have checked out; their files are in the tree. Their names may have slashes, and they may have submodules. */
async function submoduleTargets(modules: string, host: Host, signal: AbortSignal): Promise<readonly WatchTarget[]> {
  const targets: WatchTarget[] = [{ path: modules, entries: true }];
  const isDirectory = (await host.files.inspect(modules, signal))?.kind === "directory";
  for (const name of isDirectory ? await host.files.list(modules, signal) : []) {
    const place = joinPath(modules, name);
    if ((await host.files.inspect(joinPath(place, "HEAD"), signal)) === undefined) {
      targets.push(...(await submoduleTargets(place, host, signal)));
      continue;
    }
    targets.push({ path: joinPath(place, "HEAD") }, { path: joinPath(place, "index") });
    targets.push({ path: joinPath(place, "refs/heads"), recursive: true });
    targets.push(...(await submoduleTargets(joinPath(place, "modules"), host, signal)));
  }
  return targets;
}

async function targetsOf(want: GitWant, { host, signal }: ResourceEnv): Promise<readonly WatchTarget[]> {
  const path = cleanPath(want.path);
  const git = joinPath(path, ".git");
  const targets: WatchTarget[] = [
    { path, entries: true },
    { path: joinPath(git, "HEAD") },
    { path: joinPath(git, "config") },
    { path: joinPath(git, "index") },
    { path: joinPath(git, "refs/heads"), recursive: true },
  ];
  if (want.submodules) targets.push(...(await submoduleTargets(joinPath(git, "modules"), host, signal)));
  const at = await host.files.inspectTarget(path, signal);
  for (const name of at?.kind === "directory" ? await host.files.list(path, signal) : []) {
    const inside = joinPath(path, name);
    const isDirectory = name !== ".git" && (await host.files.inspect(inside, signal))?.kind === "directory";
    if (isDirectory) targets.push({ path: inside, recursive: true });
  }
  const repository = localRepository(want.url);
  for (const place of repository === undefined ? [] : [repository, joinPath(repository, ".git")]) {
    targets.push({ path: joinPath(place, "HEAD") }, { path: joinPath(place, "packed-refs") });
    targets.push({ path: joinPath(place, "refs"), recursive: true });
  }
  return targets;
}
