// SPDX-License-Identifier: Apache-2.0
// What a program says of a domain of libvirt, and mistakes in it that types cannot tell.

import { field, type Want } from "../../contract/field.ts";
import type { WantProblem } from "../../contract/resource.ts";
import { boolType, listType, strType, structType } from "../../values/type.ts";
import { StructValue, type Value } from "../../values/value.ts";
import { authType, checkHypervisor } from "./virsh.ts";
import { pathProblems } from "../files/possible-path.ts";
import { isBeyondXml } from "../xml/possible-text.ts";
import { nearest } from "../../base/nearest.ts";

const driveType = listType(
  structType([
    { name: "source", type: strType },
    { name: "type", type: strType },
  ]),
);

export const domainFields = {
  uri: field.str({ doc: "Which hypervisor. Not given: the usual one.", example: '"qemu:///system"' }),
  state: field.str({
    choices: ["running", "paused", "shutoff"],
    doc: "What the domain does. It is switched off without asking what runs in it. Not given: it stays so.",
  }),
  startup: field.str({
    choices: ["enabled", "disabled"],
    doc: "Whether it starts with the hypervisor. Not given: it stays so.",
  }),
  transient: field.bool({ doc: "It is gone when it is off. With `shutoff`: there is none." }),
  cpus: field.int({ bits: 32, unsigned: true, default: 1, doc: "How many processors it has." }),
  maxcpus: field.int({
    bits: 32,
    unsigned: true,
    default: 32,
    doc: "How many it can have without being started anew.",
  }),
  hotcpus: field.bool({ default: true, doc: "Gives it processors and takes them while it runs." }),
  memory: field.int64({ unsigned: true, default: 524_288n, doc: "Its memory in KiB.", example: "1048576" }),
  osinit: field.str({ doc: "What a container starts with; for `lxc` alone.", example: '"/sbin/init"' }),
  boot: field.strings({
    doc: "What a new one starts from, in this order: `fd`, `hd`, `cdrom`, `network`.",
    example: '["hd", "network"]',
  }),
  disk: field.value(driveType, {
    doc: "The disks of a new one: the file, which may begin with `~/`, and its format. What a domain has stays.",
    example: '[struct{source => "/var/lib/libvirt/images/web1.qcow2", type => "qcow2"}]',
  }),
  cdrom: field.value(driveType, {
    doc: "The drives for discs of a new one: the file, and its format. What a domain has stays.",
    example: '[struct{source => "~/debian.iso", type => "raw"}]',
  }),
  network: field.value(
    listType(
      structType([
        { name: "name", type: strType },
        { name: "mac", type: strType },
      ]),
    ),
    {
      doc: "The networks of libvirt that a new one is in, with its hardware address in each; any, if that is empty. What a domain has stays.",
      example: '[struct{name => "default", mac => "52:54:00:12:34:56"}]',
    },
  ),
  filesystem: field.value(
    listType(
      structType([
        { name: "access", type: strType },
        { name: "source", type: strType },
        { name: "target", type: strType },
        { name: "read_only", type: boolType },
      ]),
    ),
    {
      doc: "Directories of the machine that a new one sees; what a domain has stays. `access` is `passthrough`, `mapped`, `squash` or empty.",
      example: '[struct{access => "mapped", source => "/srv/share", target => "share", read_only => true}]',
    },
  ),
  auth: field.value(authType, { secret: true, doc: "Who logs in at the hypervisor." }),
  restartondiverge: field.str({
    choices: ["ignore", "ifneeded", "error"],
    doc: "What is done when it must be started anew for a change: nothing, that, or a failure. Not given: a failure.",
  }),
  restartonrefresh: field.bool({ doc: "Starts it anew when a resource that notifies it has changed something." }),
};

export type DomainWant = Want<typeof domainFields>;

const devices = ["fd", "hd", "cdrom", "network"];
const accesses = ["", "passthrough", "mapped", "squash"];

/** The structs of a list that may not be given. */
export function structsOf(value: Value | undefined): readonly StructValue[] {
  return Array.isArray(value) ? value.filter((each): each is StructValue => each instanceof StructValue) : [];
}

export function textOfField(struct: StructValue, name: string): string {
  const found = struct.get(name);
  return typeof found === "string" ? found : "";
}

export function checkDomain(want: DomainWant, name: string): readonly WantProblem[] {
  const found: WantProblem[] = [...checkHypervisor(want)];
  const say = (field: string, title: string, hint?: string) =>
    found.push({ field, title, ...(hint === undefined ? {} : { hint }) });
  if (!/^[^\s/\p{Cc}-][^\s/\p{Cc}]*$/u.test(name))
    found.push({
      title: `"${name}" is no name of a domain`,
      hint: "It has no white space and no slash, and does not begin with a hyphen.",
    });
  if (want.cpus < 1) say("cpus", `a domain needs a processor, and \`cpus\` is ${want.cpus}`);
  if (want.maxcpus < want.cpus) say("maxcpus", `\`maxcpus\` is ${want.maxcpus}, less than \`cpus\`, ${want.cpus}`);
  if (want.memory < 1n)
    say("memory", `a domain needs memory, and \`memory\` is ${want.memory}`, "It is in KiB: 1048576 is 1 GiB.");
  if (want.transient && want.startup === "enabled") {
    say("startup", "what is gone when it is off cannot start with the hypervisor");
  }
  for (const device of want.boot)
    if (!devices.includes(device)) say("boot", `"${device}" is none of ${devices.join(", ")}`, meant(device, devices));
  const isContainer = want.uri.startsWith("lxc");
  if (want.osinit !== "" && !want.osinit.startsWith("/"))
    say("osinit", `"${want.osinit}" is no absolute path`, 'Write it like "/sbin/init".');
  found.push(...pathProblems({ osinit: want.osinit, ...pathsOf(want) }));
  if (isContainer && want.osinit === "") say("osinit", "a container needs an `osinit`", 'Write it like "/sbin/init".');
  for (const field of ["disk", "cdrom"] as const) {
    for (const drive of structsOf(want[field])) {
      const source = textOfField(drive, "source");
      if (!/^(?:\/|~[^/]*\/)/.test(source))
        say(
          field,
          `"${source}" is neither an absolute path nor one in a home directory`,
          'Write it like "/var/lib/libvirt/images/web1.qcow2", or "~/web1.qcow2".',
        );
    }
  }
  for (const field of ["osinit", "disk", "cdrom", "network", "filesystem"] as const) {
    const given = want[field];
    const texts = typeof given === "string" ? [given] : structsOf(given).flatMap(({ values }) => values);
    if (texts.some((text) => typeof text === "string" && isBeyondXml(text))) {
      say(field, "a domain is described in XML, which cannot have control characters");
    }
  }
  for (const each of structsOf(want.network)) {
    const mac = textOfField(each, "mac");
    if (textOfField(each, "name") === "")
      say("network", "a network needs a `name`", "`virsh net-list --all` lists them.");
    if (mac !== "" && !isMac(mac)) say("network", `"${mac}" is no hardware address such as "52:54:00:12:34:56"`);
  }
  for (const each of structsOf(want.filesystem)) {
    const [access, source] = [textOfField(each, "access"), textOfField(each, "source")];
    if (!accesses.includes(access))
      say("filesystem", `"${access}" is none of ${accesses.slice(1).join(", ")}`, meant(access, accesses.slice(1)));
    if (!/^(?:\/|~[^/]*\/)/.test(source))
      say("filesystem", `"${source}" is not an absolute path`, 'Write it like "/srv/share", or "~/share".');
    if (textOfField(each, "target") === "")
      say("filesystem", "a directory needs a `target`", "It is the name by which the domain mounts it.");
  }
  return found;
}

function pathsOf(want: DomainWant): Readonly<Record<string, readonly string[]>> {
  const lists = (["disk", "cdrom", "filesystem"] as const).map((field) => {
    return [field, structsOf(want[field]).map((each) => textOfField(each, "source"))] as const;
  });
  return Object.fromEntries(lists);
}

function meant(word: string, words: readonly string[]): string | undefined {
  const found = nearest(word, words);
  return found === undefined ? undefined : `Did you mean "${found}"?`;
}

export function isMac(text: string): boolean {
  return /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i.test(text);
}
