// SPDX-License-Identifier: Apache-2.0
// From an interface as it is to one as declared. Pure.

import type { NetworkRoute } from "../../../contract/network-setup.ts";
import type { Step, StepText } from "../../../contract/resource.ts";
import type { NetWant } from "./fields.ts";
import {
  defaultOf,
  fileOf,
  isOfLink,
  type NetHave,
  networkRoutes,
  renderFile,
  wantedAddresses,
  wantedRoutes,
} from "./have.ts";

export type NetStep =
  | (Step & { readonly do: "refuse"; readonly name: string })
  | (Step & {
      readonly do: "keep-file";
      readonly path: string;
      readonly before: string | undefined;
      readonly text: string;
    })
  | (Step & { readonly do: "remove-file"; readonly path: string })
  | (Step & { readonly do: "switch"; readonly name: string; readonly on: boolean })
  | (Step & { readonly do: "set-mtu"; readonly name: string; readonly mtu: number; readonly was: number })
  | (Step & { readonly do: "remove-address"; readonly name: string; readonly address: string })
  | (Step & { readonly do: "add-address"; readonly name: string; readonly address: string })
  | (Step & { readonly do: "remove-route"; readonly route: NetworkRoute })
  | (Step & { readonly do: "add-route"; readonly route: NetworkRoute })
  | (Step & { readonly do: "forward"; readonly name: string; readonly on: boolean });

export function planNet(want: NetWant, have: NetHave): readonly NetStep[] {
  const { name, link, file } = have;
  const steps: NetStep[] = [];
  const path = fileOf(name);
  if (want.state === "up" && want.persist) {
    const text = renderFile(want, name);
    if (file !== text) steps.push({ do: "keep-file", path, before: file, text });
  } else if (want.state !== "" && file !== undefined) steps.push({ do: "remove-file", path });
  if (link === undefined) return [...steps, { do: "refuse", name }];

  if (want.mtu !== 0 && link.mtu !== want.mtu) steps.push({ do: "set-mtu", name, mtu: want.mtu, was: link.mtu });
  const on = want.state === "" ? link.isUp : want.state === "up";
  if (on !== link.isUp) steps.push({ do: "switch", name, on });
  if (want.ip_forward !== undefined && have.forwards !== undefined && want.ip_forward !== have.forwards) {
    steps.push({ do: "forward", name, on: want.ip_forward });
  }
  if (!on) return steps;
  // What goes when an interface is switched on or off is not counted on: the kernel has made it anew, or is asked again.
  steps.push(...addressSteps(want, have));
  steps.push(...routeSteps(want, have));
  return steps;
}

function addressSteps(want: NetWant, { name, link }: NetHave): readonly NetStep[] {
  const wanted = wantedAddresses(want);
  if (wanted === undefined || link === undefined) return [];
  const extra = link.addresses.filter((address) => !wanted.includes(address) && !isOfLink(address));
  const missing = wanted.filter((address) => !link.addresses.includes(address));
  return [
    ...missing.map((address): NetStep => ({ do: "add-address", name, address })),
    ...extra.map((address): NetStep => ({ do: "remove-address", name, address })),
  ];
}

function routeSteps(want: NetWant, { name, link, routes }: NetHave): readonly NetStep[] {
  const wanted = wantedRoutes(want, name);
  const isThere = (route: NetworkRoute) =>
    routes.some((each) => each.destination === route.destination && each.gateway === route.gateway);
  const replaces = (route: NetworkRoute) =>
    want.routes.size > 0 &&
    wanted.some((each) => each.destination === route.destination && each.gateway !== route.gateway);
  const isOtherDefault = (route: NetworkRoute) =>
    want.gateway !== "" &&
    route.destination === defaultOf(want.gateway) &&
    !wanted.some((each) => sameWay(each, route));
  const extra = routes.filter((route) => !route.isKernel && (isOtherDefault(route) || replaces(route)));
  // The kernel makes those of new addresses by itself, and all when the interface is switched on.
  const isOld = (route: NetworkRoute) =>
    link?.isUp === true && link.addresses.some((each) => each.startsWith(`${route.source}/`));
  const lost = networkRoutes(want, name).filter((route) => isOld(route) && !isThere(route));
  return [
    ...lost.map((route): NetStep => ({ do: "add-route", route })),
    ...extra.map((route): NetStep => ({ do: "remove-route", route })),
    ...wanted.filter((route) => !isThere(route)).map((route): NetStep => ({ do: "add-route", route })),
  ];
}

function sameWay(left: NetworkRoute, right: NetworkRoute): boolean {
  return left.destination === right.destination && left.gateway === right.gateway;
}

export function explainNet(step: NetStep): StepText {
  switch (step.do) {
    case "refuse":
      return { mark: "!", text: `there is no network interface ${step.name}` };
    case "keep-file":
      return {
        mark: step.before === undefined ? "+" : "~",
        text: `write ${step.path} for the next start`,
        content: { before: step.before ?? "", after: step.text },
      };
    case "remove-file":
      return { mark: "-", text: `remove ${step.path}` };
    case "switch":
      return { mark: "~", text: `switch it ${step.on ? "on" : "off"} (was ${step.on ? "off" : "on"})` };
    case "set-mtu":
      return { mark: "~", text: `set the largest packet ${step.mtu} (was ${step.was})` };
    case "add-address":
      return { mark: "+", text: `add the address ${step.address}` };
    case "remove-address":
      return { mark: "-", text: `remove the address ${step.address}` };
    case "add-route":
      return { mark: "+", text: `add the ${wayOf(step.route)}` };
    case "remove-route":
      return { mark: "-", text: `remove the ${wayOf(step.route)}` };
    case "forward":
      return { mark: "~", text: step.on ? "pass packets on" : "pass no packets on" };
  }
}

function wayOf({ destination, gateway }: NetworkRoute): string {
  if (/^(?:0\.0\.0\.0|::)\/0$/.test(destination)) return gateway === "" ? "route to all others" : `gateway ${gateway}`;
  return `route to ${destination}${gateway === "" ? "" : ` through ${gateway}`}`;
}
