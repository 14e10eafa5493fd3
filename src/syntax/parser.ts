// SPDX-License-Identifier: Apache-2.0
// Source text to syntax tree. Sees one file alone: no modules, no names, no types.
//
// Functions named `parseX` are called where their first token was already seen; `expectX` must find an X and report
// when there is none; `tryX` takes one if it is there.

import { Problems } from "../base/problem.ts";
import type { SourceFile } from "../base/span.ts";
import { lex } from "./lexer.ts";
import { TokenReader } from "./reader.ts";
import { parseStatements } from "./statements.ts";
import type { Tokens } from "./tokens.ts";
import type { File } from "./tree.ts";

/**
 * The tree without the statements that are broken; `undefined` when nothing else is left. Reports every mistake of its
 * own, not the ones that follow from another.
 */
export function parseFile(source: SourceFile, problems: Problems): File | undefined {
  const ofLexer = new Problems();
  const ofParser = new Problems();
  const tokens = lex(source, ofLexer);
  const body = parseStatements(new TokenReader(tokens, ofParser), "file");
  const found = [...ofLexer.all, ...withoutEchoes(ofParser, tokens)].toSorted((a, b) => a.at.start - b.at.start);
  for (const problem of found) problems.add(problem);
  if (body.length === 0 && found.length > 0) return undefined;
  return { at: { file: source, start: 0, end: source.text.length }, body, comments: tokens.comments };
}

/**
 * When a quote stands alone in a file, some string before it may have swallowed the wrong text, and all after it is
 * inside out. Then the first problem behind the first string over several lines is told and the others are not.
 */
function withoutEchoes(problems: Problems, tokens: Tokens): Problems["all"] {
  if (tokens.openQuote === undefined) return problems.all;
  const newline = (index: number) => tokens.source.text.indexOf("\n", tokens.starts[index]);
  const suspect = tokens.kinds.findIndex(
    (kind, i) => kind === "text" && newline(i) !== -1 && newline(i) < (tokens.ends[i] ?? 0),
  );
  const doubtful = suspect === -1 ? tokens.openQuote : (tokens.starts[suspect] ?? 0);
  const sure = problems.all.filter(({ at }) => at.start < doubtful);
  const first = problems.all.find(({ at }) => at.start >= doubtful && at.start < (tokens.openQuote ?? 0));
  return first === undefined ? sure : [...sure, first];
}
