// SPDX-License-Identifier: Apache-2.0
// The page of a kind of resource, from its schema.

import { type Field, type FieldTable, fromName } from "../contract/field.ts";
import type { ResourceKind, Traits } from "../contract/resource.ts";
import { renderType } from "../values/type.ts";
import { type Block, heading, type Page, program, table, text } from "./page.ts";

export function pageOfKind(kind: ResourceKind, example: string | undefined): Page {
  return {
    path: `kinds/${kind.kind.replaceAll(":", "-")}`,
    title: kind.kind,
    summary: kind.summary,
    words: [kind.kind],
    blocks: [
      text(kind.summary),
      ...(example === undefined ? [] : [program(example)]),
      heading("Fields"),
      ...table(
        ["Field", "Type", "Default", "What it is", "Example"],
        Object.entries(kind.fields).map(([name, field]) => rowOf(name, field)),
      ),
      heading("With other resources"),
      ...traits(kind.traits),
      text("Every kind also takes the meta parameters, `Meta:noop` and others; see `mgmt docs meta`."),
    ],
  };
}

function rowOf(name: string, field: Field<unknown>): readonly string[] {
  const choices =
    field.choices === undefined ? "" : ` One of ${field.choices.map((each) => `\`"${each}"\``).join(", ")}.`;
  const secret = field.secret ? " It is a secret and never shown." : "";
  return [
    `\`${name}\``,
    `\`${typeOf(field)}\``,
    defaultOf(field),
    `${field.doc}${choices}${secret}`,
    field.example === undefined ? "" : `\`${field.example}\``,
  ];
}

function typeOf(field: Field<unknown>): string {
  return field.type === "any" ? "any" : renderType(field.type);
}

function defaultOf({ optional, initial }: Field<unknown>): string {
  if (initial === fromName) return "the name of the resource";
  if (optional || initial === undefined) return "none";
  if (typeof initial === "string") return `\`${JSON.stringify(initial)}\``;
  if (Array.isArray(initial)) return `\`[${initial.map((each) => JSON.stringify(each)).join(", ")}]\``;
  if (initial instanceof Map) return "`{}`";
  return typeof initial === "number" || typeof initial === "bigint" || typeof initial === "boolean"
    ? `\`${initial}\``
    : "";
}

function traits({ sends, secretSends, receives, refresh, polling }: Traits): readonly Block[] {
  const sent = Object.entries(sends ?? {});
  return [
    text(sent.length === 0 ? "It sends nothing." : "It sends:"),
    ...table(
      ["Key", "Type"],
      sent.map(([key, type]) => [
        `\`${key}\``,
        `\`${renderType(type)}\`${secretSends?.includes(key) === true ? ", a secret" : ""}`,
      ]),
    ),
    text(receives === true ? "Its fields can be received from others." : "It receives nothing."),
    text(
      refresh === true
        ? "It acts when a resource that notifies it has changed something."
        : "A resource that notifies it makes it look again, and nothing more.",
    ),
    ...(polling === undefined ? [] : [text(`\`Meta:poll\` must ${polling === "needed" ? "" : "not "}be set.`)]),
  ];
}

/** A program that sets one field, for holding its example to the schema. */
export function exampleOfField(kind: string, name: string, fields: FieldTable): string | undefined {
  const example = fields[name]?.example;
  return example === undefined ? undefined : `${kind} "example" {\n\t${name} => ${example},\n}\n`;
}
