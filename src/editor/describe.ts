// SPDX-License-Identifier: Apache-2.0
// What stands for a name, as text for people: a line of mcl, and a few sentences in Markdown.

import { placeOf } from "../base/span.ts";
import { defaultMeta, type Meta, metaParameters } from "../contract/meta.ts";
import { type Field, fromName } from "../contract/field.ts";
import type { FunctionDefinition } from "../contract/function.ts";
import type { ResourceKind } from "../contract/resource.ts";
import { printValue, quote } from "../values/print.ts";
import { type FunctionType, renderType, type Type } from "../values/type.ts";
import type { Analysis } from "./analysis.ts";
import type { Definition, Meaning } from "./symbols.ts";
import type { Span } from "../base/span.ts";

export interface Description {
  /** One line of code for each instance that differs. */
  readonly code: readonly string[];
  readonly text: readonly string[];
}

export function describe(meaning: Meaning, typedAt: Span, analysis: Analysis): Description {
  switch (meaning.kind) {
    case "definition":
      return describeDefinition(meaning.definition, typedAt, analysis);
    case "builtin":
      return describeBuiltin(meaning.function, meaning.shownAs);
    case "constant": {
      const { type, value } = meaning.constant;
      const shown = typeof value === "string" ? quote(value) : printValue(value);
      return { code: [`$${meaning.shownAs} ${renderType(type)} = ${shown}`], text: [] };
    }
    case "resource-kind":
      return describeKind(meaning.resource);
    case "field":
      return describeField(meaning.resource, meaning.name, meaning.field);
    case "meta":
      return describeMeta(meaning.parameter);
    case "relation":
      return {
        code: [`${capitalised(meaning.relation)} => Kind["name"],`],
        text: [relationDocs[meaning.relation] ?? ""],
      };
  }
}

export function renderMarkdown({ code, text }: Description): string {
  return [`\`\`\`mcl\n${code.join("\n")}\n\`\`\``, ...text.filter((part) => part !== "")].join("\n\n");
}

// ---- What the program declares ----

function describeDefinition(definition: Definition, typedAt: Span, analysis: Analysis): Description {
  const text = [commentAbove(definition), placeText(definition, analysis)];
  switch (definition.kind) {
    case "variable":
    case "parameter":
    case "loop-variable":
      return { code: linesOfTypes(`$${definition.name}`, typesOf(definition, typedAt, analysis), definition), text };
    case "function": {
      const signatures = typesOf(definition, definition.typedAt, analysis).filter((type) => type.kind === "func");
      const code = signatures.map((type) => `func ${definition.name}${renderSignature(type)}`);
      return { code: code.length > 0 ? distinct(code) : [headOf(definition)], text };
    }
    case "class":
      return { code: [`class ${definition.name}${parametersOfClass(definition, analysis)}`], text };
    case "instance": {
      const of = definition.classOf?.();
      return {
        code: [`include ${of?.name ?? "?"} as ${definition.name}`],
        text: [of && commentAbove(of)].map(orEmpty),
      };
    }
    case "import":
      return describeImport(definition);
  }
}

/** Those at the place, or else those of the declaration. */
export function typesOf(definition: Definition, typedAt: Span, analysis: Analysis): readonly Type[] {
  const here = analysis.typesAt(typedAt);
  return here.length > 0 ? here : analysis.typesAt(definition.typedAt);
}

function linesOfTypes(name: string, types: readonly Type[], { syntax }: Definition): readonly string[] {
  if (types.length > 0) return distinct(types.map((type) => `${name} ${renderOpen(type)}`));
  const written = syntax !== undefined && "type" in syntax && syntax.type !== undefined ? textOf(syntax.type.at) : "";
  return [`${name} ${written}`.trim()];
}

function describeImport({ target, syntax }: Definition): Description {
  const path = target?.path ?? "";
  const offered = [...(target?.module?.functions.keys() ?? []), ...(target?.module?.constants.keys() ?? [])]
    .filter((name) => !name.startsWith("_"))
    .toSorted();
  const shown = offered.slice(0, 30).map((name) => `\`${name}\``);
  const more = offered.length > shown.length ? ` and ${offered.length - shown.length} more` : "";
  const alias =
    syntax !== undefined && "alias" in syntax && syntax.alias !== undefined ? ` as ${syntax.alias.text}` : "";
  const file = target?.source === undefined ? "" : `From ${target.source.source.path}`;
  return {
    code: [`import "${path}"${alias}`],
    text: [shown.length > 0 ? `Has ${shown.join(", ")}${more}.` : "", file],
  };
}

/** The lines of comments that end right above it. */
function commentAbove({ whole }: Definition): string {
  const before = whole.file.text.slice(0, whole.start).split("\n").slice(0, -1);
  const lines: string[] = [];
  for (let line = before.pop(); line !== undefined; line = before.pop()) {
    const comment = /^\s*#\s?(.*)$/.exec(line);
    if (comment === null) break;
    lines.unshift(comment[1] ?? "");
  }
  return lines.join("\n");
}

/** Where it stands, if that is another file. */
function placeText({ at }: Definition, { source }: Analysis): string {
  return at.file.path === source.path ? "" : `In ${at.file.path}, line ${placeOf(at.file, at.start).line}`;
}

/** `func name($a, $b int) str`, as far as it is written. */
function headOf({ name, syntax }: Definition): string {
  if (syntax === undefined || !("params" in syntax) || syntax.params === undefined) return `func ${name}()`;
  const result = "result" in syntax && syntax.result !== undefined ? ` ${textOf(syntax.result.at)}` : "";
  return `func ${name}${textOf(syntax.params.at)}${result}`;
}

function parametersOfClass({ syntax }: Definition, analysis: Analysis): string {
  if (syntax === undefined || !("kind" in syntax) || syntax.kind !== "class" || syntax.params === undefined) return "";
  const parameters = syntax.params.items.map(({ at, name }) => {
    const types = distinct(analysis.typesAt({ ...at, end: name.at.end }).map(renderOpen));
    return types.length === 1 && types[0] !== "?" ? `$${name.text} ${types[0]}` : textOf(at);
  });
  return `(${parameters.join(", ")})`;
}

// ---- What is built in ----

export function describeBuiltin(definition: FunctionDefinition, shownAs: string): Description {
  const example = definition.example === undefined ? "" : `\`\`\`mcl\n${definition.example}\n\`\`\``;
  const module = definition.module === "" ? "" : `Module \`${definition.module}\``;
  return { code: [`${shownAs}${renderSignature(definition.type)}`], text: [definition.doc, example, module] };
}

export function describeKind({ kind, summary, fields }: ResourceKind): Description {
  const lines = Object.entries(fields).map(([name, field]) => `- \`${name}\` ${typeOfField(field)}: ${field.doc}`);
  return { code: [`${kind} "name" {}`], text: [summary, lines.join("\n")] };
}

export function describeField({ kind }: Pick<ResourceKind, "kind">, name: string, field: Field<unknown>): Description {
  const choices = (field.choices ?? []).filter((choice) => choice !== "").map((choice) => `\`"${choice}"\``);
  return {
    code: [`${name} => ${typeOfField(field)},`],
    text: [
      field.doc,
      choices.length > 0 ? `One of ${choices.join(", ")}.` : "",
      defaultOf(field),
      field.example === undefined ? "" : `Example: \`${name} => ${field.example},\``,
      `Field of \`${kind}\``,
    ],
  };
}

export function typeOfField({ type }: Field<unknown>): string {
  return type === "any" ? "any type" : renderType(type);
}

function defaultOf(field: Field<unknown>): string {
  if (field.initial === fromName) return "Default: the name of the resource.";
  if (field.optional || field.initial === undefined) return "";
  const { initial } = field;
  if (typeof initial === "string") return initial === "" ? "" : `Default: \`"${initial}"\`.`;
  const isScalar = typeof initial === "boolean" || typeof initial === "number" || typeof initial === "bigint";
  return isScalar ? `Default: \`${initial}\`.` : "";
}

export function describeMeta(parameter: keyof Meta): Description {
  const type = metaParameters.find(({ name }) => name === parameter)?.type;
  const initial = defaultMeta[parameter];
  const value = Array.isArray(initial) ? "[]" : initial === Number.POSITIVE_INFINITY ? "no limit" : String(initial);
  return {
    code: [`Meta:${parameter} => ${type === undefined ? "" : renderType(type)},`],
    text: [metaDocs[parameter], `Default: \`${value}\`.`],
  };
}

const metaDocs: Readonly<Record<keyof Meta, string>> = {
  noop: "Look what would change, but change nothing.",
  retry: "Attempts after a failure; -1 tries for ever.",
  retryreset: "A success gives all attempts back.",
  delay: "Milliseconds between two attempts.",
  timeout: "Seconds that one look, with its changes, may take; 0 is no limit.",
  poll: "Look again after so many seconds instead of waiting for events; 0 waits for events.",
  limit: "How many events are acted on in a second.",
  burst: "How many events may come at once before `limit` counts.",
  reset: "Forget the attempts already used when the resource is replaced.",
  sema: "Names of semaphores, as `name:count`: at most so many resources that share one run at a time.",
  rewatch: "Start again with the next graph after it has failed for good.",
  realize: "It must have been made true once before it may be removed.",
  dollar: "Allow a name that begins with `$`.",
  hidden: "In the graph, but not carried out here.",
  export: "Hosts that may collect it; `*` is every host.",
  expire: "Seconds after which others lose what it exports when nothing is heard of this host; 0 is never.",
  reverse: "Undo it when it leaves the program.",
  autoedge: "Take part in edges that come by themselves.",
  autogroup: "May be run together with others of its kind.",
};

const relationDocs: Readonly<Record<string, string>> = {
  before: "This resource comes first.",
  depend: "The other resource comes first.",
  notify: "This resource comes first, and the other one is refreshed when this one changes something.",
  listen: "The other resource comes first, and this one is refreshed when that one changes something.",
};

export const relations: readonly string[] = Object.keys(relationDocs);

// ---- Small things ----

export function renderSignature(type: FunctionType): string {
  const params = type.params.map(
    ({ name, type: given }) => `${name === undefined ? "" : `$${name} `}${renderOpen(given)}`,
  );
  return `(${params.join(", ")}) ${renderOpen(type.result)}`;
}

/** What is not determined has letters: `a`, `b`; numbers mean nothing to a person. */
export function renderOpen(type: Type): string {
  return renderType(type).replace(/\?\d+/g, "?");
}

export function capitalised(word: string): string {
  return word
    .split(":")
    .map((part) => part.slice(0, 1).toUpperCase() + part.slice(1))
    .join(":");
}

function textOf({ file, start, end }: Span): string {
  return file.text.slice(start, end);
}

function distinct(lines: readonly string[]): readonly string[] {
  return [...new Set(lines)];
}

function orEmpty(text: string | undefined): string {
  return text ?? "";
}
