// SPDX-License-Identifier: Apache-2.0
// Programs from the deploys of a cluster: the one that this host is to run now, and each that follows it. A deploy that is
// not signed as it must be, is damaged or is wrong is told and left alone; what ran before goes on. Without the store the host
// begins with what it ran last.

import type { Problem } from "../../base/problem.ts";
import { Problems } from "../../base/problem.ts";
import { Pulses } from "../../base/pulse.ts";
import type { Catalog } from "../../contract/catalog.ts";
import type { Listener } from "../../contract/event.ts";
import { Failure, isAbort } from "../../contract/failure.ts";
import type { Host } from "../../contract/host.ts";
import type { LocalStore } from "../../contract/local-store.ts";
import type { StoredDeploy } from "../../exchange/deploy-record.ts";
import type { OwnExchange } from "../../exchange/index.ts";
import { type HostReport, splayOf } from "../../exchange/rollout.ts";
import type { DeploysNow } from "../../exchange/rollouts.ts";
import type { Value } from "../../values/value.ts";
import type { Bundle } from "../bundle.ts";
import { createLiveProgram, type Program } from "../live-program.ts";
import type { Offer, ProgramSource } from "../program-source.ts";
import { compileBundle, fetchBundle } from "./bundles.ts";
import { compileHealth, Fitness, followHealth } from "./health.ts";
import { type DeployKeys, refusedSignature } from "./keys.ts";
import { type LocalCopy, localCopy } from "./local-copy.ts";
import { answerProposals, type PlanProgram } from "./planner.ts";

export interface DeploySourceOptions {
  readonly host: Host;
  readonly hostname: string;
  readonly catalog: Catalog;
  readonly prefix: string;
  readonly exchange: OwnExchange;
  readonly local: LocalStore;
  /** Who may deploy; undefined: anybody who can write into the store. */
  readonly keys: DeployKeys | undefined;
  /** Nothing of before the start: neither the newest that there is, nor what ran last. */
  readonly waitsForNew: boolean;
  /** Says what a program would do here. */
  readonly plan: PlanProgram;
  /** Change nothing in the store or on the disk for it. */
  readonly noop: boolean;
  /** Ends with the run. */
  readonly signal: AbortSignal;
  readonly onProblems: (problems: readonly Problem[]) => void;
  readonly onTrouble: (message: string) => void;
}

/** How long a start waits for the store before it begins with what it has. */
const storeWithinMs = 2000;
const tryAgainMs = 2000;

export function deploySource(options: DeploySourceOptions): ProgramSource & { readonly listen: Listener } {
  return new DeploySource(options);
}

class DeploySource implements ProgramSource {
  readonly endsWithItsProgram = false;
  readonly listen: Listener;
  readonly #options: DeploySourceOptions;
  readonly #copy: LocalCopy;
  readonly #fitness: Fitness;
  readonly #news: Pulses;
  #now: DeploysNow | undefined;
  readonly #heard = Promise.withResolvers<void>();
  /** Newer than this; of those that wait for a new one. */
  #after = 0;
  /** What was offered last. */
  #offered: number | undefined;
  #inForce: { readonly id: number; readonly bundle: string } | undefined;
  #endHealth: AbortController | undefined;
  #report: HostReport | undefined;
  #isTelling = false;
  /** Whether what ran last is worth an offer, because nothing else is in force. */
  #needsCopy = false;
  #wantsCopy = false;

  constructor(options: DeploySourceOptions) {
    const { host, prefix, signal, exchange } = options;
    this.#options = options;
    this.#copy = localCopy(host, prefix);
    this.#news = new Pulses(signal);
    this.#fitness = new Fitness((report) => {
      this.#report = report;
      this.#tellReport();
    });
    this.listen = this.#fitness.listen;
    exchange.exports.onReachable(() => this.#tellReport());
    this.#follow().catch(this.#mistake);
    if (options.noop) return;
    exchange.rollouts.judge(signal).catch(this.#mistake);
    answerProposals({ ...options, copy: this.#copy }).catch(this.#mistake);
  }

  /** What the store says, if it says anything soon; else what ran last; else nothing. */
  async first(signal: AbortSignal): Promise<Offer> {
    if (this.#options.waitsForNew) return nothing;
    const copy = await this.#copy.load(signal);
    const patience = new AbortController();
    const late = this.#options.host.clock.sleep(storeWithinMs, AbortSignal.any([signal, patience.signal]));
    await Promise.race([this.#heard.promise, late.catch(() => {})]);
    patience.abort();
    const chosen = this.#now?.chosen;
    if (chosen === undefined || chosen.record.id === copy?.deploy.record.id) {
      return (copy && (await this.#prepare(copy.deploy, signal, copy.bundle))) ?? nothing;
    }
    this.#needsCopy = copy !== undefined; // If what is chosen is wrong here.
    return (await this.#onceAtFirst(chosen, signal)) ?? (await this.#formerOffer(signal)) ?? nothing;
  }

  /** What cannot be had now is tried again by `next`. */
  async #onceAtFirst(chosen: StoredDeploy, signal: AbortSignal): Promise<Offer | undefined> {
    this.#offered = chosen.record.id;
    try {
      return await this.#prepare(chosen, signal);
    } catch (reason) {
      if (isAbort(reason, signal) || !(reason instanceof Failure)) throw reason;
      if (reason.code === "invalid") return this.#refuse(chosen, reason.message);
      this.#offered = undefined;
      return undefined;
    }
  }

  async next(signal: AbortSignal): Promise<Offer | undefined> {
    // Not `for await`, which would end the news with the first offer.
    while ((await this.#news.next()).done !== true) {
      const now = this.#now;
      if (this.#wantsCopy) {
        const former = await this.#formerOffer(signal);
        if (former !== undefined) return former;
      }
      if (now === undefined) continue;
      const chosen = now.chosen;
      if (chosen === undefined || chosen.record.id <= this.#after) {
        if (this.#offered === undefined || this.#options.waitsForNew || now.deploys.length === 0) continue;
        this.#offered = undefined;
        this.#inForce = undefined;
        this.#endHealth?.abort();
        return nothing; // The only one was stopped.
      }
      if (chosen.record.id === this.#offered) continue;
      if (!(await this.#splay(chosen, signal))) continue;
      this.#offered = chosen.record.id;
      const offer = await this.#tryToPrepare(chosen, signal);
      if (offer !== undefined) return offer;
      const former = await this.#formerOffer(signal);
      if (former !== undefined) return former;
    }
    return undefined;
  }

  /** What ran last, when what is chosen is wrong and nothing is in force. */
  async #formerOffer(signal: AbortSignal): Promise<Offer | undefined> {
    this.#wantsCopy = false;
    if (!this.#needsCopy) return undefined;
    this.#needsCopy = false;
    const copy = await this.#copy.load(signal);
    const offered = this.#offered;
    const offer = copy === undefined ? undefined : await this.#prepare(copy.deploy, signal, copy.bundle);
    this.#offered = offered; // The one that is wrong is not tried again.
    return offer;
  }

  // ---- What the store says ----

  async #follow(): Promise<void> {
    const { exchange, signal, waitsForNew } = this.#options;
    for await (const now of exchange.rollouts.follow(signal)) {
      if (this.#now === undefined && waitsForNew) this.#after = now.deploys.at(-1)?.record.id ?? 0;
      this.#now = now;
      this.#heard.resolve();
      this.#news.pulse();
    }
  }

  /** False when another one is chosen meanwhile. */
  async #splay({ record }: StoredDeploy, signal: AbortSignal): Promise<boolean> {
    const { host, hostname } = this.#options;
    if (this.#inForce !== undefined) await host.clock.sleep(splayOf(record, hostname), signal);
    return this.#now?.chosen?.record.id === record.id;
  }

  // ---- One deploy ----

  /** Undefined when it is refused. As long as the store cannot be asked, it is tried again. */
  async #tryToPrepare(deploy: StoredDeploy, signal: AbortSignal): Promise<Offer | undefined> {
    for (;;) {
      try {
        return await this.#prepare(deploy, signal);
      } catch (reason) {
        if (!(reason instanceof Failure) || isAbort(reason, signal)) throw reason;
        if (reason.code === "invalid") return this.#refuse(deploy, reason.message);
        if (reason.code !== "unreachable" && reason.code !== "timed-out") {
          this.#options.onTrouble(`deploy ${deploy.record.id} cannot be had now: ${reason.message}`);
        }
        await this.#options.host.clock.sleep(tryAgainMs, signal);
        if (this.#now?.chosen?.record.id !== deploy.record.id) return undefined;
      }
    }
  }

  async #prepare(deploy: StoredDeploy, signal: AbortSignal, known?: Bundle): Promise<Offer | undefined> {
    const { record } = deploy;
    const { catalog, exchange, noop, onProblems } = this.#options;
    const refusal = this.#isRefused(deploy);
    if (refusal !== undefined) return this.#refuse(deploy, refusal);
    const bundle = known ?? (await fetchBundle(record.bundle, (sha256) => exchange.deploys.content(sha256, signal)));
    const offered = record.id;
    this.#offered = offered;
    const automatic = { autoedges: record.settings.autoedges, autogroups: record.settings.autogroups };
    const parts = { automatic, meta: metaOf(deploy) };
    if (record.frontend === "empty") return { ...nothing, ...parts, ...this.#callbacks(deploy, bundle) };
    if (!noop || known === undefined) await this.#copy.unpack(bundle, signal);
    const place = this.#copy.placeOf(bundle.id);
    const { program, problems } = await compileBundle({ frontend: record.frontend, bundle }, place, catalog);
    if (program === undefined) {
      onProblems(problems);
      return this.#refuse(deploy, wordsOf(problems));
    }
    const files = new Map(bundle.files.map(({ path, sha256 }) => [path, sha256]));
    const packing = (): Promise<Bundle["files"]> => Promise.resolve(bundle.files);
    return { program, files, packing, ...parts, ...this.#callbacks(deploy, bundle) };
  }

  #callbacks(deploy: StoredDeploy, bundle: Bundle): Pick<Offer, "onTaken" | "onProblems"> {
    const { id, name } = deploy.record;
    const { onTrouble } = this.#options;
    return {
      onTaken: () => {
        if (this.#inForce?.id === id) return;
        const former = this.#inForce;
        this.#inForce = { id, bundle: bundle.id };
        this.#needsCopy = false;
        onTrouble(`deploy ${id}, ${name}, is in force`);
        this.#beginHealth(deploy);
        this.#keep(deploy, bundle, former === undefined ? [] : [former.bundle]);
      },
      onProblems: (problems) => {
        if (this.#inForce?.id === id) return; // Its resources tell the rest.
        this.#refuse(deploy, wordsOf(problems));
        if (!this.#needsCopy || this.#inForce !== undefined) return;
        this.#wantsCopy = true;
        this.#news.pulse();
      },
    };
  }

  #isRefused(deploy: StoredDeploy): string | undefined {
    return refusedSignature(deploy, this.#options.keys);
  }

  #refuse({ record: { id } }: StoredDeploy, why: string): undefined {
    const goesOn = this.#inForce === undefined ? "" : `; deploy ${this.#inForce.id} stays in force`;
    this.#options.onTrouble(`deploy ${id} is refused: ${why}${goesOn}`);
    this.#fitness.refused(id, why);
    return undefined;
  }

  #keep(deploy: StoredDeploy, bundle: Bundle, alsoKept: readonly string[]): void {
    const { noop, signal, onTrouble } = this.#options;
    if (noop) return;
    this.#copy.keep(deploy, bundle, alsoKept, signal).catch((reason: unknown) => {
      if (isAbort(reason, signal)) return;
      if (!(reason instanceof Failure)) throw reason;
      onTrouble(`deploy ${deploy.record.id} cannot be kept for a start without the store: ${reason.message}`);
    });
  }

  // ---- How it fares ----

  #beginHealth({ record: { id, rollout } }: StoredDeploy): void {
    this.#endHealth?.abort();
    const expression = rollout?.health;
    this.#fitness.begin(id, { hasExpression: expression !== undefined });
    if (expression === undefined) return;
    const ending = new AbortController();
    this.#endHealth = ending;
    this.#followHealth(expression, AbortSignal.any([this.#options.signal, ending.signal])).catch(this.#mistake);
  }

  async #followHealth(expression: string, signal: AbortSignal): Promise<void> {
    const { host, local, exchange, catalog, hostname } = this.#options;
    const { program, problems: wrong } = await compileHealth(expression, catalog);
    if (program === undefined) {
      this.#options.onProblems(wrong);
      return this.#fitness.health(false);
    }
    const problems = new Problems();
    const isKind = (kind: string): boolean => catalog.kind(kind) !== undefined;
    const live = createLiveProgram({ program, host, local, exchange, isKind, hostname, problems });
    for await (const isTrue of followHealth(live, signal)) this.#fitness.health(isTrue);
    if (problems.any) this.#fitness.health(false);
  }

  /** One after the other, so that the last that was said is what stands there. */
  #tellReport(): void {
    const { exchange, signal, noop } = this.#options;
    const report = this.#report;
    if (report === undefined || noop || this.#isTelling) return;
    this.#isTelling = true;
    exchange.rollouts
      .report(report, signal)
      .then(
        () => report === this.#report,
        (reason: unknown) => {
          // It is told when the store can be reached again.
          if (!isAbort(reason, signal) && !(reason instanceof Failure)) throw reason;
          return true;
        },
      )
      .then((isTold) => {
        this.#isTelling = false;
        if (!isTold) this.#tellReport();
      }, this.#mistake);
  }

  readonly #mistake = (reason: unknown): void => {
    const { signal, onTrouble } = this.#options;
    if (isAbort(reason, signal) || signal.aborted) return;
    onTrouble(`deploys are not followed any more: ${reason instanceof Error ? reason.message : String(reason)}`);
  };
}

/** Declares nothing, for ever. */
const idle: Program = {
  async *deltas(signal) {
    yield { changed: new Map(), removed: [] };
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener("abort", () => resolve(), { once: true });
    });
  },
};

const nothing: Offer = { program: idle, files: new Map() };

function metaOf({ record: { settings } }: StoredDeploy): ReadonlyMap<string, Value> {
  const meta = new Map<string, Value>();
  if (settings.noop) meta.set("noop", true);
  if (settings.sema !== undefined) meta.set("sema", [`:${settings.sema}`]);
  return meta;
}

function wordsOf(problems: readonly Problem[]): string {
  const [first] = problems;
  const more = problems.length - 1;
  return `${first?.message.title ?? "it is wrong"}${more > 0 ? `, and ${more} more` : ""}`;
}
