// SPDX-License-Identifier: Apache-2.0
// Follows a range on one server. Breaks with the connection and is begun anew, behind what it has told, by whoever
// follows.

import type { KeyChange, KeyRange, Revision, WatchItem } from "../../contract/cluster.ts";
import { Failure } from "../../contract/failure.ts";
import type { Clock } from "../../contract/host.ts";
import { textOf } from "../../values/bytes.ts";
import { CatchUp } from "./catch-up.ts";
import { isForgotten, refusalFrom, unreachable } from "./failures.ts";
import { byChange, deletion, descending, transact, watch, type WatchEvent, type WatchResponse } from "./messages.ts";
import { boundsOf, entryOf } from "./ranges.ts";
import type { Revisions } from "./revisions.ts";
import type { Servers } from "./servers.ts";

/** So long a server may take to tell what happened before. */
const catchUpMs = 10_000;

export interface WatchSetting {
  readonly servers: Servers;
  readonly revisions: Revisions;
  readonly clock: Clock;
  /** Aborts when the store has become another one. */
  readonly era: AbortSignal;
}

export async function* watchRange(
  range: KeyRange,
  after: Revision | undefined,
  setting: WatchSetting,
  signal: AbortSignal,
): AsyncGenerator<WatchItem, void, undefined> {
  const { servers, revisions, era, clock } = setting;
  let begin = 0;
  let catchUp: CatchUp | undefined;
  if (after !== undefined) {
    const known = await lookAt(range, after, setting, signal);
    if (known === undefined) {
      yield { kind: "compacted" };
      return;
    }
    [begin, catchUp] = [known.etcds + 1, known.catchUp];
  }
  const living = AbortSignal.any([signal, era]);
  const stream = await servers.converse(watch, living);
  const cancelLimit = clock.after(catchUpMs, () => servers.leave(stream.url));
  const gathering = new Gathering(begin - 1);
  try {
    stream.say({ create: { ...boundsOf(range), from: begin, progress: true, fragment: true } });
    for await (const answer of stream.answers) {
      const revision = revisions.see(answer.header);
      if (era.aborted || answer.compacted > 0) {
        yield { kind: "compacted" };
        return;
      }
      if (answer.isCancelled) throw unreachable(`${stream.url} says "${answer.reason}"`);
      if (answer.isCreated && catchUp === undefined) {
        cancelLimit();
        yield { kind: "changes", revision, changes: [] };
        continue;
      }
      for (const event of answer.events) catchUp?.add(event);
      gathering.add(answer);
      if (catchUp?.isDone === false) continue;
      const told = gathering.take(catchUp?.upTo ?? 0);
      catchUp = undefined;
      cancelLimit();
      if (told === undefined) continue;
      const changes = told.events.map((event) => changeOf(event, revisions));
      yield { kind: "changes", revision: revisions.ours(told.upTo), changes };
    }
    signal.throwIfAborted();
    throw unreachable(`${stream.url} ends what it tells`);
  } catch (reason) {
    if (signal.aborted) return;
    if (era.aborted) yield { kind: "compacted" };
    else throw reason instanceof Failure ? reason : refusalFrom(reason, stream.url).failure;
  } finally {
    cancelLimit();
  }
}

/** Undefined when what came after that revision is forgotten. */
async function lookAt(
  range: KeyRange,
  after: Revision,
  { servers, revisions }: WatchSetting,
  signal: AbortSignal,
): Promise<{ readonly etcds: number; readonly catchUp: CatchUp } | undefined> {
  const revision = revisions.etcds(after);
  if (revision === undefined) return undefined;
  const bounds = boundsOf(range);
  const changed = { limit: 1, keysOnly: true, order: descending, orderBy: byChange, changedFrom: revision + 1 };
  const success = [
    { range: { ...bounds, revision, countOnly: true } },
    { range: { ...bounds, countOnly: true } },
    { range: { ...bounds, ...changed } },
  ];
  try {
    const { header, answers } = await servers.ask(transact, { success }, signal, { isRepeatable: true });
    revisions.see(header);
    if (revisions.etcds(after) !== revision) return undefined;
    const [before, now, last] = answers.map((answer) => answer.range);
    if (before === undefined || now === undefined || last === undefined) throw unreachable("half an answer came");
    const lastPut = last.entries[0]?.changed ?? 0;
    return {
      etcds: revision,
      catchUp: new CatchUp({ before: before.count, now: now.count, lastPut, revision: header.revision }),
    };
  } catch (reason) {
    if (isForgotten(reason)) return undefined;
    throw reason;
  }
}

/** What came and was not told yet. What one transaction changed is told together, however it comes. */
class Gathering {
  #events: WatchEvent[] = [];
  #upTo: number;
  /** Below what it begins with, so that the first is told in any case. */
  #told = -1;
  #isWhole = true;

  constructor(upTo: number) {
    this.#upTo = upTo;
  }

  add({ header, events, isFragment, isCreated }: WatchResponse): void {
    // What came up to what was told already, and made no difference together, is not told piece by piece afterwards.
    this.#events.push(...events.filter(({ entry }) => entry.changed > this.#told));
    this.#isWhole = !isFragment;
    // An answer without events says that there are none up to its revision; one with events may be behind that.
    if (events.length === 0 && !isCreated) this.#upTo = Math.max(this.#upTo, header.revision);
  }

  /** `known`: there is nothing else up to this revision. Undefined when there is nothing to tell. */
  take(known: number): { readonly upTo: number; readonly events: readonly WatchEvent[] } | undefined {
    const last = this.#events.at(-1)?.entry.changed;
    // More of the last transaction may be in the next piece.
    const held = this.#isWhole ? [] : this.#events.filter(({ entry }) => entry.changed === last);
    const events = this.#events.slice(0, this.#events.length - held.length);
    const upTo = Math.max(this.#upTo, known, events.at(-1)?.entry.changed ?? 0);
    const isNews = upTo > this.#told || events.length > 0;
    [this.#events, this.#upTo, this.#told] = [held, upTo, upTo];
    return isNews ? { upTo, events } : undefined;
  }
}

function changeOf({ type, entry }: WatchEvent, revisions: Revisions): KeyChange {
  return type === deletion
    ? { key: textOf(entry.key), entry: undefined }
    : { key: textOf(entry.key), entry: entryOf(entry, revisions) };
}
