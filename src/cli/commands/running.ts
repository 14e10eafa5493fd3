// SPDX-License-Identifier: Apache-2.0
// Running a program on this machine, or looking at what that would do.

import type { CommandSpec } from "../command.ts";
import { formerRunOptions } from "./former-spellings.ts";
import { automaticOptions, journalOptions, moduleOptions, path, seeds, storeOptions } from "./shared-options.ts";

export const runningCommands: readonly CommandSpec[] = [
  {
    name: "run",
    aliases: ["r"],
    summary: "Make this machine be what a program says, and keep it so.",
    doc: "Runs until it is stopped (Ctrl-C), or, with --once or --converged-timeout, until everything is as declared.",
    arguments: [
      {
        syntax: "[path...]",
        doc: `${path.doc} Or a graph in a .yaml file. Or the word empty: what \`mgmt deploy\` gives to the hosts.`,
      },
    ],
    options: [
      { flags: "--once", doc: "End as soon as everything is as declared; the same as --converged-timeout=0." },
      {
        flags: "--converged-timeout <seconds>",
        doc: "End when everything has been as declared for this long.",
        wholeNumberFrom: 0,
      },
      {
        flags: "--converged-scope <scope>",
        doc: "Whose rest ends the run: that of this host, or of all hosts that share the store and are alive.",
        choices: ["host", "cluster"],
        default: "host",
      },
      {
        flags: "--reverse-on-exit",
        doc: "At the end, undo what has `Meta:reverse`; without it that happens when it leaves the program.",
      },
      { flags: "--noop", doc: "Say what would change, change nothing." },
      { flags: "--plan <file>", doc: "Do what this plan of `mgmt plan` says, or stop and say what has moved since." },
      { flags: "--sema <number>", doc: "Let at most so many resources work at once.", wholeNumberFrom: 1 },
      ...automaticOptions,
      {
        flags: "--max-runtime <seconds>",
        doc: "Stop after this long, converged or not (exit status 1).",
        wholeNumberFrom: 1,
      },
      { flags: "--report <file>", doc: "At the end, write one line of JSON for each resource to this file." },
      { flags: "--graphviz <file>", doc: "Write the resource graph to this file, in DOT, whenever it changes." },
      { flags: "--hostname <name>", doc: "Call this host so, instead of by the machine's own name." },
      { flags: "--prefix <directory>", doc: "Keep the state of this program here." },
      { flags: "--tmp-prefix", doc: "Keep the state in a new temporary directory." },
      ...storeOptions,
      {
        flags: "--join-local",
        doc: "Share the store of this machine at its usual place, http://127.0.0.1:2379, with other runs: join it when it answers, else begin it. Each run needs a --hostname and a --prefix of its own.",
      },
      {
        flags: "--join <invitation>",
        doc: "Come into a cluster with what `mgmt cluster invite` has printed there; of no effect once this host is in it.",
      },
      {
        flags: "--accept-joins <address>",
        doc: "Let hosts with an invitation in at this address and port, for example 0.0.0.0:2381; on the host where the cluster began.",
      },
      { flags: "--wait", doc: "With empty: run nothing before the next deploy." },
      {
        flags: "--deploy-keys <file>",
        doc: "With empty: take only deploys that are signed by one of these public keys; if absent, deploy-keys.pem in the state directory, if it is there.",
      },
      ...journalOptions,
      {
        flags: "--metrics <address>",
        doc: "Serve figures for Prometheus at http://ADDRESS/metrics, for example --metrics=127.0.0.1:9233.",
      },
      ...moduleOptions,
      { flags: "--no-watch", doc: "Go on with the program as it was read, even when its files are edited." },
      { flags: "-v, --verbose", doc: "Also say what was looked at and found in order." },
      { flags: "-q, --quiet", doc: "Do not say what was changed, only what has failed." },
      { flags: "--json", doc: "Print every event as one line of JSON." },
      ...formerRunOptions,
    ],
    examples: [
      { line: "mgmt run examples/quick-start", doc: "Keep it true until Ctrl-C." },
      {
        line: "mgmt run --once site.mcl",
        doc: "Make it true and end: for cron, where it is silent when nothing had to change.",
      },
      { line: "mgmt run --once --noop site.mcl", doc: "Only say what would change." },
    ],
    json: {
      doc: "One line for each event, as it happens. Its `type` says what it is; places are `file:line:column`, integers of the language are texts.",
      example:
        '{"version":1,"type":"step-applied","resource":"file[/tmp/hello]","cause":{"kind":"start"},"step":{"mark":"+","text":"create with 12 bytes"},"at":"main.mcl:3:1","ms":1.2}',
    },
    load: () => import("../run.ts"),
  },
  {
    name: "plan",
    summary: "Say what would change on this machine, and change nothing.",
    doc: "Exit status 0: nothing to do, 1: something is wrong, 2: there are changes.",
    arguments: [{ syntax: "[path...]", doc: `${path.doc} Or a graph in a .yaml file.` }],
    options: [
      { flags: "--out <file>", doc: "Keep the plan in this file, for `mgmt run --plan`." },
      { flags: "--timeout <seconds>", doc: "How long observing may take.", wholeNumberFrom: 1, default: 60 },
      { flags: "--hostname <name>", doc: "Call this host so, instead of by the machine's own name." },
      { flags: "--prefix <directory>", doc: "Where this program keeps its state." },
      { flags: "--tmp-prefix", doc: "As if it had no state yet." },
      seeds,
      ...moduleOptions,
      { flags: "--json", doc: "Print one line of JSON for each resource, and one for the whole." },
    ],
    examples: [
      { line: "mgmt plan site.mcl", doc: "Look before you leap." },
      { line: "mgmt plan --out=site.plan site.mcl", doc: "Then `mgmt run --plan=site.plan` does just that." },
    ],
    load: () => import("../plan.ts"),
  },
];
