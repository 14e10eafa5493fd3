// SPDX-License-Identifier: Apache-2.0
// Reads a range, all of one instant, in pages: a range can be larger than what should be in memory twice, or than what a
// server should have to answer at once.

import type { Entry, KeyRange, Snapshot } from "../../contract/cluster.ts";
import { isForgotten } from "./failures.ts";
import { range as rangeMethod } from "./messages.ts";
import { behind, boundsOf, entryOf } from "./ranges.ts";
import type { Revisions } from "./revisions.ts";
import type { Servers } from "./servers.ts";

const firstPage = 256;
/** Pages grow and shrink towards this size. */
const pageBytes = 1024 * 1024;

export async function readRange(
  range: KeyRange,
  servers: Servers,
  revisions: Revisions,
  signal: AbortSignal,
): Promise<Snapshot> {
  for (;;) {
    try {
      return await readPages(range, servers, revisions, signal);
    } catch (reason) {
      if (!isForgotten(reason)) throw reason; // The instant was forgotten between two pages: takes another one.
    }
  }
}

async function readPages(
  range: KeyRange,
  servers: Servers,
  revisions: Revisions,
  signal: AbortSignal,
): Promise<Snapshot> {
  const { key, end } = boundsOf(range);
  const entries: Entry[] = [];
  let [from, limit] = [key, firstPage];
  let [revision, cluster] = [0, 0n];
  for (;;) {
    const page = await servers.ask(rangeMethod, { key: from, end, limit, revision }, signal, { isRepeatable: true });
    revisions.see(page.header);
    if (revision === 0) [revision, cluster] = [page.header.revision, page.header.clusterId];
    else if (cluster !== page.header.clusterId) return readPages(range, servers, revisions, signal);
    let bytes = 0;
    for (const found of page.entries) {
      entries.push(entryOf(found, revisions));
      bytes += found.value.length;
    }
    const last = page.entries.at(-1);
    if (!page.isMore || last === undefined) return { revision: revisions.ours(revision), entries };
    from = behind(last.key);
    if (bytes < pageBytes / 2) limit *= 2;
    else if (bytes > pageBytes * 2) limit = Math.max(16, Math.floor(limit / 2));
  }
}
