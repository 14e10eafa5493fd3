// SPDX-License-Identifier: Apache-2.0
// The language server: answers an editor over a pair of streams until it says `exit` or goes away. All knowledge is in
// src/editor; here is what is sent when.

import { fileURLToPath } from "node:url";
import {
  type CancellationToken,
  createConnection,
  ErrorCodes,
  type InitializeParams,
  type InitializeResult,
  LSPErrorCodes,
  type Position,
  type RemoteConsole,
  ResponseError,
  type TextEdit,
  TextDocuments,
  TextDocumentSyncKind,
} from "vscode-languageserver/node";
import { TextDocument } from "vscode-languageserver-textdocument";
import { checkKnownValues } from "../agent/check-values.ts";
import { Problems } from "../base/problem.ts";
import type { Span } from "../base/span.ts";
import type { Catalog } from "../contract/catalog.ts";
import type { Host } from "../contract/host.ts";
import type { Analysis } from "../editor/analysis.ts";
import { completionsAt } from "../editor/completion.ts";
import { diagnosticsOf } from "../editor/diagnostics.ts";
import { hoverAt } from "../editor/hover.ts";
import { Indexer } from "../editor/index-file.ts";
import { outlineOf } from "../editor/outline.ts";
import { definedAt, definitionAt, placesOf, renameable, renameTo } from "../editor/references.ts";
import { signatureHelpAt } from "../editor/signature-help.ts";
import { formatSource } from "../syntax/format.ts";
import { completionsOf, diagnosticOf, locationOf, markdown, signatureHelpOf, symbolsOf, uriOf } from "./messages.ts";
import { Workspace } from "./workspace.ts";

export interface ServeOptions {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  readonly host: Host;
  readonly catalog: Catalog;
  readonly version: string;
  /** Where modules of others are kept; ends in `/`. */
  readonly moduleDirectory: string | undefined;
}

/** After the last key, so that fast typing is not marked at every letter. */
const marksDelayMs = 80;

/** Never returns: the protocol ends the process, with status 0 after `shutdown` and 1 without. */
export function serve({ input, output, host, catalog, version, moduleDirectory }: ServeOptions): Promise<never> {
  const connection = createConnection(input, output);
  const documents = new TextDocuments(TextDocument);
  const { signal } = new AbortController();
  const workspace = new Workspace({ host, indexer: new Indexer(catalog), moduleDirectory, signal });
  const timers = new Map<string, NodeJS.Timeout>();
  let client: Client = { snippets: false, pages: undefined };

  connection.onInitialize((params): InitializeResult => {
    client = clientOf(params);
    workspace.folders = foldersOf(params);
    return {
      serverInfo: { name: "mgmt", version },
      capabilities: {
        textDocumentSync: TextDocumentSyncKind.Incremental,
        completionProvider: { triggerCharacters: ["$", ".", "{", '"', ":", ">"] },
        signatureHelpProvider: { triggerCharacters: ["(", ","] },
        hoverProvider: true,
        definitionProvider: true,
        referencesProvider: true,
        documentHighlightProvider: true,
        documentSymbolProvider: true,
        documentFormattingProvider: true,
        renameProvider: { prepareProvider: true },
      },
    };
  });

  // ---- Marks ----

  const mark = async (path: string): Promise<void> => {
    const uri = uriOf(path);
    const document = documents.get(uri) ?? documents.all().find((each) => pathOf(each.uri) === path);
    const analysis = await workspace.analysis(path);
    if (document === undefined || analysis === undefined) return;
    const { program } = analysis;
    const ofValues = program === undefined ? [] : checkKnownValues(program, catalog);
    const diagnostics = diagnosticsOf(analysis, ofValues).map((each) => diagnosticOf(each, client.pages));
    // A newer text has a timer of its own.
    if (document.getText() !== analysis.source.text) return;
    await connection.sendDiagnostics({ uri: document.uri, version: document.version, diagnostics });
  };

  const markSoon = (paths: readonly string[]): void => {
    for (const path of paths) {
      clearTimeout(timers.get(path));
      const timer = setTimeout(() => {
        timers.delete(path);
        mark(path).catch((bug: unknown) => tellBug(connection.console, bug));
      }, marksDelayMs);
      timers.set(path, timer);
    }
  };

  // Also told of a document that was just opened.
  documents.onDidChangeContent(({ document }) => markSoon(workspace.write(pathOf(document.uri), document.getText())));
  documents.onDidClose(({ document }) => {
    const path = pathOf(document.uri);
    clearTimeout(timers.get(path));
    timers.delete(path);
    markSoon(workspace.close(path));
    connection
      .sendDiagnostics({ uri: document.uri, diagnostics: [] })
      .catch((bug: unknown) => tellBug(connection.console, bug));
  });
  connection.onDidChangeWatchedFiles(({ changes }) => {
    for (const { uri } of changes) markSoon(workspace.changed(pathOf(uri)));
  });

  // ---- Questions ----

  /** The newest text counts: what was typed meanwhile is read first, and may have cancelled the question. */
  const ask = async <Answer>(
    uri: string,
    token: CancellationToken,
    answer: (analysis: Analysis) => Answer | Promise<Answer>,
  ): Promise<Answer | null> => {
    await new Promise((resolve) => setImmediate(resolve));
    if (token.isCancellationRequested) throw new ResponseError(LSPErrorCodes.RequestCancelled, "cancelled");
    const analysis = await workspace.analysis(pathOf(uri));
    return analysis === undefined ? null : answer(analysis);
  };
  const askAt = <Answer>(
    { textDocument, position }: { readonly textDocument: { readonly uri: string }; readonly position: Position },
    token: CancellationToken,
    answer: (analysis: Analysis, offset: number) => Answer | Promise<Answer>,
  ) => ask(textDocument.uri, token, (analysis) => answer(analysis, analysis.lines.offsetOf(position)));

  connection.onHover((params, token) =>
    askAt(params, token, (analysis, offset) => {
      const hover = hoverAt(analysis, offset);
      return hover === undefined ? null : { contents: markdown(hover.markdown), range: hover.range };
    }),
  );

  connection.onCompletion((params, token) =>
    askAt(params, token, (analysis, offset) => {
      const completions = completionsAt(analysis, offset);
      return completions === undefined ? [] : completionsOf(completions, client.snippets);
    }),
  );

  connection.onSignatureHelp((params, token) =>
    askAt(params, token, (analysis, offset) => {
      const help = signatureHelpAt(analysis, offset);
      return help === undefined ? null : signatureHelpOf(help);
    }),
  );

  connection.onDefinition((params, token) =>
    askAt(params, token, (analysis, offset) => {
      const at = definitionAt(analysis, offset);
      return (at && locationOf(at)) ?? null;
    }),
  );

  connection.onReferences((params, token) =>
    askAt(params, token, async (analysis, offset) => {
      const definition = definedAt(analysis, offset);
      if (definition === undefined) return [];
      const withDeclaration = params.context.includeDeclaration;
      const places = placesOf(definition, await workspace.indexes(), { withDeclaration });
      return places.flatMap((at) => locationOf(at) ?? []);
    }),
  );

  connection.onDocumentHighlight((params, token) =>
    askAt(params, token, (analysis, offset) => {
      const definition = definedAt(analysis, offset);
      if (definition === undefined) return [];
      const places = placesOf(definition, [analysis.index], { withDeclaration: true });
      return places.filter(({ file }) => file === analysis.source).map((at) => ({ range: analysis.lines.rangeOf(at) }));
    }),
  );

  connection.onPrepareRename((params, token) =>
    askAt(params, token, (analysis, offset) => {
      const found = renameable(analysis, offset);
      if ("refused" in found) throw new ResponseError(ErrorCodes.InvalidRequest, found.refused);
      return analysis.lines.rangeOf(found.at);
    }),
  );

  connection.onRenameRequest((params, token) =>
    askAt(params, token, async (analysis, offset) => {
      const found = renameable(analysis, offset);
      if ("refused" in found) throw new ResponseError(ErrorCodes.InvalidRequest, found.refused);
      const definition = definedAt(analysis, offset);
      if (definition === undefined) return null;
      const renamed = renameTo(definition, params.newName, await workspace.indexes());
      if ("refused" in renamed) throw new ResponseError(ErrorCodes.InvalidRequest, renamed.refused);
      return { changes: editsOf(renamed.places, params.newName.replace(/^\$/, "")) };
    }),
  );

  connection.onDocumentSymbol((params, token) =>
    ask(params.textDocument.uri, token, ({ tree, lines }) => symbolsOf(outlineOf(tree.body), lines)),
  );

  connection.onDocumentFormatting((params, token) =>
    ask(params.textDocument.uri, token, ({ source, lines }): TextEdit[] => {
      const formatted = formatSource(source, new Problems());
      if (formatted === undefined || formatted === source.text) return [];
      return [{ range: lines.rangeOf({ start: 0, end: source.text.length }), newText: formatted }];
    }),
  );

  documents.listen(connection);
  connection.listen();
  return new Promise<never>(() => {});
}

interface Client {
  readonly snippets: boolean;
  /** Address of the folder with a page for each code of a problem. */
  readonly pages: string | undefined;
}

function clientOf({ capabilities, initializationOptions }: InitializeParams): Client {
  const given: unknown = initializationOptions;
  const pages =
    typeof given === "object" && given !== null && "problemPages" in given && typeof given.problemPages === "string"
      ? given.problemPages
      : undefined;
  return { snippets: capabilities.textDocument?.completion?.completionItem?.snippetSupport === true, pages };
}

function foldersOf({ workspaceFolders, rootUri }: InitializeParams): readonly string[] {
  const uris = workspaceFolders?.map(({ uri }) => uri) ?? (rootUri === null ? [] : [rootUri]);
  return uris.filter((uri) => uri.startsWith("file:")).map((uri) => pathOf(uri).replace(/\/+$/, ""));
}

/** A document that is no file keeps its address as its path. */
function pathOf(uri: string): string {
  return uri.startsWith("file:") ? fileURLToPath(uri) : uri;
}

function editsOf(places: readonly Span[], newText: string): Record<string, TextEdit[]> {
  const changes: Record<string, TextEdit[]> = {};
  for (const at of places) {
    const location = locationOf(at);
    if (location === undefined) continue;
    const edits = changes[location.uri] ?? [];
    edits.push({ range: location.range, newText });
    changes[location.uri] = edits;
  }
  return changes;
}

/** A mistake of ours must not end the editing: it goes to the editor's log. */
function tellBug(console: RemoteConsole, bug: unknown): void {
  console.error(bug instanceof Error ? (bug.stack ?? bug.message) : String(bug));
}
