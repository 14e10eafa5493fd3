// SPDX-License-Identifier: Apache-2.0
// Where a host that joins others would keep the store, when its person does not say: at the address by which it reaches
// them, at the usual ports if they are free. What was chosen once is kept, for others know it then.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer, connect as dial } from "node:net";
import { once } from "node:events";
import { clientPort, serverPort } from "../cluster/etcd/urls.ts";
import { completed, type GivenAddresses, type ServeAddresses } from "./store-choice.ts";

export interface PlaceOptions {
  readonly given: GivenAddresses;
  readonly prefix: string;
  /** Of the store: the first that answers tells where we are. */
  readonly seeds: readonly string[];
  readonly scheme: "http" | "https";
  readonly signal: AbortSignal;
}

/** Undefined: none of the seeds can be reached now. Fails with `invalid` when what was given makes no sense. */
export async function serverAddresses(options: PlaceOptions): Promise<ServeAddresses | undefined> {
  const { given, prefix, seeds, scheme, signal } = options;
  const isGiven = given.clientUrls.length > 0 && given.serverUrls.length > 0;
  if (isGiven) return completed(given, scheme, { addsLocal: false });
  const kept = keptPlace(prefix);
  const host = hostOf(given) ?? kept?.host ?? (await localAddress(seeds, signal));
  if (host === undefined) return undefined;
  const place = kept?.host === host && kept.scheme === scheme ? kept : await choosePlace(host, scheme);
  if (place !== kept) keepPlace(prefix, place);
  const url = (port: number): string => `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
  const clientUrls = given.clientUrls.length > 0 ? given.clientUrls : [url(place.clientPort)];
  const serverUrls = given.serverUrls.length > 0 ? given.serverUrls : [url(place.serverPort)];
  return completed({ ...given, clientUrls, serverUrls }, scheme, { addsLocal: false });
}

/** What was chosen cannot be had any more: another choice is made the next time. */
export function forgetPlace(prefix: string): void {
  keepPlace(prefix, undefined);
}

interface Place {
  readonly host: string;
  readonly scheme: "http" | "https";
  readonly clientPort: number;
  readonly serverPort: number;
}

function keptPlace(prefix: string): Place | undefined {
  try {
    const place = JSON.parse(readFileSync(`${prefix}/etcd/place.json`, "utf8")) as Partial<Place> | null;
    const isPlace =
      typeof place?.host === "string" &&
      (place.scheme === "http" || place.scheme === "https") &&
      Number.isInteger(place.clientPort) &&
      Number.isInteger(place.serverPort);
    return isPlace ? (place as Place) : undefined;
  } catch {
    return undefined;
  }
}

function keepPlace(prefix: string, place: Place | undefined): void {
  const path = `${prefix}/etcd/place.json`;
  mkdirSync(`${prefix}/etcd`, { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, `${JSON.stringify(place === undefined ? null : { version: 1, ...place })}\n`, {
    mode: 0o600,
  });
  renameSync(`${path}.new`, path);
}

function hostOf({ clientUrls, serverUrls }: GivenAddresses): string | undefined {
  const url = [...clientUrls, ...serverUrls].find((each) => !each.startsWith("unix:"));
  return url === undefined ? undefined : new URL(url).hostname.replace(/^\[(.*)\]$/, "$1");
}

/** On a machine that talks to itself others of ours may want the usual ports, too. */
async function choosePlace(host: string, scheme: "http" | "https"): Promise<Place> {
  const isShared = host === "localhost" || host === "::1" || host.startsWith("127.");
  const taken: number[] = [];
  const port = async (usual: number): Promise<number> => {
    const found = (isShared ? undefined : await portAt(host, usual)) ?? (await portAt(host, 0)) ?? usual;
    if (taken.includes(found)) return port(usual);
    taken.push(found);
    return found;
  };
  return { host, scheme, clientPort: await port(clientPort), serverPort: await port(serverPort) };
}

/** 0: any that is free. Undefined: it is not free. */
async function portAt(host: string, port: number): Promise<number | undefined> {
  const listener = createServer();
  try {
    listener.listen({ host, port, exclusive: true });
    await once(listener, "listening");
    const bound = listener.address();
    return typeof bound === "object" ? bound?.port : undefined;
  } catch {
    return undefined;
  } finally {
    if (listener.listening) await new Promise((resolve) => listener.close(resolve));
  }
}

const answerMs = 2000;

async function localAddress(seeds: readonly string[], signal: AbortSignal): Promise<string | undefined> {
  const network = seeds.filter((seed) => !seed.startsWith("unix:"));
  const found = await Promise.all(network.map((seed) => localAddressTo(new URL(seed), signal)));
  return found.find((address) => address !== undefined);
}

function localAddressTo({ hostname, port }: URL, signal: AbortSignal): Promise<string | undefined> {
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const socket = dial({ host, port: Number(port), timeout: answerMs });
  const end = (address?: string): void => {
    signal.removeEventListener("abort", abort);
    socket.destroy();
    resolve(address?.replace(/^::ffff:/, "").replace(/%.*$/, ""));
  };
  const abort = (): void => end();
  signal.addEventListener("abort", abort, { once: true });
  socket.once("connect", () => end(socket.localAddress));
  socket.once("error", () => end());
  socket.once("timeout", () => end());
  return promise;
}
