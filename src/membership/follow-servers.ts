// SPDX-License-Identifier: Apache-2.0
// The part of a host that never keeps the store: it follows those who do.

import type { Connection } from "../exchange/connection.ts";
import { endpointsPrefix } from "../exchange/keys.ts";
import { Mirrors } from "../exchange/mirrors.ts";

/** `onServers`: who serves the store may be others than before. */
export async function followServers(connection: Connection, onServers: () => void, signal: AbortSignal): Promise<void> {
  const { pulses } = new Mirrors(connection).changes([{ prefix: endpointsPrefix }], signal, { patient: true });
  for await (const _ of pulses) onServers();
}
