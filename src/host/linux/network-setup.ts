// SPDX-License-Identifier: Apache-2.0
// Changing the network through `ip`. Knows nothing of files for the next start.

import { Failure } from "../../contract/failure.ts";
import type { Processes } from "../../contract/host.ts";
import type { NetworkRoute, NetworkSetup } from "../../contract/network-setup.ts";
import { textOf } from "../../values/bytes.ts";
import { gatewayOutOfReach, noNetworkRights, noSuchInterface } from "../network-failures.ts";

export function linuxNetworkSetup(processes: Processes): NetworkSetup {
  /** What it prints. What it says when it fails is in the message. */
  async function ip(doing: string, name: string, args: readonly string[], signal: AbortSignal): Promise<string> {
    const { status, stdout, stderr } = await processes.run({ argv: ["ip", ...args] }, signal);
    if (status === 0) return textOf(stdout);
    const why = textOf(stderr).trim().split("\n")[0] ?? "";
    if (/Cannot find device|does not exist/.test(why)) throw noSuchInterface(name);
    if (/Operation not permitted/.test(why)) throw noNetworkRights(doing);
    throw new Failure(`cannot ${doing}: ${why || `ip ended with ${status}`}`, {
      code: "command-failed",
      retry: "backoff",
    });
  }

  /** That it is so already, or no longer, is as well. */
  async function unless(said: RegExp, task: Promise<string>): Promise<void> {
    try {
      await task;
    } catch (reason) {
      if (!(reason instanceof Failure) || !said.test(reason.message)) throw reason;
    }
  }

  return {
    async routes(signal) {
      const tables = await Promise.all(
        (["-4", "-6"] as const).map(async (family) => {
          const json = await ip("list the routes", "", ["-json", family, "route", "show", "table", "main"], signal);
          return parseRoutes(json, family);
        }),
      );
      return tables.flat();
    },
    async switchInterface(name, on, signal) {
      const state = on ? "up" : "down";
      await ip(`switch ${name} ${on ? "on" : "off"}`, name, ["link", "set", "dev", name, state], signal);
    },
    async setMtu(name, mtu, signal) {
      await ip(`set the largest packet of ${name}`, name, ["link", "set", "dev", name, "mtu", String(mtu)], signal);
    },
    async addAddress(name, address, signal) {
      const isVersion4 = !address.includes(":");
      const wide = isVersion4 && !/\/3[12]$/.test(address);
      const args = ["address", "add", address, ...(wide ? ["broadcast", "+"] : []), "dev", name];
      await unless(/File exists|already assigned/, ip(`add the address ${address} to ${name}`, name, args, signal));
    },
    async removeAddress(name, address, signal) {
      const args = ["address", "delete", address, "dev", name];
      await unless(/Cannot assign|not found/, ip(`remove the address ${address} from ${name}`, name, args, signal));
    },
    async addRoute(route, signal) {
      const doing = `add a route to ${route.destination}`;
      try {
        await ip(doing, route.interface, ["route", "append", ...argumentsOf(route)], signal);
      } catch (reason) {
        if (!(reason instanceof Failure)) throw reason;
        if (/invalid gateway|unreachable|No route to host/i.test(reason.message)) throw gatewayOutOfReach(route);
        if (!/File exists/.test(reason.message)) throw reason;
      }
    },
    async removeRoute(route, signal) {
      const args = ["route", "delete", ...argumentsOf(route)];
      await unless(/No such process/, ip(`remove a route to ${route.destination}`, route.interface, args, signal));
    },
  };
}

function argumentsOf(route: NetworkRoute): readonly string[] {
  const { destination, gateway, source, isKernel, metric } = route;
  return [
    destination,
    ...(gateway === "" ? [] : ["via", gateway]),
    "dev",
    route.interface,
    ...(source === "" ? [] : ["src", source]),
    ...(isKernel ? ["proto", "kernel", ...(gateway === "" ? ["scope", "link"] : [])] : []),
    ...(metric === 0 ? [] : ["metric", String(metric)]),
  ];
}

/** The shape of the JSON is that of iproute2. Routes over several interfaces at once are left out. */
function parseRoutes(json: string, family: "-4" | "-6"): readonly NetworkRoute[] {
  if (json.trim() === "") return [];
  const parsed: unknown = JSON.parse(json);
  return (Array.isArray(parsed) ? parsed : []).flatMap((route: unknown): readonly NetworkRoute[] => {
    const text = (name: string): string => {
      const value: unknown = typeof route === "object" && route !== null ? Reflect.get(route, name) : undefined;
      return typeof value === "string" ? value : "";
    };
    const metric: unknown = typeof route === "object" && route !== null ? Reflect.get(route, "metric") : undefined;
    const name = text("dev");
    if (name === "") return [];
    return [
      {
        destination: destinationOf(text("dst"), family),
        interface: name,
        gateway: text("gateway"),
        source: text("prefsrc"),
        isKernel: text("protocol") === "kernel",
        metric: typeof metric === "number" ? metric : 0,
      },
    ];
  });
}

function destinationOf(text: string, family: "-4" | "-6"): string {
  if (text === "default") return family === "-4" ? "0.0.0.0/0" : "::/0";
  if (text.includes("/")) return text;
  return `${text}/${family === "-4" ? 32 : 128}`;
}
