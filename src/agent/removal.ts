// SPDX-License-Identifier: Apache-2.0
// What is said of a host that was removed from its cluster: that it was, and how it is let in again.

import { readFileSync } from "node:fs";
import { isRemoved } from "./trust.ts";

export interface Removal {
  /** Where it was let in; absent: nothing says it. */
  readonly entrance?: string;
}

/** Undefined: it was not removed, as far as it has heard. */
export function removalOf(prefix: string): Removal | undefined {
  if (!isRemoved(prefix)) return undefined;
  try {
    return { entrance: readFileSync(`${prefix}/trust/entrance`, "utf8").trim() };
  } catch {
    return {};
  }
}

/** A sentence without its end. */
export function howToComeBack(hostname: string, entrance: string | undefined): string {
  const where = entrance === undefined ? "where the cluster began" : `where the cluster began (${entrance})`;
  const place = entrance ?? "HOST";
  return `to let it in again, run \`mgmt cluster invite --name=${hostname}\` ${where}, then \`mgmt run --join=TOKEN@${place}\` here`;
}
