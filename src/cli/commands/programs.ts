// SPDX-License-Identifier: Apache-2.0
// Looking at programs without touching a machine.

import type { CommandSpec } from "../command.ts";
import { formerCheckOptions } from "./former-spellings.ts";
import { moduleOptions, path } from "./shared-options.ts";

export const programsCommands: readonly CommandSpec[] = [
  {
    name: "check",
    summary: "Say whether programs are right, without running them.",
    doc: "Parses, resolves and type-checks each program and prints every problem found.",
    arguments: [path],
    options: [
      ...moduleOptions,
      { flags: "--hostname <name>", doc: "Call this host so, instead of by the machine's own name." },
      { flags: "--json", doc: "Print one line of JSON for each path." },
      ...formerCheckOptions,
    ],
    examples: [{ line: "mgmt check site.mcl", doc: "Silent and status 0 when all is well." }],
    json: {
      doc: "One line for each path. `phase` names where the program was rejected, and is absent when it was not; `hint` is absent when there is none.",
      example:
        '{"version":1,"path":"site.mcl","ok":false,"phase":"scope","problems":[{"code":"unknown-variable","message":"There is no variable `$x` here","file":"site.mcl","line":1,"column":6}],"vertices":[],"edges":[]}',
    },
    load: () => import("../check.ts"),
  },
  {
    name: "graph",
    summary: "Print the resources and edges that programs come to.",
    doc: "Runs the functions of each program, but no resource, until their values have come to rest.",
    arguments: [path],
    options: [
      { flags: "--format <format>", doc: "How to print it.", choices: ["text", "dot", "svg"], default: "text" },
      {
        flags: "--functions",
        doc: "Print the graph of functions with their present values instead of the resources, in DOT if not in SVG.",
      },
      {
        flags: "--timeout <seconds>",
        doc: "How long values may take to come to rest, and twice as long to be there at first.",
        wholeNumberFrom: 1,
        default: 5,
      },
      ...moduleOptions,
      { flags: "--no-auto", doc: "Leave the automatic edges out." },
      { flags: "--grouped", doc: "Put resources that run as one into one vertex." },
      { flags: "--hostname <name>", doc: "Call this host so, instead of by the machine's own name." },
      { flags: "--json", doc: "Print one line of JSON for each path." },
    ],
    examples: [
      { line: "mgmt graph --format=svg site.mcl > site.svg", doc: "Draw it." },
      { line: "mgmt graph --functions --format=svg site.mcl > functions.svg", doc: "Draw how its values flow." },
    ],
    json: {
      doc: "One line for each path. `phase` names where the program was rejected, and is absent when it was not; `hint` is absent when there is none. `vertices` are the resources, `edges` are pairs of them, the first one first; both are sorted.",
      example:
        '{"version":1,"path":"site.mcl","ok":true,"problems":[],"vertices":["file[/a/]","file[/a/b]"],"edges":[["file[/a/]","file[/a/b]"]]}',
    },
    load: () => import("../graph.ts"),
  },
  {
    name: "test",
    summary: "Run the test cases of programs and modules on machines in memory.",
    doc: "A test file is mcl, its name ends in _test.mcl, and each class `test_NAME` in it is a case: a program that runs on a fresh machine of its own, which is none but in memory, with a clock that is moved. A class `given_NAME` says what is there before and what the machine is, a class `after_NAME` what must be so afterwards; `given` and `after` are those of all cases. What a case expects of its resources it says with `test:expect`. A case fails, too, when a resource fails or a second run would change something.",
    arguments: [
      { syntax: "[path...]", doc: "Test files, or directories with some below; without any, the current directory." },
    ],
    options: [
      { flags: "--filter <text>", doc: "Run the cases alone that have this in their names." },
      { flags: "-v, --verbose", doc: "Show what each case was to do at first, as `mgmt plan` does." },
      { flags: "--timeout <seconds>", doc: "How long each case may take.", wholeNumberFrom: 1, default: 60 },
      ...moduleOptions,
      { flags: "--json", doc: "Print one line of JSON for each case." },
    ],
    examples: [{ line: "mgmt test modules/", doc: "Run all tests below a directory." }],
    json: {
      doc: "One line for each case. `case` is absent where the file did not come to its cases. Codes of problems that begin with `test-` are about expectations, the others are those of `mgmt check`.",
      example:
        '{"version":1,"path":"ntp_test.mcl","case":"fedora","ok":false,"problems":[{"code":"test-resource","message":"The program declares no svc[chrony]","file":"ntp_test.mcl","line":9,"column":2,"hint":"Of this kind it declares svc[chronyd]."}]}',
    },
    load: () => import("../test.ts"),
  },
  {
    name: "fmt",
    summary: "Write programs in their standard form.",
    doc: "Rewrites .mcl files in place, below directories all of them; standard input is written to standard output.",
    arguments: [{ syntax: "[path...]", doc: "Files or directories; without any, the current directory." }],
    options: [
      {
        flags: "-t, --test",
        doc: "Change nothing; name the files that would change, and end with status 1 if any would.",
      },
      { flags: "-v, --verbose", doc: "Name every file that is rewritten." },
      { flags: "--json", doc: "Print one line of JSON for each file." },
    ],
    examples: [{ line: "mgmt fmt --test .", doc: "For a commit hook." }],
    json: {
      doc: "One line for each file. `changed` tells whether its text was not in the standard form.",
      example: '{"version":1,"path":"site.mcl","ok":true,"changed":false,"problems":[]}',
    },
    load: () => import("../fmt.ts"),
  },
  {
    name: "build-tool",
    summary: "Make an executable of its own from a program and the command line that it declares.",
    doc: "The file tool.yaml beside the program says the name of the tool and its options, which the program reads as functions of the module `inputs`. The tool needs nothing else on the machines that it is run on.",
    arguments: [{ syntax: "<directory>", doc: "The directory with the program and its tool.yaml." }],
    options: [
      { flags: "--output <file>", doc: "Where to put it; if absent, the name of the tool, in this directory." },
      {
        flags: "--executable <file>",
        doc: "The single file of mgmt to make it of, for example that for another architecture; if absent, this one.",
      },
      ...moduleOptions,
      { flags: "--hostname <name>", doc: "Check the program as if this host were called so." },
    ],
    examples: [{ line: "mgmt build-tool site/ && ./site --help", doc: "Make it and look at it." }],
    load: () => import("../build-tool.ts"),
  },
];
