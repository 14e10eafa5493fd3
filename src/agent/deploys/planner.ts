// SPDX-License-Identifier: Apache-2.0
// A host's answers to proposals: what it would do if the program were deployed. Nothing is changed for it. The answer is JSON:
// a plan, or why there is none.

import type { Catalog } from "../../contract/catalog.ts";
import { transactionLimits } from "../../contract/cluster.ts";
import { Failure, isAbort } from "../../contract/failure.ts";
import type { OwnExchange } from "../../exchange/index.ts";
import type { Proposal } from "../../exchange/proposals.ts";
import type { Program } from "../live-program.ts";
import type { Plan, PlannedResource } from "../plan-program.ts";
import { compileBundle, fetchBundle } from "./bundles.ts";
import { type DeployKeys, refusedSignature } from "./keys.ts";
import type { LocalCopy } from "./local-copy.ts";

export interface PlannerOptions {
  readonly exchange: OwnExchange;
  readonly catalog: Catalog;
  readonly copy: LocalCopy;
  readonly keys: DeployKeys | undefined;
  readonly plan: PlanProgram;
  readonly signal: AbortSignal;
}

export type PlanProgram = (program: Program, name: string) => Promise<{ readonly plan: Plan | undefined; readonly why?: string }>; // biome-ignore format: one line

export type PlanAnswer =
  | { readonly version: 1; readonly plan: Plan; /** Resources that were left out, because they are too many. */ readonly more?: number }
  | { readonly version: 1; readonly why: string }; // biome-ignore format: one line

/** Until the signal. */
export async function answerProposals(options: PlannerOptions): Promise<void> {
  const { exchange, signal } = options;
  const answered = new Set<string>();
  for await (const proposals of exchange.proposals.follow(signal)) {
    for (const proposal of proposals) {
      if (answered.has(proposal.name)) continue;
      answered.add(proposal.name);
      const text = await answerTo(proposal, options);
      try {
        await exchange.proposals.answer(proposal.name, text, signal);
      } catch (reason) {
        if (isAbort(reason, signal)) return;
        if (!(reason instanceof Failure)) throw reason;
        answered.delete(proposal.name);
      }
    }
  }
}

async function answerTo(
  { deploy }: Proposal,
  { exchange, catalog, copy, keys, plan, signal }: PlannerOptions,
): Promise<string> {
  const { record } = deploy;
  const no = (why: string): string => JSON.stringify({ version: 1, why } satisfies PlanAnswer);
  try {
    const refusal = refusedSignature(deploy, keys);
    if (refusal !== undefined) return no(refusal);
    const bundle = await fetchBundle(record.bundle, (sha256) => exchange.deploys.content(sha256, signal));
    await copy.unpack(bundle, signal);
    const packed = { frontend: record.frontend, bundle };
    const { program, problems } = await compileBundle(packed, copy.placeOf(bundle.id), catalog);
    if (program === undefined) return no(problems[0]?.message.title ?? "the program is wrong here");
    const planned = await plan(program, record.name);
    return planned.plan === undefined ? no(planned.why ?? "the program is wrong here") : renderAnswer(planned.plan);
  } catch (reason) {
    if (isAbort(reason, signal) || !(reason instanceof Failure)) throw reason;
    return no(reason.message);
  }
}

const mostBytes = transactionLimits.bytes / 4; // In a text of a text it may take twice as many.
const mostResources = 500;

function renderAnswer(plan: Plan): string {
  const whole = JSON.stringify({ version: 1, plan } satisfies PlanAnswer);
  if (whole.length < mostBytes) return whole;
  const bare = (resource: PlannedResource): PlannedResource => ({
    ...resource,
    steps: resource.steps.map(({ content: _content, ...step }) => step),
  });
  const resources = plan.resources.slice(0, mostResources).map(bare);
  const more = plan.resources.length - resources.length;
  return JSON.stringify({ version: 1, plan: { ...plan, resources }, more } satisfies PlanAnswer);
}

/** Undefined when it is of another version, or no answer at all. */
export function parseAnswer(text: string): PlanAnswer | undefined {
  try {
    const answer = JSON.parse(text) as PlanAnswer;
    return answer.version === 1 ? answer : undefined;
  } catch {
    return undefined;
  }
}
