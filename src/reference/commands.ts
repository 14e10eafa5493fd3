// SPDX-License-Identifier: Apache-2.0
// Pages of the commands, from the table that the command line is parsed by.

import { type Block, code, heading, type Page, table, text } from "./page.ts";

/** What a page needs to know of a command. */
export interface DocumentedCommand {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly summary: string;
  readonly doc: string;
  readonly arguments: readonly { readonly syntax: string; readonly doc: string }[];
  readonly options: readonly DocumentedOption[];
  readonly examples: readonly { readonly line: string; readonly doc: string }[];
  readonly json?: { readonly doc: string; readonly example: string };
}

interface DocumentedOption {
  readonly flags: string;
  readonly doc: string;
  readonly default?: string | boolean | number;
  readonly choices?: readonly string[];
  readonly hidden?: boolean;
}

export interface DocumentedStatus {
  readonly status: number;
  readonly doc: string;
}

export function pageOfCommand(command: DocumentedCommand, statuses: readonly DocumentedStatus[]): Page {
  const synopsis = ["mgmt", command.name, "[options]", ...command.arguments.map(({ syntax }) => syntax)].join(" ");
  const aliases = command.aliases ?? [];
  return {
    path: `commands/${command.name}`,
    title: `mgmt ${command.name}`,
    summary: command.summary,
    words: [`mgmt ${command.name}`, command.name],
    blocks: [
      text(command.summary),
      code("text", synopsis),
      text(command.doc),
      ...(aliases.length === 0
        ? []
        : [text(`Also written ${aliases.map((alias) => `\`mgmt ${alias}\``).join(", ")}.`)]),
      ...table(
        ["Argument", "What it is"],
        command.arguments.map(({ syntax, doc }) => [`\`${syntax}\``, doc]),
      ),
      heading("Options"),
      ...table(
        ["Option", "Default", "What it does"],
        command.options.filter(({ hidden }) => hidden !== true).map(rowOf),
      ),
      ...examples(command),
      ...json(command),
      heading("Exit status"),
      ...table(
        ["Status", "Meaning"],
        statuses.map(({ status, doc }) => [String(status), doc]),
      ),
    ],
  };
}

function rowOf(option: DocumentedOption): readonly string[] {
  const choices =
    option.choices === undefined ? "" : ` One of ${option.choices.map((each) => `\`${each}\``).join(", ")}.`;
  return [
    `\`${option.flags}\``,
    option.default === undefined ? "" : `\`${String(option.default)}\``,
    `${option.doc}${choices}`,
  ];
}

function examples({ examples: all }: DocumentedCommand): readonly Block[] {
  if (all.length === 0) return [];
  return [heading("Examples"), ...all.flatMap(({ line, doc }) => [text(doc), code("sh", line)])];
}

function json({ json: form }: DocumentedCommand): readonly Block[] {
  return form === undefined ? [] : [heading("With --json"), text(form.doc), code("json", form.example)];
}
