// SPDX-License-Identifier: Apache-2.0
// Where in the source of an embedding program something was declared, so that messages can show the line.

import { readFileSync } from "node:fs";
import { sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { SourceFile, Span } from "../base/span.ts";

export type Captured = () => Span;

/** The place that called `below`. Costs a frame of the stack; the file is read when somebody looks at the place. */
export function capturePlace(below: (...given: never) => unknown): Captured {
  const holder: { stack?: string } = {};
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = 1;
  Error.captureStackTrace(holder, below);
  Error.stackTraceLimit = before;
  let place: Span | undefined;
  return () => {
    place ??= spanOf(holder.stack ?? "");
    return place;
  };
}

/** A place for what has none of its own. */
export const nowhere: Span = { file: { path: "<program>", text: "" }, start: 0, end: 0 };

interface KnownFile {
  readonly file: SourceFile;
  readonly lineStarts: readonly number[];
}

const known = new Map<string, KnownFile>();

function spanOf(stack: string): Span {
  const found = /(?:\(|at )((?:file:\/\/)?\/[^\n]*?):(\d+):(\d+)\)?$/m.exec(stack);
  if (found === null) return nowhere;
  const [, where = "", line = "1", column = "1"] = found;
  const { file, lineStarts } = fileAt(where);
  const start = (lineStarts[Number(line) - 1] ?? 0) + Number(column) - 1;
  return {
    file,
    start: Math.min(start, file.text.length),
    end: Math.min(endOfName(file.text, start), file.text.length),
  };
}

function endOfName(text: string, start: number): number {
  return start + Math.max(1, /^[\w.]*/.exec(text.slice(start, start + 100))?.[0].length ?? 1);
}

function fileAt(where: string): KnownFile {
  const found = known.get(where);
  if (found !== undefined) return found;
  const path = where.startsWith("file:") ? fileURLToPath(where) : where;
  const here = `${process.cwd()}${sep}`;
  const text = readText(path);
  const lineStarts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) lineStarts.push(at + 1);
  const file = { file: { path: path.startsWith(here) ? path.slice(here.length) : path, text }, lineStarts };
  known.set(where, file);
  return file;
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // The place is then named without its text.
  }
}
