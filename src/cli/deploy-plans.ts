// SPDX-License-Identifier: Apache-2.0
// `mgmt deploy --plan`: what every host would do. Hosts that would do the same are told of together.

import type { HostPlan } from "../agent/deploys/deploy.ts";
import type { Plan } from "../agent/plan-program.ts";
import type { Invocation } from "./command.ts";
import { planStatus } from "./exit-status.ts";
import { hasChanges, showPlan } from "./plan.ts";

/** Returns the exit status. */
export function showPlans(plans: readonly HostPlan[], { options, terminal }: Invocation): number {
  if (options.json === true) {
    for (const { host, answer } of plans) {
      const { version: _, ...told } = answer ?? { version: 1, why: noAnswer };
      terminal.stdout(`${JSON.stringify({ version: 1, type: "plan", host, ...told })}\n`);
    }
  } else {
    showGroups(plans, terminal);
  }
  if (plans.length === 0) terminal.stderr("mgmt: no host is alive\n");
  const isWrong = plans.length === 0 || plans.some(({ answer }) => answer === undefined || "why" in answer);
  if (isWrong || plans.some(({ answer }) => answer !== undefined && "plan" in answer && hasFailure(answer.plan))) {
    return planStatus.wrong;
  }
  const changes = plans.some(({ answer }) => answer !== undefined && "plan" in answer && hasChanges(answer.plan));
  return changes ? planStatus.changes : planStatus.nothingToDo;
}

const noAnswer = "it has not answered in time";
const mostNames = 5;

function showGroups(plans: readonly HostPlan[], terminal: Invocation["terminal"]): void {
  const groups = new Map<string, HostPlan[]>();
  for (const plan of plans) {
    const { answer } = plan;
    const same =
      answer !== undefined && "plan" in answer
        ? JSON.stringify([answer.plan.resources, answer.plan.asDeclared])
        : JSON.stringify(answer);
    groups.set(same, [...(groups.get(same) ?? []), plan]);
  }
  for (const group of groups.values()) {
    const [first] = group;
    const names = group.slice(0, mostNames).map(({ host }) => host);
    const more = group.length - names.length;
    const who = `${names.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
    const answer = first?.answer;
    if (answer !== undefined && "plan" in answer) {
      terminal.stdout(`${who}:\n`);
      showPlan(answer.plan, terminal);
      if ((answer.more ?? 0) > 0) terminal.stdout(`and ${answer.more} more resources that are not shown.\n`);
      terminal.stdout("\n");
    } else {
      terminal.stdout(`${who}: ${answer?.why ?? noAnswer}\n\n`);
    }
  }
}

function hasFailure({ resources }: Plan): boolean {
  return resources.some(({ failure }) => failure !== undefined);
}
