// SPDX-License-Identifier: Apache-2.0
// How `mgmt cluster` and `mgmt deploy` get to the store that is meant: by the seeds, else that of the run which has the state
// directory.

import { withCluster } from "../agent/deploys/client.ts";
import { thisMachine } from "../agent/machine.ts";
import { findOwnStore, type OwnStore, withOwnStore } from "../agent/own-store.ts";
import { askStatus } from "../agent/record/ask.ts";
import { askedPrefix } from "../agent/record/asked-prefix.ts";
import { toldSeeds } from "../agent/trust.ts";
import { Failure } from "../contract/failure.ts";
import type { Invocation } from "./command.ts";
import { fileOption, listOption } from "./option-values.ts";
import { storeChoice, storeWay } from "./run-setting.ts";

/** The store, as what stands in it is understood. */
export type Exchange = Parameters<Parameters<typeof withCluster>[2]>[0];

/** `own`: it is the store that a host has for itself. */
export type Work = (exchange: Exchange, own: OwnStore | undefined) => Promise<number>;

/**
 * What is wanted of a host that shares its store with nobody: to look at it, to follow it while mgmt runs, or to change it. `none`:
 * alone it has nothing of the kind.
 */
export type Wish = "look" | "follow" | "change" | "none";

export function prefixOf(invocation: Invocation, signal: AbortSignal): Promise<string> {
  return askedPrefix(fileOption(invocation, "prefix"), thisMachine(), signal);
}

/** `as`: the command, which is no host. */
export async function onCluster(
  invocation: Invocation,
  signal: AbortSignal,
  work: Work,
  wish: Wish,
  as: "cluster" | "deploy" = "cluster",
): Promise<number> {
  const host = thisMachine();
  const onTrouble = (message: string): void => invocation.terminal.stderr(`mgmt: ${message}\n`);
  const hostname = `${await host.identity.hostname(signal)}~${as}`;
  const prefix = await prefixOf(invocation, signal);
  const told = await toldPlace(invocation, prefix, signal);
  const options = { prefix, readOnly: false, hostname, host, onTrouble, ...storeWay(invocation, told) };
  const choice = storeChoice(invocation, prefix, told);
  const own = choice.kind === "own file" ? await findOwnStore(prefix, signal) : undefined;
  if (own === undefined) return withCluster(choice, options, (exchange) => work(exchange, undefined));
  if (wish === "none") throw isAlone();
  if (wish === "follow" && own === "left") throw nothingHappens();
  return withOwnStore(own, { ...options, readOnly: wish === "look" }, (exchange) => work(exchange, own));
}

function isAlone(): Failure {
  return new Failure("This host has its store for itself: no other host keeps it.", {
    code: "invalid",
    hint: "A cluster begins with `mgmt run --client-urls=URL --server-urls=URL`; for that of others give --seeds.",
  });
}

function nothingHappens(): Failure {
  return new Failure("No mgmt runs here, so nothing will change.", {
    code: "invalid",
    hint: "Begin the run first. What was left is shown without it.",
  });
}

/** Where the store of the run is that has the state directory; over SSH, also of one that is not under way. */
async function toldPlace(invocation: Invocation, prefix: string, signal: AbortSignal): Promise<readonly string[]> {
  if (listOption(invocation, "seeds").length > 0) return [];
  const host = thisMachine();
  if (invocation.options.sshUrl !== undefined) return toldSeeds(host, prefix, signal);
  const place = (await askStatus(prefix, host))?.store?.place;
  return place === undefined ? [] : [place.startsWith("/") ? `file:${place}` : place];
}
