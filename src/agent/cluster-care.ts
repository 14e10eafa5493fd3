// SPDX-License-Identifier: Apache-2.0
// What somebody does who looks after a cluster: who is alive, how many hosts keep the store, who may come, and whom hosts
// believe.

import { X509Certificate } from "node:crypto";
import { Failure } from "../contract/failure.ts";
import type { Host } from "../contract/host.ts";
import type { OwnExchange } from "../exchange/index.ts";
import { seal } from "../exchange/envelope.ts";
import { hostsPrefix, partsAfter } from "../exchange/keys.ts";
import { subjectName } from "../trust/certificate.ts";
import { TrustFiles } from "../trust/files.ts";

/** Fails when the store does not answer, instead of waiting for it. */
export async function livingHosts(exchange: OwnExchange, signal: AbortSignal): Promise<readonly string[]> {
  const kept = await exchange.contents.list({ prefix: hostsPrefix, raw: true }, signal);
  return kept.flatMap(({ key }) => partsAfter(hostsPrefix, key)[0] ?? []);
}

export function readIdealSize(exchange: OwnExchange, signal: AbortSignal): Promise<number> {
  return exchange.idealSize.get(signal);
}

export function writeIdealSize(exchange: OwnExchange, size: number, signal: AbortSignal): Promise<void> {
  return exchange.idealSize.set(size, signal);
}

/** A token for one host. */
export function invite(
  host: Host,
  prefix: string,
  { hostname, minutes }: { readonly hostname?: string; readonly minutes: number },
  signal: AbortSignal,
): Promise<string> {
  const untilMs = host.clock.now() + minutes * 60_000;
  const files = new TrustFiles(host, prefix, signal);
  return files.invite({ untilMs, ...(hostname === undefined ? {} : { hostname }) });
}

/**
 * A host that has gone or is not to be trusted any more: it keeps the store no more, and where this host has the authority of the
 * cluster, none of its certificates is believed.
 */
export async function removeHost(
  hostname: string,
  {
    host,
    prefix,
    exchange,
    signal,
  }: { readonly host: Host; readonly prefix: string; readonly exchange: OwnExchange; readonly signal: AbortSignal },
): Promise<"revoked" | "removed"> {
  const files = new TrustFiles(host, prefix, signal);
  const own = await files.own();
  if (own !== undefined && (await files.authority()) === undefined) {
    throw new Failure("Hosts are removed where they were let in.", {
      code: "invalid",
      hint: `Run it on the host where the cluster began, which is ${(await files.entrance()) ?? "not known here"}.`,
    });
  }
  if (own !== undefined && subjectName(new X509Certificate(own.certificate)) === hostname) {
    throw new Failure("This host has the authority of the cluster: without it there is none.", { code: "invalid" });
  }
  const revocations = own === undefined ? undefined : await files.revokeMember(hostname);
  await exchange.removeHost(hostname, revocations === undefined ? undefined : seal({ ...revocations }), signal);
  return revocations === undefined ? "removed" : "revoked";
}

/** Returns what was done and what comes next, for people. */
export async function rotate(host: Host, prefix: string, isLast: boolean, signal: AbortSignal): Promise<string> {
  const files = new TrustFiles(host, prefix, signal);
  if (isLast) {
    const others = await files.forgetFormer();
    return others === 0 ? "no other authority was believed" : "only the present authority is believed from now on";
  }
  const step = await files.rotateAuthority();
  return step === "announced"
    ? "another authority is made known; when every host has heard of it, in a day, do this again"
    : "the other authority has taken over; when every host has a certificate of it, in a day, end with --finish";
}
