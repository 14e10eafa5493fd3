// SPDX-License-Identifier: Apache-2.0
// A problem as a person reads it in a terminal: the source lines, what is wrong under them, and what to do.
// Knows nothing of terminals but their colours, and lets nothing of the source text control one.

import type { Problem } from "./problem.ts";
import { placeOf, renderPlace, type SourceFile, type Span } from "./span.ts";
import { renderCells, type Cells } from "./terminal-cells.ts";

/**
 *     error[extra-comma]: There is a comma behind the last element
 *       --> main.mcl:1:11
 *        |
 *      1 | $a = [1, 2,]
 *        |           ^ remove this comma
 *        |
 *        = hint: Between `[` and `]` on one line, commas stand only between elements.
 *
 * Ends with a line break.
 */
export function renderProblem(problem: Problem, options: { readonly colour: boolean }): string {
  const paint = options.colour ? colourful : colourless;
  const { title, label = "", related = [], hint } = problem.message;
  const marks: readonly Mark[] = [
    { at: problem.at, label, isMain: true },
    ...related.map((other) => ({ ...other, isMain: false })),
  ];
  const excerpts = byFile(marks).map(excerptOf);
  const lastNumber = Math.max(...excerpts.flatMap(({ lines }) => lines.map(({ number }) => number)));
  const margin = " ".repeat(String(lastNumber).length + 1);
  const bar = `${margin} ${paint.frame("|")}`;

  const output = [`${paint.error(`error[${problem.code}]`)}${paint.title(`: ${plain(title)}`)}`];
  for (const [index, excerpt] of excerpts.entries()) {
    output.push(`${margin}${paint.frame(index === 0 ? "-->" : ":::")} ${plain(excerpt.place)}`, bar);
    output.push(...renderLines(excerpt.lines, margin, paint));
  }
  if (hint !== undefined) {
    output.push(bar);
    const lead = `${margin} ${paint.frame("=")} ${paint.hint("hint")}: `;
    const [first, ...rest] = wrap(plain(hint), hintWidth);
    output.push(lead + first, ...rest.map((line) => `${margin}         ${line}`));
  }
  return `${output.map((line) => line.trimEnd()).join("\n")}\n`;
}

const hintWidth = 90;

interface Mark {
  readonly at: Span;
  readonly label: string;
  readonly isMain: boolean;
}

interface Excerpt {
  /** Of the first mark. */
  readonly place: string;
  readonly lines: readonly ExcerptLine[];
}

interface ExcerptLine {
  readonly number: number;
  readonly text: string;
  /** Of the line in the source text. */
  readonly start: number;
  readonly marks: readonly Mark[];
}

/** The marks of each file; the file of the main mark first. */
function byFile(marks: readonly Mark[]): readonly (readonly [Mark, ...Mark[]])[] {
  const groups = new Map<SourceFile, [Mark, ...Mark[]]>();
  for (const mark of marks) {
    const group = groups.get(mark.at.file);
    if (group === undefined) groups.set(mark.at.file, [mark]);
    else group.push(mark);
  }
  return [...groups.values()];
}

function excerptOf(marks: readonly [Mark, ...Mark[]]): Excerpt {
  const [first] = marks;
  const lines = new Map<number, ExcerptLine>();
  for (const mark of marks) {
    const { file, start: offset } = mark.at;
    const { line: number } = placeOf(file, offset);
    const start = offset === 0 ? 0 : file.text.lastIndexOf("\n", offset - 1) + 1;
    const end = file.text.indexOf("\n", start);
    const text = file.text.slice(start, end === -1 ? file.text.length : end);
    lines.set(number, { number, text, start, marks: [...(lines.get(number)?.marks ?? []), mark] });
  }
  return { place: renderPlace(first.at), lines: [...lines.values()].toSorted((a, b) => a.number - b.number) };
}

function renderLines(lines: readonly ExcerptLine[], margin: string, paint: Paint): readonly string[] {
  const output: string[] = [];
  let before: number | undefined;
  for (const line of lines) {
    if (before !== undefined && line.number > before + 1) output.push(paint.frame("...".padStart(margin.length + 2)));
    before = line.number;
    const cells = renderCells(line.text, windowStart(line));
    output.push(`${paint.frame(`${String(line.number).padStart(margin.length)} |`)} ${cells.text}`);
    for (const mark of line.marks) output.push(renderMark(mark, line, cells, margin, paint));
  }
  return output;
}

/** Where in the line the first mark stands: of a very long line, only the text around it is shown. */
function windowStart(line: ExcerptLine): number {
  return Math.min(...line.marks.map(({ at }) => at.start - line.start));
}

function renderMark(mark: Mark, line: ExcerptLine, cells: Cells, margin: string, paint: Paint): string {
  const from = cells.columnOf(mark.at.start - line.start);
  const to = cells.columnOf(Math.min(mark.at.end - line.start, line.text.length));
  const underline = (mark.isMain ? "^" : "-").repeat(Math.max(1, to - from));
  const text = mark.label === "" ? underline : `${underline} ${plain(mark.label)}`;
  return `${margin} ${paint.frame("|")} ${" ".repeat(from)}${mark.isMain ? paint.error(text) : paint.other(text)}`;
}

/** One line, and nothing in it that a terminal would obey. */
function plain(text: string): string {
  return renderCells(text.replace(/\s+/g, " ")).text;
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  // What stands in backticks is code that a person may copy: it stays on one line.
  for (const word of text.match(/(?:[^\s`]*`[^`]{0,60}`[^\s`]*)+|\S+/g) ?? []) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

type Paint = Readonly<Record<"error" | "title" | "frame" | "other" | "hint", (text: string) => string>>;

function sgr(codes: string): (text: string) => string {
  return (text) => `\u001b[${codes}m${text}\u001b[0m`;
}

const colourful: Paint = {
  error: sgr("1;31"),
  title: sgr("1"),
  frame: sgr("34"),
  other: sgr("36"),
  hint: sgr("1;32"),
};

const same = (text: string): string => text;
const colourless: Paint = { error: same, title: same, frame: same, other: same, hint: same };
