// SPDX-License-Identifier: Apache-2.0
// Puts a unit of systemd in its place, lets it start with the machine, and starts it. What is so already is left alone.

import type { Host } from "../../contract/host.ts";
import { Failure } from "../../contract/failure.ts";
import { bytesOf } from "../../values/bytes.ts";

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
  // Also where systemd does not run, as in a machine that is just being installed.
  if (!wish.enable && !wish.start) return done;
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

async function isSame(path: string, content: Uint8Array, { files }: Host, signal: AbortSignal): Promise<boolean> {
  if ((await files.inspect(path, signal))?.kind !== "file") return false;
  return Buffer.compare(await files.read(path, unitLimitBytes, signal), content) === 0;
}
