// SPDX-License-Identifier: Apache-2.0
// What a run has around it, so that others can ask what it does and did: the lock of its state directory, its journal and
// its control socket. Only the lock can stop a run; without the others it goes on and says so.

import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import type { Cluster } from "../../contract/cluster.ts";
import type { EngineEvent } from "../../contract/event.ts";
import { Failure } from "../../contract/failure.ts";
import type { Host } from "../../contract/host.ts";
import { Journal } from "../../journal/journal.ts";
import { emptyGraph } from "../../resource-graph/vertex.ts";
import { type Removal, removalOf } from "../removal.ts";
import type { RunView } from "../run.ts";
import { reportLine } from "../write-report.ts";
import type { Answer, Question } from "./control-protocol.ts";
import { serveControl } from "./control-server.ts";
import { lockPrefix } from "./prefix-lock.ts";
import { createAskedKeeper } from "./asked.ts";
import { createRecorder } from "./recorder.ts";
import { answersOf } from "./store-answers.ts";
import { type Live, tellStatus, tellWhy } from "./tell.ts";

export interface AttendOptions {
  readonly host: Host;
  readonly prefix: string;
  /** As given on the command line. */
  readonly path: string;
  readonly hostname: string;
  readonly noop: boolean;
  /** Where the store is that it shares with other hosts, for people. */
  readonly storePlace: string;
  /** The store itself: one that nobody else has can be used through this run. */
  readonly cluster?: Cluster;
  readonly keepDays: number;
  readonly keepBytes: number;
  /** How long to wait for another run that has the state directory. */
  readonly patienceMs: number;
  readonly onWait: () => void;
  readonly onTrouble: (message: string) => void;
}

export interface Attendance {
  readonly emit: (event: EngineEvent) => void;
  readonly onProgram: (files: ReadonlyMap<string, string | undefined>) => void;
  /** What a server of the store says that runs here. */
  readonly onStoreLog: (text: string) => void;
  /** From now on the run can be asked. */
  begin(view: RunView): void;
  end(ending: string): void;
}

/** More is given at once to nobody. */
const mostEvents = 10_000;
const tryAgainMs = 100;

/** Fails with a `Failure` when another run has the state directory. */
export async function attend(options: AttendOptions): Promise<Attendance> {
  const { host, prefix, onTrouble } = options;
  const { clock } = host;
  const lock = await lockOf(options);
  if (lock === undefined) return unattended;
  const journal = openJournal(options, (entries) => control?.tell(entries));
  if (journal === undefined) return { ...unattended, end: () => lock.release() };
  const kept: Journal = journal;
  let view: RunView | undefined;
  const asked = createAskedKeeper((entry) => kept.add(entry), clock);
  const stopListening = host.serving.asked.listen(asked.listen);
  const recorder = createRecorder(journal, clock, () => view?.graph ?? emptyGraph);
  const { noop: isNoop, storePlace } = options;
  const removal = (): Removal | undefined => removalOf(prefix);
  const live = (): Live | undefined =>
    view === undefined ? undefined : { view, recorder, noop: isNoop, asked: asked.counts(), storePlace, removal };
  function* answer(request: Question): Generator<Answer, void, undefined> {
    const nowMs = clock.now();
    switch (request.ask) {
      case "status":
        yield { answer: "status", status: tellStatus(kept, live(), nowMs) ?? null };
        return;
      case "why":
        yield { answer: "why", why: tellWhy(kept, live(), request.resource, nowMs) };
        return;
      case "report":
        for (const entry of view?.report() ?? []) yield { answer: "report", line: reportLine(entry) };
        return;
      case "events": {
        const { resource, sinceMs } = request;
        const filter = { resource, sinceMs, limit: mostEvents };
        for (const event of kept.entries(filter)) yield { answer: "event", event };
      }
    }
  }
  const answering = { answer, store: answersOf(options.cluster?.isShared === false ? options.cluster : undefined) };
  const control = tryTo(() => serveControl(prefix, answering, onTrouble), "The control socket", onTrouble);
  const { path: program, hostname, noop } = options;
  journal.add({ type: "started", program, hostname, processId: host.system.process.id, noop });
  const flush = (): void => journal.flush();
  process.once("exit", flush); // At the third signal there is no other end.
  return {
    emit: recorder.listen,
    onProgram: (files) => journal.add({ type: "program", hash: hashOf(files), files: files.size }),
    onStoreLog: (text) => journal.add({ type: "store", text }),
    begin: (begun) => {
      view = begun;
    },
    end: (ending) => {
      process.off("exit", flush);
      stopListening();
      journal.add({ type: "ended", ending });
      journal.flush();
      control?.close();
      journal.close();
      lock.release();
    },
  };
}

const unattended: Attendance = {
  emit: () => {},
  onProgram: () => {},
  onStoreLog: () => {},
  begin: () => {},
  end: () => {},
};

type Lock = NonNullable<ReturnType<typeof lockPrefix>>;

/** Undefined when the disk does not let us: then nobody else can have it either. */
async function lockOf({ prefix, host, patienceMs, onWait, onTrouble }: AttendOptions): Promise<Lock | undefined> {
  const { signal } = new AbortController();
  for (let waitedMs = 0; ; waitedMs += tryAgainMs) {
    const tried = tryTo(
      () => {
        mkdirSync(prefix, { recursive: true, mode: 0o750 });
        return { lock: lockPrefix(prefix) };
      },
      `The state directory ${prefix}`,
      onTrouble,
    );
    if (tried === undefined || tried.lock !== undefined) return tried?.lock;
    if (waitedMs === 0 && patienceMs > 0) onWait();
    if (waitedMs >= patienceMs) break;
    await host.clock.sleep(tryAgainMs, signal);
  }
  throw new Failure(`Another mgmt runs with the state directory ${prefix}.`, {
    code: "busy",
    hint: "`mgmt status` tells what it does. Give this one a directory of its own with --prefix or --tmp-prefix.",
  });
}

function openJournal(
  { prefix, host, keepDays, keepBytes, onTrouble }: AttendOptions,
  onWritten: (entries: Parameters<ReturnType<typeof serveControl>["tell"]>[0]) => void,
): Journal | undefined {
  const path = `${prefix}/journal.db`;
  const open = (): Journal => new Journal({ path, clock: host.clock, keepDays, keepBytes, onTrouble, onWritten });
  return tryTo(open, `The journal ${path}`, onTrouble);
}

function tryTo<Result>(task: () => Result, what: string, onTrouble: (message: string) => void): Result | undefined {
  try {
    return task();
  } catch (reason) {
    const why = reason instanceof Error ? reason.message : String(reason);
    onTrouble(`${what} cannot be used (${why}): what happens is not kept, and \`mgmt status\` cannot ask.`);
    return undefined;
  }
}

/** One hash of all files, in the order of their paths. */
function hashOf(files: ReadonlyMap<string, string | undefined>): string {
  const hash = createHash("sha256");
  for (const [path, text] of [...files].sort(([left], [right]) => (left < right ? -1 : 1))) {
    if (text !== undefined) hash.update(`${path.length} ${path} ${text.length} ${text}`);
  }
  return hash.digest("hex").slice(0, 16);
}
