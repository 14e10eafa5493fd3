// SPDX-License-Identifier: Apache-2.0
// Changing the network of the machine as it is now. What it is at the next start is in files. Every method fails with a
// `Failure`, `not-found` when there is no such interface, and stops promptly when its signal aborts.

export interface NetworkRoute {
  /** A network, `192.0.2.0/24`; `0.0.0.0/0` or `::/0` for all that no other route is for. */
  readonly destination: string;
  readonly interface: string;
  /** Empty: the network is directly at the interface. */
  readonly gateway: string;
  /** The address that packets get from here; empty: any. */
  readonly source: string;
  /** Whether the kernel has made it for an address, or must count as if. */
  readonly isKernel: boolean;
  /** Of two for one destination the smaller one wins. */
  readonly metric: number;
}

export interface NetworkSetup {
  /** Of the main table. */
  routes(signal: AbortSignal): Promise<readonly NetworkRoute[]>;
  /** Switching off takes the routes of the interface away, and its IPv6 addresses. */
  switchInterface(name: string, on: boolean, signal: AbortSignal): Promise<void>;
  setMtu(name: string, mtu: number, signal: AbortSignal): Promise<void>;
  /** `192.0.2.5/24`; the kernel makes the route to its network. */
  addAddress(name: string, address: string, signal: AbortSignal): Promise<void>;
  /** Others of the same network may go with it. */
  removeAddress(name: string, address: string, signal: AbortSignal): Promise<void>;
  /** Beside others for the same destination. Fails with `unreachable` when the gateway is at no network of the interface. */
  addRoute(route: NetworkRoute, signal: AbortSignal): Promise<void>;
  removeRoute(route: NetworkRoute, signal: AbortSignal): Promise<void>;
}
