// SPDX-License-Identifier: Apache-2.0
// Answers of src/editor in the words of the protocol. Looks nothing up.

import { pathToFileURL } from "node:url";
import {
  type CompletionItem,
  CompletionItemKind,
  type Diagnostic,
  DiagnosticSeverity,
  type DocumentSymbol,
  InsertTextFormat,
  type Location,
  MarkupKind,
  type SignatureHelp,
  SymbolKind,
} from "vscode-languageserver/node";
import type { SourceFile, Span } from "../base/span.ts";
import type { Completion, CompletionKind, Completions } from "../editor/completion.ts";
import type { Diagnostic as Mark } from "../editor/diagnostics.ts";
import { Lines } from "../editor/lines.ts";
import type { OutlineItem } from "../editor/outline.ts";
import type { SignatureHelp as Help } from "../editor/signature-help.ts";

/** A file on the disk has a path; anything else is known by its address. */
export function uriOf(path: string): string {
  return path.startsWith("/") ? pathToFileURL(path).href : path;
}

const linesOf = new WeakMap<SourceFile, Lines>();

/** Undefined for what no editor can open: a module inside of the program. */
export function locationOf({ file, start, end }: Span): Location | undefined {
  if (file.path.startsWith("<")) return undefined;
  const lines = linesOf.get(file) ?? new Lines(file.text);
  linesOf.set(file, lines);
  return { uri: uriOf(file.path), range: lines.rangeOf({ start, end }) };
}

/** `pages` is the address of the folder with a page for each code. */
export function diagnosticOf(mark: Mark, pages: string | undefined): Diagnostic {
  const related = mark.related.flatMap(({ at, message }) => {
    const location = locationOf(at);
    return location === undefined ? [] : [{ location, message }];
  });
  return {
    range: mark.range,
    severity: mark.severity === "error" ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
    source: "mgmt",
    code: mark.code,
    ...(pages === undefined ? {} : { codeDescription: { href: `${pages.replace(/\/+$/, "")}/${mark.code}.md` } }),
    message: mark.message,
    ...(related.length === 0 ? {} : { relatedInformation: related }),
  };
}

const completionKinds: Readonly<Record<CompletionKind, CompletionItemKind>> = {
  variable: CompletionItemKind.Variable,
  constant: CompletionItemKind.Constant,
  function: CompletionItemKind.Function,
  class: CompletionItemKind.Class,
  module: CompletionItemKind.Module,
  field: CompletionItemKind.Field,
  kind: CompletionItemKind.Struct,
  keyword: CompletionItemKind.Keyword,
};

/** `snippets`: the editor can jump from place to place. */
export function completionsOf({ range, items }: Completions, snippets: boolean): CompletionItem[] {
  return items.map((item: Completion): CompletionItem => {
    const withSnippet = snippets && item.snippet !== undefined;
    return {
      label: item.label,
      kind: completionKinds[item.kind],
      detail: item.detail,
      filterText: item.filter,
      insertTextFormat: withSnippet ? InsertTextFormat.Snippet : InsertTextFormat.PlainText,
      textEdit: { range, newText: withSnippet ? (item.snippet ?? item.text) : item.text },
      ...(item.markdown === undefined ? {} : { documentation: markdown(item.markdown) }),
    };
  });
}

export function signatureHelpOf({ signatures, parameter }: Help): SignatureHelp {
  return {
    signatures: signatures.map(({ label, parameters, text }) => ({
      label,
      parameters: parameters.map((each) => ({ label: each })),
      documentation: markdown(text),
    })),
    activeSignature: 0,
    activeParameter: parameter,
  };
}

const symbolKinds: Readonly<Record<OutlineItem["kind"], SymbolKind>> = {
  variable: SymbolKind.Variable,
  function: SymbolKind.Function,
  class: SymbolKind.Class,
  import: SymbolKind.Module,
  include: SymbolKind.Object,
  resource: SymbolKind.Struct,
  block: SymbolKind.Namespace,
};

export function symbolsOf(items: readonly OutlineItem[], lines: Lines): DocumentSymbol[] {
  return items.map(({ kind, name, detail, whole, at, inside }) => ({
    name,
    detail,
    kind: symbolKinds[kind],
    range: lines.rangeOf(whole),
    selectionRange: lines.rangeOf(at),
    children: symbolsOf(inside, lines),
  }));
}

export function markdown(value: string) {
  return { kind: MarkupKind.Markdown, value };
}
