// SPDX-License-Identifier: Apache-2.0
// The declared schema of `virt:network`, and the mistakes in it that its types cannot tell.

import { field, type Want } from "../../contract/field.ts";
import type { WantProblem } from "../../contract/resource.ts";
import { isMac } from "./domain-fields.ts";
import { parseCidr } from "./network-members.ts";
import { authType, checkHypervisor } from "./virsh.ts";

export const networkFields = {
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

export type NetworkWant = Want<typeof networkFields>;

export function checkNetwork(want: NetworkWant, name: string): readonly WantProblem[] {
  const found: WantProblem[] = [...checkHypervisor(want)];
  const say = (of: string, title: string, hint?: string) =>
    found.push({ field: of, title, ...(hint === undefined ? {} : { hint }) });
  if (!/^[^\s/\p{Cc}-][^\s/\p{Cc}]*$/u.test(name))
    found.push({
      title: `"${name}" is no name of a network`,
      hint: "It has no white space and no slash, and does not begin with a hyphen.",
    });
  if (want.uuid !== "" && !/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(want.uuid)) {
    say("uuid", `"${want.uuid}" is no UUID`, 'Write it like "4a53d1c4-97f5-4d9c-a0dc-5f5b4b0e3e8a".');
  }
  if (!/^[A-Za-z0-9_.-]{1,15}$/.test(want.device))
    say("device", `"${want.device}" is no name of a bridge`, 'Up to 15 letters, digits and _ . -, as in "virbr1".');
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
