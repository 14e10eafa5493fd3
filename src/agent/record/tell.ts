// SPDX-License-Identifier: Apache-2.0
// Puts together what is known of a run and of a resource: from the journal, and of a run under way from the engine too.

import { renderPlace } from "../../base/span.ts";
import { nearest, nearestFirst } from "../../base/nearest.ts";
import type { ResourceReport } from "../../engine/report.ts";
import type { LastState, Written } from "../../journal/entry.ts";
import type { EntryFilter } from "../../journal/queries.ts";
import type { Removal } from "../removal.ts";
import type { RunView } from "../run.ts";
import type { AskedCounts } from "./asked.ts";
import { type BlockedResource, type FailedResource, mostEntries, mostListed, type Status, type Why } from "./facts.ts";
import { keptFailure, type Recorder } from "./recorder.ts";

/** The journal, whether this process writes it or only reads it. */
export interface Source {
  entries(filter: EntryFilter): readonly Written[];
  lastState(resource: string): LastState | undefined;
  lastStates(): readonly LastState[];
  readonly lost?: number;
}

/** The run of this process. */
export interface Live {
  readonly view: RunView;
  readonly recorder: Recorder;
  readonly noop: boolean;
  readonly asked?: AskedCounts | undefined;
  /** Where the store is that it shares. */
  readonly storePlace: string;
  /** Whether this host was removed from the cluster. */
  readonly removal: () => Removal | undefined;
}

/** Undefined when no run has ever told anything. */
export function tellStatus(source: Source, live: Live | undefined, nowMs: number): Status | undefined {
  const [started] = source.entries({ types: ["started"], limit: 1 });
  if (started?.type !== "started") return undefined;
  const ofRun = { afterId: started.id, limit: 1 };
  const [ended] = source.entries({ ...ofRun, types: ["ended"] });
  const [program] = source.entries({ ...ofRun, types: ["program"] });
  const [lastChange] = source.entries({ ...ofRun, types: ["applied"] });
  const last = ended ?? source.entries(ofRun)[0] ?? started;
  const { program: path, hostname, processId, noop, timeMs: startedMs } = started;
  return {
    isRunning: live !== undefined,
    nowMs,
    program: path,
    hostname,
    processId,
    noop,
    startedMs,
    ...(program?.type === "program" ? { programMs: program.timeMs, hash: program.hash } : {}),
    ...(ended?.type === "ended" ? { ending: ended.ending } : {}),
    lastMs: last.timeMs,
    ...(live === undefined ? statesLeft(source, startedMs) : statesNow(live)),
    ...storeNow(live),
    ...(lastChange === undefined ? {} : { lastChange }),
    ...(live?.asked === undefined ? {} : { asked: live.asked }),
    ...((source.lost ?? 0) > 0 ? { lost: source.lost } : {}),
  };
}

function storeNow(live: Live | undefined): Pick<Status, "store"> {
  if (live === undefined) return {};
  const { isShared, ...state } = live.view.store;
  if (!isShared) return {};
  const removed = live.removal();
  return { store: { place: live.storePlace, ...state, ...(removed === undefined ? {} : { removed }) } };
}

type States = Pick<Status, "isConverged" | "states" | "failed" | "blocked">;

function statesNow({ view, recorder }: Live): States {
  const states: Record<string, number> = {};
  const failed: FailedResource[] = [];
  const blocked: BlockedResource[] = [];
  for (const { vertex, state, failure, blockedBy } of view.report()) {
    states[state] = (states[state] ?? 0) + 1;
    const { reference: resource } = vertex;
    if (failure !== undefined && failed.length < mostListed) {
      failed.push(failedOf(resource, renderPlace(vertex.at), keptFailure(failure), recorder.of(resource)?.retryAtMs));
    }
    if (blockedBy !== undefined && blocked.length < mostListed) blocked.push({ resource, by: blockedBy });
  }
  return { isConverged: view.converged, states, failed, blocked };
}

/** Of the last run. What it did not come to is not known. */
function statesLeft(source: Source, startedMs: number): States {
  const states: Record<string, number> = {};
  const failed: FailedResource[] = [];
  const blocked: BlockedResource[] = [];
  for (const { resource, state, timeMs, at, failure, blockedBy } of source.lastStates()) {
    if (timeMs < startedMs || state === "removed") continue;
    states[state] = (states[state] ?? 0) + 1;
    if (failure !== undefined && failed.length < mostListed) failed.push(failedOf(resource, at, failure, undefined));
    if (blockedBy !== undefined && blocked.length < mostListed) blocked.push({ resource, by: blockedBy });
  }
  return { states, failed, blocked };
}

function failedOf(
  resource: string,
  at: string | undefined,
  failure: FailedResource["failure"],
  retryAtMs: number | undefined,
): FailedResource {
  return { resource, failure, ...(at === undefined ? {} : { at }), ...(retryAtMs === undefined ? {} : { retryAtMs }) };
}

export function tellWhy(source: Source, live: Live | undefined, resource: string, nowMs: number): Why {
  const entries = source.entries({ resource, exceptType: "asked", limit: mostEntries });
  const left = source.lastState(resource);
  const known = { resource, isRunning: live !== undefined, nowMs, entries, chain: chainOf(source, entries) };
  const report = live?.view.report() ?? [];
  const found = report.find(({ vertex }) => vertex.reference === resource);
  if (live !== undefined && found !== undefined) return { ...known, ...present(live, found, report) };
  if (left === undefined && entries.length === 0) {
    const names = report.length > 0 ? report.map(({ vertex }) => vertex.reference) : namesOf(source);
    return { ...known, state: "unknown", isDeclared: false, alike: resourcesLike(resource, names) };
  }
  const state = left === undefined || live !== undefined ? "removed" : left.state;
  const isGone = state === "removed";
  return {
    ...known,
    state,
    isDeclared: !isGone,
    ...(left === undefined ? {} : { sinceMs: left.timeMs }),
    ...(left?.at === undefined ? {} : { at: left.at }),
    ...(isGone || left?.failure === undefined ? {} : { failure: left.failure }),
    ...(isGone || left?.blockedBy === undefined ? {} : blockedLeft(source, left.blockedBy)),
  };
}

function present(
  { view, recorder, noop }: Live,
  found: ResourceReport,
  report: readonly ResourceReport[],
): Omit<Why, "resource" | "isRunning" | "nowMs" | "entries" | "chain"> {
  const { vertex, group, state, failure, blockedBy } = found;
  const own = recorder.of(vertex.reference);
  // A group is observed as one by some kinds; its failures are those of all in it.
  const memory = own?.observedMs === undefined && group !== undefined ? recorder.of(group) : own;
  const waits = state === "waiting" ? waitsFor(view, group ?? vertex.key, report) : [];
  const blocker = report.find((each) => each.vertex.reference === blockedBy);
  const retryAtMs = recorder.of(group ?? vertex.reference)?.retryAtMs;
  return {
    state,
    isDeclared: true,
    at: renderPlace(vertex.at),
    ...(group === undefined ? {} : { group }),
    ...(noop || vertex.meta.noop ? { noop: true } : {}),
    ...(own === undefined || own.wouldApply.length === 0 ? {} : { wouldApply: own.wouldApply }),
    ...(own?.state === undefined ? {} : { sinceMs: own.stateMs }),
    ...(memory?.observedMs === undefined ? {} : { observedMs: memory.observedMs }),
    ...(failure === undefined ? {} : { failure: keptFailure(failure) }),
    ...(failure === undefined || retryAtMs === undefined ? {} : { retryAtMs }),
    ...(blockedBy === undefined ? {} : { blockedBy }),
    ...(waits.length === 0 ? {} : { waitsFor: waits }),
    ...(blocker?.failure === undefined
      ? {}
      : {
          blocker: failedOf(
            blocker.vertex.reference,
            renderPlace(blocker.vertex.at),
            keptFailure(blocker.failure),
            recorder.of(blocker.vertex.reference)?.retryAtMs,
          ),
        }),
  };
}

function waitsFor({ graph }: RunView, key: string, report: readonly ResourceReport[]): NonNullable<Why["waitsFor"]> {
  const before = new Set(graph.shape.edges.filter((edge) => edge.to === key).map((edge) => edge.from));
  return report
    .filter(({ vertex, state }) => before.has(vertex.key) && state !== "settled")
    .slice(0, mostListed)
    .map(({ vertex, state }) => ({ resource: vertex.reference, state }));
}

function blockedLeft(source: Source, blockedBy: string): Pick<Why, "blockedBy" | "blocker"> {
  const blocker = source.lastState(blockedBy);
  if (blocker?.failure === undefined) return { blockedBy };
  return { blockedBy, blocker: failedOf(blockedBy, blocker.at, blocker.failure, undefined) };
}

function namesOf(source: Source): readonly string[] {
  return source.lastStates().map(({ resource }) => resource);
}

const longestChain = 8;

/** From the last step of the resource back, over the refreshes and values that resources handed on. */
function chainOf(source: Source, entries: readonly Written[]): readonly Written[] {
  const chain: Written[] = [];
  let last = entries.findLast(({ type }) => type === "applied");
  while (last?.type === "applied" && last.cause.from !== undefined && chain.length < longestChain) {
    const [before] = source.entries({ resource: last.cause.from, types: ["applied"], toId: last.id, limit: 1 });
    if (before === undefined) break;
    chain.push(before);
    last = before;
  }
  return chain;
}

const mostAlike = 3;

/** Those whose names have the asked one in them, the same kind first, and those that it may be a slip of. */
function resourcesLike(resource: string, names: readonly string[]): readonly string[] {
  const [kind, name] = partsOf(resource);
  const containing = names
    .filter((each) => name !== "" && partsOf(each)[1].includes(name))
    .sort((left, right) => Number(partsOf(right)[0] === kind) - Number(partsOf(left)[0] === kind));
  const slips = nearestFirst(resource, names).filter((each) => nearest(resource, [each]) !== undefined);
  return [...new Set([...containing, ...slips])].slice(0, mostAlike);
}

function partsOf(resource: string): readonly [kind: string, name: string] {
  const at = resource.indexOf("[");
  return [resource.slice(0, at), resource.slice(at + 1, -1)];
}
