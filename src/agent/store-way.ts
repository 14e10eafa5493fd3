// SPDX-License-Identifier: Apache-2.0
// The way to the servers of a store when it is not the usual one: through another machine, or by the seeds alone.

import type { Host } from "../contract/host.ts";
import type { SshPlace } from "../contract/ssh.ts";
import { openSshRoute } from "./ssh-route.ts";

export interface StoreWay {
  /** The machine that reaches them. */
  readonly over?: SshPlace;
  /** Whatever they say of others, nobody but the seeds is asked: they are the ends of tunnels. */
  readonly onlySeeds: boolean;
}

interface OpenWay {
  readonly learnsNone: boolean;
  readonly socketFor?: (url: string) => string;
  readonly onClose?: () => Promise<void>;
}

export function openWay({
  way,
  host,
  onTrouble,
}: {
  readonly way?: StoreWay;
  readonly host: Host;
  readonly onTrouble: (message: string) => void;
}): OpenWay {
  const learnsNone = way?.onlySeeds ?? false;
  if (way?.over === undefined) return { learnsNone };
  const route = openSshRoute(way.over, host, onTrouble);
  return { learnsNone, socketFor: (url) => route.socketFor(url), onClose: () => route.close() };
}
