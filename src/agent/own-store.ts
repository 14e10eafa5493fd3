// SPDX-License-Identifier: Apache-2.0
// The store of a host that shares it with nobody, for somebody who looks after it: it can be looked at whenever, and changed while
// mgmt does not run, since one process at a time writes it.

import { existsSync } from "node:fs";
import { Failure } from "../contract/failure.ts";
import type { OwnExchange } from "../exchange/index.ts";
import { clusterOf } from "./cluster.ts";
import { withExchange } from "./deploys/client.ts";
import { lockPrefix } from "./record/prefix-lock.ts";
import type { StoreOptions } from "./store.ts";

/** mgmt has run here, and never with others: then what it had kept by itself is not what is in force. */
export function hasOwnStore(prefix: string): boolean {
  return (
    existsSync(`${prefix}/agent.lock`) && !["etcd", "remembered.db"].some((each) => existsSync(`${prefix}/${each}`))
  );
}

/** Fails with `busy` when it is to be changed and mgmt runs. */
export async function withOwnStore<Result>(
  options: StoreOptions,
  work: (exchange: OwnExchange) => Promise<Result>,
): Promise<Result> {
  const { prefix, readOnly } = options;
  const lock = readOnly ? undefined : lockPrefix(prefix);
  if (!readOnly && lock === undefined) {
    throw new Failure("The mgmt that runs here has its store for itself.", {
      code: "busy",
      hint: "Say it in the program, end the run first, or let it use a store that others can use, too: --seeds=file:/PATH.",
    });
  }
  try {
    return await withExchange(clusterOf(options), options, work);
  } finally {
    lock?.release();
  }
}
