// SPDX-License-Identifier: Apache-2.0
// What a run has done and is doing.

import type { CommandSpec } from "../command.ts";
import { askedPrefix } from "./shared-options.ts";

export const recordCommands: readonly CommandSpec[] = [
  {
    name: "status",
    summary: "Say what the mgmt that runs here is doing.",
    doc: "Exit status 0: it runs, 1: it does not; then its journal tells how it ended.",
    arguments: [],
    options: [askedPrefix, { flags: "--json", doc: "As one line of JSON." }],
    examples: [{ line: "mgmt status", doc: "What runs, since when, and what has failed." }],
    json: {
      doc: "One line. Times are milliseconds since 1970. `states` counts the resources by state; `ending` is there when the run is over.",
      example:
        '{"version":1,"isRunning":true,"nowMs":1795211000000,"program":"site.mcl","hostname":"web1","processId":4711,"noop":false,"startedMs":1795210000000,"lastMs":1795210000100,"isConverged":true,"states":{"settled":12},"failed":[],"blocked":[]}',
    },
    load: () => import("../status.ts"),
  },
  {
    name: "events",
    summary: "Say what happened: steps, failures, edits of the program.",
    doc: "Asks the mgmt that runs here, or reads the journal that one has left. Exit status 1: there is neither.",
    arguments: [{ syntax: "[resource]", doc: "Only what concerns this one, as kind[name]." }],
    options: [
      { flags: "--since <span>", doc: "Not what is older than 30s, 5m, 1h, 2d." },
      { flags: "--follow", doc: "Go on with what happens from now on, until Ctrl-C or the end of the run." },
      askedPrefix,
      { flags: "--json", doc: "Print one line of JSON for each." },
    ],
    examples: [
      { line: "mgmt events --since=1h", doc: "The last hour." },
      { line: "mgmt events --follow 'file[/etc/motd]'", doc: "Every change of a file, as it happens." },
    ],
    json: {
      doc: "One line for each. Its `type` says what it is; `cause` says what made the resource be looked at.",
      example:
        '{"version":1,"id":7,"time":"2026-11-20T12:03:05.120Z","type":"applied","resource":"file[/etc/motd]","cause":{"kind":"watch"},"step":{"mark":"~","text":"write 12 bytes (was 6)"},"at":"site.mcl:3:1","ms":0.8}',
    },
    load: () => import("../events.ts"),
  },
  {
    name: "why",
    summary: "Say what made a resource be as it is, or what stands in its way.",
    doc: "Asks the mgmt that runs here, or reads the journal that one has left. Exit status 1: nothing is known of it.",
    arguments: [
      {
        syntax: "<resource...>",
        doc: "A resource as kind[name]; after the word `not`: what stands in its way.",
        words: ["not"],
      },
    ],
    options: [askedPrefix, { flags: "--json", doc: "As one line of JSON." }],
    examples: [
      { line: "mgmt why 'file[/etc/motd]'", doc: "What changed it last, when, and what set that off." },
      { line: "mgmt why not 'exec[reload]'", doc: "What it waits for, and why that has failed." },
    ],
    json: {
      doc: "One line. Times are milliseconds since 1970. `entries` are what the journal has of it, oldest first; `chain` are the last steps of those that set off its own.",
      example:
        '{"version":1,"resource":"file[/etc/motd]","isRunning":true,"nowMs":1795211000000,"entries":[],"chain":[],"state":"settled","isDeclared":true,"at":"site.mcl:3:1","sinceMs":1795210000000,"observedMs":1795210000000}',
    },
    load: () => import("../why.ts"),
  },
];
