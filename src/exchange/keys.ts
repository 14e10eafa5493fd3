// SPDX-License-Identifier: Apache-2.0
// Where everything stands in the store. Parts of keys are written with percent signs, so any text can be one.
//
//   /_mgmt/texts/<key>                              a text of all hosts
//   /_mgmt/tables/<key>/<host>                      a text of each host
//   /_mgmt/exported/<to>/<kind>/<name>/<host>       an exported resource; <to> is a host or *
//   /_mgmt/exporters/<host>/<to>/<kind>/<name>      that the host exports it; nothing in it
//   /_mgmt/schedules/<namespace>/candidates/<host>  that the host wants to be chosen
//   /_mgmt/schedules/<namespace>/decision           who is chosen
//   /_mgmt/hosts/<host>                             that the host is alive
//   /_mgmt/deploys/<id>                             a deploy; ids have ten digits, so they are sorted
//   /_mgmt/deploy-order                             the newest id, and what was pruned: whoever deploys changes it
//   /_mgmt/blobs/<sha256>                           a content; <sha256>/<part> when it is large
//   /_mgmt/rollouts/<id>                            how far a deploy has come
//   /_mgmt/rollout-judge                            which host decides that now
//   /_mgmt/reports/<host>                           what a host runs and how it fares
//   /_mgmt/chooser/dynamicsize/idealclustersize     how many hosts are to keep the store, as a number
//   /_mgmt/idealClusterSize                         the same, as people wrote it before; what was written last counts
//   /_mgmt/volunteers/<host>                        that the host would keep the store, and where
//   /_mgmt/membership/nominated/<host>              that the host is to keep the store
//   /_mgmt/membership/endpoints/<host>              where clients find the store that it keeps
//   /_mgmt/membership/setbacks/<host>               that it was to keep the store and could not
//   /_mgmt/membership/leaving/<host>                that it is to go for good, whatever it says itself
//   /_mgmt/membership/executor                      which host carries out changes of all these
//   /_mgmt/membership/turn                          which host starts its server once more just now
//   /_mgmt/trust/revocations                        the list of certificates that are believed no more
//   /_mgmt/proposals/<name>                         a program that hosts are to plan and not to run
//   /_mgmt/plans/<name>/<host>                      what a host would do

import type { ExportKey, Slot } from "../contract/exchange.ts";
import { bytesOf, textOf } from "../values/bytes.ts";

const root = "/_mgmt";
const textsPrefix = `${root}/texts/`;
const tablesPrefix = `${root}/tables/`;

/** How all our keys begin. */
export const everythingPrefix = `${root}/`;

/** A key that nobody writes, for asking whether the store is there. */
export const nothingKey = `${root}/nothing`;

export function slotKey({ key, host }: Slot): string {
  return host === undefined ? `${textsPrefix}${encode(key)}` : `${tablePrefix(key)}${encode(host)}`;
}

export function tablePrefix(key: string): string {
  return `${tablesPrefix}${encode(key)}/`;
}

/** Where all texts are whose keys begin so: those of all hosts, and those of each. */
export function slotsPrefixes(begin: string): readonly string[] {
  return [`${textsPrefix}${encode(begin)}`, `${tablesPrefix}${encode(begin)}`];
}

/** Undefined when no text stands there. */
export function slotIn(key: string): Slot | undefined {
  if (key.startsWith(textsPrefix)) return { key: partsAfter(textsPrefix, key)[0] ?? "" };
  if (!key.startsWith(tablesPrefix)) return undefined;
  const [text = "", host = ""] = partsAfter(tablesPrefix, key);
  return { key: text, host };
}

/** All that hosts export to this one, of a kind. */
export function exportedPrefix(to: string, kind: string): string {
  return `${root}/exported/${encode(to)}/${encode(kind)}/`;
}

export function exportedKey({ to, kind, name }: ExportKey, host: string): string {
  return `${exportedPrefix(to, kind)}${encode(name)}/${encode(host)}`;
}

/** How the places of exports of this name begin, behind `exportedPrefix`: a place for each host. */
export function placesPrefix(name: string): string {
  return `${encode(name)}/`;
}

export function exporterPrefix(host: string): string {
  return `${root}/exporters/${encode(host)}/`;
}

export function exporterKey({ to, kind, name }: ExportKey, host: string): string {
  return `${exporterPrefix(host)}${encode(to)}/${encode(kind)}/${encode(name)}`;
}

/** A schedule as a whole, so that it is read at one instant. */
export function schedulePrefix(namespace: string): string {
  return `${root}/schedules/${encode(namespace)}/`;
}

export function candidatesPrefix(namespace: string): string {
  return `${schedulePrefix(namespace)}candidates/`;
}

export function candidateKey(namespace: string, host: string): string {
  return `${candidatesPrefix(namespace)}${encode(host)}`;
}

export function decisionKey(namespace: string): string {
  return `${schedulePrefix(namespace)}decision`;
}

export const hostsPrefix = `${root}/hosts/`;

export function hostKey(host: string): string {
  return `${hostsPrefix}${encode(host)}`;
}

// ---- Deploys ----

export const deploysPrefix = `${root}/deploys/`;
export const deployOrderKey = `${root}/deploy-order`;
export const blobsPrefix = `${root}/blobs/`;

export function deployKey(id: number): string {
  return `${deploysPrefix}${String(id).padStart(10, "0")}`;
}

export function blobKey(sha256: string): string {
  return `${blobsPrefix}${sha256}`;
}

export function blobPartKey(sha256: string, part: number): string {
  return `${blobKey(sha256)}/${part}`;
}

export const rolloutsPrefix = `${root}/rollouts/`;
export const rolloutJudgeKey = `${root}/rollout-judge`;
export const reportsPrefix = `${root}/reports/`;

export function rolloutKey(id: number): string {
  return `${rolloutsPrefix}${String(id).padStart(10, "0")}`;
}

export function reportKey(host: string): string {
  return `${reportsPrefix}${encode(host)}`;
}

/** Where the original has it, and where its first generation had it. */
export const olderIdealSizeKey = `${root}/idealClusterSize`;
export const idealSizeKey = `${root}/chooser/dynamicsize/idealclustersize`;

// ---- Who keeps the store ----

export const volunteersPrefix = `${root}/volunteers/`;

export function volunteerKey(host: string): string {
  return `${volunteersPrefix}${encode(host)}`;
}

export const membershipPrefix = `${root}/membership/`;
export const nominatedPrefix = `${membershipPrefix}nominated/`;
export const endpointsPrefix = `${membershipPrefix}endpoints/`;
export const setbacksPrefix = `${membershipPrefix}setbacks/`;
export const leavingPrefix = `${membershipPrefix}leaving/`;
export const executorKey = `${membershipPrefix}executor`;

export const turnKey = `${membershipPrefix}turn`;
export const revocationsKey = `${root}/trust/revocations`;

export function nominatedKey(host: string): string {
  return `${nominatedPrefix}${encode(host)}`;
}

export function endpointKey(host: string): string {
  return `${endpointsPrefix}${encode(host)}`;
}

export function setbackKey(host: string): string {
  return `${setbacksPrefix}${encode(host)}`;
}

export function leavingKey(host: string): string {
  return `${leavingPrefix}${encode(host)}`;
}

// ---- Proposals ----

export const proposalsPrefix = `${root}/proposals/`;

export function proposalKey(name: string): string {
  return `${proposalsPrefix}${encode(name)}`;
}

export function plansPrefix(name: string): string {
  return `${root}/plans/${encode(name)}/`;
}

export function planKey(name: string, host: string): string {
  return `${plansPrefix(name)}${encode(host)}`;
}

/** What follows the prefix in a key, part by part. */
export function partsAfter(prefix: string, key: string): readonly string[] {
  return key.slice(prefix.length).split("/").map(decode);
}

function encode(text: string): string {
  if (/^[A-Za-z0-9._:@*~-]*$/.test(text)) return text;
  let encoded = "";
  for (const byte of bytesOf(text)) {
    const character = String.fromCharCode(byte);
    encoded += /[A-Za-z0-9._:@*~-]/.test(character) ? character : `%${byte.toString(16).padStart(2, "0")}`;
  }
  return encoded;
}

function decode(encoded: string): string {
  if (!encoded.includes("%")) return encoded;
  const bytes: number[] = [];
  for (let at = 0; at < encoded.length; at += 1) {
    if (encoded[at] === "%") {
      bytes.push(Number.parseInt(encoded.slice(at + 1, at + 3), 16));
      at += 2;
    } else bytes.push(encoded.charCodeAt(at));
  }
  return textOf(Uint8Array.from(bytes));
}
