// SPDX-License-Identifier: Apache-2.0
// The network interfaces of the machine in memory: a list that a test sets.

import { Pulses } from "../../base/pulse.ts";
import type { Network, NetworkInterface } from "../../contract/host.ts";

const loopback: NetworkInterface = {
  name: "lo",
  isLoopback: true,
  isUp: true,
  isWireless: false,
  hardwareAddress: "00:00:00:00:00:00",
  addresses: ["127.0.0.1/8", "::1/128"],
};

export class MemoryNetwork implements Network {
  #interfaces: readonly NetworkInterface[] = [loopback];
  readonly #watches = new Set<Pulses>();

  become(interfaces: readonly NetworkInterface[]): void {
    this.#interfaces = interfaces;
    for (const pulses of this.#watches) pulses.pulse();
  }

  async interfaces(signal: AbortSignal): Promise<readonly NetworkInterface[]> {
    signal.throwIfAborted();
    return this.#interfaces;
  }

  changes(signal: AbortSignal): AsyncIterableIterator<void> {
    const pulses: Pulses = new Pulses(signal, () => this.#watches.delete(pulses));
    this.#watches.add(pulses);
    pulses.pulse();
    return pulses;
  }
}
