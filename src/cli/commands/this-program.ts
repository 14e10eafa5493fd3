// SPDX-License-Identifier: Apache-2.0
// The program itself: its reference, its service for editors, its version.

import type { CommandSpec } from "../command.ts";

export const thisProgramCommands: readonly CommandSpec[] = [
  {
    name: "docs",
    summary: "Show the reference: kinds, functions, commands, problems.",
    doc: "Without a word, lists all there is.",
    arguments: [
      {
        syntax: "[word...]",
        doc: "The name of a kind, a module, a function, a command, a meta parameter, or the code of a problem.",
      },
    ],
    options: [],
    examples: [
      { line: "mgmt docs file", doc: "The fields of a kind." },
      { line: "mgmt docs strings.split", doc: "A function, with the others of its module." },
      { line: "mgmt docs unknown-field", doc: "What a problem means, and the right way." },
    ],
    load: () => import("../docs.ts"),
  },
  {
    name: "lsp",
    summary: "Serve an editor: mistakes as you type, types, completion, renaming.",
    doc: "Speaks the Language Server Protocol on standard input and output. An editor starts it.",
    arguments: [],
    options: [
      { flags: "--stdio", doc: "Said by some editors; it is what happens anyway.", hidden: true },
      { flags: "--clientProcessId <id>", doc: "Said by some editors.", hidden: true },
      { flags: "--module-path <directory>", doc: "Where modules of others are kept." },
    ],
    examples: [],
    load: () => import("../lsp.ts"),
  },
  {
    name: "completion",
    summary: "Print what lets a shell complete command lines of mgmt.",
    doc: "A script for the shell to read: it completes commands, options, their values where they are from a list, and paths.",
    arguments: [{ syntax: "<shell>", doc: "One of bash, zsh, fish.", choices: ["bash", "zsh", "fish"] }],
    options: [],
    examples: [
      { line: "source <(mgmt completion bash)", doc: "In ~/.bashrc; in ~/.zshrc with zsh, after compinit." },
      { line: "mgmt completion fish > ~/.config/fish/completions/mgmt.fish", doc: "Once, for fish." },
    ],
    load: () => import("../completion.ts"),
  },
  {
    name: "version",
    summary: "Print the version.",
    doc: "Of this program and of the runtime it carries.",
    arguments: [],
    options: [{ flags: "--json", doc: "As JSON." }],
    examples: [],
    json: {
      doc: "One line.",
      example: '{"version":"0.1.0","runtime":"26.10.0"}',
    },
    load: () => import("../version.ts"),
  },
];
