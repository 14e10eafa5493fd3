// SPDX-License-Identifier: Apache-2.0
// Machines that boot from the network.

import type { CommandSpec } from "../command.ts";
import { journalOptions, storeOptions } from "./shared-options.ts";

export const provisioningCommands: readonly CommandSpec[] = [
  {
    name: "provisioner",
    summary: "Install machines that boot from the network, and send them on their way.",
    doc: "Serves DHCP, TFTP, HTTP and a cache of packages on one network interface, until Ctrl-C; `mgmt status`, `mgmt events` and `mgmt cluster` tell of it meanwhile. Each machine that is named is installed once: what it has told is kept, and a machine that is done boots from its disk from then on. Machines that nobody named are left alone.",
    arguments: [
      {
        syntax: "[try]",
        doc: "With the word `try`: installs into a virtual machine (QEMU) on a network of its own.",
        words: ["try"],
      },
    ],
    options: [
      { flags: "--mac <address>", doc: "The machine to install, by its hardware address." },
      { flags: "--machines <file>", doc: "Several machines, in a list in YAML or CSV." },
      { flags: "--any", doc: "The next machine that boots, whichever it is." },
      {
        flags: "--discover",
        doc: "Machines that nobody named tell what they are, are listed, and wait. Nothing is installed on them.",
      },
      {
        flags: "--discover-loaders <directory>",
        doc: "With --discover: iPXE for machines that have none, undionly.kpxe and ipxe.efi; if absent, /usr/lib/ipxe, when they are there.",
      },
      {
        flags: "--arm <text>",
        doc: "Install machines again that are done: with a text that they have not had before.",
      },
      { flags: "--interface <name>", doc: "Where the machines are; if absent, the only wired interface." },
      {
        flags: "--network <network>",
        doc: "Addresses to give; empty: another server does that.",
        default: "192.168.42.0/24",
      },
      {
        flags: "--router <address>",
        doc: "The own address in it, where machines are served; with an empty --network, if absent, that of the interface.",
        default: "192.168.42.1/24",
      },
      { flags: "--dns <address>", doc: "A name server for the machines; may be repeated.", many: true },
      { flags: "--ip <address>", doc: "The address of the machine.", default: "192.168.42.13/24" },
      { flags: "--distro <name>", doc: "What to install: fedora, debian or ubuntu.", default: "fedora" },
      { flags: "--dversion <version>", doc: "Its version; if absent, the newest." },
      { flags: "--arch <name>", doc: "The architecture of the machines.", default: "x86_64" },
      {
        flags: "--flavour <name>",
        doc: "Workstation or Server; if absent, Workstation for Fedora and Server for others.",
      },
      {
        flags: "--mirror <url>",
        doc: "Where it is fetched from; if absent, where this machine has its packages from.",
      },
      { flags: "--rsync <url>", doc: "Accepted, and without effect.", hidden: true },
      { flags: "--bios", doc: "What a machine is that does not tell: BIOS instead of UEFI." },
      {
        flags: "--part <layout>",
        doc: "The layout of the disk.",
        choices: ["plain", "lvm", "btrfs"],
        default: "plain",
      },
      { flags: "--luks", doc: "Encrypt the disk; what Fedora does unless --no-luks is said." },
      { flags: "--no-luks", doc: "Do not encrypt the disk." },
      { flags: "--packages <names>", doc: "More packages, parted by commas; may be repeated.", many: true },
      {
        flags: "--password <->",
        doc: "With -: the hash of root's password is on standard input. If absent, a person is asked.",
      },
      {
        flags: "--disk <which>",
        doc: "The disk: /dev/…, first, smallest, largest, or a part of its serial number, WWN or model.",
      },
      { flags: "--sshkey <key>", doc: "Who may log in as root: a line as in authorized_keys." },
      { flags: "--serial <name>", doc: "A serial console, for example ttyS0." },
      { flags: "--args <text>", doc: "More for the kernel of the installer." },
      { flags: "--handoff-code <path>", doc: "A program that the machine goes on with." },
      { flags: "--handoff-module-path <directory>", doc: "Where the modules of that program are kept." },
      { flags: "--handoff-exec <command>", doc: "A command for its first start." },
      {
        flags: "--handoff-cluster",
        doc: "Machines join the cluster of this host, by an invitation that is made when they ask for it; what those do that are given a program.",
      },
      { flags: "--no-handoff-cluster", doc: "Machines with a program keep a store of their own." },
      { flags: "--handoff-hostname <name>", doc: "The name of the machine." },
      { flags: "--bmc-uri <uri>", doc: "The controller that switches it on, driver://user:password@host:port." },
      { flags: "--no-firewalld", doc: "Leave firewalld as it is." },
      { flags: "--prefix <directory>", doc: "What is fetched is kept here, and may be removed at any time." },
      {
        flags: "--state <directory>",
        doc: "What is known of machines is kept here; if absent, in the state directory of mgmt.",
      },
      ...storeOptions.filter(({ flags }) => flags !== "--no-network"),
      { flags: "--hostname <name>", doc: "Call this host so in the cluster, instead of by the machine's own name." },
      {
        flags: "--join <invitation>",
        doc: "Come into a cluster that is there already; of no effect once this host is in it.",
      },
      {
        flags: "--accept-joins <address>",
        doc: "Where machines are let into the cluster; if absent and some are to come, the address that --router gives, at port 2381.",
      },
      ...journalOptions,
      {
        flags: "--once",
        doc: "End when every machine is done or has failed; those that join the cluster are waited for there.",
      },
      { flags: "--uefi", doc: "With try: a machine with UEFI instead of BIOS." },
      { flags: "--memory <mebibytes>", doc: "With try: its memory.", wholeNumberFrom: 256, default: 2048 },
      { flags: "--disk-size <size>", doc: "With try: the size of its disk.", default: "10G" },
      { flags: "--check", doc: "Only say whether all of this is right." },
      { flags: "--dry-run", doc: "Say what would be served, and serve nothing." },
      { flags: "-v, --verbose", doc: "Say everything that happens instead of a table." },
      { flags: "--json", doc: "Print one line of JSON for each stage of a machine." },
    ],
    examples: [
      { line: "mgmt provisioner --mac=52:54:00:12:34:56", doc: "Fedora, on the machine with this address." },
      { line: "mgmt provisioner --distro=debian --machines=rack.csv --once", doc: "Debian, on a rack of them." },
      {
        line: "mgmt provisioner try --distro=debian --once",
        doc: "The same into a virtual machine: for trying it out.",
      },
      { line: "mgmt provisioner --discover", doc: "Only list the machines that boot from the network." },
      { line: "mgmt provisioner --mac=52:54:00:12:34:56 --dry-run", doc: "Only look." },
    ],
    json: {
      doc: "One line for each stage that a machine comes to: armed, booting, installing, failed or done; `progress` is what its installer does, why it has failed, or `in the cluster`. While it is installed, at most every five seconds, what it has fetched (`fetched`): `files`, `packages`, their `bytes`, and, when a machine of its kind was installed before, about how far it is (`percent`) and how many packages that one had (`formerPackages`). And one for each trouble of a server, and for each unknown machine that tells its hardware (`unknown`) and is gone (`unknown-gone`).",
      example:
        '{"version":1,"type":"machine","name":"web1","mac":"52:54:00:12:34:56","stage":"installing","progress":"packages"}',
    },
    load: () => import("../provisioner.ts"),
  },
];
