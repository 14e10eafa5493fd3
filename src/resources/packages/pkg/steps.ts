// SPDX-License-Identifier: Apache-2.0
// The steps of `pkg`: how a person reads them, and how they are done. The first change of a plan that is still to be made
// makes all of them, as one transaction; those that follow find it done.

import { Failure } from "../../../contract/failure.ts";
import type { PackageManager } from "../../../contract/packages.ts";
import type { ResourceEnv, StepText } from "../../../contract/resource.ts";
import type { PkgWant } from "./fields.ts";
import { allWanted, observePkg } from "./observe.ts";
import { type Change, type PkgStep, planPkg, type Refuse, type Together } from "./plan.ts";

export function explainPkg(step: PkgStep): StepText {
  switch (step.do) {
    case "refresh":
      return { mark: "!", text: `refresh the package lists (${ageText(step.ageMs)})` };
    case "refuse":
      return { mark: "!", text: step.message };
    case "change":
      return explainChange(step);
  }
}

function explainChange({ how, was, to, change }: Change): StepText {
  const from = was === undefined ? "" : ` (was ${was})`;
  switch (how) {
    case "install": {
      const version = to === undefined ? "" : ` ${to}`;
      return { mark: "+", text: `install${version}${change.do === "install-archive" ? ` from ${change.path}` : ""}` };
    }
    case "upgrade":
    case "downgrade":
      return { mark: "~", text: `${how} to ${to ?? "the newest version"}${from}` };
    case "repair":
      return { mark: "~", text: `finish the installation of ${to ?? "it"}, which was cut off` };
    case "remove":
      if (was === undefined) return { mark: "-", text: "purge the configuration that was left" };
      return { mark: "-", text: `${change.do} ${was}` };
    case "hold":
      return { mark: "~", text: "hold at its version" };
    case "release":
      return { mark: "~", text: "release from its version" };
  }
}

function ageText(ageMs: number | undefined): string {
  if (ageMs === undefined) return "not done yet for these sources";
  const hours = Math.floor(ageMs / 3_600_000);
  return hours < 48 ? `${hours} hours old` : `${Math.floor(hours / 24)} days old`;
}

export async function applyPkg(step: PkgStep, want: PkgWant, env: ResourceEnv): Promise<void> {
  if (step.do === "refuse") throw failureOf(step);
  const manager = await env.host.packages.manager(env.signal);
  const say = (line: string) => env.say(line, "stderr");
  const wanted = allWanted(want, env.name, env.members);
  const allowUntrusted = wanted.some((each) => each.want.allowuntrusted);
  if (step.do === "refresh") return manager.refreshLists({ allowUntrusted }, say, env.signal);
  if (await isDone(step, manager, env.signal)) return;
  const together = step.together ?? (await lookAgain(step, want, env));
  if (together !== undefined) await manager.transact({ ...together, allowUntrusted }, say, env.signal);
}

/** What is to be done now that the lists have been refreshed; undefined when that is nothing. */
async function lookAgain(step: Change, want: PkgWant, env: ResourceEnv): Promise<Together | undefined> {
  const steps = planPkg(allWanted(want, env.name, env.members), await observePkg(want, env));
  const own = steps.filter((each) => each.member === step.member);
  for (const each of own) if (each.do === "refuse") throw failureOf(each);
  return own.flatMap((each) => (each.do === "change" && each.together !== undefined ? [each.together] : []))[0];
}

async function isDone(step: Change, manager: PackageManager, signal: AbortSignal): Promise<boolean> {
  const now = (await manager.installed([step.name], signal)).get(step.name);
  switch (step.how) {
    case "remove":
      return step.change.do === "purge" ? now === undefined : now?.version === undefined;
    case "hold":
      return now?.isHeld === true;
    case "release":
      return now?.isHeld !== true;
    case "install":
    case "upgrade":
    case "downgrade":
    case "repair":
      return now?.version !== undefined && !now.isBroken && (step.to === undefined || step.to === now.version);
  }
}

function failureOf({ message, code, hint }: Refuse): Failure {
  return new Failure(message, { code, hint });
}
