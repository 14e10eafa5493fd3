// SPDX-License-Identifier: Apache-2.0
// How a run takes part in the trust of its cluster: joins by an invitation, lets others in, and keeps its certificate fresh.

import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import type { Tls } from "../cluster/etcd/endpoint.ts";
import type { ServerTls } from "../cluster/etcd/server/program.ts";
import type { HostInvitation } from "../contract/exchange.ts";
import { Failure, isAbort } from "../contract/failure.ts";
import type { Host } from "../contract/host.ts";
import type { SshPlace } from "../contract/ssh.ts";
import { noDoors } from "../exchange/doors.ts";
import { type Entrance, openEntrance } from "../trust/entrance.ts";
import { addressesOf, TrustFiles } from "../trust/files.ts";
import { joinCluster, renewCertificate } from "../trust/join.ts";
import { usualPort } from "../trust/messages.ts";
import { untilLetIn } from "../trust/until-let-in.ts";
import { revokedSerials } from "../trust/revoked-serials.ts";
import { joinOverSsh, renewOverSsh } from "./entrance-over-ssh.ts";
import { checkHostname } from "./hostname.ts";

export interface TrustOptions {
  readonly host: Host;
  readonly prefix: string;
  readonly hostname: string;
  /** ADDRESS[:PORT]: others are let in there. */
  readonly entrance: string | undefined;
  /** Where the store is, for those who are let in. */
  readonly seeds: () => readonly string[];
  readonly onTrouble: (message: string) => void;
  readonly signal: AbortSignal;
  /** The machine that reaches the host which lets others in, when this one does not. */
  readonly over?: SshPlace;
}

const dayMs = 24 * 60 * 60_000;
const hourMs = 60 * 60_000;
const invitationMs = 10 * 60_000;

/**
 * With TOKEN@HOST, when this host is in no cluster yet, or was removed from it. Fails with a `Failure`; but one that was removed goes on
 * as it is, for the invitation may be that with which it came at first.
 */
export async function joinOnce(
  invitation: string,
  { host, prefix, hostname, onTrouble, signal, over }: Omit<TrustOptions, "entrance" | "seeds">,
): Promise<void> {
  const files = new TrustFiles(host, prefix, signal);
  const patient = { clock: host.clock, random: host.random, onBusy: onTrouble };
  const wasIn = await files.isMember();
  if (wasIn && !isRemoved(prefix)) return;
  try {
    if (over === undefined) await untilLetIn(() => joinCluster(invitation, hostname, files), patient, signal);
    else await joinOverSsh(invitation, hostname, { host, prefix, place: over, signal });
  } catch (reason) {
    if (!wasIn || !(reason instanceof Failure)) throw reason;
    return onTrouble(
      `this host was removed from the cluster, and was not let in again: ${reason.message.replace(/\.$/, "")}`,
    );
  }
  onTrouble(`this host was let into the cluster as ${hostname}`);
}

/** Of addresses that are given without one: hosts of a cluster prove to each other who they are. */
export function usualScheme(prefix: string): "http" | "https" {
  const isThere = (name: string): boolean => existsSync(`${prefix}/trust/${name}`);
  return isThere("host.crt") || isThere("authority.crt") ? "https" : "http";
}

/** Who this host is and whom it believes, for connections, as it is when it is asked for; empty when it is in no cluster. */
export function tlsNow(prefix: string): Tls {
  const text = (name: string): string => readFileSync(`${prefix}/trust/${name}`, "utf8");
  try {
    const own = { ca: text("authorities.crt"), certificate: text("host.crt"), key: text("host.key") };
    if (!existsSync(`${prefix}/trust/revoked.crl`)) return own;
    const revoked = revokedSerials(text("revoked.crl"));
    return { ...own, isRevoked: (serial) => revoked.has(serial) };
  } catch {
    return {};
  }
}

/** Whom nobody believes any more, as hosts pass it on. */
export function revocationsNow(prefix: string): string | undefined {
  try {
    return readFileSync(`${prefix}/trust/revocations`, "utf8");
  } catch {
    return undefined;
  }
}

/** Whether nobody is to believe this host any more, as far as it has heard itself. */
export function isRemoved(prefix: string): boolean {
  const { certificate, isRevoked } = tlsNow(prefix);
  return certificate !== undefined && isRevoked?.(new X509Certificate(certificate).serialNumber) === true;
}

/** The same as files, for the server of this host. */
export function serverTls(prefix: string): ServerTls {
  const path = (name: string): string => `${prefix}/trust/${name}`;
  const list = path("revoked.crl");
  const revoked = existsSync(list) ? { revoked: list } : {};
  return { authorities: path("authorities.crt"), certificate: path("host.crt"), key: path("host.key"), ...revoked };
}

/** What a server has read of whom it believes when it began; changes with it. */
export function beliefsNow(prefix: string): string {
  const text = (name: string): string => {
    const path = `${prefix}/trust/${name}`;
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  };
  return `${text("authorities.crt")}${text("revoked.crl")}`;
}

/**
 * This host has a certificate that others believe at these addresses. Fails with `invalid` when it is in no cluster, and when it
 * has one for other addresses.
 */
export async function certifyPlace(
  urls: readonly string[],
  { host, prefix, hostname, signal }: Pick<TrustOptions, "host" | "prefix" | "hostname" | "signal">,
): Promise<void> {
  const files = new TrustFiles(host, prefix, signal);
  const addresses = urls.map((url) => new URL(url).hostname.replace(/^\[(.*)\]$/, "$1"));
  if ((await files.authority()) !== undefined) {
    await files.ensureRevocations();
    await files.ensureOwn(hostname, [...new Set([...addresses, "localhost", "127.0.0.1", "::1"])]);
    return;
  }
  const own = await files.own();
  if (own === undefined) {
    throw new Failure("This host is in no cluster, and has nothing to prove who it is.", {
      code: "invalid",
      hint: "Let it in with --join; on the host where the cluster begins, say --accept-joins. Or leave out https://.",
    });
  }
  const missing = addresses.find((address) => !addressesOf(own.certificate).includes(address));
  if (missing === undefined) return;
  throw new Failure(`The certificate of this host is not for ${missing}: others would not believe it there.`, {
    code: "invalid",
    hint: `It is for ${addressesOf(own.certificate).join(", ")}: the address from which this host was let in.`,
  });
}

/** The host where the cluster begins has its authority. */
export async function beginCluster(host: Host, prefix: string, signal: AbortSignal): Promise<void> {
  await new TrustFiles(host, prefix, signal).ensureAuthority();
}

/** Where the store is, as this host was told when it was let in. */
export function toldSeeds(host: Host, prefix: string, signal: AbortSignal): Promise<readonly string[]> {
  return new TrustFiles(host, prefix, signal).seeds();
}

/** Lets others in and keeps the certificate fresh, if there is one. Returns what ends it. Fails with a `Failure`. */
export async function takePart(options: TrustOptions): Promise<() => Promise<void>> {
  const { host, prefix, entrance, onTrouble, signal } = options;
  const files = new TrustFiles(host, prefix, signal);
  if (entrance === undefined && (await files.entrance()) === undefined) return async () => {};
  const ending = new AbortController();
  const living = AbortSignal.any([signal, ending.signal]);
  const opened = entrance === undefined ? undefined : await openAt(entrance, files, options);
  const renew = async (): Promise<void> => {
    if (opened !== undefined) return opened.renew();
    if (options.over === undefined) return renewCertificate(files);
    return renewOverSsh({ host, prefix, place: options.over, signal: living });
  };
  const renewing = keepFresh(files, renew, host, onTrouble, living);
  return async () => {
    ending.abort();
    await renewing;
    await opened?.close();
  };
}

/** Lets the host of this name in, when others are let in here at `entrance`. */
export async function inviteHost(
  name: string,
  { host, prefix, entrance }: Pick<TrustOptions, "host" | "prefix" | "entrance">,
  signal: AbortSignal,
  validMs = invitationMs,
): Promise<HostInvitation> {
  const files = new TrustFiles(host, prefix, signal);
  if (entrance === undefined || (await files.authority()) === undefined) return noDoors.invite(name, signal);
  const { address, port } = addressOf(entrance);
  const isOpen = address === "" || address === "0.0.0.0" || address === "::";
  const token = await files.invite({ untilMs: host.clock.now() + validMs, hostname: name });
  return { token, entrance: { host: isOpen ? "127.0.0.1" : address, port } };
}

function addressOf(entrance: string): { readonly address: string; readonly port: number } {
  const [, bracketed, plain, port] = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]\s]*))(?::([0-9]{1,5}))?$/.exec(entrance) ?? [];
  const address = bracketed ?? plain;
  if (address === undefined) {
    throw new Failure(`${entrance} is no address.`, { code: "invalid", hint: "Write it as 0.0.0.0:2381." });
  }
  return { address, port: port === undefined ? usualPort : Number(port) };
}

function openAt(entrance: string, files: TrustFiles, { hostname, seeds, onTrouble }: TrustOptions): Promise<Entrance> {
  const { address, port } = addressOf(entrance);
  const isName = (name: string): boolean => {
    try {
      return checkHostname(name) === name;
    } catch {
      return false;
    }
  };
  const isOpen = address === "" || address === "0.0.0.0" || address === "::";
  return openEntrance({
    files,
    address: address === "" ? "0.0.0.0" : address,
    port,
    hostname,
    addresses: isOpen ? [] : [address],
    isName,
    seeds,
    onNews: onTrouble,
  });
}

/** Looks once a day, so that a change of the authority reaches every host within a day. */
async function keepFresh(
  files: TrustFiles,
  renew: () => Promise<void>,
  { clock }: Host,
  onTrouble: (message: string) => void,
  signal: AbortSignal,
): Promise<void> {
  let pauseMs = dayMs;
  while (!signal.aborted) {
    try {
      await clock.sleep(pauseMs, signal);
      await renew();
      pauseMs = dayMs;
    } catch (reason) {
      if (isAbort(reason, signal)) return;
      if (!(reason instanceof Failure)) throw reason;
      const own = await files.own();
      if (own !== undefined && files.needsRenewal(own))
        onTrouble(`the certificate of this host grows old: ${reason.message}`);
      pauseMs = hourMs;
    }
  }
}
