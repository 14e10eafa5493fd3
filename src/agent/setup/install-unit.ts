// SPDX-License-Identifier: Apache-2.0
// Puts a unit of systemd in its place, lets it start with the machine, and starts it. What is so already is left alone.
// In a system that does not run, as one that is just being installed, nothing can be started, but the rest can be done.

import type { Host } from "../../contract/host.ts";
import { Failure } from "../../contract/failure.ts";
import { bytesOf, textOf } from "../../values/bytes.ts";

export interface UnitWish {
  /** `mgmt.service` */
  readonly name: string;
  readonly text: string;
  readonly install: boolean;
  readonly enable: boolean;
  readonly start: boolean;
}

const directory = "/etc/systemd/system";
const unitLimitBytes = 1024 * 1024;

/** What was done, as sentences without an end. Fails with a `Failure` when the machine refuses. */
export async function installUnit(wish: UnitWish, host: Host, signal: AbortSignal): Promise<readonly string[]> {
  const { name, text } = wish;
  const path = `${directory}/${name}`;
  const services = host.services.system;
  const done: string[] = [];
  const content = bytesOf(text);
  if (wish.install && !(await isSame(path, content, host, signal))) {
    if ((await host.files.inspect(directory, signal)) === undefined) {
      throw new Failure(`there is no ${directory}: this machine has no systemd`, { code: "unsupported" });
    }
    await host.files.write(path, content, { mode: 0o644, durable: true }, signal);
    done.push(`wrote ${path}`);
  }
  if (!wish.enable && !wish.start) return done;
  if ((await host.files.inspect("/run/systemd/system", signal)) === undefined) {
    if (wish.start) throw new Failure(`${name} cannot be started: systemd does not run here`, { code: "unsupported" });
    if (await enableOffline(name, host, signal)) done.push(`${name} starts with this machine`);
    return done;
  }
  if (wish.install) await services.readDefinitions(signal);
  const state = await services.inspect(name, signal);
  if (state === undefined)
    throw new Failure(`there is no ${name} to start`, { code: "not-found", hint: "--install makes it" });
  if (wish.enable && state.enablement !== "enabled") {
    await services.enable(name, signal);
    done.push(`${name} starts with this machine`);
  }
  if (wish.start && (state.activity !== "active" || done.some((each) => each.startsWith("wrote")))) {
    await services.restart(name, signal);
    done.push(`started ${name}`);
  }
  return done;
}

/** False when it was so already. Whoever starts the system finds it so; systemd's own program needs no systemd that runs. */
async function enableOffline(name: string, { processes }: Host, signal: AbortSignal): Promise<boolean> {
  const before = await processes.run({ argv: ["systemctl", "is-enabled", name] }, signal);
  if (textOf(before.stdout).trim() === "enabled") return false;
  const { status, stderr } = await processes.run({ argv: ["systemctl", "enable", name] }, signal);
  if (status === 0) return true;
  throw new Failure(`${name} cannot be enabled: ${textOf(stderr).trim().split("\n").at(-1) ?? ""}`, {
    code: "command-failed",
  });
}

async function isSame(path: string, content: Uint8Array, { files }: Host, signal: AbortSignal): Promise<boolean> {
  if ((await files.inspect(path, signal))?.kind !== "file") return false;
  return Buffer.compare(await files.read(path, unitLimitBytes, signal), content) === 0;
}
