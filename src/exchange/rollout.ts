// SPDX-License-Identifier: Apache-2.0
// A deploy that goes from host to host in waves: who is in, and when the next wave begins or the rollout stops. Pure; all
// times are ages. A host is in a wave by its *place*, a number between 0 and 1 made of its name and the deploy, so a wave of
// ten thousand hosts is told by one number, and other hosts come first each time.

import { matchesName } from "./name-pattern.ts";
import type { DeployRecord, RolloutPlan, StoredDeploy, Wave } from "./deploy-record.ts";

export interface RolloutState {
  readonly stage: number;
  /** Hosts with a place up to this are in. */
  readonly upTo: number;
  readonly state: "running" | "done" | "stopped";
  /** For people: why it has stopped. */
  readonly why?: string;
}

export interface HostReport {
  readonly deploy: number;
  /** `refused`: its program is wrong here, and what ran before still runs. */
  readonly state: "starting" | "well" | "unwell" | "refused";
  readonly why?: string;
}

export interface HostInRollout {
  readonly host: string;
  readonly isAlive: boolean;
  readonly report?: HostReport;
  /** How long it has been reporting this. */
  readonly ageMs: number;
}

/** The newest that this host is to run. */
export function chooseDeploy(
  deploys: readonly StoredDeploy[],
  states: ReadonlyMap<number, RolloutState>,
  host: string,
): StoredDeploy | undefined {
  return deploys.findLast(({ record }) => {
    const state = states.get(record.id);
    if (state === undefined) return record.rollout === undefined;
    return state.state === "done" || (state.state === "running" && isIn(record, state, host));
  });
}

export function isIn({ id, rollout }: DeployRecord, { upTo }: RolloutState, host: string): boolean {
  if (rollout === undefined) return true;
  return placeOf(id, host) <= upTo || rollout.first.some((pattern) => matchesName(pattern, host));
}

/** Undefined: it stays as it is. */
export function nextState(
  record: DeployRecord & { readonly rollout: RolloutPlan },
  state: RolloutState | undefined,
  hosts: readonly HostInRollout[],
  stageMs: number,
): RolloutState | undefined {
  const { rollout } = record;
  const alive = hosts.filter(({ isAlive }) => isAlive).map(({ host }) => host);
  if (state === undefined) return alive.length === 0 ? undefined : stageOf(record, 0, alive);
  if (state.state !== "running") return undefined;
  const inside = hosts.filter(({ host, isAlive, report }) => isIn(record, state, host) && (isAlive || report?.deploy === record.id)); // biome-ignore format: one line
  const failed = inside.filter((host) => hasFailed(record, host));
  const stop = (why: string): RolloutState => ({ ...state, state: "stopped", why });
  if (failed.length > rollout.mayFail) return stop(`it has failed on ${namesOf(failed)}`);
  const waiting = inside.filter((host) => !failed.includes(host) && !isWell(record, host));
  if (waiting.length === 0 && inside.length > 0) {
    if (state.stage + 1 < stagesOf(rollout).length) return stageOf(record, state.stage + 1, alive);
    return { ...state, state: "done" };
  }
  if (stageMs > rollout.patienceMs + rollout.splayMs) return stop(`it was not well in time on ${namesOf(waiting)}`);
  return undefined;
}

/** When `nextState` may say something else with nothing but time. */
export function nextLookMs(
  record: DeployRecord & { readonly rollout: RolloutPlan },
  hosts: readonly HostInRollout[],
  stageMs: number,
): number {
  const { soakMs, patienceMs, splayMs } = record.rollout;
  const times = [
    patienceMs + splayMs - stageMs,
    ...hosts.filter(({ report }) => report?.deploy === record.id).map(({ ageMs }) => soakMs - ageMs),
  ].filter((ms) => ms > 0);
  return Math.min(...times, 60_000) + 1;
}

/** How long a host of a wave waits, so that not all of them do the same at once. */
export function splayOf(record: DeployRecord, host: string): number {
  return Math.floor((record.rollout?.splayMs ?? 0) * placeOf(record.id + 0.5, host));
}

// ---- Stages ----

type Stage = Wave | "first" | "all";

export function stagesOf({ waves, first }: RolloutPlan): readonly Stage[] {
  const last = waves.at(-1);
  const endsWithAll = last !== undefined && "percent" in last && last.percent >= 100;
  const between: readonly Stage[] = endsWithAll ? waves.slice(0, -1) : waves;
  return [...(first.length > 0 ? (["first"] as const) : []), ...between, "all"];
}

function stageOf(
  record: DeployRecord & { readonly rollout: RolloutPlan },
  number: number,
  alive: readonly string[],
): RolloutState {
  const stage = stagesOf(record.rollout)[number] ?? "all";
  if (stage === "all") return { stage: number, upTo: 1, state: "running" };
  if (stage === "first") {
    // Without any of them nothing would be tried, so the next stage is the first.
    const isThere = alive.some((host) => record.rollout.first.some((pattern) => matchesName(pattern, host)));
    return isThere ? { stage: number, upTo: -1, state: "running" } : stageOf(record, number + 1, alive);
  }
  const count = "hosts" in stage ? stage.hosts : Math.ceil((alive.length * stage.percent) / 100);
  const places = alive.map((host) => placeOf(record.id, host)).sort((left, right) => left - right);
  const upTo = places[Math.max(1, Math.min(count, places.length)) - 1] ?? 0;
  return { stage: number, upTo, state: "running" };
}

// ---- Hosts ----

function isWell({ id, rollout }: DeployRecord, { isAlive, report, ageMs }: HostInRollout): boolean {
  return isAlive && report?.deploy === id && report.state === "well" && ageMs >= (rollout?.soakMs ?? 0);
}

function hasFailed({ id, rollout }: DeployRecord, { isAlive, report, ageMs }: HostInRollout): boolean {
  if (report?.deploy !== id) return false;
  if (report.state === "refused" || !isAlive) return true;
  return report.state === "unwell" && ageMs >= (rollout?.soakMs ?? 0);
}

const mostNames = 3;

function namesOf(hosts: readonly HostInRollout[]): string {
  const names = hosts.slice(0, mostNames).map(({ host, report, isAlive }) => {
    const why = isAlive ? report?.why : "it is lost";
    return why === undefined ? host : `${host} (${why})`;
  });
  const more = hosts.length - mostNames;
  return names.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** FNV-1a, mixed so that names that are alike lie far apart. */
export function placeOf(id: number, host: string): number {
  let hash = 0x811c9dc5;
  for (const character of `${id}/${host}`) {
    hash ^= character.codePointAt(0) ?? 0;
    hash = Math.imul(hash, 0x01000193) >>> 0;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35) >>> 0;
  return ((hash ^ (hash >>> 16)) >>> 0) / 4_294_967_296;
}
