// SPDX-License-Identifier: Apache-2.0
// `nspawn`: a container of systemd-nspawn runs or does not. Its image is made by others; it runs as the service
// `systemd-nspawn@NAME`, and systemd-machined tells which containers there are.

import { joinPulses } from "../../base/join-pulses.ts";
import { busErrorName } from "../../contract/bus.ts";
import { Failure } from "../../contract/failure.ts";
import { field, type Want } from "../../contract/field.ts";
import type { Host } from "../../contract/host.ts";
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
  /** Whose container of this name there is: that of its service, or one that somebody else has started. */
  readonly container: "none" | "own" | "foreign";
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
  if (unit === undefined) return { name, container: "none", hasImage: false, unit };
  const [container, image] = await Promise.all([
    containerOf(name, host, signal),
    objectOf("GetImage", name, "NoSuchImage", host, signal),
  ]);
  return { name, container, hasImage: image !== undefined, unit };
}

/** Undefined when there is none. */
async function objectOf(
  method: "GetMachine" | "GetImage",
  name: string,
  absent: string,
  host: Host,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const call = { ...manager, method, takes: "s", arguments: [name], returns: "o" } as const;
    const [path] = await host.buses.system.call(call, signal);
    return path;
  } catch (reason) {
    if (busErrorName(reason) === `${machined}.${absent}`) return undefined;
    throw reason;
  }
}

async function containerOf(name: string, host: Host, signal: AbortSignal): Promise<NspawnHave["container"]> {
  const path = await objectOf("GetMachine", name, "NoSuchMachine", host, signal);
  if (path === undefined) return "none";
  const get = { destination: machined, path, interface: "org.freedesktop.DBus.Properties", method: "Get" } as const;
  try {
    const asked = { ...get, takes: "ss", arguments: [`${machined}.Machine`, "Unit"], returns: "v" } as const;
    const [unit] = await host.buses.system.call(asked, signal);
    return unit === unitOf(name) ? "own" : "foreign";
  } catch (reason) {
    // It has gone between the two questions.
    if (busErrorName(reason) !== undefined) return "none";
    throw reason;
  }
}

function planNspawn({ state }: NspawnWant, have: NspawnHave, hints: Hints): readonly NspawnStep[] {
  const { name, container, hasImage, unit } = have;
  if (state === "stopped") {
    if (unit?.activity === "active" || unit?.activity === "starting") return [{ do: "stop", name }];
    return container === "foreign" ? [{ do: "terminate", name }] : [];
  }
  if (unit === undefined) return [{ do: "refuse", name, why: "nspawn" }];
  const steps: NspawnStep[] = unit.isOutdated ? [{ do: "read", name }] : [];
  if (unit.activity === "active") return hints.refresh ? [...steps, { do: "restart", name }] : steps;
  if (container === "foreign") return steps;
  return hasImage ? [...steps, { do: "start", name }] : [{ do: "refuse", name, why: "image" }];
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
      await forgetEnded(step.name, host, signal);
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

/** systemd-machined may still list a container whose service has ended, and then takes no other of that name. */
async function forgetEnded(name: string, host: Host, signal: AbortSignal): Promise<void> {
  if ((await containerOf(name, host, signal)) !== "own") return;
  const state = await host.services.system.inspect(unitOf(name), signal);
  // One that somebody else starts just now is listed before it has started.
  if (state?.activity === "starting" || state?.activity === "active") return;
  try {
    const call = { ...manager, method: "UnregisterMachine", takes: "s", arguments: [name], returns: "" } as const;
    await host.buses.system.call(call, signal);
  } catch (reason) {
    if (busErrorName(reason) !== `${machined}.NoSuchMachine`) throw reason;
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
