// SPDX-License-Identifier: Apache-2.0
// What a shell can complete of a command line, from the one table of commands. Knows no shell.

import type { CommandSpec, OptionSpec } from "../command.ts";

/** What may stand in a place: some words, files or directories; any of them may be none. */
export interface Completed {
  readonly words: readonly string[];
  readonly paths: "none" | "files" | "directories";
}

export interface CompletedOption {
  /** `-v` and `--verbose`. */
  readonly spellings: readonly string[];
  readonly doc: string;
  /** Absent: it takes none. */
  readonly value: Completed | undefined;
  /** It may stand without its value. */
  readonly mayLackValue: boolean;
}

export interface CompletedCommand {
  readonly names: readonly string[];
  readonly summary: string;
  readonly options: readonly CompletedOption[];
  readonly argument: Completed;
  /** What may stand behind certain words. */
  readonly after: readonly { readonly word: string; readonly words: readonly string[] }[];
}

export function completedCommands(commands: readonly CommandSpec[]): readonly CompletedCommand[] {
  return commands.map((command) => ({
    names: [command.name, ...(command.aliases ?? [])],
    summary: shortened(command.summary),
    options: [
      ...command.options.filter(({ hidden }) => hidden !== true).map(completedOption),
      { spellings: ["-h", "--help"], doc: "Show the help", value: undefined, mayLackValue: false },
    ],
    argument: {
      words: command.arguments.flatMap(({ words = [], choices = [] }) => [...choices, ...words]),
      paths: command.arguments.map(({ syntax }) => pathsOf(syntax)).find((paths) => paths !== "none") ?? "none",
    },
    after: command.arguments.flatMap(({ wordsAfter = {} }) =>
      Object.entries(wordsAfter).map(([word, words]) => ({ word, words })),
    ),
  }));
}

function completedOption({ flags, doc, choices }: OptionSpec): CompletedOption {
  const value = /[<[](?<what>[^>\]]*)[>\]]/.exec(flags)?.groups?.what;
  return {
    spellings: [...flags.matchAll(/(?<=^|, )--?[\w-]+/g)].map(([spelling]) => spelling),
    doc: shortened(doc),
    value: value === undefined ? undefined : { words: choices ?? [], paths: pathsOf(value) },
    mayLackValue: flags.includes("["),
  };
}

/** As a placeholder says it: `<file>`, `[path...]`, `<directory>`. */
function pathsOf(placeholder: string): Completed["paths"] {
  if (/\b(?:file|path)\b/.test(placeholder)) return "files";
  return /\bdirectory\b/.test(placeholder) ? "directories" : "none";
}

/** The first thing that it says: there is one line for it. */
function shortened(doc: string): string {
  return (/^.*?(?=[;.](?:\s|$)|$)/.exec(doc)?.[0] ?? doc).replace(/,? for example.*$/, "");
}
