// SPDX-License-Identifier: Apache-2.0
// `--join-local`: the choice of a store for one of several runs on a machine.

import { findLocalStore, type LocalStore } from "../agent/local-store.ts";
import { takeTurn } from "../agent/local-turn.ts";
import { Failure } from "../contract/failure.ts";
import type { Invocation } from "./command.ts";
import { saysStorePlace } from "./store-place.ts";

export interface LocalChoice {
  readonly invocation: Invocation;
  /** The store is there by now: others may look for it. */
  readonly settled: () => void;
}

/** The same invocation as if its person had said what was found on this machine. Fails with a `Failure` when that makes no sense. */
export async function withLocalStore(
  invocation: Invocation,
  where: Parameters<typeof findLocalStore>[0],
): Promise<LocalChoice> {
  const { options } = invocation;
  if (options.joinLocal !== true) return { invocation, settled: () => {} };
  const isElsewhere =
    saysStorePlace(invocation) ||
    options.network === false ||
    options.server === false ||
    options.sshUrl !== undefined ||
    options.onlySeeds === true;
  if (isElsewhere) {
    throw new Failure("--join-local means the store of this machine, and nothing else says where it is.", {
      code: "invalid",
      hint: "Leave out --join-local, or --seeds, --join, --client-urls, --no-network, --no-server and the like.",
    });
  }
  const settled = await takeTurn(where.host.clock);
  try {
    const found = await findLocalStore(where);
    if (found.isThere) settled();
    return { invocation: { ...invocation, options: { ...options, ...optionsFor(found) } }, settled };
  } catch (reason) {
    settled();
    throw reason;
  }
}

function optionsFor({ url, isThere }: LocalStore): Invocation["options"] {
  return isThere ? { seeds: [url] } : { clientUrls: [url] };
}
