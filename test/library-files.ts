// SPDX-License-Identifier: Apache-2.0
// What embedding programs see of the kinds and types of the library, made from the schemas and from src/library: for the
// script that writes src/library/kinds.ts and types/, and the test that compares them.

import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ownKindsAndModules } from "../src/agent/reference.ts";
import type { Field } from "../src/contract/field.ts";
import { metaParameters } from "../src/contract/meta.ts";
import type { ResourceKind } from "../src/contract/resource.ts";
import type { Type } from "../src/values/type.ts";

const root = join(import.meta.dirname, "..");

/** The declarations that compilers and editors read, by their paths below types/: what the index leads to, and no more. */
export async function libraryDeclarations(): Promise<ReadonlyMap<string, string>> {
  const output = await mkdtemp(join(tmpdir(), "mgmt-types-"));
  try {
    await emitDeclarations(output);
    const found = new Map<string, string>();
    for (const todo = ["index"], seen = new Set(todo); todo.length > 0; ) {
      const name = todo.pop() ?? "";
      const text = await readFile(join(output, "library", `${name}.d.ts`), "utf8");
      found.set(`${name}.d.ts`, `${declarationsHead}${text.replaceAll(/(from "\.[^"]*)\.ts"/g, '$1.js"')}`);
      for (const [, path = ""] of text.matchAll(/from "([^"]*)"/g)) {
        const next = /^\.\/([\w-]+)\.ts$/.exec(path)?.[1];
        if (next === undefined) throw new Error(`src/library/${name}.ts shows a type of ${path} to embedding programs`);
        if (!seen.has(next)) todo.push(next);
        seen.add(next);
      }
    }
    return found;
  } finally {
    await rm(output, { recursive: true, force: true });
  }
}

const declarationsHead =
  "// SPDX-License-Identifier: Apache-2.0\n// Written by `npm run docs` from src/library; do not edit it.\n\n";

async function emitDeclarations(output: string): Promise<void> {
  const options = ["--noEmit", "false", "--incremental", "false", "--declaration", "--emitDeclarationOnly"];
  const argv = ["--project", "tsconfig.library.json", ...options, "--outDir", output];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // Mistakes anywhere in the sources are told by `npm run check`; declarations come out all the same.
  const child = spawn(join(root, "node_modules/.bin/tsc"), argv, { cwd: root, stdio: "ignore" });
  child.once("error", reject);
  child.once("close", () => resolve());
  await promise;
}

export function libraryKinds(): string {
  const { kinds } = ownKindsAndModules();
  return [head, metaInterface(), ...kinds.map(kindText), `${kindNames(kinds)}`].join("\n");
}

const head = `// SPDX-License-Identifier: Apache-2.0
// Every kind of resource as a function with typed fields. Written by \`npm run docs\` from the schemas of the kinds; do not
// edit it.

import { declare } from "./declared.ts";
import type { AnyValue, Given, Resource, ResourceOptions, Sent } from "./resource.ts";
`;

function metaInterface(): string {
  const lines = metaParameters.flatMap(({ name, type, doc }) => [
    ...comment(doc, "  "),
    `  readonly ${name}?: Given<${typeText(type)}>;`,
  ]);
  return [
    ...comment("The meta parameters, which every resource has.", ""),
    "export interface Meta {",
    ...lines,
    "}",
    "",
  ].join("\n");
}

function kindText(kind: ResourceKind): string {
  const own = constructorName(kind.kind);
  const fields = `${own[0]?.toUpperCase()}${own.slice(1)}Fields`;
  const sends = Object.entries(kind.traits.sends ?? {});
  const sent =
    sends.length === 0 ? "" : `<{ ${sends.map(([key, type]) => `readonly ${key}: ${sentText(type)}`).join("; ")} }>`;
  const sendsDoc = sends.length === 0 ? "" : `\n\nSends ${sends.map(([key]) => `\`${key}\``).join(", ")}.`;
  return [
    ...comment(`The fields of \`${kind.kind}\`.`, ""),
    `export interface ${fields} {`,
    ...Object.entries(kind.fields).flatMap(([name, field]) => [
      ...comment(fieldDoc(field), "  "),
      `  readonly ${name}?: Given<${fieldText(field)}>${kind.traits.receives === true ? ` | Sent<${fieldText(field)}>` : ""};`,
    ]),
    "}",
    "",
    ...comment(`${kind.summary}${sendsDoc}`, ""),
    `export function ${own}(name: string, fields?: ${fields}, options?: ResourceOptions): Resource${sent} {`,
    `  return declare(${own}, "${kind.kind}", name, fields, options);`,
    "}",
    "",
  ].join("\n");
}

function kindNames(kinds: readonly ResourceKind[]): string {
  const names = kinds.map(({ kind }) => `"${kind}"`).join(" | ");
  return [...comment("The names of all kinds.", ""), `export type KindName = ${names};`, ""].join("\n");
}

/** `http:server` is `httpServer`. */
export function constructorName(kind: string): string {
  return kind.replace(/[:_]([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function fieldDoc({ doc, example, initial, secret }: Field<unknown>): string {
  const byItself = typeof initial === "symbol" ? "\n\nWhen not given, it is the name of the resource." : "";
  return `${doc}${secret ? " Never shown." : ""}${example === undefined ? "" : `\n\nIn mcl: \`${example}\``}${byItself}`;
}

function fieldText(field: Field<unknown>): string {
  if (field.choices !== undefined)
    return field.choices
      .filter((choice) => choice !== "")
      .map((choice) => `"${choice}"`)
      .join(" | ");
  if (field.type === "any") return "AnyValue";
  return field.type.kind === "int" && field.bits !== undefined && field.bits < 64 ? "number" : typeText(field.type);
}

/** What is sent has a type that is only known when it is sent. */
function sentText(type: Type): string {
  return type.kind === "variant" ? "never" : typeText(type);
}

function typeText(type: Type): string {
  switch (type.kind) {
    case "bool":
      return "boolean";
    case "str":
      return "string";
    case "int":
      return "number | bigint";
    case "float":
      return "number";
    case "list": {
      const element = typeText(type.element);
      return `readonly ${element.includes(" ") ? `(${element})` : element}[]`;
    }
    case "map": {
      const value = typeText(type.value);
      const map = `ReadonlyMap<${typeText(type.key)}, ${value}>`;
      return type.key.kind === "str" ? `Readonly<Record<string, ${value}>> | ${map}` : map;
    }
    case "struct":
      return `{ ${type.fields.map(({ name, type: inner }) => `readonly ${name}: ${typeText(inner)}`).join("; ")} }`;
    case "func":
    case "variant":
    case "variable":
      return "AnyValue";
  }
}

/** With every line of at most 120 columns. */
function comment(text: string, indent: string): readonly string[] {
  const lines = text
    .replaceAll("*/", "*\\/")
    .split("\n")
    .flatMap((line) => wrap(line, 116 - indent.length));
  if (lines.length === 1) return [`${indent}/** ${lines[0]} */`];
  return [`${indent}/**`, ...lines.map((line) => `${indent} * ${line}`.trimEnd()), `${indent} */`];
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [""];
  for (const word of text.split(" ")) {
    const last = lines.at(-1) ?? "";
    if (last !== "" && last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return lines;
}
