// SPDX-License-Identifier: Apache-2.0
// The description of a new domain, as libvirt takes it.

import { Failure } from "../../contract/failure.ts";
import type { ResourceEnv } from "../../contract/resource.ts";
import { expandHome } from "../files/home-path.ts";
import { childrenOf, parseXml } from "../xml/read.ts";
import { element, type Markup } from "../xml/write.ts";
import { type DomainWant, structsOf, textOfField } from "./domain-fields.ts";
import { lookAt } from "./virsh.ts";

export async function describeDomain(want: DomainWant, env: ResourceEnv): Promise<string> {
  const isContainer = want.uri.startsWith("lxc");
  const type = isContainer ? "lxc" : await machineType(want, env);
  const system = isContainer
    ? element("os", element("type", "exe"), element("init", want.osinit))
    : element("os", element("type", "hvm"), ...want.boot.map((dev) => element("boot", { dev })));
  return element(
    "domain",
    { type },
    element("name", env.name),
    element("memory", { unit: "KiB" }, String(want.memory)),
    element("currentMemory", { unit: "KiB" }, String(want.memory)),
    element("vcpu", { current: String(want.cpus) }, String(want.maxcpus)),
    system,
    isContainer ? undefined : element("features", element("acpi"), element("apic")),
    type === "kvm" ? element("cpu", { mode: "host-model" }) : undefined,
    element("on_poweroff", "destroy"),
    element("on_reboot", "restart"),
    element("on_crash", "restart"),
    element("devices", ...(await devicesOf(want, isContainer, env))),
  ).text;
}

/** A processor that helps is taken when there is one. */
async function machineType(want: DomainWant, env: ResourceEnv): Promise<string> {
  const text = await lookAt(want, ["capabilities"], env);
  if (text === undefined) return "kvm";
  const guests = childrenOf(parseXml(text, "what libvirt can do"), "guest");
  const types = guests.flatMap((guest) =>
    childrenOf(guest, "arch", "domain").map(({ attributes }) => attributes.get("type")),
  );
  return types.includes("kvm") || types.length === 0 ? "kvm" : (types[0] ?? "kvm");
}

async function devicesOf(want: DomainWant, isContainer: boolean, env: ResourceEnv): Promise<readonly Markup[]> {
  const devices: Markup[] = [];
  for (const [index, drive] of structsOf(want.disk).entries()) {
    const target = { dev: `vd${letters(index)}`, bus: "virtio" };
    devices.push(await driveOf("disk", textOfField(drive, "source"), textOfField(drive, "type"), target, env));
  }
  for (const [index, drive] of structsOf(want.cdrom).entries()) {
    const target = { dev: `sd${letters(index)}`, bus: "sata" };
    devices.push(await driveOf("cdrom", textOfField(drive, "source"), textOfField(drive, "type"), target, env));
  }
  for (const each of structsOf(want.network)) {
    const mac = textOfField(each, "mac");
    devices.push(
      element(
        "interface",
        { type: "network" },
        mac === "" ? undefined : element("mac", { address: mac }),
        element("source", { network: textOfField(each, "name") }),
        isContainer ? undefined : element("model", { type: "virtio" }),
      ),
    );
  }
  for (const each of structsOf(want.filesystem)) {
    const access = textOfField(each, "access");
    devices.push(
      element(
        "filesystem",
        { type: "mount", accessmode: access === "" ? undefined : access },
        element("source", { dir: await placeOf(textOfField(each, "source"), env) }),
        element("target", { dir: textOfField(each, "target") }),
        each.get("read_only") === true ? element("readonly") : undefined,
      ),
    );
  }
  if (!isContainer && want.hotcpus) {
    // The agent brings processors into use that were added.
    const target = element("target", { type: "virtio", name: "org.qemu.guest_agent.0" });
    devices.push(element("channel", { type: "unix" }, target));
  }
  devices.push(element("console", { type: "pty" }));
  return devices;
}

async function driveOf(
  device: "disk" | "cdrom",
  source: string,
  type: string,
  target: Readonly<Record<string, string>>,
  env: ResourceEnv,
): Promise<Markup> {
  return element(
    "disk",
    { type: "file", device },
    element("driver", { name: "qemu", type: type === "" ? "raw" : type }),
    element("source", { file: await placeOf(source, env) }),
    element("target", target),
    device === "cdrom" ? element("readonly") : undefined,
  );
}

async function placeOf(path: string, { host, signal }: ResourceEnv): Promise<string> {
  const place = await expandHome(path, host, signal);
  if ("path" in place) return place.path;
  throw new Failure(`${path} leads nowhere: ${place.unknown}`, { code: "not-found" });
}

/** `a` to `z`, then `aa`. */
function letters(index: number): string {
  const last = String.fromCharCode(97 + (index % 26));
  return index < 26 ? last : letters(Math.floor(index / 26) - 1) + last;
}
