// SPDX-License-Identifier: Apache-2.0
// What several commands are called with.

import type { OptionSpec } from "../command.ts";

export const path = {
  syntax: "<path...>",
  doc: "A directory with a main.mcl or a metadata.yaml, an .mcl file, - for standard input, or mcl code in quotes.",
};

/** Which run is asked. */
export const askedPrefix: OptionSpec = {
  flags: "--prefix <directory>",
  doc: "The state directory of the run (also MGMT_PREFIX), if it has one of its own.",
};

/** What of automatic edges and groups is wanted. */
export const automaticOptions: readonly OptionSpec[] = [
  { flags: "--no-autoedges", doc: "Add no automatic edges." },
  { flags: "--no-autogroup", doc: "Let every resource run by itself." },
];

/** How a program finds modules of others. */
export const moduleOptions: readonly OptionSpec[] = [
  {
    flags: "--module-path <directory>",
    doc: "Where modules of others are kept (also MGMT_MODULE_PATH); if absent, modules/ beside the program.",
  },
  { flags: "--download", doc: "Fetch the modules that are missing, with git, and write mgmt.lock." },
  { flags: "--only-download", doc: "With --download: end when everything has been fetched." },
  { flags: "--update", doc: "With --download: fetch the newest of each module instead of what mgmt.lock says." },
];

export const seeds: OptionSpec = {
  flags: "--seeds <urls>",
  doc: "Use the store of other hosts: where one or more of its servers are (also MGMT_SEEDS); or file:/PATH, a file that several mgmt of this machine share.",
  many: true,
};

/** A store that only another machine reaches. */
export const sshOptions: readonly OptionSpec[] = [
  {
    flags: "--ssh-url <url>",
    doc: "Reach the seeds over SSH, as that machine sees them: [USER@]HOST[:PORT], root and 22 if they are not said. A host that was let into the cluster needs no --seeds for it.",
  },
  {
    flags: "--ssh-hostkey <key>",
    doc: "With --ssh-url: the key that it must have, in Base64; if absent, as ~/.ssh/known_hosts says.",
  },
  {
    flags: "--ssh-id <file>",
    doc: "With --ssh-url: the private key to be let in with; if absent, all ~/.ssh/id_* and those of the SSH agent.",
  },
];

/** Where a store for other hosts is kept. */
export const storeOptions: readonly OptionSpec[] = [
  seeds,
  {
    flags: "--only-seeds",
    doc: "Whatever other servers the store has, ask none of them: the seeds lead to all of it.",
  },
  ...sshOptions,
  {
    flags: "--client-urls <urls>",
    doc: "Keep a store for other hosts and listen for them here; if only others are given, http://127.0.0.1:2379.",
    many: true,
  },
  {
    flags: "--server-urls <urls>",
    doc: "The same, and listen here for other servers of the store; else http://127.0.0.1:2380.",
    many: true,
  },
  { flags: "--advertise-client-urls <urls>", doc: "Where other hosts find it, if not where it listens.", many: true },
  { flags: "--advertise-server-urls <urls>", doc: "Where its servers find it, if not where it listens.", many: true },
  { flags: "--no-network", doc: "Keep a store for other runs on this machine only, on sockets." },
  {
    flags: "--no-server",
    doc: "With --seeds: never keep the store for others, and cease to if this host does.",
  },
  {
    flags: "--ideal-cluster-size <number>",
    doc: "On the first host: how many hosts are to keep the store; if absent, 5. `mgmt cluster size` changes it.",
    wholeNumberFrom: 1,
  },
  {
    flags: "--zone <name>",
    doc: "Where this host is, as a rack or a site; the store is kept in several, if it can be.",
  },
  {
    flags: "--replace-after <seconds>",
    doc: "How long a host that keeps the store may be silent before another one takes its place; if absent, 60.",
    wholeNumberFrom: 5,
  },
];

/** How much of what has happened is kept. */
export const journalOptions: readonly OptionSpec[] = [
  {
    flags: "--journal-days <days>",
    doc: "How long the journal of the state directory keeps what happened.",
    wholeNumberFrom: 1,
    default: 30,
  },
  { flags: "--journal-size <mebibytes>", doc: "How large it may become.", wholeNumberFrom: 1, default: 64 },
];
