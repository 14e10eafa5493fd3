// SPDX-License-Identifier: Apache-2.0
// What fish completes, as a script that it reads.

import type { Completed, CompletedCommand, CompletedOption } from "./completed-command.ts";

export function fishScript(commands: readonly CompletedCommand[]): string {
  const names = commands.flatMap((command) => command.names);
  return `# Completion of mgmt for fish: mgmt completion fish | source

complete -c mgmt -f
complete -c mgmt -n __fish_use_subcommand -l version -d 'Print the version'
complete -c mgmt -n __fish_use_subcommand -s h -l help -d 'Show the help'
complete -c mgmt -n __fish_use_subcommand -a help -d 'Show the help of a command'
complete -c mgmt -n '__fish_seen_subcommand_from help' -a ${quoted(names.join(" "))}
${commands.map(ofCommand).join("")}`;
}

function ofCommand({ names, summary, options, argument, after }: CompletedCommand): string {
  const condition = quoted(`__fish_seen_subcommand_from ${names.join(" ")}`);
  const line = (rest: string): string => `complete -c mgmt -n ${condition} ${rest}\n`;
  return [
    ...names.map((name) => `complete -c mgmt -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}\n`),
    ...(isEmpty(argument) ? [] : [line(valuesOf(argument))]),
    ...after.map(({ word, words }) => {
      const behind = quoted(`__fish_seen_subcommand_from ${names.join(" ")}; and __fish_prev_arg_in ${word}`);
      return `complete -c mgmt -n ${behind} ${valuesOf({ words, paths: "none" })}\n`;
    }),
    ...options.map((option) => line(ofOption(option))),
  ].join("");
}

function ofOption({ spellings, doc, value, mayLackValue }: CompletedOption): string {
  const named = spellings.map((spelling) =>
    spelling.startsWith("--") ? `-l ${spelling.slice(2)}` : `-s ${spelling.slice(1)}`,
  );
  const taken = value === undefined || mayLackValue ? [] : ["-r", isEmpty(value) ? "-f" : valuesOf(value)];
  return [...named, ...taken, "-d", quoted(doc)].join(" ");
}

function isEmpty({ words, paths }: Completed): boolean {
  return words.length === 0 && paths === "none";
}

function valuesOf({ words, paths }: Completed): string {
  const values = [...words, ...(paths === "directories" ? ["(__fish_complete_directories)"] : [])];
  const given = values.length === 0 ? [] : [`-a ${quoted(values.join(" "))}`];
  return [...(paths === "files" ? ["-F"] : ["-f"]), ...given].join(" ");
}

function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, "\\$&")}'`;
}
