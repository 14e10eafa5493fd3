// SPDX-License-Identifier: Apache-2.0
// The network of the machine in memory: interfaces and routes, which a test sets as somebody else would.

import { Pulses } from "../../base/pulse.ts";
import type { Network, NetworkInterface } from "../../contract/host.ts";
import type { NetworkRoute } from "../../contract/network-setup.ts";
import { gatewayOutOfReach, noSuchInterface } from "../network-failures.ts";

const loopback: NetworkInterface = {
  name: "lo",
  index: 1,
  isLoopback: true,
  isUp: true,
  isWireless: false,
  hardwareAddress: "00:00:00:00:00:00",
  mtu: 65_536,
  addresses: ["127.0.0.1/8", "::1/128"],
};

export class MemoryNetwork implements Network {
  #interfaces: readonly NetworkInterface[] = [loopback];
  #routes: readonly NetworkRoute[] = [];
  readonly #watches = new Set<Pulses>();

  /** From outside. */
  become(interfaces: readonly NetworkInterface[], routes: readonly NetworkRoute[] = this.#routes): void {
    this.#interfaces = interfaces;
    this.#routes = routes;
    for (const pulses of this.#watches) pulses.pulse();
  }

  indexOf(name: string): number | undefined {
    return this.#interfaces.find((each) => each.name === name)?.index;
  }

  async interfaces(signal: AbortSignal): Promise<readonly NetworkInterface[]> {
    signal.throwIfAborted();
    return this.#interfaces;
  }

  async routes(signal: AbortSignal): Promise<readonly NetworkRoute[]> {
    signal.throwIfAborted();
    return this.#routes;
  }

  async switchInterface(name: string, on: boolean, signal: AbortSignal): Promise<void> {
    const known = this.#find(name, signal);
    if (known.isUp === on) return;
    const kept = on ? known.addresses : known.addresses.filter((address) => !address.includes(":"));
    const others = this.#routes.filter((route) => route.interface !== name);
    this.#change(
      { ...known, isUp: on, addresses: kept },
      on ? [...others, ...kept.flatMap((address) => kernelRoute(name, address))] : others,
    );
  }

  async setMtu(name: string, mtu: number, signal: AbortSignal): Promise<void> {
    this.#change({ ...this.#find(name, signal), mtu }, this.#routes);
  }

  async addAddress(name: string, address: string, signal: AbortSignal): Promise<void> {
    const known = this.#find(name, signal);
    if (known.addresses.includes(address)) return;
    const fresh = known.isUp ? kernelRoute(name, address) : [];
    const routes = this.#routes.some((route) => sameTarget(route, fresh[0]))
      ? this.#routes
      : [...this.#routes, ...fresh];
    this.#change({ ...known, addresses: [...known.addresses, address] }, routes);
  }

  async removeAddress(name: string, address: string, signal: AbortSignal): Promise<void> {
    const known = this.#find(name, signal);
    if (!known.addresses.includes(address)) return;
    const [gone] = kernelRoute(name, address);
    // The first address of a network is the primary one: it takes the others with it.
    const network = (each: string) => kernelRoute(name, each)[0]?.destination;
    const isPrimary = known.addresses.find((each) => network(each) === gone?.destination) === address;
    const goes = (each: string) =>
      each === address ||
      (isPrimary && gone !== undefined && !each.includes(":") && network(each) === gone.destination);
    const addresses = known.addresses.filter((each) => !goes(each));
    const isLeft = addresses.some((each) => network(each) === gone?.destination);
    const routes = isLeft ? this.#routes : this.#routes.filter((route) => !sameTarget(route, gone) || !route.isKernel);
    const bare = address.slice(0, address.indexOf("/"));
    this.#change(
      { ...known, addresses },
      routes.filter((route) => route.isKernel || route.source !== bare),
    );
  }

  async addRoute(route: NetworkRoute, signal: AbortSignal): Promise<void> {
    const known = this.#find(route.interface, signal);
    const isAtHand = known.addresses.some((address) => isInside(route.gateway, address));
    if (route.gateway !== "" && !(isAtHand && known.isUp)) throw gatewayOutOfReach(route);
    if (!this.#routes.some((each) => sameRoute(each, route))) this.become(this.#interfaces, [...this.#routes, route]);
  }

  async removeRoute(route: NetworkRoute, signal: AbortSignal): Promise<void> {
    this.#find(route.interface, signal);
    this.become(
      this.#interfaces,
      this.#routes.filter((each) => !sameRoute(each, route)),
    );
  }

  changes(signal: AbortSignal): AsyncIterableIterator<void> {
    const pulses: Pulses = new Pulses(signal, () => this.#watches.delete(pulses));
    this.#watches.add(pulses);
    pulses.pulse();
    return pulses;
  }

  #find(name: string, signal: AbortSignal): NetworkInterface {
    signal.throwIfAborted();
    const known = this.#interfaces.find((each) => each.name === name);
    if (known === undefined) throw noSuchInterface(name);
    return known;
  }

  #change(changed: NetworkInterface, routes: readonly NetworkRoute[]): void {
    this.become(
      this.#interfaces.map((each) => (each.name === changed.name ? changed : each)),
      routes,
    );
  }
}

function sameRoute(left: NetworkRoute, right: NetworkRoute): boolean {
  return sameTarget(left, right) && left.gateway === right.gateway && left.metric === right.metric;
}

function sameTarget(left: NetworkRoute, right: NetworkRoute | undefined): boolean {
  return left.destination === right?.destination && left.interface === right.interface;
}

/** That to the network of an IPv4 address. */
function kernelRoute(name: string, address: string): readonly NetworkRoute[] {
  const [bare = "", bits = ""] = address.split("/");
  if (bare.includes(":") || bits === "32") return [];
  const destination = `${textOfNumber(networkNumber(bare, Number(bits)))}/${bits}`;
  return [{ destination, interface: name, gateway: "", source: bare, isKernel: true, metric: 0 }];
}

function isInside(gateway: string, address: string): boolean {
  const [bare = "", bits = ""] = address.split("/");
  if (gateway.includes(":") || bare.includes(":")) return gateway.includes(":") && bare.includes(":");
  return networkNumber(gateway, Number(bits)) === networkNumber(bare, Number(bits));
}

function networkNumber(address: string, bits: number): number {
  const number = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - bits);
  return Math.floor(number / size) * size;
}

function textOfNumber(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
}
