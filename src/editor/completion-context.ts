// SPDX-License-Identifier: Apache-2.0
// What can be written at a place, told by the tokens before it alone: what is being typed cannot be parsed.

import type { TokenKind, Tokens } from "../syntax/tokens.ts";

export type CompletionContext =
  /** Between the quotes of an import; `from` is where the path begins. */
  | { readonly kind: "import"; readonly from: number }
  /** Behind a `$` or inside `${`: a name of a variable, as far as it is written. */
  | { readonly kind: "variable"; readonly from: number; readonly written: string }
  | { readonly kind: "statement"; readonly from: number }
  /** The beginning of a line inside of a resource. */
  | { readonly kind: "item"; readonly resource: string; readonly from: number; readonly used: readonly string[] }
  | { readonly kind: "meta"; readonly from: number }
  | { readonly kind: "class"; readonly from: number; readonly written: string }
  | { readonly kind: "edge-kind"; readonly from: number }
  | { readonly kind: "type"; readonly from: number }
  /** `$name->` */
  | { readonly kind: "struct-field"; readonly of: string; readonly from: number }
  | { readonly kind: "value"; readonly from: number; readonly written: string };

export function completionContextAt(tokens: Tokens, offset: number): CompletionContext | undefined {
  const { text } = tokens.source;
  if (tokens.comments.some(({ at }) => at.start < offset && offset <= at.end)) return undefined;

  const quote = openQuoteAt(tokens, offset);
  if (quote !== undefined) {
    if (tokens.kinds[quote.index - 1] === "import") return { kind: "import", from: quote.start + 1 };
    const inside = /\$\{([a-z0-9_.]*)$/.exec(text.slice(quote.start, offset))?.[1];
    return inside === undefined ? undefined : { kind: "variable", from: offset - inside.length, written: inside };
  }

  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  const [, sigil = "", written = ""] =
    /(\$|\b[A-Z][A-Za-z]*:|)([A-Za-z0-9_.:]*)$/.exec(text.slice(lineStart, offset)) ?? [];
  const from = offset - written.length;
  if (sigil === "$") return isBeingNamed(tokens, from - 1) ? undefined : { kind: "variable", from, written };

  const before = indexBefore(tokens, from - sigil.length);
  const kind = tokens.kinds[before];
  const isLineStart = before < 0 || kind === "newline";
  const around = openBraceBefore(tokens, before);
  const isCapital = /^[A-Z]/.test(sigil + written);
  if (around.kind === "resource" && (isLineStart || before === around.brace)) {
    if (sigil.startsWith("Meta:")) return { kind: "meta", from };
    if (sigil !== "") return undefined;
    return { kind: "item", resource: around.resource, from, used: usedItems(tokens, around.brace) };
  }
  if (isLineStart || (around.kind === "block" && before === around.brace)) {
    return isCapital ? { kind: "edge-kind", from: from - sigil.length } : { kind: "statement", from };
  }
  if (isCapital) return { kind: "edge-kind", from: from - sigil.length };
  switch (kind) {
    case "include":
      return { kind: "class", from, written };
    case "as":
    case "class":
    case "func":
    case "import":
      return undefined;
    case "->": {
      const of = variableEndingAt(tokens, before - 1);
      if (of !== undefined) return { kind: "struct-field", of, from };
      break;
    }
    case "name":
      if (tokens.kinds[before - 1] === "$" && isBeingNamed(tokens, tokens.starts[before - 1] ?? 0)) {
        return { kind: "type", from };
      }
      return undefined;
    case "text":
    case "integer":
    case "decimal":
      return undefined;
    default:
      break;
  }
  return { kind: "value", from, written };
}

/** Whether the `$` at this offset begins a declaration: a bind, a parameter, a variable of a loop. */
function isBeingNamed(tokens: Tokens, offset: number): boolean {
  const before = indexBefore(tokens, offset);
  const kind = tokens.kinds[before];
  if (before < 0 || kind === "newline") return openBraceBefore(tokens, before).kind !== "value";
  if (kind === "{" && openBraceBefore(tokens, before).kind === "block") return true;
  if (kind === "for" || kind === "forkv") return true;
  for (let index = before; index >= 0; index -= 1) {
    const here = tokens.kinds[index];
    if (here === "(") {
      // Of `func name(` and `func(`.
      return (
        tokens.kinds[index - 1] === "func" || tokens.kinds[index - 2] === "func" || tokens.kinds[index - 2] === "class"
      );
    }
    if (here === "for" || here === "forkv") return true;
    if (here === "newline" || here === ")" || here === "{" || here === "in" || here === "=" || here === "=>")
      return false;
  }
  return false;
}

/** A string around the offset, or one that nothing closes yet. */
function openQuoteAt(tokens: Tokens, offset: number): { readonly index: number; readonly start: number } | undefined {
  const index = indexBefore(tokens, offset);
  const start = tokens.starts[index];
  if (start === undefined || tokens.source.text[start] !== '"') return undefined;
  const kind = tokens.kinds[index];
  const end = tokens.ends[index] ?? start;
  if (kind === "text" && offset < end) return { index, start };
  return kind === "unrecognised" && offset <= end ? { index, start } : undefined;
}

/** The last token that begins before the offset. */
function indexBefore({ starts }: Tokens, offset: number): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

type Around =
  | { readonly kind: "block"; readonly brace: number }
  | { readonly kind: "resource"; readonly brace: number; readonly resource: string }
  /** A list, a map, a call, the body of a function. */
  | { readonly kind: "value"; readonly brace: number };

/** What the innermost bracket belongs to that is open behind this token. */
function openBraceBefore(tokens: Tokens, last: number): Around {
  let depth = 0;
  for (let index = last; index >= 0; index -= 1) {
    const kind = tokens.kinds[index];
    if (kind === ")" || kind === "]" || kind === "}") depth += 1;
    else if (kind === "(" || kind === "[" || kind === "{") {
      if (depth > 0) depth -= 1;
      else return kind === "{" ? belongingOf(tokens, index) : { kind: "value", brace: index };
    }
  }
  return { kind: "block", brace: -1 };
}

function belongingOf(tokens: Tokens, brace: number): Around {
  let depth = 0;
  let first = brace;
  for (let index = brace - 1; index >= 0; index -= 1) {
    const kind = tokens.kinds[index];
    if (kind === ")" || kind === "]" || kind === "}") depth += 1;
    else if (kind === "(" || kind === "[" || kind === "{") {
      if (depth === 0) break;
      depth -= 1;
    }
    if (kind === "newline" && depth === 0) break;
    first = index;
  }
  const opening = tokens.kinds[first];
  switch (opening) {
    case "class":
    case "for":
    case "forkv":
    case "if":
      return { kind: "block", brace };
    case "}": // `} else {`
      return tokens.kinds[brace - 1] === "else" ? { kind: "block", brace } : { kind: "value", brace };
    case "collect":
      return resourceAt(tokens, first + 1, brace);
    case "name":
      return resourceAt(tokens, first, brace);
    default:
      return { kind: "value", brace };
  }
}

/** `kind:kind name {`; a field with a map begins with a name too, but has an arrow behind it. */
function resourceAt(tokens: Tokens, first: number, brace: number): Around {
  let index = first;
  while (tokens.kinds[index] === "name" && tokens.kinds[index + 1] === ":") index += 2;
  const next: TokenKind | undefined = tokens.kinds[index + 1];
  if (tokens.kinds[index] !== "name" || next === "=>" || next === "=" || index + 1 >= brace) {
    return { kind: "value", brace };
  }
  const resource = tokens.source.text.slice(tokens.starts[first], tokens.ends[index]);
  return { kind: "resource", brace, resource };
}

/** Fields and meta parameters that the resource has already. */
function usedItems({ kinds, starts, ends, source }: Tokens, brace: number): readonly string[] {
  const used: string[] = [];
  let depth = 0;
  for (let index = brace + 1; index < kinds.length && depth >= 0; index += 1) {
    const kind = kinds[index];
    if (kind === "(" || kind === "[" || kind === "{") depth += 1;
    else if (kind === ")" || kind === "]" || kind === "}") depth -= 1;
    else if (depth === 0 && kind === "name" && kinds[index + 1] === "=>") {
      used.push(source.text.slice(starts[index], ends[index]));
    }
  }
  return used;
}

function variableEndingAt({ kinds, starts, ends, source }: Tokens, last: number): string | undefined {
  let first = last;
  while (kinds[first] === "name" && kinds[first - 1] === ".") first -= 2;
  if (kinds[first] !== "name" || kinds[first - 1] !== "$") return undefined;
  return source.text.slice(starts[first], ends[last]);
}
