// SPDX-License-Identifier: Apache-2.0
// The grammar that editors colour by: every token of all programs has the colour of what our own lexer takes it for.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import oniguruma from "vscode-oniguruma";
import textmate, { type IGrammar, type StateStack } from "vscode-textmate";
import { Problems } from "../src/base/problem.ts";
import { lex } from "../src/syntax/lexer.ts";
import { parseFile } from "../src/syntax/parser.ts";
import type { TokenKind } from "../src/syntax/tokens.ts";

const root = join(import.meta.dirname, "..");
const grammarPath = join(root, "editor/vscode/mcl.tmLanguage.json");

async function loadGrammar(): Promise<IGrammar> {
  await oniguruma.loadWASM(readFileSync(createRequire(import.meta.url).resolve("vscode-oniguruma/release/onig.wasm")));
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns: string[]) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text: string) => new oniguruma.OnigString(text),
    }),
    loadGrammar: () => Promise.resolve(textmate.parseRawGrammar(readFileSync(grammarPath, "utf8"), grammarPath)),
  });
  const grammar = await registry.loadGrammar("source.mcl");
  assert(grammar !== null);
  return grammar;
}

/** The scopes of every character. */
function scopesOf(grammar: IGrammar, text: string): readonly string[] {
  const scopes: string[] = [];
  let state: StateStack = textmate.INITIAL;
  for (const line of text.split("\n")) {
    const result = grammar.tokenizeLine(line, state);
    state = result.ruleStack;
    for (const { startIndex, endIndex, scopes: found } of result.tokens) {
      for (let at = startIndex; at < Math.min(endIndex, line.length); at += 1) scopes.push(found.slice(1).join(" "));
    }
    scopes.push("");
  }
  return scopes;
}

/** What the scopes of a token have to say; undefined: it has none. */
function expected(kind: TokenKind): RegExp | undefined {
  switch (kind) {
    case "newline":
    case "end":
    case "unrecognised":
    case "lost":
      return undefined;
    case "text":
      return /^string\.quoted/;
    case "integer":
      return /^constant\.numeric\.integer/;
    case "decimal":
      return /^constant\.numeric\.float/;
    case "capitalised":
      return /^(entity\.name\.type\.resource|keyword\.other)/;
    case "name":
      return /^(entity\.name|variable\.other)/;
    case "$":
      return /^punctuation\.definition\.variable/;
    case "true":
    case "false":
      return /^constant\.language/;
    case "bool":
    case "str":
    case "int":
    case "float":
    case "variant":
    case "struct":
      return /^storage\.type/;
    case "func":
    case "class":
      return /^storage\.type/;
    case "map":
    case "collect":
      // They may also be names.
      return /^(storage\.type|keyword\.control|variable\.other|entity\.name)/;
    case "if":
    case "else":
    case "for":
    case "forkv":
    case "in":
    case "include":
    case "import":
    case "as":
    case "panic":
      return /^keyword\.control/;
    case "and":
    case "or":
    case "not":
      return /^keyword\.operator\.word/;
    case "{":
    case "}":
    case "(":
    case ")":
    case "[":
    case "]":
      return /^punctuation\.section/;
    case ",":
    case ";":
      return /^punctuation\.separator/;
    case ":":
    case ".":
      // Inside of a name with several parts.
      return /^(punctuation\.separator|entity\.name|variable\.other)/;
    default:
      return /^keyword\.operator/;
  }
}

test("every token of all programs is coloured as what it is", async () => {
  const grammar = await loadGrammar();
  const files = globSync("{examples,modules}/**/*.mcl", { cwd: root }).map((path) =>
    readFileSync(join(root, path), "utf8"),
  );
  const golden = globSync("test/cases/**/*.md", { cwd: root }).flatMap((path) =>
    [...readFileSync(join(root, path), "utf8").matchAll(/```mcl\n(.*?)```/gs)].map((match) => match[1] ?? ""),
  );
  assert.ok(files.length > 3 && golden.length > 100);
  let compared = 0;
  for (const text of [...files, ...golden]) {
    const source = { path: "", text };
    const problems = new Problems();
    parseFile(source, problems);
    // Where a text that ends in a backslash ends, depends on the rest of the file: no grammar for colours can tell.
    if (problems.any || text.includes('\\\\"')) continue;
    const { kinds, starts, ends, comments } = lex(source, problems);
    const scopes = scopesOf(grammar, text);
    const check = (start: number, end: number, pattern: RegExp, what: string) => {
      for (const at of [start, end - 1]) {
        assert.match(scopes[at] ?? "", pattern, `${what} \`${text.slice(start, end)}\` in\n${text}`);
      }
    };
    for (const [index, kind] of kinds.entries()) {
      const before = kinds[index - 1];
      // Whatever stands there was meant as a name.
      const isNamed = /^[a-z]/.test(kind) && (before === "$" || before === ".");
      const pattern = isNamed ? /^(variable\.other|entity\.name)/ : expected(kind);
      if (pattern === undefined) continue;
      check(starts[index] ?? 0, ends[index] ?? 0, pattern, kind);
      compared += 1;
    }
    for (const { at } of comments) check(at.start, at.end, /^comment/, "comment");
  }
  assert.ok(compared > 2000, String(compared));
});
