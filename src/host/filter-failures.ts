// SPDX-License-Identifier: Apache-2.0
// What a host says when it cannot set up the packet filter: the same words on every host.

import { Failure } from "../contract/failure.ts";
import type { FilterTable } from "../contract/packet-filter.ts";

export function renderFilterTable({ family, name }: FilterTable): string {
  return `${family} ${name}`;
}

export function noSuchFilterTable(table: FilterTable): Failure {
  return new Failure(`there is no table ${renderFilterTable(table)}`, { code: "not-found" });
}

/** `why` says where: `line 2: syntax error, unexpected junk`. */
export function noFilterTable(table: FilterTable, why: string): Failure {
  return new Failure(`this is no content of the table ${renderFilterTable(table)}: ${why}`, {
    code: "invalid",
    hint: "Write what stands between the braces of the table, as nft(8) has it.",
  });
}
