// SPDX-License-Identifier: Apache-2.0
// Changes that are too many for one transaction.

import { type Change, transactionLimits } from "../contract/cluster.ts";
import type { Connection } from "./connection.ts";

/** In as many transactions as needed; changes that belong together are never divided. */
export async function commitAll(
  connection: Connection,
  groups: readonly (readonly Change[])[],
  signal: AbortSignal,
): Promise<void> {
  let changes: Change[] = [];
  let bytes = 0;
  const commit = async (): Promise<void> => {
    if (changes.length > 0) await connection.commit({ conditions: [], changes }, signal);
    changes = [];
    bytes = 0;
  };
  for (const group of groups) {
    const size = group.reduce((sum, change) => sum + mostBytes(change), 0);
    const isTooMuch =
      changes.length + group.length > transactionLimits.changes || bytes + size > transactionLimits.bytes;
    if (isTooMuch) await commit();
    changes.push(...group);
    bytes += size;
  }
  await commit();
}

/** A character takes three bytes at the most, a pair of halves four. */
function mostBytes(change: Change): number {
  return change.key.length + (change.do === "put" ? change.value.length * 3 : 0);
}
