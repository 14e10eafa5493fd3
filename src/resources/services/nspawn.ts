// SPDX-License-Identifier: Apache-2.0
// `nspawn`: a container of systemd-nspawn runs or does not. Its image is made by others; it runs as the service
// `systemd-nspawn@NAME`, and systemd-machined tells which containers there are.

import { joinPulses } from "../../base/join-pulses.ts";
import { busErrorName } from "../../contract/bus.ts";
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
import type { UnitState } from "../../contract/services.ts";
import { pathIdentity } from "../files/path-identities.ts";
import { unitIdentity } from "./unit.ts";

const fields = {
  state: field.str({ choices: ["running", "stopped"], default: "running", doc: "Whether it runs." }),
};

type NspawnWant = Want<typeof fields>;

interface NspawnHave {
  readonly name: string;
  readonly isRunning: boolean;
  readonly hasImage: boolean;
  /** Of its service. Undefined when this machine can run no containers. */
  readonly unit: UnitState | undefined;
}

type Verb = "read" | "start" | "stop" | "terminate" | "restart";

type NspawnStep =
  | (Step & { readonly do: Verb; readonly name: string })
  | (Step & { readonly do: "refuse"; readonly name: string; readonly why: "image" | "nspawn" });

const machined = "org.freedesktop.machine1";
const manager = { destination: machined, path: "/org/freedesktop/machine1", interface: `${machined}.Manager` } as const;
const images = "/var/lib/machines";
const longestName = 64;

export const nspawn = defineResource({
  kind: "nspawn",
  summary: "A container of systemd-nspawn: it runs or not.",
  fields,
  traits: { refresh: true },
  watchedFields: [],
  edges: {
    reads: [],
    offers: (_want, name) => [unitIdentity(unitOf(name), false)],
    *wishes(_want, name) {
      const image = [`${images}/${name}/`, `${images}/${name}.raw`, `${images}/${name}`].map(pathIdentity);
      yield { order: "before", anyOf: image, why: "runs what is in" };
      const settings = [`/etc/systemd/nspawn/${name}.nspawn`, `${images}/${name}.nspawn`].map(pathIdentity);
      yield { order: "before", anyOf: settings, why: "is set up by" };
    },
  },
  check: checkNspawn,
  observe: observeNspawn,
  plan: planNspawn,
  explain: explainNspawn,
  apply: applyNspawn,
  async *watch(_want: NspawnWant, { name, host, signal }: ResourceEnv) {
    const from = { sender: machined, interface: manager.interface, firstArgument: name } as const;
    yield* joinPulses(signal, [
      (living) => host.services.system.watch(unitOf(name), living),
      (living) => host.buses.system.signals(from, living),
      (living) => host.files.watch([{ path: `${images}/${name}` }, { path: `${images}/${name}.raw` }], living),
    ]);
  },
});

function unitOf(name: string): string {
  return `systemd-nspawn@${name}.service`;
}

function checkNspawn(_want: NspawnWant, name: string): readonly WantProblem[] {
  const wrong = (why: string) => [{ title: `"${name}" cannot be the name of a container: ${why}` }];
  if (name.length > longestName) return wrong(`it has ${name.length} characters, ${longestName} are allowed`);
  if (!/^[A-Za-z0-9.-]+$/.test(name)) return wrong("it may have letters, digits, hyphens and dots");
  const parts = name.split(".");
  if (parts.some((part) => part === "")) return wrong("there is nothing before, between or after its dots");
  const isHyphened = parts.some((part) => part.startsWith("-") || part.endsWith("-"));
  return isHyphened ? wrong("no part of it may begin or end with a hyphen") : [];
}

async function observeNspawn(_want: NspawnWant, { name, host, signal }: ResourceEnv): Promise<NspawnHave> {
  const unit = await host.services.system.inspect(unitOf(name), signal);
  if (unit === undefined) return { name, isRunning: false, hasImage: false, unit };
  const has = async (method: string, absent: string) => {
    try {
      await host.buses.system.call({ ...manager, method, takes: "s", arguments: [name], returns: "o" }, signal);
      return true;
    } catch (reason) {
      if (busErrorName(reason) === `${machined}.${absent}`) return false;
      throw reason;
    }
  };
  const [isRunning, hasImage] = await Promise.all([has("GetMachine", "NoSuchMachine"), has("GetImage", "NoSuchImage")]);
  return { name, isRunning, hasImage, unit };
}

function planNspawn({ state }: NspawnWant, have: NspawnHave, hints: Hints): readonly NspawnStep[] {
  const { name, isRunning, hasImage, unit } = have;
  const isUp = unit?.activity === "active" || unit?.activity === "starting";
  if (state === "stopped") {
    // One that somebody else has started is none of the service manager's.
    if (isUp) return [{ do: "stop", name }];
    return isRunning ? [{ do: "terminate", name }] : [];
  }
  if (unit === undefined) return [{ do: "refuse", name, why: "nspawn" }];
  const steps: NspawnStep[] = unit.isOutdated ? [{ do: "read", name }] : [];
  if (!isRunning) return hasImage ? [...steps, { do: "start", name }] : [{ do: "refuse", name, why: "image" }];
  return hints.refresh && isUp ? [...steps, { do: "restart", name }] : steps;
}

function explainNspawn(step: NspawnStep): StepText {
  switch (step.do) {
    case "read":
      return { mark: "~", text: `let the service manager read the changed definition of ${unitOf(step.name)}` };
    case "start":
      return { mark: "+", text: `start the container ${step.name}` };
    case "stop":
      return { mark: "-", text: `stop the container ${step.name}` };
    case "terminate":
      return { mark: "-", text: `stop the container ${step.name}, which somebody else has started` };
    case "restart":
      return { mark: "!", text: `restart the container ${step.name}` };
    case "refuse":
      return { mark: "!", text: refusal(step.name, step.why).message };
  }
}

async function applyNspawn(step: NspawnStep, _want: NspawnWant, { host, signal }: ResourceEnv): Promise<void> {
  const services = host.services.system;
  const unit = unitOf(step.name);
  switch (step.do) {
    case "read":
      return services.readDefinitions(signal);
    case "start":
      return services.start(unit, signal);
    case "stop":
      return services.stop(unit, signal);
    case "restart":
      return services.reloadOrRestart(unit, signal);
    case "terminate":
      await host.buses.system.call(
        { ...manager, method: "TerminateMachine", takes: "s", arguments: [step.name], returns: "" },
        signal,
      );
      return;
    case "refuse":
      throw refusal(step.name, step.why);
  }
}

function refusal(name: string, why: "image" | "nspawn"): Failure {
  return why === "image"
    ? new Failure(`there is no image of a container ${name}`, {
        code: "not-found",
        hint: `Make one before this resource: a directory ${images}/${name} with a system in it, or a disk ${name}.raw.`,
      })
    : new Failure("this machine can run no containers of systemd-nspawn", {
        code: "unsupported",
        hint: "Install the package systemd-container.",
      });
}
