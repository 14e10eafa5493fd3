// SPDX-License-Identifier: Apache-2.0
// What every host must do with interfaces and routes, as cases that run on each. The real machine runs them in a network
// of its own.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Host } from "../contract/host.ts";
import type { NetworkRoute } from "../contract/network-setup.ts";
import { fails, never } from "./bench.test-support.ts";

/** `makeBench` gives a host with an interface `d0` that is off and has nothing. */
export function networkContract(name: string, makeBench: () => Promise<Host>): void {
  describe(`the network of ${name}`, () => {
    const check = (title: string, task: (host: Host) => Promise<void>) => {
      it(title, { timeout: 30_000 }, async () => task(await makeBench()));
    };
    const link = async ({ network }: Host) => (await network.interfaces(never())).find((each) => each.name === "d0");
    const routes = async ({ network }: Host) =>
      (await network.routes(never())).filter((route) => route.interface === "d0" && !route.destination.includes(":"));
    const through = (destination: string, gateway: string): NetworkRoute => ({
      destination,
      interface: "d0",
      gateway,
      source: "",
      isKernel: false,
      metric: 0,
    });
    const addresses = async (host: Host) =>
      ((await link(host))?.addresses ?? []).filter((each) => !each.startsWith("fe80"));

    check("an interface is switched on and off, and has another size of packets", async (host) => {
      assert.equal((await link(host))?.isUp, false);
      await host.network.switchInterface("d0", true, never());
      assert.equal((await link(host))?.isUp, true);
      await host.network.setMtu("d0", 1400, never());
      assert.equal((await link(host))?.mtu, 1400);
      await host.network.switchInterface("d0", false, never());
      assert.equal((await link(host))?.isUp, false);
    });

    check("an address comes with the route to its network, and goes with it", async (host) => {
      await host.network.switchInterface("d0", true, never());
      await host.network.addAddress("d0", "192.0.2.5/24", never());
      await host.network.addAddress("d0", "192.0.2.5/24", never());
      await host.network.addAddress("d0", "198.51.100.7/32", never());
      assert.deepEqual(await addresses(host), ["192.0.2.5/24", "198.51.100.7/32"]);
      assert.deepEqual(await routes(host), [{ ...through("192.0.2.0/24", ""), source: "192.0.2.5", isKernel: true }]);
      await host.network.removeAddress("d0", "192.0.2.5/24", never());
      await host.network.removeAddress("d0", "192.0.2.5/24", never());
      assert.deepEqual(await addresses(host), ["198.51.100.7/32"]);
      assert.deepEqual(await routes(host), []);
    });

    check("the first address of a network takes the others with it", async (host) => {
      await host.network.switchInterface("d0", true, never());
      for (const address of ["192.0.2.5/24", "192.0.2.6/24"]) await host.network.addAddress("d0", address, never());
      await host.network.removeAddress("d0", "192.0.2.5/24", never());
      assert.deepEqual(await addresses(host), []);
    });

    check("routes come and go, and one without reach is refused", async (host) => {
      const { network } = host;
      await network.switchInterface("d0", true, never());
      await network.addAddress("d0", "192.0.2.5/24", never());
      await network.addRoute(through("0.0.0.0/0", "192.0.2.1"), never());
      await network.addRoute(through("198.51.100.0/24", "192.0.2.2"), never());
      await network.addRoute(through("203.0.113.0/24", ""), never());
      const known = (await routes(host)).filter((route) => !route.isKernel);
      const byText = (list: readonly NetworkRoute[]) =>
        list.map((each) => `${each.destination} ${each.gateway}`).sort();
      assert.deepEqual(byText(known), ["0.0.0.0/0 192.0.2.1", "198.51.100.0/24 192.0.2.2", "203.0.113.0/24 "]);
      for (const route of known) await network.removeRoute(route, never());
      for (const route of known) await network.removeRoute(route, never());
      assert.equal((await routes(host)).length, 1);
      await fails("unreachable", network.addRoute(through("0.0.0.0/0", "203.0.113.1"), never()), "203.0.113.1");
    });

    check("switching off takes routes and IPv6 addresses away", async (host) => {
      await host.network.switchInterface("d0", true, never());
      for (const address of ["192.0.2.5/24", "2001:db8::5/64"]) await host.network.addAddress("d0", address, never());
      assert.deepEqual(await addresses(host), ["192.0.2.5/24", "2001:db8::5/64"]);
      await host.network.switchInterface("d0", false, never());
      assert.deepEqual([await addresses(host), await routes(host)], [["192.0.2.5/24"], []]);
      await host.network.switchInterface("d0", true, never());
      assert.equal((await routes(host)).length, 1);
    });

    check("what is no interface is told", async ({ network }) => {
      await fails("not-found", network.switchInterface("d9", true, never()), "no network interface d9");
      await fails("not-found", network.addAddress("d9", "192.0.2.5/24", never()), "no network interface d9");
      await fails("not-found", network.addRoute({ ...through("0.0.0.0/0", ""), interface: "d9" }, never()), "d9");
    });

    check("changes of addresses and routes are told", async (host) => {
      const stopping = new AbortController();
      const changes = host.network.changes(stopping.signal);
      await changes.next();
      await host.network.switchInterface("d0", true, never());
      await changes.next();
      await host.network.addAddress("d0", "192.0.2.5/24", never());
      await changes.next();
      await host.network.addRoute(through("0.0.0.0/0", "192.0.2.1"), never());
      await changes.next();
      stopping.abort();
      let last: IteratorResult<void> = await changes.next();
      while (last.done !== true) last = await changes.next();
    });
  });
}
