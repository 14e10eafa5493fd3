// SPDX-License-Identifier: Apache-2.0
// Whether somebody has said where the store is, on the command line or by variables.

import type { Invocation } from "./command.ts";
import { listOption, textOption } from "./option-values.ts";

const lists = ["seeds", "clientUrls", "serverUrls", "advertiseClientUrls", "advertiseServerUrls"] as const;

/** An invitation says it, too. */
export function saysStorePlace(invocation: Invocation): boolean {
  const { options, terminal } = invocation;
  return (
    lists.some((name) => listOption(invocation, name).length > 0) ||
    (textOption(options, "join") ?? terminal.environment("MGMT_JOIN")) !== undefined
  );
}
