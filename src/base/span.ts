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

/** Line and column of an offset. The lines of a text are found once. */
export function placeOf(file: SourceFile, offset: number): Place {
  const starts = startsOf(file);
  let line = 0;
  for (let end = starts.length; end - line > 1; ) {
    const middle = (line + end) >> 1;
    if ((starts[middle] ?? 0) <= offset) line = middle;
    else end = middle;
  }
  const column = 1 + [...file.text.slice(starts[line], offset)].length;
  return { line: line + 1, column };
}

const startsByFile = new WeakMap<SourceFile, readonly number[]>();

/** The offsets at which lines begin. */
function startsOf(file: SourceFile): readonly number[] {
  const known = startsByFile.get(file);
  if (known !== undefined) return known;
  const starts = [0];
  for (let at = file.text.indexOf("\n"); at !== -1; at = file.text.indexOf("\n", at + 1)) starts.push(at + 1);
  startsByFile.set(file, starts);
  return starts;
}

const placesBySpan = new WeakMap<Span, string>();

/** `FILE:LINE:COLUMN` of the start of a span, the form that terminals and editors turn into a link. */
export function renderPlace(at: Span): string {
  const known = placesBySpan.get(at);
  if (known !== undefined) return known;
  const { line, column } = placeOf(at.file, at.start);
  const text = `${at.file.path}:${line}:${column}`;
  placesBySpan.set(at, text);
  return text;
}
