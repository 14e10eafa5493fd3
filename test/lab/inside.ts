// SPDX-License-Identifier: Apache-2.0
// What tests inside of a lab host do to it: run programs, install packages, wait. Works nowhere else.

import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";

/** Runs a program of the host and gives its output; a status that is not 0 throws with all it said. */
export async function run(program: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, { maxBuffer: 64 * 2 ** 20 });
  return stdout.trimEnd();
}

/** Installs Debian packages. They come from the mirror of this machine, or from what it has fetched before. */
export async function install(...packages: readonly string[]): Promise<void> {
  const apt = () =>
    run("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-qqy", "--no-install-recommends", ...packages);
  try {
    await apt();
  } catch {
    // The lists are as old as the base system.
    await run("apt-get", "update", "-qq");
    await apt();
  }
}

/** Waits until something is so that tells no event: that another program has come to an end of its work. */
export async function until(what: string, isSo: () => Promise<boolean> | boolean, limitMs = 10_000): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`after ${limitMs} ms still not so: ${what}`);
    await pause(10);
  }
}

/** Whether it comes to a good end now. */
export async function comesToGoodEnd(task: () => Promise<unknown>): Promise<boolean> {
  try {
    await task();
    return true;
  } catch {
    return false;
  }
}

/** From now on apt brings nothing that a package only recommends, which saves time. */
export function withoutRecommended(): void {
  writeFileSync("/etc/apt/apt.conf.d/99without-recommended", 'APT::Install-Recommends "false";\n');
}
