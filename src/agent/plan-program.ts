// SPDX-License-Identifier: Apache-2.0
// What a run would do, without doing it: the engine observes and plans every resource once, in order, and applies nothing.
// A plan can be kept in a file, and a later run can be held to it.

import type { Problem } from "../base/problem.ts";
import { renderPlace } from "../base/span.ts";
import type { EngineEvent } from "../contract/event.ts";
import { Failure } from "../contract/failure.ts";
import type { Host } from "../contract/host.ts";
import type { StepText } from "../contract/resource.ts";
import type { ResourceReport } from "../engine/report.ts";
import type { ResourceGraph, Vertex } from "../resource-graph/vertex.ts";
import { bytesOf, textOf } from "../values/bytes.ts";
import { changesBefore, type Outlook } from "./planned-order.ts";
import type { RunOptions } from "./run.ts";
import { runProgram } from "./run-program.ts";

/** One resource that is not as declared, or whose state cannot be told. */
export interface PlannedResource {
  /** `kind[name]` */
  readonly resource: string;
  /** `file:line:column` */
  readonly at: string;
  readonly steps: readonly StepText[];
  /** Values on which it depends and that exist only after a step of another: `exec[a].stdout`. */
  readonly awaits?: readonly string[];
  /** It has `Meta:noop`: a run would only say so. */
  readonly noop?: boolean;
  /** Some step removes what is not kept for undoing, or has an effect that cannot be shown. */
  readonly cannotBeUndone?: boolean;
  /** Why it cannot be planned now. */
  readonly failure?: { readonly code: string; readonly message: string; readonly hint?: string };
  /** What must come first and cannot be planned either. */
  readonly waitsFor?: string;
  /**
   * Others that change before it, the nearest ones: what it does may come out otherwise. Without steps, failure and
   * `waitsFor` it cannot be told at all before they are done.
   */
  readonly after?: readonly string[];
  /** It is looked at together with others, and this is the one that does it. */
  readonly within?: string;
}

export interface Plan {
  readonly version: 1;
  /** As given on the command line, and where: what `mgmt run --plan` runs. */
  readonly path: string;
  readonly workingDirectory: string;
  readonly hostname: string;
  /** Sorted by `resource`. */
  readonly resources: readonly PlannedResource[];
  /** How many resources are as declared. */
  readonly asDeclared: number;
}

export type PlanOptions = Omit<
  RunOptions,
  "noop" | "watchProgram" | "convergedMs" | "emit" | "onReload" | "graphvizFile" | "onProblems" | "approve"
>;

/** A plan, or the problems of the program. Fails with a `Failure` when the program cannot be read. */
export async function planProgram(
  options: PlanOptions,
): Promise<{ readonly plan: Plan | undefined; readonly problems: readonly Problem[]; readonly graph: ResourceGraph }> {
  const problems: Problem[] = [];
  const seen = new Seen();
  const run = runProgram({
    ...options,
    noop: true,
    watchProgram: false,
    convergedMs: 0,
    graphvizFile: undefined,
    emit: (event) => seen.note(event),
    onProblems: (found) => problems.push(...found),
    onReload: () => {},
  });
  const { ending, report } = await run.ended;
  const { graph } = run.view;
  if (problems.length > 0) return { plan: undefined, problems, graph };
  if (ending === "max-runtime") {
    throw new Failure("The values of the program did not come to rest in time.", { code: "timed-out" });
  }
  const outlooks = new Map(report.map((each) => [each.vertex.reference, outlookOf(each, seen)]));
  const before = changesBefore(graph, (resource) => outlooks.get(resource) ?? "settled");
  const resources = report.flatMap((each) => {
    const { reference } = each.vertex;
    const outlook = outlooks.get(reference) ?? "settled";
    return outlook === "settled" ? [] : [planned(each, outlook, seen, before.get(reference))];
  });
  const { path, hostname, reading } = options;
  const asDeclared = report.length - resources.length;
  return {
    plan: { version: 1, path, workingDirectory: reading.workingDirectory, hostname, resources, asDeclared },
    problems,
    graph,
  };
}

/** What the engine told of each resource, the last time. */
class Seen {
  readonly steps = new Map<string, StepText[]>();
  readonly awaits = new Map<string, readonly string[]>();
  /** The one that looked, where it was another. */
  readonly within = new Map<string, string>();

  note(event: EngineEvent): void {
    if (event.type === "observed") {
      this.steps.set(event.resource, []);
      this.awaits.delete(event.resource);
      this.within.delete(event.resource);
      for (const [member, leader] of this.within) if (leader === event.resource) this.steps.delete(member);
    } else if (event.type === "would-receive") {
      this.awaits.set(event.resource, event.values);
    } else if (event.type === "would-apply" && event.step.internal !== true) {
      const { resource, group, step } = event;
      const own = this.steps.get(resource) ?? [];
      if (!this.steps.has(resource) && group !== undefined) this.within.set(resource, group);
      own.push(step);
      this.steps.set(resource, own);
    }
  }
}

function outlookOf({ vertex, failure, blockedBy }: ResourceReport, seen: Seen): Outlook {
  const steps = seen.steps.get(vertex.reference) ?? [];
  if (failure !== undefined || blockedBy !== undefined || steps.some(({ refuses }) => refuses === true)) return "stuck";
  return steps.length > 0 || seen.awaits.has(vertex.reference) ? "changes" : "settled";
}

function planned(
  { vertex, failure, blockedBy }: ResourceReport,
  outlook: Outlook,
  seen: Seen,
  after: readonly string[] | undefined,
): PlannedResource {
  const { reference } = vertex;
  // What is stuck may be possible when others are done.
  const isOpen = outlook === "stuck" && after !== undefined;
  const steps = failure === undefined && !isOpen ? (seen.steps.get(reference) ?? []) : [];
  const awaits = seen.awaits.get(reference);
  const within = seen.within.get(reference);
  return {
    resource: reference,
    at: renderPlace(vertex.at),
    steps,
    ...(awaits === undefined ? {} : { awaits }),
    ...(vertex.meta.noop ? { noop: true } : {}),
    ...(failure === undefined && cannotBeUndone(steps, vertex) ? { cannotBeUndone: true } : {}),
    ...(failure === undefined || isOpen ? {} : { failure: factsOf(failure) }),
    ...(blockedBy === undefined || isOpen ? {} : { waitsFor: blockedBy }),
    ...(after === undefined ? {} : { after }),
    ...(within === undefined ? {} : { within }),
  };
}

function withoutInternal(steps: readonly StepText[]): readonly StepText[] {
  return steps.some(({ internal }) => internal === true) ? steps.filter(({ internal }) => internal !== true) : steps;
}

function cannotBeUndone(steps: readonly StepText[], { kind, meta }: Vertex): boolean {
  if (meta.noop || (meta.reverse && kind.reversal !== undefined)) return false;
  return steps.some(({ mark, says, undoes }) => (mark === "-" && undoes !== true) || (mark === "!" && says !== true));
}

function factsOf({ code, message, hint }: Failure): NonNullable<PlannedResource["failure"]> {
  return { code, message, ...(hint === undefined ? {} : { hint }) };
}

// ---- In a file ----

export async function writePlan(plan: Plan, path: string, host: Host, signal: AbortSignal): Promise<void> {
  await host.files.write(path, bytesOf(`${JSON.stringify(plan)}\n`), { mode: 0o600, durable: true }, signal);
}

const planLimitBytes = 64 * 1024 * 1024;

/** Fails with `invalid` when the file is no plan of this version. */
export async function readPlan(path: string, host: Host, signal: AbortSignal): Promise<Plan> {
  const text = textOf(await host.files.read(path, planLimitBytes, signal));
  try {
    const plan = JSON.parse(text) as Plan;
    if (plan.version === 1 && typeof plan.path === "string" && Array.isArray(plan.resources)) return plan;
  } catch {
    // Told below: whatever it is, it is no plan.
  }
  throw new Failure(`${path} is not a plan of this version of mgmt.`, {
    code: "invalid",
    hint: "Make one with `mgmt plan --out=FILE PATH`.",
  });
}

/** What the engine may do under a plan: a resource whose steps are others than planned is refused. */
export function approvalOf(plan: Plan): (resource: string, steps: readonly StepText[]) => Failure | undefined {
  const steps = new Map<string, string[]>();
  // What depends on a value that did not exist, or comes after other changes, could not be planned more exactly than that.
  const open = new Set<string>();
  for (const { resource, within = resource, steps: own, awaits, after } of plan.resources) {
    if (awaits !== undefined || after !== undefined) open.add(within);
    steps.set(within, [...(steps.get(within) ?? []), ...own.map((step) => JSON.stringify(step))].sort());
  }
  return (resource, all) => {
    const now = withoutInternal(all);
    if (now.length === 0 || open.has(resource)) return undefined;
    const planned = steps.get(resource);
    if (
      planned?.join("\n") ===
      now
        .map((step) => JSON.stringify(step))
        .sort()
        .join("\n")
    )
      return undefined;
    return new Failure(
      planned !== undefined ? "its steps are others than the plan says" : "it has to change now, but not in the plan",
      { code: "conflict", hint: "Something has moved since the plan was made: make a new one." },
    );
  };
}

/** Resources in which two plans differ, sorted. */
export function movedSince(plan: Plan, now: Plan): readonly string[] {
  const textOfPlan = ({ resources }: Plan): Map<string, string> =>
    new Map(resources.map(({ resource, steps, awaits, after }) => [resource, JSON.stringify([steps, awaits, after])]));
  const before = textOfPlan(plan);
  const after = textOfPlan(now);
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((each) => before.get(each) !== after.get(each))
    .sort();
}
