// SPDX-License-Identifier: Apache-2.0
// What somebody does who deploys: gives a program to the hosts, asks them for their plans first, follows it from wave to
// wave, stops it, brings a former one back, and looks at what was deployed.

import type { Host } from "../../contract/host.ts";
import { Failure } from "../../contract/failure.ts";
import type {
  DeployRecord,
  DeploySettings,
  RolloutPlan,
  Signature,
  StoredDeploy,
} from "../../exchange/deploy-record.ts";
import type { OwnExchange } from "../../exchange/index.ts";
import { type HostReport, isIn, type RolloutState, stagesOf } from "../../exchange/rollout.ts";
import type { Bundle } from "../bundle.ts";
import { emptyBundle, fetchBundle, type Packed } from "./bundles.ts";
import type { GitFacts } from "./git-facts.ts";
import { parseAnswer, type PlanAnswer } from "./planner.ts";

export type { PlanAnswer } from "./planner.ts";
export type { DeployRecord, RolloutPlan } from "../../exchange/deploy-record.ts";

export interface DeployOptions {
  readonly host: Host;
  /** How the program was named. */
  readonly name: string;
  readonly by: string;
  readonly settings: DeploySettings;
  readonly git: GitFacts | undefined;
  /** Whatever was deployed before. */
  readonly force: boolean;
  readonly rollout: RolloutPlan | undefined;
  readonly sign: ((text: string) => Signature) | undefined;
}

/** `packed` undefined: the hosts are to do nothing. */
export function publishDeploy(
  exchange: OwnExchange,
  packed: Packed | undefined,
  options: DeployOptions,
  signal: AbortSignal,
): Promise<StoredDeploy> {
  const bundle = packed?.bundle ?? emptyBundle;
  const record = recordOf(packed, options);
  const { force, sign } = options;
  return exchange.deploys.publish(
    {
      record,
      manifest: bundle.manifest,
      contents: contentsOf(bundle),
      checksParent: !force,
      ...(sign === undefined ? {} : { sign }),
    },
    signal,
  );
}

/** A new deploy with the program of a former one; of the one before the newest when no id is given. */
export async function bringBack(
  exchange: OwnExchange,
  id: number | undefined,
  { by, rollout, sign, host }: Pick<DeployOptions, "by" | "rollout" | "sign" | "host">,
  signal: AbortSignal,
): Promise<StoredDeploy> {
  const deploys = await exchange.deploys.list(signal);
  const former = id === undefined ? deploys.at(-2) : deploys.find(({ record }) => record.id === id);
  if (former === undefined) {
    throw new Failure(
      id === undefined ? "There is no deploy before the newest." : `There is no deploy ${id} any more.`,
      {
        code: "not-found",
        hint: "`mgmt deploy --history` lists those that are kept.",
      },
    );
  }
  const { record } = former;
  const bundle = await fetchBundle(record.bundle, (sha256) => exchange.deploys.content(sha256, signal));
  const { id: _, rollout: __, bringsBack: ___, ...kept } = record;
  const plan = rollout === undefined ? {} : { rollout };
  return exchange.deploys.publish(
    {
      record: { ...kept, by, atMs: host.clock.now(), bringsBack: record.id, ...plan },
      manifest: bundle.manifest,
      contents: contentsOf(bundle),
      checksParent: false,
      ...(sign === undefined ? {} : { sign }),
    },
    signal,
  );
}

/** Leaves so many, and those that some host runs. */
export async function pruneDeploys(
  exchange: OwnExchange,
  keep: number,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const reports = await firstOf(exchange.rollouts.followReports(signal));
  return exchange.deploys.prune(keep, new Set([...(reports?.values() ?? [])].map(({ deploy }) => deploy)), signal);
}

export interface PastDeploy {
  readonly record: DeployRecord;
  readonly isSigned: boolean;
  readonly state: RolloutState | undefined;
  /** Hosts that run it. */
  readonly hosts: readonly string[];
}

/** Newest first. */
export async function deployHistory(exchange: OwnExchange, signal: AbortSignal): Promise<readonly PastDeploy[]> {
  await exchange.deploys.list(signal); // Fails when the store does not answer, instead of waiting for it.
  const now = await firstOf(exchange.rollouts.follow(signal));
  const reports = await firstOf(exchange.rollouts.followReports(signal));
  return (now?.deploys ?? [])
    .map(({ record, signature }) => ({
      record,
      isSigned: signature !== undefined,
      state: now?.states.get(record.id),
      hosts: [...(reports ?? [])].filter(([, report]) => report.deploy === record.id && report.state !== "refused").map(([host]) => host), // biome-ignore format: one line
    }))
    .reverse();
}

/** Of the newest deploy. Returns its id; undefined when no rollout is under way. */
export async function stopRollout(
  exchange: OwnExchange,
  why: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  const newest = (await exchange.deploys.list(signal)).at(-1)?.record;
  if (newest?.rollout === undefined) return undefined;
  return (await exchange.rollouts.stop(newest.id, why, signal)) ? newest.id : undefined;
}

// ---- Following ----

export interface Progress {
  readonly state: RolloutState["state"] | "waiting";
  /** From 1. */
  readonly stage: number;
  readonly stages: number;
  readonly why?: string;
  /** Of all that are alive; those that are in; those that are well with it. */
  readonly hosts: number;
  readonly inside: number;
  readonly well: number;
  readonly refused: ReadonlyMap<string, string>;
}

/** Whenever something has changed, until it is done or stopped. Without a rollout it is done when all have it. */
export async function* followDeploy(
  exchange: OwnExchange,
  record: DeployRecord,
  signal: AbortSignal,
): AsyncGenerator<Progress, void, undefined> {
  const ending = new AbortController();
  const both = AbortSignal.any([signal, ending.signal]);
  let alive: readonly string[] | undefined;
  let reports: ReadonlyMap<string, HostReport> | undefined;
  let state: RolloutState | undefined;
  let last = "";
  let wake = (): void => {};
  const read = async <Item>(items: AsyncIterable<Item>, take: (item: Item) => void): Promise<void> => {
    for await (const item of items) {
      take(item);
      wake();
    }
  };
  const reading = [
    read(exchange.living(both), (hosts) => {
      alive = hosts;
    }),
    read(exchange.rollouts.followReports(both), (all) => {
      reports = all;
    }),
    read(exchange.rollouts.follow(both), ({ states }) => {
      state = states.get(record.id);
    }),
  ];
  both.addEventListener("abort", () => wake(), { once: true });
  try {
    while (!both.aborted) {
      const progress = progressOf(record, state, alive ?? [], reports ?? new Map());
      const text = JSON.stringify([progress, [...progress.refused]]);
      if (reports !== undefined && alive !== undefined && text !== last) {
        last = text;
        yield progress;
        if (progress.state === "done" || progress.state === "stopped") return;
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    ending.abort();
    await Promise.allSettled(reading);
  }
}

function progressOf(
  record: DeployRecord,
  state: RolloutState | undefined,
  alive: readonly string[],
  reports: ReadonlyMap<string, HostReport>,
): Progress {
  const { rollout } = record;
  const isInside = (host: string): boolean =>
    rollout === undefined || (state !== undefined && isIn(record, state, host));
  const inside = alive.filter(isInside);
  const of = (host: string): HostReport | undefined => {
    const report = reports.get(host);
    return report?.deploy === record.id ? report : undefined;
  };
  const well = inside.filter((host) => of(host)?.state === "well").length;
  const refused = new Map(alive.flatMap((host): readonly [string, string][] => {
    const report = of(host);
    return report?.state === "refused" || report?.state === "unwell" ? [[host, report.why ?? ""]] : [];
  })); // biome-ignore format: one line
  const counts = { hosts: alive.length, inside: inside.length, well, refused };
  if (rollout === undefined) {
    const isDone = alive.length > 0 && inside.every((host) => of(host) !== undefined && of(host)?.state !== "starting");
    return { state: isDone ? "done" : "running", stage: 1, stages: 1, ...counts };
  }
  const stages = stagesOf(rollout).length;
  if (state === undefined) return { state: "waiting", stage: 0, stages, ...counts };
  const why = state.why === undefined ? {} : { why: state.why };
  return { state: state.state, stage: state.stage + 1, stages, ...why, ...counts };
}

// ---- Plans ----

export interface HostPlan {
  readonly host: string;
  /** Undefined: it did not answer in time, or in words that are not understood. */
  readonly answer: PlanAnswer | undefined;
}

/** What each host that is alive would do; sorted by host. */
export async function gatherPlans(
  exchange: OwnExchange,
  packed: Packed | undefined,
  options: DeployOptions & { readonly withinMs: number },
  signal: AbortSignal,
): Promise<readonly HostPlan[]> {
  const { host, sign, withinMs } = options;
  const bundle = packed?.bundle ?? emptyBundle;
  const name = [...host.random.bytes(8)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const contents = contentsOf(bundle);
  await exchange.deploys.put(Buffer.from(bundle.manifest), bundle.id, contents, signal);
  await exchange.proposals.propose(name, recordOf(packed, options), sign, signal);
  const patience = new AbortController();
  const cancel = host.clock.after(withinMs, () => patience.abort());
  let answers: ReadonlyMap<string, string> = new Map();
  let missing: readonly string[] = [];
  try {
    for await (const now of exchange.proposals.followAnswers(name, AbortSignal.any([signal, patience.signal]))) {
      ({ answers, missing } = now);
      if (missing.length === 0 && answers.size > 0) break;
    }
  } finally {
    cancel();
    await exchange.proposals.withdraw(name, signal).catch(() => {}); // It goes with our session.
  }
  return [...answers.keys(), ...missing]
    .sort()
    .map((each) => ({ host: each, answer: parseAnswer(answers.get(each) ?? "") }));
}

function recordOf(packed: Packed | undefined, options: DeployOptions): Omit<DeployRecord, "id"> {
  const { host, name, by, settings, git, rollout } = options;
  return {
    bundle: (packed?.bundle ?? emptyBundle).id,
    frontend: packed?.frontend ?? "empty",
    name,
    settings,
    atMs: host.clock.now(),
    by,
    ...(git === undefined ? {} : git),
    ...(rollout === undefined ? {} : { rollout }),
  };
}

function contentsOf({ files }: Bundle): ReadonlyMap<string, Uint8Array> {
  return new Map(files.map(({ sha256, content }) => [sha256, content]));
}

async function firstOf<Item>(items: AsyncIterableIterator<Item>): Promise<Item | undefined> {
  for await (const item of items) return item;
  return undefined;
}
