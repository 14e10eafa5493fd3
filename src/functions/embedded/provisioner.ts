// SPDX-License-Identifier: Apache-2.0
// The functions of the module embedded/provisioner: what the command `mgmt provisioner` was called with. Another command
// has called it with nothing, so each gives its default then. The classes of the module are written in mcl.

import { defineFunction, type FunctionDefinition } from "../../contract/function.ts";

/** What the command was called with, after it has guessed and asked for the rest. */
export interface ProvisionerSettings {
  readonly interface: string;
  readonly network: string;
  readonly router: string;
  readonly dns: readonly string[];
  readonly prefix: string;
  readonly firewalld: boolean;
  readonly distro: string;
  readonly version: string;
  readonly arch: string;
  readonly flavour: string;
  readonly mirror: string;
  readonly rsync: string;
  readonly mac: string;
  readonly ip: string;
  readonly bios: boolean;
  /** A hash as `openssl passwd -6` makes it; never a password. */
  readonly password: string;
  readonly part: string;
  readonly luks: boolean;
  readonly packages: readonly string[];
  readonly handoffExec: string;
  readonly handoffCode: string;
  readonly handoffModulePath: string;
  readonly handoffHostname: string;
  readonly bmcUri: string;
  /** Where machines find what lets them into the cluster of this host; empty: none of them is to join. */
  readonly entrance: string;
  /** More of them that firewalld is to open, as 2379/tcp. */
  readonly ports: readonly string[];
  readonly discover: boolean;
  /** A directory with what boots into iPXE, with a slash at its end; empty: there is none. */
  readonly discoverLoaders: string;
  readonly check: boolean;
}

export const usualSettings: ProvisionerSettings = {
  interface: "",
  network: "192.168.42.0/24",
  router: "192.168.42.1/24",
  dns: [],
  prefix: "",
  firewalld: true,
  distro: "fedora",
  version: "",
  arch: "x86_64",
  flavour: "Workstation",
  mirror: "",
  rsync: "",
  mac: "",
  ip: "192.168.42.13/24",
  bios: false,
  password: "",
  part: "plain",
  luks: true,
  packages: [],
  handoffExec: "",
  handoffCode: "",
  handoffModulePath: "",
  handoffHostname: "",
  bmcUri: "",
  entrance: "",
  ports: [],
  discover: false,
  discoverLoaders: "",
  check: false,
};

interface Told {
  readonly name: string;
  readonly type: "str" | "bool" | "[]str";
  readonly of: keyof ProvisionerSettings;
  readonly doc: string;
}

const text = (name: string, of: keyof ProvisionerSettings, doc: string): Told => ({ name, type: "str", of, doc });
const flag = (name: string, of: keyof ProvisionerSettings, doc: string): Told => ({ name, type: "bool", of, doc });
const texts = (name: string, of: keyof ProvisionerSettings, doc: string): Told => ({ name, type: "[]str", of, doc });

const told: readonly Told[] = [
  text("cli_interface", "interface", "The network interface that machines are served on."),
  text("cli_network", "network", "The network that addresses are given from; empty when another server does that."),
  text("cli_router", "router", "The address of this machine on that network, with the length of the network part."),
  texts("cli_dns", "dns", "Name servers for the machines."),
  text("cli_prefix", "prefix", "A directory for what is fetched; it may be removed at any time."),
  flag("cli_firewalld", "firewalld", "Whether firewalld is told to let the machines in."),
  text("cli_distro", "distro", "The distribution to install: fedora, debian or ubuntu."),
  text("cli_version", "version", "Its version; empty for the newest."),
  text("cli_arch", "arch", "The architecture of the machines: x86_64 or aarch64."),
  text("cli_flavour", "flavour", "The flavour of the distribution: Workstation or Server."),
  text("cli_mirror", "mirror", "Where the distribution is fetched from; empty for the one that this machine uses."),
  text("cli_rsync", "rsync", "A place to copy the distribution from with rsync."),
  text("cli_mac", "mac", "The hardware address of the only machine, in lower case with colons; empty for any machine."),
  text("cli_ip", "ip", "The address of that machine, with the length of the network part."),
  flag("cli_bios", "bios", "Whether the machine has a BIOS and no UEFI."),
  text("cli_password", "password", "The hash of root's password; empty when root has none."),
  text("cli_part", "part", "How disks are laid out: plain, lvm or btrfs."),
  flag("cli_luks", "luks", "Whether disks are encrypted."),
  texts("cli_packages", "packages", "Packages to install beside those that are needed."),
  text("cli_handoff_exec", "handoffExec", "A command for the first start of what was installed."),
  text("cli_handoff_code", "handoffCode", "A program that the machine goes on with: a directory or a file."),
  text("cli_handoff_module_path", "handoffModulePath", "Where the modules of that program are kept."),
  text("cli_handoff_hostname", "handoffHostname", "The name of the machine."),
  text("cli_bmc_uri", "bmcUri", "The controller that switches the machine on, as driver://user:password@host:port."),
  text(
    "cli_entrance",
    "entrance",
    "Where machines find what lets them into the cluster of this host; empty when none is to join.",
  ),
  texts("cli_ports", "ports", "Ports that firewalld is to open for the cluster, as 2379/tcp."),
  flag("cli_discover", "discover", "Whether machines that nobody named are listed with their hardware, and wait."),
  text(
    "cli_discover_loaders",
    "discoverLoaders",
    "A directory with iPXE for those that have none themselves; may be empty.",
  ),
  flag("check", "check", "Whether nothing is to be done beside finding out whether the program is right."),
];

export function provisionerFunctions(settings: ProvisionerSettings): readonly FunctionDefinition[] {
  return told.map(({ name, type, of, doc }) =>
    defineFunction({
      module: "embedded/provisioner",
      name,
      type: `func() ${type}`,
      doc: `${doc} As \`mgmt provisioner\` was told.`,
      example: `$value = provisioner.${name}()`,
      read: () => settings[of],
    }),
  );
}
