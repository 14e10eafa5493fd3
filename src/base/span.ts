// SPDX-License-Identifier: Apache-2.0
// Where something stands in a source text. Knows nothing of any language.

/** One source text. `path` is what a person sees; the text is kept so that a problem can show its line. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
  /** Absent when no other files belong to it. */
  readonly deployed?: Deployed;
}

/** Where the files lie that belong to a text; absolute directories, which end in `/`. */
export interface Deployed {
  /** Of the module that the text is the code of. */
  readonly directory: string;
  /** Of the whole program: its `/`. */
  readonly root: string;
  /** Of modules of others, when it is known: its `/modules/`. */
  readonly modules?: string;
}

/** A range of one source text, in UTF-16 code units from its start; `end` is exclusive. */
export interface Span {
  readonly file: SourceFile;
  readonly start: number;
  readonly end: number;
}

/** A place as people count: both from 1, columns in code points, a tab is one column. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Line and column of an offset. Costs a scan of the text, so it is for messages, not for loops. */
export function placeOf(file: SourceFile, offset: number): Place {
  let line = 1;
  let lineStart = 0;
  for (let at = file.text.indexOf("\n"); at !== -1 && at < offset; at = file.text.indexOf("\n", at + 1)) {
    line += 1;
    lineStart = at + 1;
  }
  const column = 1 + [...file.text.slice(lineStart, offset)].length;
  return { line, column };
}

/** `FILE:LINE:COLUMN` of the start of a span, the form that terminals and editors turn into a link. */
export function renderPlace(at: Span): string {
  const { line, column } = placeOf(at.file, at.start);
  return `${at.file.path}:${line}:${column}`;
}
