// SPDX-License-Identifier: Apache-2.0
// `virt:network`: a network of libvirt, with the addresses that it gives to machines, which its members say.

import { Failure } from "../../contract/failure.ts";
import { field, type Want } from "../../contract/field.ts";
import {
  defineResource,
  type Hints,
  type MemberWant,
  type ResourceEnv,
  type Step,
  type StepText,
  type WantProblem,
} from "../../contract/resource.ts";
import { isMac } from "./domain-fields.ts";
import { conflictOf, parseCidr, type Range, rangesOf, type Reservation, reservationsOf } from "./network-members.ts";
import {
  type Base,
  type Described,
  describeNetwork,
  rangeElement,
  readNetwork,
  reservationElement,
} from "./network-xml.ts";
import { authType, change, changeWith, checkHypervisor, factsIn, lookAt, watchVirsh } from "./virsh.ts";

const fields = {
  uri: field.str({ doc: "Which hypervisor. Not given: the usual one.", example: '"qemu:///system"' }),
  state: field.str({ choices: ["up", "down"], doc: "Whether it is up. Not given: it stays so." }),
  transient: field.bool({ doc: "It is gone when it is down. With `down`: there is none." }),
  startup: field.str({
    choices: ["enabled", "disabled"],
    doc: "Whether it comes up with the hypervisor. Not given: it stays so.",
  }),
  uuid: field.str({ doc: "Its UUID. Not given: any.", example: '"6c4a1e9b-24a5-4c53-9ef9-6ec9b1d9a6f0"' }),
  device: field.str({ default: "virbr0", doc: "The bridge of the machine that it has." }),
  mode: field.str({
    default: "nat",
    choices: ["nat"],
    doc: "How machines in it reach others: `nat`, by the address of this machine.",
  }),
  mac: field.str({ doc: "The hardware address of the bridge.", example: '"52:54:00:ab:cd:01"' }),
  ip: field.str({ doc: "The address of the bridge, with its prefix.", example: '"192.168.122.1/24"' }),
  purge_hosts: field.bool({ doc: "Takes away addresses of machines that no `virt:network:host` says." }),
  purge_ranges: field.bool({ doc: "Takes away ranges that no `virt:network:range` says." }),
  auth: field.value(authType, { secret: true, doc: "Who logs in at the hypervisor." }),
};

type NetworkWant = Want<typeof fields>;

interface Network {
  readonly isUp: boolean;
  readonly isPersistent: boolean;
  readonly startsByItself: boolean;
  readonly live: Described | undefined;
  readonly kept: Described | undefined;
}

interface NetworkHave {
  readonly name: string;
  readonly network: Network | undefined;
}

type NetworkStep =
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

export const virtNetwork = defineResource({
  kind: "virt:network",
  summary: "A network of libvirt, with the addresses that it gives to machines.",
  fields,
  traits: {},
  watchedFields: ["uri", "auth"],
  edges: {
    reads: [],
    offers: (_want, name) => [{ space: "virtual network", id: name }],
    *wishes() {
      yield { order: "before", anyOf: [{ space: "service", id: "libvirtd" }], why: "is run by" };
    },
  },
  check: checkNetwork,
  observe: async (want: NetworkWant, env): Promise<NetworkHave> => ({
    name: env.name,
    network: await lookAtNetwork(want, env),
  }),
  plan: planNetwork,
  explain: explainNetwork,
  apply: applyNetwork,
  watch: (want: NetworkWant, env) =>
    watchVirsh(
      want,
      ["net-event", "--event", "lifecycle", "--loop"],
      (line) => line.includes(`network '${env.name}'`) || line.includes(`network ${env.name}:`),
      env,
    ),
});

function checkNetwork(want: NetworkWant, name: string): readonly WantProblem[] {
  const found: WantProblem[] = [...checkHypervisor(want)];
  const say = (of: string, title: string, hint?: string) =>
    found.push({ field: of, title, ...(hint === undefined ? {} : { hint }) });
  if (!/^[^\s/\p{Cc}-][^\s/\p{Cc}]*$/u.test(name)) found.push({ title: `"${name}" is no name of a network` });
  if (want.uuid !== "" && !/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(want.uuid)) {
    say("uuid", `"${want.uuid}" is no UUID`);
  }
  if (!/^[A-Za-z0-9_.-]{1,15}$/.test(want.device)) say("device", `"${want.device}" is no name of a bridge`);
  if (want.transient && want.startup === "enabled") {
    say("startup", "what is gone when it is down cannot come up with the hypervisor");
  }
  const isAbsent = want.transient && want.state === "down";
  if (want.mac !== "" ? !isMac(want.mac) : !isAbsent) {
    const title = want.mac === "" ? "a network needs a `mac`" : `"${want.mac}" is no hardware address`;
    say("mac", title, 'Write it like "52:54:00:ab:cd:01".');
  }
  if (want.ip !== "" ? parseCidr(want.ip) === undefined : !isAbsent) {
    const title = want.ip === "" ? "a network needs an `ip`" : `"${want.ip}" is no IPv4 address with a prefix`;
    say("ip", title, 'Write it like "192.168.122.1/24".');
  }
  return found;
}

async function lookAtNetwork(want: NetworkWant, env: ResourceEnv): Promise<Network | undefined> {
  const told = await lookAt(want, ["net-info", env.name], env);
  if (told === undefined) return undefined;
  const facts = factsIn(told);
  const describe = async (...flags: readonly string[]) => {
    const text = await lookAt(want, ["net-dumpxml", env.name, ...flags], env);
    return text === undefined ? undefined : readNetwork(text);
  };
  const [isUp, isPersistent] = [facts.get("Active") === "yes", facts.get("Persistent") === "yes"];
  return {
    isUp,
    isPersistent,
    startsByItself: facts.get("Autostart") === "yes",
    live: isUp ? await describe() : undefined,
    kept: isPersistent ? await describe("--inactive") : undefined,
  };
}

function planNetwork(
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
    if (isPersistent && (othersUuid || want.transient)) steps.push({ do: "forget" });
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
  if (!want.transient && want.startup !== "" && (want.startup === "enabled") !== startsByItself) {
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

function explainNetwork(step: NetworkStep): StepText {
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

async function applyNetwork(step: NetworkStep, want: NetworkWant, env: ResourceEnv): Promise<void> {
  const { name } = env;
  switch (step.do) {
    case "define":
    case "redefine":
    case "keep":
      return changeWith(want, ["net-define"], step.text, env);
    case "create":
      return changeWith(want, ["net-create"], step.text, env);
    case "forget":
      return change(want, ["net-undefine", name], env);
    case "up":
      return change(want, ["net-start", name], env);
    case "down":
      return change(want, ["net-destroy", name], env);
    case "autostart":
      return change(want, ["net-autostart", name, ...(step.on ? [] : ["--disable"])], env);
    case "update":
      for (const args of step.args) await change(want, args, env);
      return;
    case "refuse":
      throw new Failure(step.reason, { code: "conflict" });
  }
}
