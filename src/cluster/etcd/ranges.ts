// SPDX-License-Identifier: Apache-2.0
// Keys, ranges and entries as etcd has them.

import type { Entry, KeyRange } from "../../contract/cluster.ts";
import { textOf } from "../../values/bytes.ts";
import type { KeyValue, RangeRequest } from "./messages.ts";
import type { Revisions } from "./revisions.ts";

/** Of a key: its bytes, which are ASCII. */
export function keyBytes(key: string): Uint8Array {
  return Buffer.from(key, "latin1");
}

export function boundsOf(range: KeyRange): Pick<RangeRequest, "key" | "end"> {
  if ("key" in range) return { key: keyBytes(range.key), end: new Uint8Array() };
  if (range.prefix === "") return { key: Uint8Array.of(0), end: Uint8Array.of(0) }; // As etcd says "everything".
  return { key: keyBytes(range.prefix), end: behindPrefix(range.prefix) };
}

/** The first key that does not begin with it. A prefix is ASCII, so its last byte can always be one more. */
function behindPrefix(prefix: string): Uint8Array {
  const end = Uint8Array.from(keyBytes(prefix));
  const last = end.length - 1;
  end[last] = (end[last] ?? 0) + 1;
  return end;
}

/** The first key behind this one. */
export function behind(key: Uint8Array): Uint8Array {
  const next = new Uint8Array(key.length + 1);
  next.set(key);
  return next;
}

export function entryOf(found: KeyValue, revisions: Revisions): Entry {
  const entry = {
    key: textOf(found.key),
    value: textOf(found.value),
    changed: revisions.ours(found.changed),
    created: revisions.ours(found.created),
  };
  return found.lease === 0n ? entry : { ...entry, session: sessionName(found.lease) };
}

/** As etcd's own programs write the id of a lease. */
export function sessionName(lease: bigint): string {
  return lease.toString(16);
}

/** 0: it is none of etcd's. */
export function leaseOf(session: string): bigint {
  return /^[0-9a-f]{1,16}$/.test(session) ? BigInt(`0x${session}`) : 0n;
}
