// SPDX-License-Identifier: Apache-2.0
// Pages about what every program has: meta parameters and constants.

import type { Constant } from "../contract/catalog.ts";
import { defaultMeta, metaParameters } from "../contract/meta.ts";
import { printValue } from "../values/print.ts";
import { renderType } from "../values/type.ts";
import { code, heading, type Page, program, table, text } from "./page.ts";

export const metaExample = `file "/etc/motd" {
	content => "hello\\n",
	state => "exists",

	Meta:noop => true,
	Meta:retry => 3,
	Meta:delay => 500,
}
`;

export const pageOfMeta: Page = {
  path: "language/meta",
  title: "Meta parameters",
  summary: "What can be set on every resource, whatever its kind: `Meta:noop` and others.",
  words: ["meta", ...metaParameters.map(({ name }) => `Meta:${name}`)],
  blocks: [
    text("Every resource takes these, whatever its kind. They say how it is kept true, not what must be true."),
    program(metaExample),
    ...table(
      ["Parameter", "Type", "Default", "What it is"],
      metaParameters.map(({ name, type, doc }) => [
        `\`Meta:${name}\``,
        `\`${renderType(type)}\``,
        name === "limit" ? "no limit" : `\`${defaultText(defaultMeta[name])}\``,
        doc,
      ]),
    ),
    heading("All at once"),
    text(
      "`Meta => struct{…}` sets all of them together. The struct has each parameter, in the order of the table above.",
    ),
  ],
};

function defaultText(value: unknown): string {
  return Array.isArray(value) ? "[]" : String(value);
}

/** `constants` are those that need no import. The name of this host is one, so its value is not told. */
export function pageOfConstants(constants: readonly Constant[]): Page {
  return {
    path: "language/constants",
    title: "Constants",
    summary: "Values that have a name in every program: `$hostname`, `$const.res.file.state.exists` and others.",
    words: ["constants", ...constants.map(({ name }) => `$${name}`)],
    blocks: [
      text("These have a name in every program, without an import."),
      ...table(
        ["Name", "Type", "Value"],
        constants
          .toSorted((left, right) => (left.name < right.name ? -1 : 1))
          .map(({ name, type, value }) => [
            `\`$${name}\``,
            `\`${renderType(type)}\``,
            name === "hostname" ? "the name of this host, or what `--hostname` says" : `\`${printValue(value)}\``,
          ]),
      ),
      code("mcl", 'print "hello" {\n\tmsg => "this is ${hostname}",\n}'),
    ],
  };
}
