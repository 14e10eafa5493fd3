// SPDX-License-Identifier: Apache-2.0
// What the original and its older versions were called with: it works, and help does not show it.

import type { OptionSpec } from "../command.ts";

/** How the first articles and older versions of the original spell it. */
export const formerRunOptions: readonly OptionSpec[] = [
  { flags: "-f, --file <path>", doc: "The same as a path.", hidden: true },
  { flags: "--yaml <path>", doc: "The same as a path.", hidden: true },
  { flags: "--lang <path>", doc: "The same as a path.", hidden: true },
  { flags: "-s, --seed <urls>", doc: "The same as --seeds.", many: true, hidden: true },
  { flags: "--peer-urls <urls>", doc: "The same as --server-urls.", many: true, hidden: true },
  { flags: "--advertise-peer-urls <urls>", doc: "The same as --advertise-server-urls.", many: true, hidden: true },
  { flags: "-t <seconds>", doc: "The same as --converged-timeout.", wholeNumberFrom: 0, hidden: true },
  { flags: "--prometheus", doc: "The same as --metrics=127.0.0.1:9233.", hidden: true },
  { flags: "--prometheus-listen <address>", doc: "The same as --metrics.", hidden: true },
  { flags: "-g <file>", doc: "The same as --graphviz.", hidden: true },
  {
    flags: "--converger-timeout <seconds>",
    doc: "With --converged-exit: --converged-timeout.",
    wholeNumberFrom: 0,
    hidden: true,
  },
  { flags: "--converged-exit", doc: "End when converged, after --converger-timeout.", hidden: true },
  // What they ask for is how it is, or has no meaning here.
  { flags: "--no-magic", doc: "A client follows the servers in any case.", hidden: true },
  { flags: "--no-pgp", doc: "There are no such keys.", hidden: true },
  { flags: "--no-stream-watch", doc: "It did nothing.", hidden: true },
  { flags: "--no-raise-limits", doc: "No limit is raised.", hidden: true },
  { flags: "--unify-name <name>", doc: "There is one way to find types.", hidden: true },
  { flags: "--unify-optimizations <words>", doc: "The same.", hidden: true },
];

/** Of the original's `check`: but for the types, what they choose is not left to choose here. */
export const formerCheckOptions: readonly OptionSpec[] = [
  { flags: "--skip-fmt", doc: "`mgmt fmt --test` looks at the form.", hidden: true },
  { flags: "--skip-unify", doc: "Parse and resolve alone, and leave the types out.", hidden: true },
  { flags: "--unify-name <name>", doc: "There is one way to find types.", hidden: true },
  { flags: "--unify-optimizations <words>", doc: "The same.", hidden: true },
  { flags: "--depth <number>", doc: "How deep modules import each other does not matter.", hidden: true },
  { flags: "--retry <number>", doc: "Fetching goes on where it broke off.", hidden: true },
  { flags: "--tmp-prefix", doc: "Nothing is kept.", hidden: true },
];
