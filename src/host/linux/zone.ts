// SPDX-License-Identifier: Apache-2.0
// Short names of the machine's time zone, CET or CEST, from the zone's own file (RFC 8536): the runtime knows offsets
// and long names only. Reads a file; knows nothing of rules, because the runtime has already said the offset.

import { readFileSync } from "node:fs";

const zoneDirectory = "/usr/share/zoneinfo";

/** The name at that instant, where the offset is known to be `offsetMinutes`; undefined when the zone has none. */
export function zoneNameAt(atMs: number, offsetMinutes: number): string | undefined {
  const file = zoneFile(process.env.TZ);
  const zone = file === undefined ? undefined : readZone(file);
  if (zone === undefined) return offsetMinutes === 0 ? "UTC" : undefined;
  const seconds = Math.floor(atMs / 1000);
  const last = zone.transitions.at(-1);
  if (last !== undefined && seconds < last.at) {
    const before = zone.transitions.findLast((transition) => transition.at <= seconds);
    return nameOf(before?.name ?? zone.first);
  }
  const byRule = zone.rule.find((name) => name.offsetSeconds === Math.round(offsetMinutes * 60));
  return nameOf(byRule?.name ?? last?.name ?? zone.first);
}

interface Zone {
  /** The name before the first transition. */
  readonly first: string;
  readonly transitions: readonly { readonly at: number; readonly name: string }[];
  /** The names after the last transition, with the offset east of UTC at which each holds. */
  readonly rule: readonly { readonly name: string; readonly offsetSeconds: number }[];
}

/** The last zone that was read. Kept: names are asked for many instants of one zone. */
let latest: { readonly file: string; readonly zone: Zone | undefined } | undefined;

function readZone(file: string): Zone | undefined {
  if (latest?.file === file) return latest.zone;
  let zone: Zone | undefined;
  try {
    zone = parseZone(readFileSync(file));
  } catch {
    zone = undefined; // No such zone here: the runtime then takes UTC as well.
  }
  latest = { file, zone };
  return zone;
}

function zoneFile(setting: string | undefined): string | undefined {
  if (setting === undefined) return "/etc/localtime";
  const name = setting.replace(/^:/, "");
  if (name === "" || name.includes("..")) return undefined;
  return name.startsWith("/") ? name : `${zoneDirectory}/${name}`;
}

/** Names that only repeat the offset, `+0330`, are none. */
function nameOf(name: string): string | undefined {
  return /^[A-Za-z]{3,}$/.test(name) ? name : undefined;
}

/** The second, 64-bit part of a zone file. Undefined for a file of another kind. */
export function parseZone(bytes: Buffer): Zone | undefined {
  if (bytes.length < 44 || bytes.toString("latin1", 0, 4) !== "TZif" || bytes.readUInt8(4) < 0x32) return undefined;
  const old = countsAt(bytes, 0);
  const start = 44 + old.times * 5 + old.types * 6 + old.characters + old.leaps * 8 + old.standard + old.universal;
  const counts = countsAt(bytes, start);
  const timesAt = start + 44;
  const indexesAt = timesAt + counts.times * 8;
  const typesAt = indexesAt + counts.times;
  const charactersAt = typesAt + counts.types * 6;
  const footerAt = charactersAt + counts.characters + counts.leaps * 12 + counts.standard + counts.universal;

  const nameOfType = (type: number): string => {
    const from = charactersAt + bytes.readUInt8(typesAt + type * 6 + 5);
    return bytes.toString("latin1", from, bytes.indexOf(0, from));
  };
  return {
    first: nameOfType(0),
    transitions: Array.from({ length: counts.times }, (_, index) => ({
      at: Number(bytes.readBigInt64BE(timesAt + index * 8)),
      name: nameOfType(bytes.readUInt8(indexesAt + index)),
    })),
    rule: parseRule(bytes.toString("latin1", footerAt + 1).trimEnd()),
  };
}

function countsAt(bytes: Buffer, at: number) {
  const [universal = 0, standard = 0, leaps = 0, times = 0, types = 0, characters = 0] = [20, 24, 28, 32, 36, 40].map(
    (offset) => bytes.readUInt32BE(at + offset),
  );
  return { universal, standard, leaps, times, types, characters };
}

/** The names in a rule such as `CET-1CEST,M3.5.0,M10.5.0/3`; its offsets count west of UTC. */
function parseRule(text: string): Zone["rule"] {
  const found = /^([A-Za-z]{3,}|<[^>]+>)([+-]?[\d:]+)(?:([A-Za-z]{3,}|<[^>]+>)([+-]?[\d:]+)?)?/.exec(text);
  if (found === null) return [];
  const [, standard = "", west = "", summer, summerWest] = found;
  const standardSeconds = 0 - secondsOf(west);
  const names = [{ name: standard, offsetSeconds: standardSeconds }];
  if (summer !== undefined) {
    const offsetSeconds = summerWest === undefined ? standardSeconds + 3600 : 0 - secondsOf(summerWest);
    names.push({ name: summer, offsetSeconds });
  }
  return names;
}

function secondsOf(text: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = text.replace(/^[+-]/, "").split(":").map(Number);
  const total = hours * 3600 + minutes * 60 + seconds;
  return text.startsWith("-") ? 0 - total : total;
}
