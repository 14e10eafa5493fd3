// SPDX-License-Identifier: Apache-2.0
// `cron`: something is started again and again. A timer of systemd, in a unit file that is ours; where there is no systemd
// a file of cron that starts the service.

import { joinPulses } from "../../base/join-pulses.ts";
import { Failure } from "../../contract/failure.ts";
import { defineResource, type Hints, type ResourceEnv, type Step, type StepText } from "../../contract/resource.ts";
import type { ServiceManagerKind, UnitState } from "../../contract/services.ts";
import { bytesOf } from "../../values/bytes.ts";
import { directoriesAbove, pathIdentity } from "../files/path-identities.ts";
import { readText } from "../files/read-text.ts";
import { checkCron, cronFields, type CronWant } from "./cron/fields.ts";
import { crontabPath, crontabText, timerText, triggeredUnit } from "./cron/files.ts";
import { homeIn, homeOf, sessionHome } from "./session-home.ts";
import { definitionsOf, managerFor, sessionDirectory, starterIdentity } from "./unit.ts";
import { applyUnitStep, explainStartup, type UnitStep } from "./unit-steps.ts";

interface CronHave {
  readonly manager: ServiceManagerKind;
  readonly timer: string;
  readonly name: string;
  readonly path: string;
  /** Undefined when there is no such file. */
  readonly text: string | undefined;
  /** Of the timer; undefined when there is none, or cron has it. */
  readonly state: UnitState | undefined;
  /** cron must be there to be told. */
  readonly isCronThere: boolean;
}

type CronStep =
  | (Step & { readonly do: "write"; readonly path: string; readonly before: string | undefined; readonly text: string })
  | (Step & { readonly do: "remove"; readonly path: string })
  | UnitStep
  | (Step & { readonly do: "restart"; readonly unit: string })
  | (Step & { readonly do: "refuse"; readonly why: string });

export const cron = defineResource({
  kind: "cron",
  summary: "Starts a service at certain times, or again and again: a timer of systemd, or a line for cron.",
  fields: cronFields,
  traits: { refresh: true, receives: true },
  watchedFields: ["session"],
  edges: {
    reads: ["unit", "session"],
    facts: sessionHome,
    offers(want, name, facts) {
      const starter = starterIdentity(triggeredUnit(want, name), want.session);
      const directory = want.session ? sessionDirectory(homeIn(facts)) : systemDirectory;
      return directory === undefined ? [starter] : [starter, pathIdentity(`${directory}/${name}.timer`)];
    },
    *wishes(want, name, facts) {
      const own = want.session ? sessionDirectory(homeIn(facts)) : systemDirectory;
      if (own === undefined) return;
      yield { order: "before", anyOf: directoriesAbove(`${own}/${name}.timer`), why: "is in the directory" };
      yield {
        order: "before",
        anyOf: definitionsOf(triggeredUnit(want, name), [own]),
        why: "starts what is defined by",
      };
    },
  },
  check: checkCron,
  observe: observeCron,
  plan: planCron,
  explain: explainCron,
  apply: applyCron,
  async *watch({ session }: CronWant, env: ResourceEnv) {
    const manager = managerFor(env.host, session);
    const timer = `${env.name}.timer`;
    const places = [{ path: await timerPath(session, env) }, { path: crontabPath(env.name) }];
    yield* joinPulses(env.signal, [
      (signal) => manager.watch(timer, signal),
      (signal) => env.host.files.watch(places, signal),
    ]);
  },
});

const systemDirectory = "/etc/systemd/system";

async function timerPath(session: boolean, { name, host, signal }: ResourceEnv): Promise<string> {
  if (!session) return `${systemDirectory}/${name}.timer`;
  const directory = sessionDirectory(await homeOf(host, signal));
  if (directory !== undefined) return `${directory}/${name}.timer`;
  throw new Failure("the user for whom mgmt acts has no home, so no timers", { code: "not-found" });
}

async function observeCron({ session }: CronWant, env: ResourceEnv): Promise<CronHave> {
  const { name, host, signal } = env;
  const manager = managerFor(host, session);
  const kind = await manager.kind(signal);
  const timer = `${name}.timer`;
  const path = kind === "systemd" ? await timerPath(session, env) : crontabPath(name);
  // A mask is a link in the place of the file.
  const isFile = (await host.files.inspect(path, signal))?.kind === "file";
  return {
    manager: kind,
    timer,
    name,
    path,
    text: isFile ? await readText(path, host.files, signal) : undefined,
    state: kind === "systemd" ? await manager.inspect(timer, signal) : undefined,
    isCronThere: kind === "systemd" || (await host.files.inspectTarget("/etc/cron.d", signal)) !== undefined,
  };
}

function planCron(want: CronWant, have: CronHave, hints: Hints): readonly CronStep[] {
  if (have.manager !== "systemd") return planCrontab(want, have, have.manager);
  const { timer: unit, path, state } = have;
  const isActive = state?.activity === "active" || state?.activity === "starting";
  const isEnabled = state?.enablement === "enabled" || state?.enablement === "enabled-for-now";
  const steps: CronStep[] = [];
  if (want.state === "absent") {
    if (isActive) steps.push({ do: "stop", unit, was: "" });
    if (isEnabled) steps.push({ do: "disable", unit, was: state?.enablementWord ?? "" });
    if (have.text !== undefined) steps.push({ do: "remove", path });
    if (have.text !== undefined || state?.isOutdated === true) steps.push({ do: "read", unit, was: "" });
    return steps;
  }
  const text = timerText(want);
  const isWritten = have.text === text;
  if (!isWritten) steps.push({ do: "write", path, before: have.text, text });
  if (!isWritten || state === undefined || state.isOutdated) steps.push({ do: "read", unit, was: "" });
  if (want.startup === "enabled" && state?.enablement !== "enabled") {
    steps.push({ do: "enable", unit, was: state?.enablementWord ?? "not there" });
  }
  if (want.startup === "disabled" && isEnabled) steps.push({ do: "disable", unit, was: state.enablementWord });
  if (!isActive) steps.push({ do: "start", unit, was: "" });
  // What is in the file counts from when the timer begins anew.
  else if (!isWritten || state.isOutdated || hints.refresh) steps.push({ do: "restart", unit });
  return steps;
}

function planCrontab(
  want: CronWant,
  { name, path, text: before, isCronThere }: CronHave,
  manager: Exclude<ServiceManagerKind, "systemd">,
): readonly CronStep[] {
  if (want.state === "absent") return before === undefined ? [] : [{ do: "remove", path }];
  if (!isCronThere) return [{ do: "refuse", why: "it is not installed" }];
  const wanted = crontabText(want, name, manager);
  if ("why" in wanted) return [{ do: "refuse", why: wanted.why }];
  return before === wanted.text ? [] : [{ do: "write", path, before, text: wanted.text }];
}

function explainCron(step: CronStep): StepText {
  switch (step.do) {
    case "write":
      return {
        mark: step.before === undefined ? "+" : "~",
        text: `write ${step.path}`,
        content: { before: step.before ?? "", after: step.text },
      };
    case "remove":
      return { mark: "-", text: `remove ${step.path}` };
    case "read":
      return { mark: "~", text: `let the service manager read the definition of ${step.unit}` };
    case "enable":
    case "disable":
      return explainStartup(step.do, step.unit, step.was);
    case "start":
      return { mark: "+", text: `start ${step.unit}` };
    case "restart":
      return { mark: "~", text: `let ${step.unit} begin anew` };
    case "stop":
      return { mark: "-", text: `stop ${step.unit}` };
    case "refuse":
      return { mark: "!", text: refusal(step.why).message };
  }
}

async function applyCron(step: CronStep, { session }: CronWant, { host, signal }: ResourceEnv): Promise<void> {
  const manager = managerFor(host, session);
  const { files } = host;
  switch (step.do) {
    case "write": {
      const directory = step.path.slice(0, step.path.lastIndexOf("/"));
      if ((await files.inspectTarget(directory, signal)) === undefined) {
        await files.createDirectory(directory, { parents: true }, signal);
      }
      return files.write(step.path, bytesOf(step.text), step.before === undefined ? { mode: 0o644 } : {}, signal);
    }
    case "remove":
      return files.remove(step.path, {}, signal);
    case "restart":
      return manager.restart(step.unit, signal);
    case "refuse":
      throw refusal(step.why);
    default:
      return applyUnitStep(step, manager, signal);
  }
}

/** There is no systemd, and cron cannot do it. */
function refusal(why: string): Failure {
  return new Failure(`cron cannot do that: ${why}`, {
    code: "unsupported",
    hint: "This machine has no systemd, so the timer must be one that cron can have.",
  });
}
