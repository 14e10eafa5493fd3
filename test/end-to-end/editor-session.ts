// SPDX-License-Identifier: Apache-2.0
// An editor that speaks to `mgmt lsp`: frames messages, pairs answers with questions, keeps what it is told.
// Knows nothing of the sources.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { pathToFileURL } from "node:url";

export interface Marked {
  readonly uri: string;
  readonly version?: number;
  readonly diagnostics: readonly {
    readonly code: string;
    readonly message: string;
    readonly range: { readonly start: { readonly line: number; readonly character: number } };
    readonly codeDescription?: { readonly href: string };
    readonly relatedInformation?: readonly { readonly location: { readonly uri: string } }[];
  }[];
}

export class EditorSession {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (message: Record<string, unknown>) => void>();
  readonly #marked: Marked[] = [];
  #markedChanged: () => void = () => {};
  #received: Buffer = Buffer.alloc(0);
  #last = 0;
  readonly ended: Promise<number | null>;

  constructor(program: string, directory: string) {
    this.#child = spawn(program, ["lsp", "--stdio"], { cwd: directory, stdio: ["pipe", "pipe", "inherit"] });
    this.#child.stdout?.on("data", (bytes: Buffer) => this.#receive(bytes));
    this.#child.stdin?.on("error", () => {}); // It may have ended.
    this.ended = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("exit", resolve);
    });
    this.ended.catch(() => {});
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  closeInput(): void {
    this.#child.stdin?.end();
  }

  /** The result; a refusal fails with its text. */
  async ask(method: string, params: unknown): Promise<unknown> {
    const { result, error } = await this.answer(method, params);
    if (error !== undefined) throw new Error(JSON.stringify(error));
    return result;
  }

  /** The whole answer, which is given within a minute. */
  answer(method: string, params: unknown): Promise<Record<string, unknown>> {
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error(`no answer to ${method}`)), 60_000);
      this.#waiting.set(id, (message) => {
        clearTimeout(limit);
        resolve(message);
      });
      this.#send({ id, method, params });
    });
  }

  tell(method: string, params: unknown): void {
    this.#send({ method, params });
  }

  async initialize(directory: string, more: Record<string, unknown> = {}): Promise<unknown> {
    const folder = pathToFileURL(directory).href;
    const result = await this.ask("initialize", {
      processId: process.pid,
      rootUri: folder,
      workspaceFolders: [{ uri: folder, name: "test" }],
      capabilities: { textDocument: { completion: { completionItem: { snippetSupport: true } } } },
      ...more,
    });
    this.tell("initialized", {});
    return result;
  }

  open(uri: string, text: string): void {
    this.tell("textDocument/didOpen", { textDocument: { uri, languageId: "mcl", version: 1, text } });
  }

  /** Replaces `length` characters in a line. */
  edit(uri: string, version: number, line: number, character: number, length: number, text: string): void {
    const range = { start: { line, character }, end: { line, character: character + length } };
    this.tell("textDocument/didChange", { textDocument: { uri, version }, contentChanges: [{ range, text }] });
  }

  /** The marks of a document in this version, as soon as they have been told. */
  async marks(uri: string, version: number): Promise<Marked["diagnostics"]> {
    for (;;) {
      const found = this.#marked.find((each) => each.uri === uri && each.version === version);
      if (found !== undefined) return found.diagnostics;
      await new Promise<void>((resolve, reject) => {
        const limit = setTimeout(() => reject(new Error(`no marks of ${uri} ${version}`)), 60_000);
        this.#markedChanged = () => {
          clearTimeout(limit);
          resolve();
        };
      });
    }
  }

  #send(message: Record<string, unknown>): void {
    const body = JSON.stringify({ jsonrpc: "2.0", ...message });
    this.#child.stdin?.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  #receive(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes]);
    for (;;) {
      const head = this.#received.indexOf("\r\n\r\n");
      if (head === -1) return;
      const length = Number(/Content-Length: (\d+)/.exec(this.#received.toString("utf8", 0, head))?.[1]);
      assert.ok(length > 0, "every message says how long it is");
      const end = head + 4 + length;
      if (this.#received.length < end) return;
      const message: unknown = JSON.parse(this.#received.toString("utf8", head + 4, end));
      assert(typeof message === "object" && message !== null, "every message is an object");
      this.#take({ ...message });
      this.#received = this.#received.subarray(end);
    }
  }

  #take(message: Record<string, unknown>): void {
    if (typeof message["id"] === "number" && message["method"] === undefined) {
      this.#waiting.get(message["id"])?.(message);
      this.#waiting.delete(message["id"]);
    } else if (message["method"] === "textDocument/publishDiagnostics") {
      this.#marked.push(message["params"] as Marked);
      this.#markedChanged();
    }
  }
}
