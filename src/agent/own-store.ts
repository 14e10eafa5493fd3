// SPDX-License-Identifier: Apache-2.0
// The store of a host that shares it with nobody, for somebody who looks after it. One process at a time writes the file: the run
// when there is one, which is asked to, else whoever comes and has the state directory meanwhile.

import { existsSync } from "node:fs";
import { Failure } from "../contract/failure.ts";
import { nothingKey } from "../exchange/keys.ts";
import type { OwnExchange } from "../exchange/index.ts";
import { clusterOf } from "./cluster.ts";
import { withExchange } from "./deploys/client.ts";
import { lockPrefix } from "./record/prefix-lock.ts";
import { hasOwnStore, storeOfRun } from "./record/store-client.ts";
import type { StoreOptions } from "./store.ts";

/** Who has it: a run under way, or nobody now. */
export type OwnStore = "of a run" | "left";

/** Undefined: mgmt never ran here, or it shares what is in force with others. */
export async function findOwnStore(prefix: string, signal: AbortSignal): Promise<OwnStore | undefined> {
  const isOwn = await hasOwnStore(prefix, nothingKey, signal);
  if (isOwn !== undefined) return isOwn ? "of a run" : undefined;
  const wasAlone = !["etcd", "remembered.db"].some((each) => existsSync(`${prefix}/${each}`));
  return existsSync(`${prefix}/agent.lock`) && wasAlone ? "left" : undefined;
}

/** Fails with `busy` when it is to be changed and a run has it that cannot be asked. */
export async function withOwnStore<Result>(
  found: OwnStore,
  options: StoreOptions,
  work: (exchange: OwnExchange) => Promise<Result>,
): Promise<Result> {
  const { prefix, readOnly } = options;
  if (found === "of a run") return withExchange(storeOfRun(prefix), options, work);
  const lock = readOnly ? undefined : lockPrefix(prefix);
  if (!readOnly && lock === undefined) {
    throw new Failure("The mgmt that runs here cannot be asked to change its store.", {
      code: "busy",
      hint: "Try again when it has begun; it says so when it cannot open its control socket.",
    });
  }
  try {
    return await withExchange(clusterOf(options), options, work);
  } finally {
    lock?.release();
  }
}
