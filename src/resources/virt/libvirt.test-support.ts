// SPDX-License-Identifier: Apache-2.0
// A libvirt for tests, behind the commands of virsh that the kinds use, with what virsh prints and refuses.

import type { MemoryHost, ProgramCall } from "../../host/memory/index.ts";
import { childOf, parseXml, textAt } from "../xml/read.ts";
import { type Described, describeNetwork, readNetwork } from "./network-xml.ts";

export interface TwinSizes {
  cpus: number;
  maxcpus: number;
  memory: number;
}

export interface TwinDomain {
  state: string;
  isPersistent: boolean;
  autostart: boolean;
  live: TwinSizes;
  kept: TwinSizes;
  readonly text: string;
}

export interface TwinNetwork {
  isUp: boolean;
  isPersistent: boolean;
  autostart: boolean;
  live: Described;
  kept: Described;
}

export class TwinLibvirt {
  readonly domains = new Map<string, TwinDomain>();
  readonly networks = new Map<string, TwinNetwork>();
  readonly asked: string[] = [];
  isRunning = true;
  /** What is in the file with the password when it is asked. */
  auth: string | undefined;
  uri: string | undefined;
  readonly #host: MemoryHost;
  readonly #listeners = new Set<(line: string) => void>();
  readonly #saved = new Set<string>();

  constructor(host: MemoryHost) {
    this.#host = host;
    for (const place of ["/etc/libvirt/qemu/autostart", "/etc/libvirt/qemu/networks/autostart"])
      host.outside.makeDirectory(place);
    for (const place of ["/run/libvirt/qemu", "/run/libvirt/network"]) host.outside.makeDirectory(place);
    host.outside.install("virsh", (call) => this.#run(call));
  }

  /** It is in files, as with the real one: of some changes nothing else tells. */
  #save(): void {
    const put = (path: string, content: unknown) => {
      const { outside } = this.#host;
      if (content === undefined) {
        if (outside.exists(path)) outside.remove(path);
      } else if (outside.read(path) !== JSON.stringify(content)) outside.write(path, JSON.stringify(content));
    };
    const all = [...this.domains.keys(), ...this.networks.keys(), ...this.#saved];
    for (const name of all) {
      const [domain, network] = [this.domains.get(name), this.networks.get(name)];
      put(`/etc/libvirt/qemu/${name}.xml`, domain?.isPersistent === true ? domain.kept : undefined);
      put(`/etc/libvirt/qemu/autostart/${name}.xml`, domain?.autostart === true ? "" : undefined);
      put(
        `/run/libvirt/qemu/${name}.xml`,
        domain === undefined || domain.state === "shut off" ? undefined : domain.live,
      );
      put(`/etc/libvirt/qemu/networks/${name}.xml`, network?.isPersistent === true ? network.kept : undefined);
      put(`/etc/libvirt/qemu/networks/autostart/${name}.xml`, network?.autostart === true ? "" : undefined);
      put(`/run/libvirt/network/${name}.xml`, network?.isUp === true ? network.live : undefined);
      this.#saved.add(name);
    }
  }

  /** Something has happened to a domain or a network. */
  tell(kind: "domain" | "network", name: string): void {
    const what = kind === "domain" ? `domain '${name}'` : `network ${name}`;
    for (const listener of this.#listeners) listener(`event 'lifecycle' for ${what}: Changed\n`);
  }

  async #run({ argv, env, print, complain, signal }: ProgramCall): Promise<number> {
    const args = argv.slice(1);
    if (args[0] === "--connect") [this.uri] = args.splice(0, 2).slice(1);
    const path = env.get("LIBVIRT_AUTH_FILE");
    this.auth = path === undefined ? undefined : this.#host.outside.read(path);
    if (!this.isRunning) {
      complain("error: failed to connect to the hypervisor\nerror: Failed to connect socket: No such file\n");
      return 1;
    }
    if (args[0]?.startsWith("echo listening;") === true) {
      print("listening\n");
      this.#listeners.add(print);
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      this.#listeners.delete(print);
      return 0;
    }
    const [verb = "", first = "", ...rest] = args;
    const isChange = !/^(?:dominfo|dumpxml|capabilities|net-info|net-dumpxml)$/.test(verb);
    if (isChange) this.asked.push([verb, first, ...rest].join(" "));
    const isTold = !/^(?:net-)?(?:autostart|update)$|^set/.test(verb);
    const answer = verb.startsWith("net-") ? this.#network(verb, first, rest) : this.#domain(verb, first, rest);
    this.#save();
    if (isChange && isTold && typeof answer === "string")
      this.tell(verb.startsWith("net-") ? "network" : "domain", nameOf(first, this.#host));
    if (typeof answer === "string") print(answer);
    else complain(`error: ${answer.refused}\n`);
    return typeof answer === "string" ? 0 : 1;
  }

  #domain(verb: string, first: string, rest: readonly string[]): string | { readonly refused: string } {
    if (verb === "capabilities") {
      return "<capabilities><guest><arch name='x86_64'><domain type='qemu'/><domain type='kvm'/></arch></guest></capabilities>";
    }
    if (verb === "define" || verb === "create") {
      const text = this.#host.outside.read(first) ?? "";
      const domain = parseXml(text, first);
      const maxcpus = Number(textAt(domain, "vcpu"));
      const cpus = Number(childOf(domain, "vcpu")?.attributes.get("current") ?? maxcpus);
      const sizes = { maxcpus, cpus, memory: Number(textAt(domain, "memory")) };
      const name = textAt(domain, "name");
      const known = this.domains.get(name);
      if (known !== undefined && verb === "define") Object.assign(known, { isPersistent: true, kept: sizes });
      else {
        const state = verb === "define" ? "shut off" : rest.includes("--paused") ? "paused" : "running";
        const isPersistent = verb === "define";
        this.domains.set(name, { state, isPersistent, autostart: false, live: { ...sizes }, kept: sizes, text });
      }
      return "";
    }
    const domain = this.domains.get(first);
    if (domain === undefined) return { refused: `failed to get domain '${first}'` };
    if (verb === "dominfo") {
      const yes = (is: boolean) => (is ? "yes" : "no");
      return `Name:           ${first}\nState:          ${domain.state}\nPersistent:     ${yes(domain.isPersistent)}\nAutostart:      ${domain.autostart ? "enable" : "disable"}\n`;
    }
    if (verb === "dumpxml") {
      const { cpus, maxcpus, memory } = rest.includes("--inactive") ? domain.kept : domain.live;
      return `<domain><name>${first}</name><memory unit='KiB'>${memory}</memory><vcpu placement='static' current='${cpus}'>${maxcpus}</vcpu></domain>\n`;
    }
    const refused = this.#change(domain, verb, first, rest);
    if (refused !== undefined) return { refused };
    return "";
  }

  #change(domain: TwinDomain, verb: string, name: string, rest: readonly string[]): string | undefined {
    const isOff = domain.state === "shut off";
    switch (verb) {
      case "start":
        if (!isOff) return "Domain is already active";
        domain.state = rest.includes("--paused") ? "paused" : "running";
        domain.live = { ...domain.kept };
        return undefined;
      case "destroy":
        if (isOff) return "domain is not running";
        domain.state = "shut off";
        if (!domain.isPersistent) this.domains.delete(name);
        return undefined;
      case "suspend":
      case "resume":
        if (isOff) return "domain is not running";
        domain.state = verb === "suspend" ? "paused" : "running";
        return undefined;
      case "undefine":
        if (!domain.isPersistent) return "cannot undefine transient domain";
        domain.isPersistent = false;
        if (isOff) this.domains.delete(name);
        return undefined;
      case "autostart":
        if (!domain.isPersistent) return "cannot set autostart for transient domain";
        domain.autostart = !rest.includes("--disable");
        return undefined;
      case "setvcpus":
      case "setmem":
      case "setmaxmem":
        return this.#resize(domain, verb, Number(rest[0]), rest);
      default:
        return `unknown command: '${verb}'`;
    }
  }

  #resize(domain: TwinDomain, verb: string, size: number, flags: readonly string[]): string | undefined {
    const sizes = flags.includes("--live") ? domain.live : domain.kept;
    if (flags.includes("--live") && domain.state === "shut off") return "domain is not running";
    if (verb === "setmaxmem") sizes.memory = size;
    else if (verb === "setvcpus" && flags.includes("--maximum")) {
      if (flags.includes("--live")) return "cannot set the maximum of a running domain";
      sizes.maxcpus = size;
      sizes.cpus = Math.min(sizes.cpus, size);
    } else if (verb === "setvcpus") {
      if (size > sizes.maxcpus)
        return `requested vcpus is greater than max allowable vcpus: ${size} > ${sizes.maxcpus}`;
      sizes.cpus = size;
    }
    return undefined;
  }

  #network(verb: string, first: string, rest: readonly string[]): string | { readonly refused: string } {
    if (verb === "net-define" || verb === "net-create") {
      const text = this.#host.outside.read(first) ?? "";
      const name = textAt(parseXml(text, first), "name");
      const known = this.networks.get(name);
      const described = readNetwork(text);
      const uuid = described.uuid || known?.kept.uuid || "11111111-2222-3333-4444-555555555555";
      if (known !== undefined && known.kept.uuid !== uuid)
        return { refused: `network '${name}' already exists with uuid ${known.kept.uuid}` };
      const isUp = verb === "net-create" || known?.isUp === true;
      const live = verb === "net-create" || known === undefined ? { ...described, uuid } : known.live;
      const isPersistent = verb === "net-define" || known?.isPersistent === true;
      this.networks.set(name, {
        isUp,
        isPersistent,
        autostart: known?.autostart ?? false,
        live,
        kept: { ...described, uuid },
      });
      return "";
    }
    const network = this.networks.get(first);
    if (network === undefined) return { refused: `failed to get network '${first}'` };
    if (verb === "net-info") {
      const yes = (is: boolean) => (is ? "yes" : "no");
      return `Name:           ${first}\nActive:         ${yes(network.isUp)}\nPersistent:     ${yes(network.isPersistent)}\nAutostart:      ${yes(network.autostart)}\n`;
    }
    if (verb === "net-dumpxml")
      return describeNetwork(first, rest.includes("--inactive") ? network.kept : network.live);
    const refused = this.#changeNetwork(network, verb, first, rest);
    if (refused !== undefined) return { refused };
    return "";
  }

  #changeNetwork(network: TwinNetwork, verb: string, name: string, rest: readonly string[]): string | undefined {
    switch (verb) {
      case "net-start":
        if (network.isUp) return "network is already active";
        network.isUp = true;
        network.live = network.kept;
        return undefined;
      case "net-destroy":
        if (!network.isUp) return "network is not active";
        network.isUp = false;
        if (!network.isPersistent) this.networks.delete(name);
        return undefined;
      case "net-undefine":
        if (!network.isPersistent) return "network is not persistent";
        network.isPersistent = false;
        if (!network.isUp) this.networks.delete(name);
        return undefined;
      case "net-autostart":
        network.autostart = !rest.includes("--disable");
        return undefined;
      case "net-update":
        return this.#update(network, rest);
      default:
        return `unknown command: '${verb}'`;
    }
  }

  #update(
    network: TwinNetwork,
    [command = "", section = "", text = "", where = ""]: readonly string[],
  ): string | undefined {
    const place = where === "--live" ? "live" : "kept";
    const isAdded = command.startsWith("add");
    const { attributes } = parseXml(text, "the update");
    const get = (key: string) => attributes.get(key) ?? "";
    const have = network[place];
    if (section === "ip-dhcp-host") {
      const own = { mac: get("mac"), hostname: get("name"), ip: get("ip") };
      const same = (each: typeof own) => each.mac === own.mac || each.hostname === own.hostname || each.ip === own.ip;
      if (isAdded && have.reservations.some(same)) return "there is an existing dhcp host entry";
      if (!isAdded && !have.reservations.some(same)) return "couldn't locate a matching dhcp host entry";
      const others = have.reservations.filter((each) => !same(each));
      network[place] = { ...have, reservations: isAdded ? [...have.reservations, own] : others };
      return undefined;
    }
    const own = { start: get("start"), end: get("end") };
    const others = have.ranges.filter(({ start, end }) => start !== own.start || end !== own.end);
    if (isAdded === others.length < have.ranges.length) return "the range is there, or is not";
    network[place] = { ...have, ranges: isAdded ? [...others, own] : others };
    return undefined;
  }
}

/** What is made is named in the file that says it. */
function nameOf(first: string, host: MemoryHost): string {
  const text = first.startsWith("/") ? (host.outside.read(first) ?? "") : "";
  return text === "" ? first : textAt(parseXml(text, first), "name");
}
