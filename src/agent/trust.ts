// SPDX-License-Identifier: Apache-2.0
// How a run takes part in the trust of its cluster: joins by an invitation, lets others in, and keeps its certificate fresh.

import type { HostInvitation } from "../contract/exchange.ts";
import { Failure, isAbort } from "../contract/failure.ts";
import type { Host } from "../contract/host.ts";
import { noDoors } from "../exchange/doors.ts";
import { type Entrance, openEntrance } from "../trust/entrance.ts";
import { TrustFiles } from "../trust/files.ts";
import { joinCluster, renewCertificate } from "../trust/join.ts";
import { usualPort } from "../trust/messages.ts";
import { checkHostname } from "./hostname.ts";

export interface TrustOptions {
  readonly host: Host;
  readonly prefix: string;
  readonly hostname: string;
  /** ADDRESS[:PORT]: others are let in there. */
  readonly entrance: string | undefined;
  readonly onTrouble: (message: string) => void;
  readonly signal: AbortSignal;
}

const dayMs = 24 * 60 * 60_000;
const hourMs = 60 * 60_000;
const invitationMs = 10 * 60_000;

/** With TOKEN@HOST, when this host is in no cluster yet. Fails with a `Failure`. */
export async function joinOnce(
  invitation: string,
  { host, prefix, hostname, onTrouble, signal }: Omit<TrustOptions, "entrance">,
): Promise<void> {
  const files = new TrustFiles(host, prefix, signal);
  if (await files.isMember()) return;
  await joinCluster(invitation, hostname, files);
  onTrouble(`this host was let into the cluster as ${hostname}`);
}

/** Who this host is and whom it believes, for connections; undefined when it is in no cluster. */
export async function tlsOf(
  host: Host,
  prefix: string,
): Promise<{ readonly ca: string; readonly certificate: string; readonly key: string } | undefined> {
  const files = new TrustFiles(host, prefix, new AbortController().signal);
  const own = await files.own();
  return own && { ...own, ca: (await files.authorities()).join("\n") };
}

/** Lets others in and keeps the certificate fresh, if there is one. Returns what ends it. Fails with a `Failure`. */
export async function takePart(options: TrustOptions): Promise<() => Promise<void>> {
  const { host, prefix, entrance, onTrouble, signal } = options;
  const files = new TrustFiles(host, prefix, signal);
  if (entrance === undefined && (await files.entrance()) === undefined) return async () => {};
  const ending = new AbortController();
  const living = AbortSignal.any([signal, ending.signal]);
  const opened = entrance === undefined ? undefined : await openAt(entrance, files, options);
  const renewing = keepFresh(files, opened, host, onTrouble, living);
  return async () => {
    ending.abort();
    await renewing;
    await opened?.close();
  };
}

/** Lets the host of this name in, for a few minutes, when others are let in here at `entrance`. */
export async function inviteHost(
  name: string,
  { host, prefix, entrance }: Pick<TrustOptions, "host" | "prefix" | "entrance">,
  signal: AbortSignal,
): Promise<HostInvitation> {
  const files = new TrustFiles(host, prefix, signal);
  if (entrance === undefined || (await files.authority()) === undefined) return noDoors.invite(name, signal);
  const { address, port } = addressOf(entrance);
  const isOpen = address === "" || address === "0.0.0.0" || address === "::";
  const token = await files.invite({ untilMs: host.clock.now() + invitationMs, hostname: name });
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

function openAt(entrance: string, files: TrustFiles, { hostname, onTrouble }: TrustOptions): Promise<Entrance> {
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
    onNews: onTrouble,
  });
}

/** Looks once a day, so that a change of the authority reaches every host within a day. */
async function keepFresh(
  files: TrustFiles,
  entrance: Entrance | undefined,
  { clock }: Host,
  onTrouble: (message: string) => void,
  signal: AbortSignal,
): Promise<void> {
  let pauseMs = dayMs;
  while (!signal.aborted) {
    try {
      await clock.sleep(pauseMs, signal);
      if (entrance === undefined) await renewCertificate(files);
      else await entrance.renew();
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
