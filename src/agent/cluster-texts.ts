// SPDX-License-Identifier: Apache-2.0
// The texts that hosts share, as somebody handles them who looks after a cluster.

import type { Slot } from "../contract/exchange.ts";
import { Failure } from "../contract/failure.ts";
import type { Kept, Wanted } from "../exchange/contents.ts";
import type { OwnExchange } from "../exchange/index.ts";
import { everythingPrefix } from "../exchange/keys.ts";
import { quote } from "../values/print.ts";

export type { Kept, Wanted };

/** A key, or how keys begin, of those that stand in the store. */
export function checkRawKey(key: string): string {
  if (key.startsWith(everythingPrefix) && /^[!-~]+$/.test(key)) return key;
  throw new Failure(`${key} is no key of ours in the store: those begin with ${everythingPrefix}.`, {
    code: "invalid",
    hint: "Without --raw the texts of programs are meant, by the keys that programs know.",
  });
}

/** Everything, or all texts, whose keys begin so. */
export function wantedBy(begin: string | undefined, raw: boolean): Wanted {
  if (!raw) return { prefix: begin ?? "", raw };
  return { prefix: begin === undefined ? everythingPrefix : checkRawKey(begin), raw };
}

/** Undefined: it is not there. */
export async function readRaw(exchange: OwnExchange, key: string, signal: AbortSignal): Promise<string | undefined> {
  const found = await exchange.contents.list({ prefix: checkRawKey(key), raw: true }, signal);
  return found.find((kept) => kept.key === key)?.value;
}

/** Hosts that have a text of their own under the key. */
export async function ownersOf(exchange: OwnExchange, key: string, signal: AbortSignal): Promise<readonly string[]> {
  const found = await exchange.contents.list({ prefix: key, raw: false }, signal);
  return found.flatMap((kept) => (kept.key === key ? (kept.host ?? []) : []));
}

/** Undefined: there is none from now on. Returns what was there. */
export async function writeText(
  exchange: OwnExchange,
  slot: Slot,
  value: string | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  let was: string | undefined;
  const next = (present: string | undefined): string | undefined => {
    was = present;
    return value;
  };
  await exchange.texts.update(slot, next, signal);
  return was;
}

export interface Told extends Omit<Kept, "value"> {
  /** Undefined: it is gone. */
  readonly value: string | undefined;
}

/** What is there, and then each change. */
export async function* changesOf(
  exchange: OwnExchange,
  wanted: Wanted,
  signal: AbortSignal,
): AsyncGenerator<Told, void, undefined> {
  let known = new Map<string, Kept>();
  for await (const all of exchange.contents.follow(wanted, signal)) {
    const now = new Map(all.map((kept) => [JSON.stringify([kept.key, kept.host ?? null]), kept]));
    for (const [place, { value: _, ...gone }] of known) if (!now.has(place)) yield { ...gone, value: undefined };
    for (const [place, kept] of now) if (known.get(place)?.value !== kept.value) yield kept;
    known = now;
  }
}

const shownLength = 200;

/** In quotes, and not too long, for people. */
export function shownText(value: string): string {
  return quote(value.length > shownLength ? `${value.slice(0, shownLength)}…` : value);
}

/** A key with anything strange in it is quoted. */
export function nameOf({ key, host }: Slot): string {
  const name = /^[!#-~][!-~]*$/.test(key) ? key : quote(key);
  return host === undefined ? name : `${name} of ${host}`;
}
