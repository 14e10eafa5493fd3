// SPDX-License-Identifier: Apache-2.0
// `svc`: a service runs or does not, and starts with the machine or does not. Knows no service manager: the host does.

import { Failure } from "../../contract/failure.ts";
import { field, type Want } from "../../contract/field.ts";
import {
  defineResource,
  type Hints,
  type ResourceEnv,
  type Step,
  type StepText,
  type WantProblem,
} from "../../contract/resource.ts";
import type { Activity, Enablement, UnitState } from "../../contract/services.ts";
import { packagedPath } from "../packages/pkg/packaged-path.ts";
import { homeIn, sessionHome } from "./session-home.ts";
import {
  definitionsOf,
  dropInsOf,
  managerFor,
  sessionDirectory,
  starterIdentity,
  unitIdentity,
  unitOf,
  whyNoUnit,
} from "./unit.ts";
import { applyUnitStep, explainStartup, type UnitStep } from "./unit-steps.ts";

const fields = {
  state: field.str({
    choices: ["running", "stopped"],
    doc: "Whether it runs. Not given: that is left as it is.",
    example: '"running"',
  }),
  startup: field.str({
    choices: ["enabled", "disabled", "masked"],
    doc: "Whether it starts with the machine; what is `masked` nothing can start. Not given: that is left as it is.",
    example: '"enabled"',
  }),
  refresh: field.str({
    choices: ["reload", "restart"],
    default: "reload",
    doc:
      "What a resource that notifies it makes it do, when it runs: read its settings again, or restart if it cannot do " +
      "that; or always restart, for what it reads only when it starts.",
    example: '"restart"',
  }),
  session: field.bool({ doc: "It is a service of the user for whom mgmt acts, and not of the machine." }),
};

type SvcWant = Want<typeof fields>;

interface SvcHave {
  readonly unit: string;
  /** Undefined when there is no such service. */
  readonly state: UnitState | undefined;
}

type OwnVerb = "unmask" | "mask" | "reload" | "restart";

type SvcStep =
  | UnitStep
  | (Step & { readonly do: OwnVerb; readonly unit: string; readonly was: string })
  | (Step & { readonly do: "refuse"; readonly unit: string; readonly why: Refusal });

/** Where a definition is wrong, the words of who keeps the services. */
type Refusal = "absent" | "masked" | { readonly wrong: string };

export const svc = defineResource({
  kind: "svc",
  summary: "A service of the machine, such as `nginx`: it runs or not, and starts with the machine or not.",
  fields,
  traits: { refresh: true },
  watchedFields: ["session"],
  edges: {
    reads: ["session"],
    facts: sessionHome,
    offers: ({ session }, name) => [unitIdentity(unitOf(name), session)],
    *wishes({ session }, name, facts) {
      const unit = unitOf(name);
      const own = session ? sessionDirectory(homeIn(facts)) : "/etc/systemd/system";
      const shipped = session ? "/usr/lib/systemd/user" : "/usr/lib/systemd/system";
      const directories = own === undefined ? [shipped] : [own, shipped];
      const initScript = session || !unit.endsWith(".service") ? [] : [unit.replace(/\.service$/, "")];
      const scripts = initScript.map((script) => ({ space: "path", id: `/etc/init.d/${script}` }) as const);
      yield { order: "before", anyOf: [...definitionsOf(unit, directories), ...scripts], why: "is defined by" };
      // A package knows the services that it brings, but not the instances of its templates.
      const packaged = [...definitionsOf(unit, [shipped])].map(({ id }) => packagedPath(id));
      yield { order: "before", anyOf: packaged, why: "is brought by" };
      yield { order: "before", anyOf: dropInsOf(unit, directories), why: "is changed by what is in" };
      yield { order: "after", anyOf: [starterIdentity(unit, session)], why: "is started by" };
    },
  },
  check: checkSvc,
  observe: async ({ session }: SvcWant, { name, host, signal }): Promise<SvcHave> => {
    const unit = unitOf(name);
    return { unit, state: await managerFor(host, session).inspect(unit, signal) };
  },
  plan: planSvc,
  explain: explainSvc,
  apply: applySvc,
  watch: ({ session }: SvcWant, { name, host, signal }) => managerFor(host, session).watch(unitOf(name), signal),
});

function checkSvc({ state, startup }: SvcWant, name: string): readonly WantProblem[] {
  const found: WantProblem[] = [];
  const why = whyNoUnit(name);
  if (why !== undefined) found.push({ title: `"${name}" cannot be the name of a service: ${why}` });
  if (state === "running" && startup === "masked") {
    found.push({
      field: "startup",
      title: "a masked service cannot run",
      hint: 'Write `startup => "disabled"` for one that runs now and does not start with the machine.',
    });
  }
  return found;
}

function planSvc(
  { state, startup, refresh }: SvcWant,
  { unit, state: have }: SvcHave,
  hints: Hints,
): readonly SvcStep[] {
  if (have === undefined) return [{ do: "refuse", unit, why: "absent" }];
  const { activity, enablement } = have;
  const steps: SvcStep[] = [];
  const add = (verb: UnitStep["do"] | OwnVerb, was = "") => steps.push({ do: verb, unit, was });
  if (have.isOutdated) add("read");
  // Of a definition that is wrong nothing can be done but to stop it, mask it, or read it again.
  if (have.wrong !== undefined && !have.isOutdated && (state === "running" || startup === "enabled")) {
    return [{ do: "refuse", unit, why: { wrong: have.wrong } }];
  }
  // What is masked and runs goes on; nothing else may be started as long as nobody says what is to become of the mask.
  if (enablement === "masked" && startup === "" && state === "running" && activity !== "active" && !have.isOutdated) {
    return [{ do: "refuse", unit, why: "masked" }];
  }
  if (enablement === "masked" && startup !== "" && startup !== "masked") add("unmask");
  if (startup === "enabled" && enablement !== "enabled") add("enable", have.enablementWord);
  if (startup === "disabled" && (enablement === "enabled" || enablement === "enabled-for-now")) {
    add("disable", have.enablementWord);
  }
  // A mask may hide that it is enabled: what comes back from under it is seen when it is looked at again.
  if (state === "running" && activity !== "active") add("start", activity);
  else if (state === "stopped" && isUp(activity)) add("stop", activity);
  else if (hints.refresh && activity === "active") add(refresh === "restart" ? "restart" : "reload");
  if (startup === "masked" && enablement !== "masked") add("mask", wordOf(enablement));
  return steps;
}

function isUp(activity: Activity): boolean {
  return activity === "active" || activity === "starting";
}

function wordOf(enablement: Enablement): string {
  return enablement === "enabled-for-now" ? "enabled" : enablement;
}

const activityWords: Readonly<Record<string, string>> = {
  inactive: "stopped",
  failed: "it had failed",
  starting: "starting",
  stopping: "stopping",
  active: "running",
};

function explainSvc(step: SvcStep): StepText {
  switch (step.do) {
    case "read":
      return { mark: "~", text: `let the service manager read the changed definition of ${step.unit}` };
    case "unmask":
      return { mark: "~", text: `take the mask from ${step.unit}` };
    case "enable":
    case "disable":
      return explainStartup(step.do, step.unit, step.was);
    case "mask":
      return { mark: "~", text: `mask ${step.unit} (was ${step.was})` };
    case "start":
      return { mark: "+", text: `start ${step.unit} (${wasWord(step.was)})` };
    case "stop":
      return { mark: "-", text: `stop ${step.unit} (${wasWord(step.was)})` };
    case "reload":
      return { mark: "!", text: `reload ${step.unit}, or restart it when it cannot` };
    case "restart":
      return { mark: "!", text: `restart ${step.unit}` };
    case "refuse":
      return { mark: "!", text: refusal(step.unit, step.why).message };
  }
}

function wasWord(activity: string): string {
  const word = activityWords[activity] ?? activity;
  return word.includes(" ") ? word : `was ${word}`;
}

async function applySvc(step: SvcStep, { session }: SvcWant, { host, signal }: ResourceEnv): Promise<void> {
  const manager = managerFor(host, session);
  switch (step.do) {
    case "unmask":
      return manager.unmask(step.unit, signal);
    case "mask":
      return manager.mask(step.unit, signal);
    case "reload":
      return manager.reloadOrRestart(step.unit, signal);
    case "restart":
      return manager.restart(step.unit, signal);
    case "refuse":
      throw refusal(step.unit, step.why);
    default:
      return applyUnitStep(step, manager, signal);
  }
}

function refusal(unit: string, why: Refusal): Failure {
  if (why === "absent") {
    return new Failure(`there is no service ${unit}`, {
      code: "not-found",
      hint: "Install the package that has it, or write its unit file with a `file` before this resource.",
    });
  }
  if (why === "masked") {
    return new Failure(`${unit} is masked, so nothing may start it`, {
      code: "conflict",
      hint: 'Write `startup => "enabled"` or `startup => "disabled"` as well: that takes the mask away.',
    });
  }
  return new Failure(`the definition of ${unit} is wrong: ${why.wrong}`, { code: "invalid" });
}
