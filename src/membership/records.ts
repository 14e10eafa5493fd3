// SPDX-License-Identifier: Apache-2.0
// What hosts tell each other about who keeps the store: the texts that stand in it below `membership/` and `volunteers/`.

import type { Entry } from "../contract/cluster.ts";
import { open, seal } from "../exchange/envelope.ts";
import { endpointsPrefix, leavingPrefix, nominatedPrefix, partsAfter, setbacksPrefix } from "../exchange/keys.ts";

/** What a host would keep the store with. */
export interface Offer {
  /** Where clients and other servers would find it. */
  readonly clientUrls: readonly string[];
  readonly serverUrls: readonly string[];
  /** Hosts of one zone may fail together. */
  readonly zone?: string;
  /** It keeps the store and wants to do so no more. */
  readonly isLeaving: boolean;
}

/** That a host is to keep the store. */
export interface Nomination {
  /** Where other servers are told to find it. */
  readonly serverUrls: readonly string[];
  /** By which it is a member of the store; absent: it is not yet one. */
  readonly id?: string;
}

export interface SetbackRecord {
  readonly count: number;
  /** By `Clock.now` of whoever has written it. */
  readonly atMs: number;
}

export function renderOffer({ clientUrls, serverUrls, zone, isLeaving }: Offer): string {
  return seal({ clientUrls, serverUrls, isLeaving, ...(zone === undefined ? {} : { zone }) });
}

export function parseOffer(text: string): Offer | undefined {
  const { clientUrls, serverUrls, zone, isLeaving } = open(text) ?? {};
  if (!isTexts(clientUrls) || !isTexts(serverUrls)) return undefined;
  return { clientUrls, serverUrls, isLeaving: isLeaving === true, ...(typeof zone === "string" ? { zone } : {}) };
}

export function renderNomination({ serverUrls, id }: Nomination): string {
  return seal({ serverUrls, ...(id === undefined ? {} : { id }) });
}

export function renderEndpoint(clientUrls: readonly string[]): string {
  return seal({ clientUrls });
}

export function renderSetback({ count, atMs }: SetbackRecord): string {
  return seal({ count, atMs });
}

/** All that stands below `membership/`, by hosts. */
export interface MembershipRecords {
  readonly nominated: ReadonlyMap<string, Nomination>;
  readonly endpoints: ReadonlyMap<string, readonly string[]>;
  readonly setbacks: ReadonlyMap<string, SetbackRecord>;
  readonly leaving: ReadonlySet<string>;
}

export function recordsIn(entries: Iterable<Entry>): MembershipRecords {
  const nominated = new Map<string, Nomination>();
  const endpoints = new Map<string, readonly string[]>();
  const setbacks = new Map<string, SetbackRecord>();
  const leaving = new Set<string>();
  for (const { key, value } of entries) {
    const content = open(value);
    if (content === undefined) continue;
    const hostAfter = (prefix: string): string | undefined =>
      key.startsWith(prefix) ? partsAfter(prefix, key)[0] : undefined;
    const { id, clientUrls, serverUrls, count, atMs } = content;
    const told = hostAfter(nominatedPrefix);
    if (told !== undefined && isTexts(serverUrls))
      nominated.set(told, { serverUrls, ...(typeof id === "string" ? { id } : {}) });
    const served = hostAfter(endpointsPrefix);
    if (served !== undefined && isTexts(clientUrls)) endpoints.set(served, clientUrls);
    const failed = hostAfter(setbacksPrefix);
    if (failed !== undefined && typeof count === "number" && typeof atMs === "number")
      setbacks.set(failed, { count, atMs });
    const gone = hostAfter(leavingPrefix);
    if (gone !== undefined) leaving.add(gone);
  }
  return { nominated, endpoints, setbacks, leaving };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}
