// SPDX-License-Identifier: Apache-2.0
// Deploys: programs that hosts take from the store. Ids grow by one; a deploy is there as a whole or not at all, because
// its contents are put first, and what makes it a deploy is one transaction. Knows neither files nor keys for signing.

import type { Change, Entry } from "../contract/cluster.ts";
import { Failure } from "../contract/failure.ts";
import { bytesOf, textOf } from "../values/bytes.ts";
import { putBlobs, readBlob, strayBlobs } from "./blobs.ts";
import type { Connection } from "./connection.ts";
import { type DeployRecord, parseRecord, renderRecord, type Signature, type StoredDeploy } from "./deploy-record.ts";
import { open, seal } from "./envelope.ts";
import { deployKey, deployOrderKey, deploysPrefix } from "./keys.ts";
import type { Mirrors } from "./mirrors.ts";

export interface Publication {
  readonly record: Omit<DeployRecord, "id">;
  /** One line of JSON for each file, with its `sha256`; its own hash is `record.bundle`. */
  readonly manifest: string;
  /** By SHA-256. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
  /** The commit must follow that of the newest deploy. */
  readonly checksParent: boolean;
  readonly sign?: (text: string) => Signature;
}

export interface Deploys {
  /** Oldest first. What a later version has written in another form is left out. */
  list(signal: AbortSignal): Promise<readonly StoredDeploy[]>;
  follow(signal: AbortSignal): AsyncIterableIterator<readonly StoredDeploy[]>;
  /** Fails with `conflict` when another one came first, or its commit is not the next. */
  publish(publication: Publication, signal: AbortSignal): Promise<StoredDeploy>;
  /** Puts contents and no deploy, for a program that is only looked at. */
  put(manifest: Uint8Array, bundle: string, contents: Publication["contents"], signal: AbortSignal): Promise<void>;
  /** Undefined when it is not there. Its hash has not been compared. */
  content(sha256: string, signal: AbortSignal): Promise<Uint8Array | undefined>;
  /** Leaves the newest so many, and those whose ids are wanted. Returns the ids of what has gone. */
  prune(keep: number, wanted: ReadonlySet<number>, signal: AbortSignal): Promise<readonly number[]>;
}

export function deploysOf(connection: Connection, mirrors: Mirrors): Deploys {
  const readings = new WeakMap<Entry, StoredDeploy | undefined>();
  const read = (entry: Entry): StoredDeploy | undefined => {
    if (!readings.has(entry)) readings.set(entry, storedIn(entry));
    return readings.get(entry);
  };
  const list = async (signal: AbortSignal): Promise<readonly StoredDeploy[]> =>
    (await connection.read({ prefix: deploysPrefix }, signal)).entries.flatMap((entry) => storedIn(entry) ?? []);

  return {
    list,

    follow: (signal) =>
      mirrors.follow(
        [{ prefix: deploysPrefix }],
        ([entries]) => [...(entries?.from(deploysPrefix) ?? [])].flatMap(([, entry]) => read(entry) ?? []),
        (left, right) => left.length === right.length && left.every((deploy, at) => deploy === right[at]),
        signal,
      ),

    async publish({ record, manifest, contents, checksParent, sign }, signal) {
      const all = new Map([...contents, [record.bundle, bytesOf(manifest)]]);
      for (let attempt = 0; attempt < 5; attempt += 1) {
        const before = await orderIn(connection, signal);
        const newest = (await list(signal)).at(-1);
        if (checksParent) refuseStranger(record, newest?.record);
        await putBlobs(connection, all, signal);
        const id = before.newest + 1;
        const text = renderRecord({ id, ...record });
        const signature = sign?.(text);
        const key = deployKey(id);
        const { held } = await connection.commit(
          {
            conditions: [
              { key, changed: 0 },
              { key: deployOrderKey, changed: before.changed },
            ],
            changes: [
              { do: "put", key, value: seal({ record: text, ...(signature === undefined ? {} : { signature }) }) },
              { do: "put", key: deployOrderKey, value: seal({ newest: id, pruned: before.pruned }) },
            ],
          },
          signal,
        );
        if (held) return { record: { id, ...record }, text, ...(signature === undefined ? {} : { signature }) };
        const after = await orderIn(connection, signal);
        if (after.newest !== before.newest) throw cameFirst((await list(signal)).at(-1)?.record);
        // Something was pruned meanwhile, perhaps a content that we relied on.
      }
      throw new Failure("Other hosts change the deploys again and again.", { code: "conflict", retry: "backoff" });
    },

    async put(manifest, bundle, contents, signal) {
      await putBlobs(connection, new Map([...contents, [bundle, manifest]]), signal);
    },

    content: (sha256, signal) => readBlob(connection, sha256, signal),

    async prune(keep, wanted, signal) {
      const before = await orderIn(connection, signal);
      const deploys = await list(signal);
      const old = deploys.slice(0, Math.max(0, deploys.length - keep)).filter(({ record }) => !wanted.has(record.id));
      const kept = new Set<string>();
      for (const deploy of deploys) {
        if (old.includes(deploy)) continue;
        const manifest = await readBlob(connection, deploy.record.bundle, signal);
        kept.add(deploy.record.bundle);
        for (const sha256 of contentsIn(manifest)) kept.add(sha256);
      }
      const gone = old.map(({ record }): Change => ({ do: "delete", key: deployKey(record.id) }));
      const changes = [...gone, ...(await strayBlobs(connection, kept, signal))];
      let { changed, pruned } = before;
      for (let at = 0; at < changes.length; at += 100) {
        pruned += 1;
        const mark = { do: "put", key: deployOrderKey, value: seal({ newest: before.newest, pruned }) } as const;
        const conditions = [{ key: deployOrderKey, changed }];
        const done = await connection.commit({ conditions, changes: [mark, ...changes.slice(at, at + 100)] }, signal);
        if (!done.held) return []; // Somebody deploys just now: whoever comes next does it.
        changed = done.revision;
      }
      return old.map(({ record }) => record.id);
    },
  };
}

interface Order {
  readonly newest: number;
  readonly pruned: number;
  readonly changed: number;
}

async function orderIn(connection: Connection, signal: AbortSignal): Promise<Order> {
  const [entry] = (await connection.read({ key: deployOrderKey }, signal)).entries;
  const { newest = 0, pruned = 0 } = (entry && open(entry.value)) ?? {};
  return { newest: Number(newest), pruned: Number(pruned), changed: entry?.changed ?? 0 };
}

function storedIn({ key, value }: Entry): StoredDeploy | undefined {
  const { record: text, signature } = open(value) ?? {};
  const record = typeof text === "string" ? parseRecord(text) : undefined;
  // Under another key it would be a deploy that came back; with 0 it was proposed, to be planned and not to be run.
  if (typeof text !== "string" || record === undefined || record.id < 1 || deployKey(record.id) !== key)
    return undefined;
  return { record, text, ...(isSignature(signature) ? { signature } : {}) };
}

function isSignature(value: unknown): value is Signature {
  if (typeof value !== "object" || value === null || !("key" in value) || !("value" in value)) return false;
  return typeof value.key === "string" && typeof value.value === "string";
}

function contentsIn(manifest: Uint8Array | undefined): readonly string[] {
  if (manifest === undefined) return [];
  return [...textOf(manifest).matchAll(/"sha256":"([0-9a-f]{64})"/g)].map(([, sha256 = ""]) => sha256);
}

// ---- Why not ----

function refuseStranger({ commit, parent }: Omit<DeployRecord, "id">, newest: DeployRecord | undefined): void {
  if (commit === undefined || newest === undefined) return;
  if (newest.commit === commit) {
    throw new Failure(`There is nothing new to deploy: deploy ${newest.id} is of this commit, ${short(commit)}.`, {
      code: "conflict",
      hint: "Commit a change first; --force deploys the same commit again.",
    });
  }
  if (newest.commit === parent) return;
  const was = newest.commit === undefined ? "of no commit" : `of commit ${short(newest.commit)}`;
  throw new Failure(`The commit ${short(commit)} does not follow the newest deploy, ${newest.id}, which is ${was}.`, {
    code: "conflict",
    hint: `Its parent is ${parent === undefined ? "unknown" : short(parent)}: somebody has deployed another history. Rebase on it, or deploy in its place with --force.`,
  });
}

function cameFirst(newest: DeployRecord | undefined): Failure {
  const who = newest === undefined ? "" : `: deploy ${newest.id} by ${newest.by}`;
  return new Failure(`Somebody else deployed at the same time${who}.`, {
    code: "conflict",
    hint: "Nothing of yours was deployed. Look at what came first, and try again.",
  });
}

function short(commit: string): string {
  return commit.slice(0, 12);
}
