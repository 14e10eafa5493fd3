// SPDX-License-Identifier: Apache-2.0
// A machine on which mgmt starts by itself, and the first start of one that was just installed.

import type { CommandSpec, OptionSpec } from "../command.ts";
import { automaticOptions, seeds, sshOptions } from "./shared-options.ts";

const firstBootDirectories: readonly OptionSpec[] = [
  {
    flags: "--lock-file-path <file>",
    doc: "What keeps a second one away; if absent, /var/lib/mgmt/firstboot.lock.",
  },
  { flags: "--scripts-dir <directory>", doc: "Where the scripts are; if absent, /var/lib/mgmt/firstboot/." },
  { flags: "--done-dir <directory>", doc: "Where they go when they are over; if absent, they are removed." },
  { flags: "--logging-dir <directory>", doc: "Where their output goes; if absent, /root/." },
];

export const settingUpCommands: readonly CommandSpec[] = [
  {
    name: "setup",
    summary: "Let mgmt start with this machine.",
    doc: "`svc` makes mgmt.service, which runs `mgmt run` with the options given here, and always starts it again; `firstboot` makes mgmt-firstboot.service, which runs `mgmt firstboot start`; `pkg` says which packages mgmt needs: none. What is so already is left alone.",
    arguments: [{ syntax: "<what>", doc: "One of svc, firstboot, pkg.", words: ["svc", "firstboot", "pkg"] }],
    options: [
      { flags: "--install", doc: "Write the unit." },
      { flags: "--enable", doc: "Let it start with the machine." },
      { flags: "--start", doc: "Start it now." },
      { flags: "--binary-path <file>", doc: "The mgmt that it runs; if absent, this one." },
      {
        flags: "--program <path>",
        doc: "With svc: the program to run; if absent, what `mgmt deploy` gives to the hosts.",
      },
      { flags: "--hostname <name>", doc: "With svc: the name of this host." },
      seeds,
      {
        flags: "--join <invitation>",
        doc: "With svc: come into a cluster with what `mgmt cluster invite` has printed.",
      },
      ...sshOptions,
      ...automaticOptions.map((option) => ({ ...option, doc: `With svc: ${option.doc}` })),
      { flags: "--mkdir", doc: "With firstboot: make the directory of the scripts." },
      ...firstBootDirectories.map((option) => ({ ...option, doc: `With firstboot: ${option.doc}` })),
      { flags: "--distro <name>", doc: "Of pkg; it is the same for all.", hidden: true },
      { flags: "--sudo", doc: "Of pkg.", hidden: true },
      { flags: "--exec", doc: "Of pkg.", hidden: true },
    ],
    examples: [
      {
        line: "mgmt setup svc --install --enable --start --program=/etc/site/",
        doc: "Keep this machine as that program says, from now on.",
      },
      { line: "mgmt setup svc --install --enable --seeds=https://db1:2379", doc: "Follow the deploys of a cluster." },
    ],
    load: () => import("../setup.ts"),
  },
  {
    name: "firstboot",
    summary: "Run what was left for the first start of this machine.",
    doc: "Each file in a directory that its owner may execute is run once, in the order of their names, and is removed when it is over, whether it failed or not. A file SCRIPT.yaml beside it may say otherwise: `done-dir: /DIRECTORY/`, `keep-on-fail: true`, `no-log: true`. The exit status does not depend on them.",
    arguments: [{ syntax: "<word>", doc: "The word start.", words: ["start"] }],
    options: firstBootDirectories,
    examples: [{ line: "mgmt firstboot start --done-dir=/var/lib/mgmt/done/", doc: "As the service does." }],
    load: () => import("../firstboot.ts"),
  },
  {
    name: "tools",
    summary: "Smaller helpers: let a file system fill its disk.",
    doc: "`grow` lets the partition below a mounted file system, what is encrypted in it (with an empty password), and the file system itself become as large as they can, for images that were written to larger disks.",
    arguments: [{ syntax: "<word>", doc: "The word grow.", words: ["grow"] }],
    options: [
      { flags: "--mount <directory>", doc: "Where the file system is mounted." },
      { flags: "--exec", doc: "Do it; without this, only say what would be done." },
      { flags: "--done <file>", doc: "Do nothing if this file is there; make it when all is done." },
    ],
    examples: [{ line: "mgmt tools grow --mount=/ --exec --done=/var/lib/mgmt/grown", doc: "Once, at a first start." }],
    load: () => import("../tools.ts"),
  },
];
