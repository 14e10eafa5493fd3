// SPDX-License-Identifier: Apache-2.0
// What the installer of a machine has said to its log, where the module embedded/provisioner lets it be kept.

import { Failure } from "../../contract/failure.ts";
import type { Host } from "../../contract/host.ts";
import { createLocalStore } from "../../host/local-store.ts";
import { textOf } from "../../values/bytes.ts";

export interface InstallerLog {
  readonly path: string;
  /** Its last lines, without the times. */
  readonly last: readonly string[];
}

const tailBytes = 16 * 1024;

/** Undefined when the machine at this address has said nothing, or it cannot be read. `prefix`: of the run. */
export async function readInstallerLog(
  prefix: string,
  address: string,
  mostLines: number,
  host: Host,
  signal: AbortSignal,
): Promise<InstallerLog | undefined> {
  try {
    const path = `${await createLocalStore(host, prefix).directory("provisioner/logs/", signal)}${address}.log`;
    using file = await host.files.open(path, signal);
    const tail = textOf(await file.read(Math.max(0, file.size - tailBytes), tailBytes));
    const lines = tail.split("\n").filter((line) => line !== "");
    return { path, last: lines.slice(-mostLines).map((line) => line.replace(/^\S+ /, "")) };
  } catch (reason) {
    if (reason instanceof Failure) return undefined;
    throw reason;
  }
}
