// SPDX-License-Identifier: Apache-2.0
// The page of a module: its functions and constants. The module "" is what is in scope everywhere.

import type { Constant } from "../contract/catalog.ts";
import type { FunctionDefinition } from "../contract/function.ts";
import { printValue } from "../values/print.ts";
import { renderType } from "../values/type.ts";
import { type Block, code, heading, type Page, program, table, text } from "./page.ts";

export interface DocumentedModule {
  readonly name: string;
  readonly functions: readonly FunctionDefinition[];
  readonly constants: readonly Constant[];
}

export function pageOfModule({ name, functions, constants }: DocumentedModule): Page {
  const alias = name.slice(name.lastIndexOf("/") + 1);
  // Names with an underscore in front stand for syntax and cannot be written.
  const shown = functions.filter((each) => !each.name.startsWith("_")).toSorted(byName);
  const syntax = functions.filter((each) => each.name.startsWith("_")).toSorted(byName);
  const called = (each: { readonly name: string }): string => (name === "" ? each.name : `${alias}.${each.name}`);
  return {
    path: name === "" ? "functions/everywhere" : `functions/${name.replaceAll("/", "-")}`,
    title: name === "" ? "Functions that need no import" : `The module ${name}`,
    summary: summaryOf([...shown, ...constants].map((each) => each.name)),
    words: [...(name === "" ? ["functions"] : [name]), ...shown.map(called)],
    blocks: [
      text(
        name === ""
          ? "These are in scope everywhere. What is said to be catchable is handled with `value <|> default`."
          : `After \`import "${name}"\` these are called as \`${alias}.…\`. What is said to be catchable is handled with \`value <|> default\`.`,
      ),
      ...shown.flatMap((each) => blocksOf(each, called(each))),
      ...(constants.length === 0
        ? []
        : [heading("Constants"), ...constantTable(constants, name === "" ? "" : `${alias}.`)]),
      ...(syntax.length === 0 ? [] : [heading("Behind the syntax"), ...syntaxTable(syntax)]),
    ],
  };
}

function byName(left: { readonly name: string }, right: { readonly name: string }): number {
  return left.name < right.name ? -1 : 1;
}

function summaryOf(names: readonly string[]): string {
  const most = 6;
  return names.length <= most ? names.join(", ") : `${names.slice(0, most).join(", ")} and ${names.length - most} more`;
}

function blocksOf(definition: FunctionDefinition, called: string): readonly Block[] {
  return [
    heading(called),
    code("text", `${called}${renderType(definition.type).slice("func".length)}`),
    text(definition.doc),
    ...(definition.example === undefined ? [] : [program(definition.example)]),
  ];
}

function constantTable(constants: readonly Constant[], prefix: string): readonly Block[] {
  return table(
    ["Name", "Type", "Value"],
    constants
      .toSorted(byName)
      .map((each) => [`\`$${prefix}${each.name}\``, `\`${renderType(each.type)}\``, `\`${printValue(each.value)}\``]),
  );
}

function syntaxTable(functions: readonly FunctionDefinition[]): readonly Block[] {
  return table(
    ["What it does", "Example"],
    functions.map((each) => [each.doc, `\`${each.example ?? ""}\``]),
  );
}
