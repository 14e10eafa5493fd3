// SPDX-License-Identifier: Apache-2.0
// From what `mgmt provisioner` was told to the program that it runs: guesses what is missing, refuses what contradicts
// itself, reads the list of machines. Changes nothing.

import { Failure } from "../../contract/failure.ts";
import type { Host } from "../../contract/host.ts";
import { type FieldValue, type Machine, readMachines } from "../../frontends/machines/read-machines.ts";
import { renderProgram } from "../../frontends/machines/render-program.ts";
import { type ProvisionerSettings, usualSettings } from "../../functions/embedded/provisioner.ts";
import { isWithin, parsePrefix } from "../../functions/net/address.ts";
import { textOf } from "../../values/bytes.ts";
import { addressOf, guessInterface, guessMirror, usualCache } from "./guesses.ts";
import { newestVersion } from "./newest.ts";

export interface Request {
  /** What was said; what is undefined is guessed. */
  readonly told: { readonly [Key in keyof ProvisionerSettings]?: ProvisionerSettings[Key] | undefined };
  /** A list of machines, in a file that ends with .yaml, .yml or .csv; absolute. */
  readonly machinesFile: string | undefined;
  /** The next machine that boots, whichever it is. */
  readonly anyMachine: boolean;
  /** Whether machines come into the cluster of this host; undefined: those that are given a program, unless they have another one. */
  readonly intoCluster: boolean | undefined;
  /** Where hosts are let into it, ADDRESS[:PORT]; undefined: at the usual port. */
  readonly entrance: string | undefined;
  /** What machines have that say nothing else themselves: fields of the module that no function gives. */
  readonly usual: ReadonlyMap<string, FieldValue>;
}

export interface Prepared {
  readonly settings: ProvisionerSettings;
  readonly machines: readonly Machine[];
  /** mcl. */
  readonly program: string;
  /** Some of the machines come into the cluster of this host. */
  readonly joins: boolean;
}

const longestListBytes = 16 * 1024 * 1024;
const hashLength = 106;

export async function prepareProvisioner(request: Request, host: Host, signal: AbortSignal): Promise<Prepared> {
  const told = Object.fromEntries(Object.entries(request.told).filter(([, value]) => value !== undefined));
  // What is usual for Fedora; of others the smallest that serves, and no encryption that nobody asked for.
  const ofOthers =
    told["distro"] === undefined || told["distro"] === "fedora" ? {} : { flavour: "Server", luks: false };
  const asked: ProvisionerSettings = { ...usualSettings, ...ofOthers, ...told };
  checkSettings(asked);
  const machines = (await machinesOf(request, asked, host, signal)).map((machine) => {
    const fields = new Map([...request.usual, ...machine.fields]);
    return { ...machine, fields: fields.set("handoff_cluster", isToJoin(fields, request, asked)) };
  });
  const joins = machines.some(({ fields }) => fields.get("handoff_cluster") === true);
  checkMachines(machines, asked);
  if (asked.discover && anyMachineIn(machines))
    throw wrong("With --any there are no unknown machines.", "Leave out --discover, or name the machines.");
  const isNeeded = machines.length > 0;
  const mirror = (asked.mirror === "" && isNeeded ? await mirrorFor(asked.distro, host, signal) : asked.mirror).replace(
    /\/+$/,
    "",
  );
  const name = asked.interface === "" ? await guessInterface(host, signal) : asked.interface;
  // An interface that stays as it is has an address already.
  const isTold = asked.network !== "" || asked.router !== usualSettings.router;
  const router = isTold ? asked.router : ((await addressOf(name, host, signal)) ?? asked.router);
  const settings: ProvisionerSettings = {
    ...asked,
    router,
    mirror,
    version:
      asked.version === "" && isNeeded
        ? ((await newestVersion(asked.distro, mirror, host, signal)) ?? "")
        : asked.version,
    firewalld: asked.firewalld && (await host.files.inspectTarget("/run/firewalld.pid", signal)) !== undefined,
    interface: name,
    entrance: joins ? entranceFor(request.entrance, router) : "",
    ports: joins ? storePorts(request.entrance) : [],
    discoverLoaders: asked.discover ? await loadersOf(asked.discoverLoaders, host, signal) : "",
    prefix: asked.prefix === "" ? usualCache(host) : `${asked.prefix.replace(/\/+$/, "")}/`,
  };
  return { settings, machines, program: renderProgram(machines, settings), joins };
}

function isToJoin(
  fields: ReadonlyMap<string, FieldValue>,
  { intoCluster }: Request,
  { handoffCode }: ProvisionerSettings,
): boolean {
  const said = fields.get("handoff_cluster");
  if (typeof said === "boolean") return said;
  const isThere = (name: string): boolean => {
    const value = fields.get(name);
    return value !== undefined && value !== "" && (typeof value !== "object" || value.length > 0);
  };
  if (["handoff_seeds", "handoff_join", "handoff_ssh_url"].some(isThere)) return false;
  return intoCluster ?? (fields.has("handoff_code") ? isThere("handoff_code") : handoffCode !== "");
}

/** As the machines find it. */
function entranceFor(given: string | undefined, router: string): string {
  const [own = ""] = router.split("/");
  const [, address = "", port = ""] = /^(.*?)(:\d+)?$/.exec(given ?? "") ?? [];
  return `${["", "0.0.0.0", "[::]"].includes(address) ? own : address}${port}`;
}

/** For the firewall: the store, its servers among each other, and the entrance. */
function storePorts(entrance: string | undefined): readonly string[] {
  const own = /:(\d+)$/.exec(entrance ?? "")?.[1] ?? "2381";
  return ["2379", "2380", own].map((port) => `${port}/tcp`);
}

async function machinesOf(
  { machinesFile, anyMachine }: Request,
  { mac, ip, handoffHostname, discover }: ProvisionerSettings,
  host: Host,
  signal: AbortSignal,
): Promise<readonly Machine[]> {
  if (machinesFile !== undefined) {
    const format = machinesFile.endsWith(".csv") ? "csv" : "yaml";
    const text = textOf(await host.files.read(machinesFile, longestListBytes, signal));
    const { machines, problems } = readMachines(text, format);
    if (problems.length > 0)
      throw wrong(`${machinesFile}: ${problems.join("\n  ")}`, "`mgmt docs provisioner` has an example.");
    if (machines.length === 0) throw wrong(`There is no machine in ${machinesFile}.`, "Each has a name and a mac.");
    return machines;
  }
  if (mac === "" && !anyMachine) {
    if (discover) return [];
    throw wrong(
      "No machine was named.",
      "What is installed is wiped before, so name it with --mac, several with --machines, or take the next one that boots with --any. --discover lists those that boot, and installs none.",
    );
  }
  if (mac !== "" && !/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/.test(mac))
    throw wrong(`"${mac}" is no hardware address.`, "It is written with colons: 52:54:00:12:34:56.");
  const named = handoffHostname === "" ? [] : [["hostname", handoffHostname] as const];
  const name = mac === "" ? "any" : mac.replaceAll(":", "-");
  return [{ name, mac, fields: new Map(mac === "" ? named : [["ip", ip] as const, ...named]) }];
}

/** Where Debian and others have it, unless another place was said. */
async function loadersOf(told: string, host: Host, signal: AbortSignal): Promise<string> {
  const place = told === "" ? "/usr/lib/ipxe/" : `${told.replace(/\/+$/, "")}/`;
  for (const file of ["undionly.kpxe", "ipxe.efi"]) {
    if ((await host.files.inspectTarget(place + file, signal))?.kind === "file") continue;
    if (told === "") return "";
    throw wrong(`There is no ${file} in ${told}.`, "The package ipxe of Debian has these files in /usr/lib/ipxe.");
  }
  return place;
}

function anyMachineIn(machines: readonly Machine[]): boolean {
  return machines.some(({ mac }) => mac === "");
}

function checkSettings({ network, router, distro, arch, part, password }: ProvisionerSettings): void {
  const own = parsePrefix(router);
  if (own === undefined) throw wrong(`--router ${router} is no address with a network.`, "As 192.168.42.1/24.");
  const all = network === "" ? undefined : parsePrefix(network);
  if (network !== "" && all === undefined) throw wrong(`--network ${network} is no network.`, "As 192.168.42.0/24.");
  if (all !== undefined && !isWithin(own.address, all))
    throw wrong(`--router ${router} is not in the network ${network}.`, "Machines must be able to reach it.");
  if (!["debian", "fedora", "ubuntu"].includes(distro))
    throw wrong(`--distro ${distro} is not known.`, "It is debian, fedora or ubuntu.");
  if (!["x86_64", "aarch64"].includes(arch)) throw wrong(`--arch ${arch} is not known.`, "It is x86_64 or aarch64.");
  if (!["plain", "lvm", "btrfs"].includes(part))
    throw wrong(`--part ${part} is not known.`, "It is plain, lvm or btrfs.");
  if (password !== "" && (password.length !== hashLength || !password.startsWith("$6$")))
    throw wrong("The password is no hash.", `\`openssl passwd -6\` makes one: ${hashLength} characters.`);
}

function checkMachines(machines: readonly Machine[], { network }: ProvisionerSettings): void {
  const all = parsePrefix(network);
  if (all === undefined) return;
  for (const { name, fields } of machines) {
    const ip = fields.get("ip");
    const own = typeof ip === "string" ? parsePrefix(ip) : undefined;
    if (own === undefined || isWithin(own.address, all)) continue;
    throw wrong(
      `${name}: its address ${String(ip)} is not in the network ${network}.`,
      "Choose one with --network or --ip.",
    );
  }
}

async function mirrorFor(distro: string, host: Host, signal: AbortSignal): Promise<string> {
  const found = await guessMirror(distro, host, signal);
  if (found !== undefined) return found;
  throw wrong(`No mirror of ${distro} is known to this machine.`, "Say where it is with --mirror=https://….");
}

function wrong(message: string, hint: string): Failure {
  return new Failure(message, { code: "invalid", hint });
}
