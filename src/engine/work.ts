// SPDX-License-Identifier: Apache-2.0
// One observation of a worker with its plan, and one step of it: what a kind is asked, and what is told of its answers.
// Members and exports are part of it. Knows nothing of what else runs.

import { invariant } from "../base/invariant.ts";
import type { Cause, Listener } from "../contract/event.ts";
import { Failure } from "../contract/failure.ts";
import type { Clock } from "../contract/host.ts";
import type { StepText } from "../contract/resource.ts";
import { Env, type EnvOptions, groupOf } from "./env.ts";
import type { ExportKeeper } from "./export-keeper.ts";
import type { Node, PlannedStep } from "./node.ts";
import { type Inputs, noKeys, type Part, wantOf } from "./part.ts";
import { isExported, publicationOf, publicationText, takeOver } from "./publication.ts";
import type { Reversals } from "./reversals.ts";
import type { WorkerEvent } from "./worker-state.ts";

/** Asked before steps are applied; what it returns is why they must not be. */
export type Approve = (resource: string, steps: readonly StepText[]) => Failure | undefined;

export interface WorkOptions extends EnvOptions {
  readonly approve: Approve | undefined;
  readonly reversals: Reversals | undefined;
  readonly keeper: ExportKeeper;
}

export class Work {
  readonly #options: WorkOptions;
  readonly #emit: Listener;
  readonly #clock: Clock;

  constructor(options: WorkOptions) {
    this.#options = options;
    this.#emit = options.emit;
    this.#clock = options.host.clock;
  }

  /** Members that run each by themselves do so one after the other, in the order of the program. */
  async observe(node: Node, cause: Cause, signal: AbortSignal): Promise<WorkerEvent> {
    const isEach = node.vertex.kind.grouping?.run === "each" && node.parts.size > 1;
    const plan: PlannedStep[] = [];
    for (const part of isEach ? [...node.parts.values()].sort(byPlace) : [node.own]) {
      signal.throwIfAborted();
      const seen = isEach ? [part] : [...node.parts.values()];
      this.#noteLook(seen);
      if (this.#awaitsValues(node, seen, cause)) continue;
      const startMs = this.#clock.monotonicMs();
      const { vertex, inputs } = part;
      invariant(inputs !== undefined, "the inputs are taken before an observation");
      const env = this.#env(node, part, signal);
      const { reversals } = this.#options;
      if (!node.state.meta.noop && reversals?.concerns(vertex) === true) {
        await reversals.remember(vertex, inputs.want, env);
      }
      const { hidden } = vertex.meta;
      const have = hidden ? undefined : await naming(node, part, vertex.kind.observe(inputs.want, env));
      const planned = hidden ? nothing : this.#plan(node, part, inputs, have, env);
      const publishing = isExported(vertex)
        ? await naming(node, part, this.#publishing(part, inputs, signal))
        : nothing;
      plan.push(...planned, ...publishing);
      this.#tellObserved(node, part, cause, [...planned, ...publishing], this.#clock.monotonicMs() - startMs);
      for (const each of seen) each.unsure = node.state.meta.noop ? broughtTo(each, planned) : noKeys;
    }
    if (!isEach) {
      for (const part of node.parts.values()) {
        if (part === node.own || !isExported(part.vertex)) continue;
        plan.push(...(await this.#observeExport(node, part, cause, signal)));
      }
    }
    node.plan = plan;
    return { type: "observed", steps: plan.length };
  }

  #noteLook(parts: readonly Part[]): void {
    for (const part of parts) {
      part.observations += 1;
      this.#options.secrets.keepFieldsOf(part);
    }
  }

  #plan(node: Node, part: Part, { want, hints }: Inputs, have: unknown, { members }: Env): readonly PlannedStep[] {
    const { kind } = part.vertex;
    return kind.plan(want, have, hints, members).map((step): PlannedStep => {
      const owner = this.#ownerOf(node, step.member) ?? part;
      const text = this.#options.secrets.step(kind.explain(step), owner === part ? [part] : [part, owner]);
      return { what: { step }, text, part, owner };
    });
  }

  /** Throws when the steps must not be applied. */
  #tellObserved(node: Node, part: Part, cause: Cause, planned: readonly PlannedStep[], ms: number): void {
    const resource = part.vertex.reference;
    const steps = planned.map(({ text }) => text);
    this.#emit({ type: "observed", resource, ...groupOf(node, part), cause, steps, ms });
    const refusal = part.vertex.meta.noop ? undefined : this.#options.approve?.(resource, steps);
    if (refusal !== undefined) throw refusal;
  }

  /** With noop, what depends on a value that does not exist is not looked at, and neither are its own values known. */
  #awaitsValues(node: Node, parts: readonly Part[], cause: Cause): boolean {
    if (!parts.some(({ inputs }) => inputs !== undefined && inputs.unsure.length > 0)) return false;
    for (const part of parts) {
      part.unsure = new Set(Object.keys(part.vertex.kind.traits.sends ?? {}));
      const { reference: resource, at } = part.vertex;
      const values = part.inputs?.unsure ?? [];
      this.#emit({ type: "observed", resource, ...groupOf(node, part), cause, steps: [], ms: 0 });
      if (values.length > 0) this.#emit({ type: "would-receive", resource, ...groupOf(node, part), values, at });
    }
    return true;
  }

  /** Of a member whose container does everything else for it. */
  async #observeExport(node: Node, part: Part, cause: Cause, signal: AbortSignal): Promise<readonly PlannedStep[]> {
    if (part.inputs === undefined || part.inputs.unsure.length > 0) return nothing;
    const publishing = await naming(node, part, this.#publishing(part, part.inputs, signal));
    if (publishing.length === 0) return nothing;
    this.#tellObserved(node, part, cause, publishing, 0);
    return publishing;
  }

  /** What other hosts are to have of a resource and do not: after its own steps, so that they have it when it is true. */
  async #publishing(part: Part, inputs: Inputs, signal: AbortSignal): Promise<readonly PlannedStep[]> {
    const publication = publicationOf(part, inputs);
    const { keys, shown, mark } = publication;
    if (part.published === mark) return nothing;
    const { exports } = this.#options.exchange;
    await this.#options.keeper.idle();
    const known = await Promise.all(keys.map((key) => exports.published(key, signal)));
    const isShown = known.every((found) => found?.data === shown.data && found.expire === shown.expire);
    if (isShown && known.every((found) => found?.isHeld)) {
      part.published = mark;
      return nothing;
    }
    const text = isShown ? takeOver : publicationText(publication, known.includes(undefined));
    return [{ what: { publication }, text, part, owner: part }];
  }

  #ownerOf(node: Node, member: string | undefined): Part | undefined {
    if (member === undefined) return undefined;
    const owner = node.parts.get(member);
    invariant(owner !== undefined, `${member} is a member of ${node.vertex.reference}`);
    return owner;
  }

  async apply(node: Node, number: number, cause: Cause, signal: AbortSignal): Promise<WorkerEvent> {
    const planned = node.plan[number];
    invariant(planned !== undefined, "the plan has this step");
    const { what, text, part, owner } = planned;
    const startMs = this.#clock.monotonicMs();
    if ("step" in what) {
      await naming(node, part, part.vertex.kind.apply(what.step, wantOf(part), this.#env(node, part, signal)));
    } else {
      const { keys, shown, mark } = what.publication;
      await naming(node, part, this.#options.exchange.exports.publish(keys, shown, signal));
      part.published = mark;
    }
    owner.steps += 1;
    const ms = this.#clock.monotonicMs() - startMs;
    const { reference: resource, at } = owner.vertex;
    this.#emit({ type: "step-applied", resource, ...groupOf(node, owner), cause, step: text, at, ms });
    return { type: "applied" };
  }

  #env(node: Node, part: Part, signal: AbortSignal): Env {
    return new Env(this.#options, node, part, signal);
  }
}

const nothing: readonly PlannedStep[] = [];

/** A group fails as a whole, so the failure says which member it was. */
function naming<Result>(node: Node, part: Part, task: Promise<Result>): Promise<Result> {
  if (part === node.own) return task;
  return task.catch((reason: unknown) => {
    if (!(reason instanceof Failure)) throw reason;
    const { code, hint, retry, message } = reason;
    const options = { code, retry, cause: reason, ...(hint === undefined ? {} : { hint }) };
    throw new Failure(`${part.vertex.reference}: ${message}`, options);
  });
}

function broughtTo(part: Part, steps: readonly PlannedStep[]): ReadonlySet<string> {
  const keys = steps.flatMap(({ owner, text }) => (owner === part ? (text.brings ?? []) : []));
  return keys.length === 0 ? noKeys : new Set(keys);
}

function byPlace({ vertex: left }: Part, { vertex: right }: Part): number {
  const [leftPath, rightPath] = [left.at.file.path, right.at.file.path];
  if (leftPath !== rightPath) return leftPath < rightPath ? -1 : 1;
  return left.at.start - right.at.start || (left.key < right.key ? -1 : 1);
}
