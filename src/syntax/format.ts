// SPDX-License-Identifier: Apache-2.0
// The one way to lay out a program: tabs, single spaces, and line breaks where the author put them. Never re-wraps.
// Language: mcl reference, section 12.

import { invariant } from "../base/invariant.ts";
import { Problems } from "../base/problem.ts";
import type { SourceFile } from "../base/span.ts";
import { FormatWriter } from "./format-writer.ts";
import { formatStatements } from "./format-statements.ts";
import { parseFile } from "./parser.ts";
import type { File } from "./tree.ts";

/** Reads back as the same tree and the same comments; formatting it again changes nothing. */
export function formatFile(file: File): string {
  const writer = new FormatWriter(file);
  formatStatements(writer, file.body, 0);
  const text = writer.finish();
  return writer.hasMovedComments ? formatFile(parseFormatted(text)) : text;
}

/** A comment inside a type or an empty call has no place of its own and moves out, once; it decides what is broken up. */
function parseFormatted(text: string): File {
  const problems = new Problems();
  const file = parseFile({ path: "formatted", text }, problems);
  invariant(file !== undefined && !problems.any, "formatted text can be read");
  return file;
}

/** The same for a text, whose last line may lack its end. Of a text with problems, reports them and gives nothing. */
export function formatSource(source: SourceFile, problems: Problems): string | undefined {
  const isEnded = source.text === "" || source.text.endsWith("\n");
  const ended = isEnded ? source : { path: source.path, text: `${source.text}\n` };
  const found = new Problems();
  const file = parseFile(ended, found);
  for (const problem of found.all) problems.add(problem);
  return file === undefined || found.any ? undefined : formatFile(file);
}
