// SPDX-License-Identifier: Apache-2.0
// `fwupd:device`: the version of the firmware of one device. The machine is never started anew for it.

import type { Wish } from "../../contract/automatic.ts";
import { Failure } from "../../contract/failure.ts";
import { field, fromName, type Want } from "../../contract/field.ts";
import {
  defineResource,
  type ResourceEnv,
  type Step,
  type StepText,
  type WantProblem,
} from "../../contract/resource.ts";
import { type Device, destination, devices, installRelease, type Release, releases } from "./daemon.ts";

const fields = {
  device: field.str({
    default: fromName,
    doc: "The device, by its number in fwupd or one of its GUIDs; the name of the resource if absent.",
    example: '"b585990a-003e-5270-89d5-3705a17f9a43"',
  }),
  version: field.str({ doc: "The version that it has, or will have after the next start.", example: '"1.2.4"' }),
  allow_downgrade: field.bool({ doc: "Also installs an older version than the device has." }),
};

type DeviceWant = Want<typeof fields>;

interface DeviceHave {
  /** Undefined when there is none of that name. */
  readonly device: Device | undefined;
  /** Looked up only when it is needed. */
  readonly releases: readonly Release[];
}

type DeviceStep =
  | (Step & { readonly do: "install"; readonly id: string; readonly was: string; readonly version: string })
  | (Step & {
      readonly do: "refuse";
      readonly code: "not-found" | "conflict";
      readonly reason: string;
      readonly hint: string;
    });

/** Firmware comes from remotes, so these and their daemon come first. */
export const afterRemotes = {
  reads: [],
  offers: () => [],
  *wishes(): Iterable<Wish> {
    yield {
      order: "before",
      anyOf: [{ space: "service", id: "fwupd" }],
      every: "fwupd:remote",
      why: "has firmware from",
    };
  },
} as const;

export const fwupdDevice = defineResource({
  kind: "fwupd:device",
  summary: "The firmware of one device, by fwupd.",
  fields,
  traits: {},
  watchedFields: [],
  edges: afterRemotes,
  check: checkDevice,
  async observe(want: DeviceWant, env): Promise<DeviceHave> {
    const device = deviceOf(want.device, await devices(env));
    const isDone = device === undefined || device.version === want.version || device.waits;
    return { device, releases: isDone ? [] : await releases(device.id, env) };
  },
  plan: planDevice,
  explain: (step: DeviceStep): StepText =>
    step.do === "refuse"
      ? { mark: "!", text: step.reason }
      : { mark: "~", text: `install ${step.version} (was ${step.was === "" ? "unknown" : step.was})` },
  async apply(step: DeviceStep, want: DeviceWant, env) {
    if (step.do === "refuse") throw new Failure(step.reason, { code: step.code, hint: step.hint });
    await installRelease(step.id, step.version, want.allow_downgrade, env);
  },
  watch: (_want: DeviceWant, env) => watchDaemon(env),
});

/** Every change of a device or of what there is for it. */
export async function* watchDaemon({ host, signal }: ResourceEnv): AsyncIterable<void> {
  for await (const _ of host.buses.system.signals({ sender: destination, interface: destination }, signal)) yield;
}

/** Letters may be of either case. */
export function deviceOf(wanted: string, all: readonly Device[]): Device | undefined {
  const name = wanted.toLowerCase();
  return all.find(({ id, guids }) => id.toLowerCase() === name || guids.some((guid) => guid.toLowerCase() === name));
}

export function isDeviceName(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i.test(text);
}

function checkDevice({ device, version }: DeviceWant): readonly WantProblem[] {
  const found: WantProblem[] = [];
  if (!isDeviceName(device)) {
    const hint = "`fwupdmgr get-devices` shows both.";
    found.push({ field: "device", title: `"${device}" is neither the number of a device nor a GUID`, hint });
  }
  if (version === "")
    found.push({
      field: "version",
      title: "a device needs a `version`",
      hint: "`fwupdmgr get-releases` shows those there are.",
    });
  else if (!/^[^\s\p{Cc}-][^\s\p{Cc}]*$/u.test(version)) {
    found.push({
      field: "version",
      title: `"${version}" cannot be a version`,
      hint: "`fwupdmgr get-releases` shows those there are.",
    });
  }
  return found;
}

function planDevice(want: DeviceWant, { device, releases: known }: DeviceHave): readonly DeviceStep[] {
  if (device === undefined) {
    const reason = `this machine has no device ${want.device}`;
    return [{ do: "refuse", code: "not-found", reason, hint: "`fwupdmgr get-devices` shows those that it has." }];
  }
  if (device.version === want.version || device.waits) return [];
  const release = known.find(({ version }) => version === want.version);
  if (release === undefined) {
    const versions = known.map(({ version }) => version).join(", ");
    const reason = `there is no version ${want.version} for ${device.name}`;
    const hint = versions === "" ? "No remote has firmware for it." : `There are ${versions}.`;
    return [{ do: "refuse", code: "not-found", reason, hint }];
  }
  if (release.isDowngrade && !want.allow_downgrade) {
    const reason = `${device.name} has the newer version ${device.version}`;
    return [{ do: "refuse", code: "conflict", reason, hint: "`allow_downgrade => true` installs an older one." }];
  }
  return [{ do: "install", id: device.id, was: device.version, version: want.version }];
}
