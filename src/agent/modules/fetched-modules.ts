// SPDX-License-Identifier: Apache-2.0
// Modules of others: fetches those that are missing when it may, and compares each with mgmt.lock.

import { Problems } from "../../base/problem.ts";
import { Failure } from "../../contract/failure.ts";
import type { Host } from "../../contract/host.ts";
import { parseMetadata } from "../../program/modules/metadata.ts";
import type { Refused, RemoteModule, RemoteModules } from "../../program/modules/module-source.ts";
import { bytesOf, textOf } from "../../values/bytes.ts";
import { programLimitBytes } from "../program-input.ts";
import { hashDirectory } from "./content-hash.ts";
import { type Git, gitProgram } from "./git.ts";
import { type Lock, type LockedModule, lockName, parseLock, renderLock } from "./lock.ts";

export interface FetchOptions {
  readonly host: Host;
  readonly signal: AbortSignal;
  readonly show: (path: string) => string;
  /** Where mgmt.lock is; undefined for a program that has no place. Ends in `/`. */
  readonly lockDirectory: string | undefined;
  readonly download: boolean;
  readonly update: boolean;
}

export interface FetchedModules extends RemoteModules {
  /** When everything was fetched: the lock, if it says something new. */
  writeLock(): Promise<void>;
}

/** Fails with a `Failure` when there is a lock that cannot be read. */
export async function fetchedModules(options: FetchOptions): Promise<FetchedModules> {
  const { host, signal, lockDirectory, show } = options;
  const path = lockDirectory === undefined ? undefined : lockDirectory + lockName;
  let lock: Lock = new Map();
  if (path !== undefined && (await host.files.inspectTarget(path, signal)) !== undefined) {
    lock = parseLock(textOf(await host.files.read(path, programLimitBytes, signal)), show(path));
  }
  const git = gitProgram(host, signal);
  const added = new Map<string, LockedModule>();
  return {
    async prepare(module) {
      try {
        const wanted = lock.get(module.name);
        const refused = await fetch(module, wanted, git, options);
        if (refused !== undefined) return refused;
        if (!options.download && wanted === undefined) return undefined;
        const found = await lockedModule(module, git, options);
        if (wanted !== undefined && !options.update && wanted.sha256 !== found.sha256) {
          return differs(module, wanted, found, options);
        }
        if (options.download) added.set(module.name, found);
        return undefined;
      } catch (reason) {
        if (!(reason instanceof Failure)) throw reason;
        return {
          reason: reason.message.replace(/\.$/, ""),
          ...(reason.hint === undefined ? {} : { hint: reason.hint }),
        };
      }
    },
    async writeLock() {
      if (path === undefined || added.size === 0) return;
      const text = renderLock(new Map([...lock, ...added]));
      if (text === renderLock(lock)) return;
      await host.files.write(path, bytesOf(text), { durable: true }, signal);
    },
  };
}

/** Brings the directory to what is wanted, as far as it may. */
async function fetch(
  { url, directory, isThere }: RemoteModule,
  wanted: LockedModule | undefined,
  git: Git,
  { download, update, show, host, signal }: FetchOptions,
): Promise<Refused | undefined> {
  if (isThere) {
    if (download && update && (await git.commitOf(directory)) !== undefined) await git.update(url, directory);
    return undefined;
  }
  if (!download) {
    return {
      reason: `it is not in ${show(directory)}`,
      hint: "`mgmt check --download` with this program fetches the modules that it needs.",
    };
  }
  const parent = directory.slice(0, directory.slice(0, -1).lastIndexOf("/"));
  if ((await host.files.inspectTarget(parent, signal)) === undefined) {
    await host.files.createDirectory(parent, { parents: true }, signal);
  }
  await git.clone(url, directory);
  if (wanted?.commit !== undefined && !update) await git.checkOut(url, wanted.commit, directory);
  return undefined;
}

async function lockedModule(
  { url, directory }: RemoteModule,
  git: Git,
  { host, signal }: FetchOptions,
): Promise<LockedModule> {
  const commit = await git.commitOf(directory);
  const path = await pathOfModules(directory, host, signal);
  const sha256 = await hashDirectory(directory, path === undefined ? [] : [path], host, signal);
  return { url, ...(commit === undefined ? {} : { commit }), sha256 };
}

/** Where a module keeps modules of others, which have entries of their own in the lock. */
async function pathOfModules(directory: string, { files }: Host, signal: AbortSignal): Promise<string | undefined> {
  const path = `${directory}metadata.yaml`;
  if ((await files.inspectTarget(path, signal)) === undefined) return undefined;
  const text = textOf(await files.read(path, programLimitBytes, signal));
  return (await parseMetadata({ path, text }, new Problems()))?.path;
}

function differs(
  { directory }: RemoteModule,
  wanted: LockedModule,
  found: LockedModule,
  { show }: FetchOptions,
): Refused {
  const commits =
    wanted.commit === undefined || found.commit === undefined || wanted.commit === found.commit
      ? "its files were changed"
      : `it is at commit ${found.commit.slice(0, 12)} instead of ${wanted.commit.slice(0, 12)}`;
  return {
    reason: `${show(directory)} is not what ${lockName} says: ${commits}`,
    hint: `If the change is wanted, take it up with \`--download --update\`; if not, remove ${show(directory)} and fetch it again with \`--download\`.`,
  };
}
