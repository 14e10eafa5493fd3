// SPDX-License-Identifier: Apache-2.0
// From a network as it is to one as declared, with what its members say. Pure.

import type { Hints, MemberWant, Step, StepText } from "../../contract/resource.ts";
import type { NetworkWant } from "./network-fields.ts";
import { conflictOf, type Range, rangesOf, type Reservation, reservationsOf } from "./network-members.ts";
import { type Base, type Described, describeNetwork, rangeElement, reservationElement } from "./network-xml.ts";

export interface Network {
  readonly isUp: boolean;
  readonly isPersistent: boolean;
  readonly startsByItself: boolean;
  readonly live: Described | undefined;
  readonly kept: Described | undefined;
}

export interface NetworkHave {
  readonly name: string;
  readonly network: Network | undefined;
}

export type NetworkStep =
  | (Step & { readonly do: "define" | "create" | "redefine" | "keep"; readonly text: string; readonly why: string })
  | (Step & { readonly do: "forget" | "up" | "down" })
  | (Step & { readonly do: "autostart"; readonly on: boolean })
  | (Step & {
      readonly do: "update";
      readonly args: readonly (readonly string[])[];
      readonly mark: "+" | "~" | "-";
      readonly text: string;
    })
  | (Step & { readonly do: "refuse"; readonly reason: string });

export function planNetwork(
  want: NetworkWant,
  { name, network }: NetworkHave,
  _hints: Hints,
  members: readonly MemberWant[],
): readonly NetworkStep[] {
  const conflict = conflictOf(want.ip, members);
  if (conflict !== undefined)
    return [{ do: "refuse", reason: `the network ${name} is at odds with itself: ${conflict}` }];
  const wanted = wantedOf(want, members);
  const text = describeNetwork(name, wanted);
  if (network === undefined) {
    if (want.transient) return want.state === "down" ? [] : [{ do: "create", text, why: "" }];
    const steps: NetworkStep[] = [{ do: "define", text, why: "" }];
    if (want.startup === "enabled") steps.push({ do: "autostart", on: true });
    if (want.state === "up") steps.push({ do: "up" });
    return steps;
  }
  const { isUp, isPersistent, startsByItself, live, kept } = network;
  if (want.transient && want.state === "down") {
    return [...(isUp ? [{ do: "down" } as const] : []), ...(isPersistent ? [{ do: "forget" } as const] : [])];
  }
  const steps: NetworkStep[] = [];
  let comesUp = isUp;
  let comesByItself = startsByItself;
  const present = kept ?? live;
  const why = [live, kept].map((each) => each && differenceOf(wanted, each)).find((each) => each !== undefined);
  if (why !== undefined && present !== undefined) {
    // What cannot be changed is made anew, with what others have put into it unless that is taken away.
    const anew = describeNetwork(name, {
      ...wanted,
      uuid: want.uuid || present.uuid,
      ...mergedMembers(want, wanted, present),
    });
    if (isUp) steps.push({ do: "down" });
    const othersUuid = want.uuid !== "" && want.uuid.toLowerCase() !== present.uuid.toLowerCase();
    const isForgotten = isPersistent && (othersUuid || want.transient);
    if (isForgotten) steps.push({ do: "forget" });
    // One that is kept nowhere is gone once it is down.
    if (isForgotten || !isPersistent) comesByItself = false;
    steps.push({ do: want.transient ? "create" : "redefine", text: anew, why });
    if (!want.transient && startsByItself && othersUuid && want.startup === "")
      steps.push({ do: "autostart", on: true });
    comesUp = want.transient;
    if (isUp && want.state === "" && !want.transient) steps.push({ do: "up" });
  } else {
    if (!want.transient && !isPersistent)
      steps.push({ do: "keep", text: describeNetwork(name, live ?? wanted), why: "" });
    if (want.transient && isPersistent) steps.push({ do: "forget" });
    if (want.transient && !isUp) return [...steps, { do: "create", text, why: "" }];
    const places = [
      ...(live === undefined ? [] : [{ where: "--live", have: live }]),
      ...(want.transient ? [] : [{ where: "--config", have: kept ?? live ?? wanted }]),
    ];
    steps.push(...updates(want, wanted, name, places));
  }
  if (!want.transient && want.startup !== "" && (want.startup === "enabled") !== comesByItself) {
    steps.push({ do: "autostart", on: want.startup === "enabled" });
  }
  if (want.state === "up" && !comesUp) steps.push({ do: "up" });
  if (want.state === "down" && comesUp) steps.push({ do: "down" });
  return steps;
}

function wantedOf({ uuid, device, mode, mac, ip }: NetworkWant, members: readonly MemberWant[]): Described {
  const base: Base = { uuid, device, mode: mode || "nat", mac: mac.toLowerCase(), ip };
  return { ...base, reservations: reservationsOf(members), ranges: rangesOf(members) };
}

function differenceOf(want: Base, have: Base): string | undefined {
  if (have.device !== want.device) return `its bridge is ${have.device}`;
  if (have.mode !== want.mode) return `its mode is ${have.mode === "" ? "to lead nowhere" : have.mode}`;
  if (have.mac !== want.mac) return `its hardware address is ${have.mac}`;
  if (have.ip !== want.ip) return `its address is ${have.ip}`;
  if (want.uuid !== "" && have.uuid.toLowerCase() !== want.uuid.toLowerCase()) return `its UUID is ${have.uuid}`;
  return undefined;
}

function mergedMembers(
  { purge_hosts, purge_ranges }: NetworkWant,
  wanted: Described,
  present: Described,
): Pick<Described, "reservations" | "ranges"> {
  // Addresses of another network would be refused.
  const isSame = wanted.ip === present.ip;
  const isNew = (each: Reservation) => !wanted.reservations.some((own) => own.mac === each.mac || own.ip === each.ip);
  const others = purge_hosts || !isSame ? [] : present.reservations.filter(isNew);
  const otherRanges = purge_ranges || !isSame ? [] : present.ranges.filter((each) => !hasRange(wanted.ranges, each));
  return { reservations: [...wanted.reservations, ...others], ranges: [...wanted.ranges, ...otherRanges] };
}

function hasRange(ranges: readonly Range[], { start, end }: Range): boolean {
  return ranges.some((each) => each.start === start && each.end === end);
}

interface PlaceOfUpdates {
  readonly where: string;
  readonly have: Described;
}

/** What goes comes first: it may stand in the way of what comes. */
function updates(
  want: NetworkWant,
  wanted: Described,
  name: string,
  places: readonly PlaceOfUpdates[],
): readonly NetworkStep[] {
  const found = new Map<string, { readonly mark: "+" | "~" | "-"; readonly args: (readonly string[])[] }>();
  const note = (text: string, mark: "+" | "~" | "-", ...args: readonly string[]) => {
    const known = found.get(text) ?? { mark, args: [] };
    found.set(text, known);
    known.args.push(["net-update", name, ...args]);
  };
  for (const pass of ["remove", "add"] as const) {
    for (const { where, have } of places) {
      for (const each of have.reservations) {
        const own = wanted.reservations.find(({ mac }) => mac === each.mac);
        const isRight = own !== undefined && own.ip === each.ip && own.hostname === each.hostname;
        const stands = wanted.reservations.some(({ ip, hostname }) => ip === each.ip || hostname === each.hostname);
        if (isRight || (own === undefined && !stands && !want.purge_hosts) || pass === "add") continue;
        const text = `take the address ${each.ip} from ${each.hostname || each.mac}`;
        note(text, "-", "delete", "ip-dhcp-host", reservationElement(each).text, where);
      }
      for (const each of have.ranges) {
        if (pass === "add" || hasRange(wanted.ranges, each) || !want.purge_ranges) continue;
        note(
          `give out ${each.start} to ${each.end} no longer`,
          "-",
          "delete",
          "ip-dhcp-range",
          rangeElement(each).text,
          where,
        );
      }
      if (pass === "remove") continue;
      for (const each of wanted.ranges) {
        if (hasRange(have.ranges, each)) continue;
        note(`give out ${each.start} to ${each.end}`, "+", "add-last", "ip-dhcp-range", rangeElement(each).text, where);
      }
      for (const each of wanted.reservations) {
        const known = have.reservations.some(
          ({ mac, ip, hostname }) => mac === each.mac && ip === each.ip && hostname === each.hostname,
        );
        if (known) continue;
        note(
          `give ${each.ip} to ${each.hostname}`,
          "+",
          "add-last",
          "ip-dhcp-host",
          reservationElement(each).text,
          where,
        );
      }
    }
  }
  return [...found].map(([text, { mark, args }]) => ({ do: "update", text, mark, args }));
}

export function explainNetwork(step: NetworkStep): StepText {
  switch (step.do) {
    case "define":
      return { mark: "+", text: "make the network" };
    case "create":
      return { mark: "+", text: "make the network and let it come up" };
    case "redefine":
      return { mark: "~", text: `make it anew: ${step.why}` };
    case "keep":
      return { mark: "~", text: "keep it when it is down" };
    case "forget":
      return { mark: "-", text: "do not keep it when it is down" };
    case "autostart":
      return { mark: "~", text: `let it come up with the hypervisor${step.on ? "" : " no longer"}` };
    case "up":
      return { mark: "~", text: "let it come up" };
    case "down":
      return { mark: "~", text: "take it down" };
    case "update":
      return { mark: step.mark, text: step.text };
    case "refuse":
      return { mark: "!", text: step.reason };
  }
}
