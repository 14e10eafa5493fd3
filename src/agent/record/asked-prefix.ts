// SPDX-License-Identifier: Apache-2.0
// Which state directory is asked about when nobody names one: that of `mgmt run`, or, where no such run is, that of
// `mgmt provisioner`, which lies in it.

import { existsSync } from "node:fs";
import type { Host } from "../../contract/host.ts";
import { statePrefix } from "../state-prefix.ts";
import { askAgent } from "./control-client.ts";

export function provisionerPrefix(usual: string): string {
  return `${usual}/provisioner`;
}

/** `given`: by a person, absolute. */
export async function askedPrefix(given: string | undefined, host: Host, signal: AbortSignal): Promise<string> {
  const usual = await statePrefix({ given, temporary: false }, host, signal);
  if (given !== undefined) return usual;
  const other = provisionerPrefix(usual);
  if (!isKnown(other) || (await isRunning(usual))) return usual;
  return (await isRunning(other)) || !isKnown(usual) ? other : usual;
}

function isRunning(prefix: string): Promise<boolean> {
  return askAgent(prefix, { ask: "status" }, () => {});
}

/** It has run there once. */
function isKnown(prefix: string): boolean {
  return existsSync(`${prefix}/journal.db`);
}
