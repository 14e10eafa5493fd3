// SPDX-License-Identifier: Apache-2.0
// For tables of what the programs of administrators change: a machine as it must be before each case, and the cases.

import { execFileSync } from "node:child_process";
import type { Host } from "../../src/contract/host.ts";
import type { AnyWant } from "../../src/contract/resource.ts";
import { linuxHost } from "../../src/host/linux/index.ts";
import type { Change } from "../fields.ts";

export interface Debian {
  readonly host: Host;
}

const shell = (script: string) => () =>
  void execFileSync("bash", ["-euc", script], { stdio: ["ignore", "ignore", "inherit"] });

/** As it is to be before each case, whatever the one before has left. */
export const after = (script: string) => (): Debian => {
  shell(script)();
  return { host: linuxHost() };
};

export const change = (fields: AnyWant, script: string, ...repair: readonly string[]): Change<Debian> => ({
  fields,
  outside: shell(script),
  repair,
});
