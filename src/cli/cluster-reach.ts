// SPDX-License-Identifier: Apache-2.0
// How `mgmt cluster` gets to the store that is meant: by the seeds, else that of the run which has the state directory.

import { withCluster } from "../agent/deploys/client.ts";
import { thisMachine } from "../agent/machine.ts";
import { hasOwnStore, withOwnStore } from "../agent/own-store.ts";
import { askStatus } from "../agent/record/ask.ts";
import { askedPrefix } from "../agent/record/asked-prefix.ts";
import { toldSeeds } from "../agent/trust.ts";
import type { Invocation } from "./command.ts";
import { fileOption, listOption } from "./option-values.ts";
import { storeChoice, storeWay } from "./run-setting.ts";

/** The store, as what stands in it is understood. */
export type Exchange = Parameters<Parameters<typeof withCluster>[2]>[0];

type Work = (exchange: Exchange) => Promise<number>;

export function prefixOf(invocation: Invocation, signal: AbortSignal): Promise<string> {
  return askedPrefix(fileOption(invocation, "prefix"), thisMachine(), signal);
}

/** `own`: what is wanted of a host that shares its store with nobody; absent: nothing is there for it. */
export async function onCluster(
  invocation: Invocation,
  signal: AbortSignal,
  work: Work,
  own?: "look" | "change",
): Promise<number> {
  const host = thisMachine();
  const onTrouble = (message: string): void => invocation.terminal.stderr(`mgmt: ${message}\n`);
  const hostname = `${await host.identity.hostname(signal)}~cluster`;
  const prefix = await prefixOf(invocation, signal);
  const told = await toldPlace(invocation, prefix, signal);
  const options = { prefix, readOnly: false, hostname, host, onTrouble, ...storeWay(invocation, told) };
  const choice = storeChoice(invocation, prefix, told);
  if (own !== undefined && choice.kind === "own file" && hasOwnStore(prefix)) {
    return withOwnStore({ ...options, readOnly: own === "look" }, work);
  }
  return withCluster(choice, options, work);
}

/** Where the store of the run is that has the state directory; over SSH, also of one that is not under way. */
async function toldPlace(invocation: Invocation, prefix: string, signal: AbortSignal): Promise<readonly string[]> {
  if (listOption(invocation, "seeds").length > 0) return [];
  const host = thisMachine();
  if (invocation.options.sshUrl !== undefined) return toldSeeds(host, prefix, signal);
  const place = (await askStatus(prefix, host))?.store?.place;
  return place === undefined ? [] : [place.startsWith("/") ? `file:${place}` : place];
}
