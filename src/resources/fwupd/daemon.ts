// SPDX-License-Identifier: Apache-2.0
// What fwupd tells over D-Bus of devices, releases and remotes. What it takes as an open file goes through its own
// program, which no bus of ours can send.

import { busErrorName, type BusValue } from "../../contract/bus.ts";
import { Failure } from "../../contract/failure.ts";
import type { ResourceEnv } from "../../contract/resource.ts";
import { textOf } from "../../values/bytes.ts";

export const destination = "org.freedesktop.fwupd";

export interface Device {
  readonly id: string;
  readonly guids: readonly string[];
  readonly name: string;
  readonly version: string;
  readonly isUpdatable: boolean;
  /** Something was installed that counts after the next start of the machine. */
  readonly waits: boolean;
}

export interface Release {
  readonly version: string;
  readonly isUpgrade: boolean;
  readonly isDowngrade: boolean;
}

export interface Remote {
  readonly id: string;
  readonly isEnabled: boolean;
  /** Its metadata is fetched from a server, with a signature beside it. */
  readonly isDownloaded: boolean;
  readonly url: string;
  /** When its metadata was fetched, in milliseconds; undefined: never. */
  readonly fetchedMs: number | undefined;
}

type Record_ = Readonly<Record<string, BusValue>>;

// The bits of its flags.
const updatable = 1n << 1n;
const needsReboot = 1n << 8n;
const upgrade = 1n << 2n;
const downgrade = 1n << 3n;
const trustedNumbers = { pending: 1, needsReboot: 4 } as const;
const downloadedType = 1;
const never = 2n ** 64n - 1n;

export async function devices(env: ResourceEnv): Promise<readonly Device[]> {
  return (await call("GetDevices", undefined, env)).map((told) => {
    const flags = numberIn(told, "Flags");
    const state = Number(numberIn(told, "UpdateState"));
    return {
      id: textIn(told, "DeviceId"),
      guids: textsIn(told, "Guid"),
      name: textIn(told, "Name"),
      version: textIn(told, "Version"),
      isUpdatable: (flags & updatable) !== 0n,
      waits: (flags & needsReboot) !== 0n || state === trustedNumbers.pending || state === trustedNumbers.needsReboot,
    };
  });
}

/** All that the remotes have for a device, the newest first. */
export async function releases(device: string, env: ResourceEnv): Promise<readonly Release[]> {
  try {
    return (await call("GetReleases", device, env)).map((told) => {
      const flags = numberIn(told, "TrustFlags");
      return {
        version: textIn(told, "Version"),
        isUpgrade: (flags & upgrade) !== 0n,
        isDowngrade: (flags & downgrade) !== 0n,
      };
    });
  } catch (reason) {
    const name = busErrorName(reason);
    if (name === `${destination}.NothingToDo` || name === `${destination}.NotSupported`) return [];
    throw reason;
  }
}

export async function remotes(env: ResourceEnv): Promise<readonly Remote[]> {
  return (await call("GetRemotes", undefined, env)).map((told) => {
    const time = numberIn(told, "ModificationTime");
    return {
      id: textIn(told, "RemoteId"),
      isEnabled: told["Enabled"] === true,
      isDownloaded: Number(numberIn(told, "Type")) === downloadedType,
      url: textIn(told, "Uri"),
      fetchedMs: time === never || time === 0n ? undefined : Number(time) * 1000,
    };
  });
}

export async function modifyRemote(id: string, key: string, value: string, env: ResourceEnv): Promise<void> {
  await env.host.buses.system.call(
    { ...place, method: "ModifyRemote", takes: "sss", arguments: [id, key, value], returns: "" },
    env.signal,
  );
}

/** Installs a release: fetches it, checks what it is, and gives it to the device. */
export function installRelease(device: string, version: string, allowOlder: boolean, env: ResourceEnv): Promise<void> {
  return runProgram(["install", device, version, ...(allowOlder ? ["--allow-older"] : [])], env);
}

export function giveMetadata(remote: string, file: string, signature: string, env: ResourceEnv): Promise<void> {
  return runProgram(["refresh", file, signature, remote], env);
}

const quiet = [
  "--assume-yes",
  "--no-reboot-check",
  "--no-metadata-check",
  "--no-unreported-check",
  "--no-remote-check",
];

async function runProgram(args: readonly string[], { host, signal }: ResourceEnv): Promise<void> {
  const env = new Map([...host.system.environmentVariables(), ["NO_COLOR", "1"]]);
  const { status, output } = await host.processes.run({ argv: ["fwupdmgr", ...args, ...quiet], env }, signal);
  if (status === 0) return;
  const said = textOf(output)
    .split(/[\r\n]/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !/: *\d+%$/.test(line));
  throw new Failure(
    `fwupd could not ${args.slice(0, 1).join("")} ${args[1] ?? ""}: ${said.at(-1) ?? "it says nothing"}`,
    {
      code: "command-failed",
    },
  );
}

const place = { destination, path: "/", interface: destination } as const;

async function call(method: string, device: string | undefined, env: ResourceEnv): Promise<readonly Record_[]> {
  const given = device === undefined ? {} : { takes: "s", arguments: [device] };
  try {
    const [found] = await env.host.buses.system.call({ ...place, method, ...given, returns: "aa{sv}" }, env.signal);
    return found;
  } catch (reason) {
    const isAbsent = reason instanceof Failure && reason.code === "not-found" && device === undefined;
    if (!isAbsent) throw reason;
    throw new Failure("fwupd is not installed", {
      code: "not-found",
      hint: 'Declare it: pkg "fwupd" {}',
      retry: "backoff",
      cause: reason,
    });
  }
}

function textIn(told: Record_, key: string): string {
  const found = told[key];
  return typeof found === "string" ? found : "";
}

function textsIn(told: Record_, key: string): readonly string[] {
  const found = told[key];
  return Array.isArray(found) ? found.filter((each): each is string => typeof each === "string") : [];
}

function numberIn(told: Record_, key: string): bigint {
  const found = told[key];
  return typeof found === "bigint" || typeof found === "number" ? BigInt(found) : 0n;
}
