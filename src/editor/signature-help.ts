// SPDX-License-Identifier: Apache-2.0
// Which function is being called at a place, and which argument is being written. Goes by tokens: a call that is being
// typed cannot be parsed.

import type { Analysis } from "./analysis.ts";
import { describe, typesOf } from "./describe.ts";
import { scopeAt } from "./index-file.ts";
import { find, type Meaning } from "./symbols.ts";
import { renderOpen, renderSignature } from "./describe.ts";

export interface SignatureHelp {
  readonly signatures: readonly {
    readonly label: string;
    readonly parameters: readonly string[];
    readonly text: string;
  }[];
  readonly parameter: number;
}

export function signatureHelpAt(analysis: Analysis, offset: number): SignatureHelp | undefined {
  const call = openCallBefore(analysis, offset);
  if (call === undefined) return undefined;
  const [, isInclude, sigil, name] = /(\binclude\s+)?(\$?)([a-z][a-z0-9_.]*)\s*$/.exec(call.before) ?? [];
  if (name === undefined) return undefined;
  const world = sigil === "$" ? "variables" : isInclude === undefined ? "functions" : "classes";
  const scope = scopeAt(analysis.index, offset);
  const meaning = find(scope, name.split("."), world, analysis.indexer.globals)?.at(-1);
  if (meaning === undefined) return undefined;
  const labels = labelsOf(meaning, name, analysis);
  const text = describe(meaning, { file: analysis.source, start: offset, end: offset }, analysis).text.join("\n\n");
  return {
    signatures: labels.map((label) => ({ label, parameters: parametersIn(label), text })),
    parameter: call.parameter,
  };
}

function labelsOf(meaning: Meaning, name: string, analysis: Analysis): readonly string[] {
  const here = { file: analysis.source, start: 0, end: 0 };
  if (meaning.kind === "builtin") return [`${name}${renderSignature(meaning.function.type)}`];
  if (meaning.kind !== "definition") return [];
  const { definition } = meaning;
  if (definition.kind === "function" || definition.kind === "class") return describe(meaning, here, analysis).code;
  return typesOf(definition, definition.typedAt, analysis).map((type) =>
    type.kind === "func" ? `$${name}${renderSignature(type)}` : `$${name} ${renderOpen(type)}`,
  );
}

/** The parts between the outermost parentheses. */
function parametersIn(label: string): readonly string[] {
  const open = label.indexOf("(");
  const found: string[] = [];
  let depth = 0;
  let start = open + 1;
  for (let at = open; at !== -1 && at < label.length; at += 1) {
    const character = label[at];
    if (character === "(" || character === "{") depth += 1;
    else if (character === ")" || character === "}") depth -= 1;
    if (depth === 0 || (depth === 1 && character === ",")) {
      const part = label.slice(start, at).trim();
      if (part !== "") found.push(part);
      start = at + 1;
    }
    if (depth === 0) break;
  }
  return found;
}

/** The text up to the parenthesis that is open, and how many commas stand behind it. */
function openCallBefore({ tokens, source }: Analysis, offset: number) {
  let depth = 0;
  let parameter = 0;
  for (let index = tokens.starts.length - 1; index >= 0; index -= 1) {
    const start = tokens.starts[index] ?? 0;
    if (start >= offset) continue;
    switch (tokens.kinds[index]) {
      case ")":
      case "]":
      case "}":
        depth += 1;
        break;
      case "[":
      case "{":
        // A comma in a list counts the items of the list.
        if (depth === 0) parameter = 0;
        else depth -= 1;
        break;
      case "(":
        if (depth === 0) return { before: source.text.slice(Math.max(0, start - 200), start), parameter };
        depth -= 1;
        break;
      case ",":
        if (depth === 0) parameter += 1;
        break;
      case "import":
      case "class":
      case "include":
        // A statement begins: no call is open around it. Of an include the parenthesis was met before.
        if (depth <= 0) return undefined;
        break;
      default:
        break;
    }
  }
  return undefined;
}
