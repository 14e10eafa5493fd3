// SPDX-License-Identifier: Apache-2.0
// What every store of ours refuses before it looks at what it has.

import { invariant } from "../base/invariant.ts";
import { type Transaction, transactionLimits } from "../contract/cluster.ts";
import { Failure } from "../contract/failure.ts";
import { byteLength } from "../values/bytes.ts";

/** Undefined: it can be tried. Throws on what only a mistake of ours can ask for. */
export function refusedFromTheStart({ conditions, changes }: Transaction): Failure | undefined {
  const keys = new Set(changes.map(({ key }) => key));
  invariant(keys.size === changes.length, "a transaction changes a key once");
  invariant([...keys, ...conditions.map(({ key }) => key)].every(isKey), "a key is printable ASCII");
  const bytes = changes.reduce((sum, change) => sum + sizeOf(change), 0);
  if (changes.length <= transactionLimits.changes && bytes <= transactionLimits.bytes) return undefined;
  return new Failure(`The cluster's store takes ${transactionLimits.bytes / 1024} KiB at once, not ${bytes} bytes.`, {
    code: "too-large",
    hint: "Share less, or in several parts.",
  });
}

export function sessionIsOver(): Failure {
  return new Failure("The session with the cluster's store is over.", { code: "not-found", retry: "backoff" });
}

function isKey(key: string): boolean {
  return /^[!-~]+$/.test(key);
}

function sizeOf(change: Transaction["changes"][number]): number {
  return change.key.length + (change.do === "put" ? byteLength(change.value) : 0);
}
