// SPDX-License-Identifier: Apache-2.0
// One line of text as a terminal shows it: which column a character is in, when some are wide and some have no width.

/** A line ready to be printed. */
export interface Cells {
  readonly text: string;
  /** The column, from 0, of an offset into the line as it was given. */
  readonly columnOf: (offset: number) => number;
}

/** Longer lines are shown in part. */
const longest = 120;
const tabStop = 4;
/** What is shown before the place of interest in a line that is shown in part. */
const lead = 60;

/** Tabs become spaces, control characters become visible. `around` is the offset that must be seen. */
export function renderCells(line: string, around?: number): Cells {
  const columns = new Map<number, number>();
  const shown: { readonly text: string; readonly width: number }[] = [];
  let offset = 0;
  let column = 0;
  for (const character of line) {
    columns.set(offset, column);
    const cell = cellOf(character, column);
    shown.push(cell);
    offset += character.length;
    column += cell.width;
  }
  columns.set(offset, column);
  const width = column;
  const columnAt = (at: number): number => columns.get(at) ?? columns.get(at - 1) ?? width;
  if (around === undefined || width <= longest) {
    return { text: shown.map(({ text }) => text).join(""), columnOf: columnAt };
  }
  const from = Math.max(0, Math.min(columnAt(around) - lead, width - longest));
  let at = 0;
  let text = "";
  let shift = from;
  for (const cell of shown) {
    if (at >= from && at + cell.width <= from + longest) {
      if (text === "") shift = at;
      text += cell.text;
    }
    at += cell.width;
  }
  const before = shift > 0 ? "…" : "";
  const columnOf = (wanted: number): number => before.length + Math.max(0, Math.min(columnAt(wanted) - shift, longest));
  return { text: `${before}${text}${from + longest < width ? "…" : ""}`, columnOf };
}

/** The same text, in which nothing controls a terminal but ends of lines and tabs. */
export function harmless(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    return character === "\n" || character === "\t" ? character : cellOf(character, 0).text;
  });
}

function cellOf(character: string, column: number): { readonly text: string; readonly width: number } {
  const point = character.codePointAt(0) ?? 0;
  if (point >= 0x20 && point < 0x7f) return { text: character, width: 1 };
  if (character === "\t") {
    const width = tabStop - (column % tabStop);
    return { text: " ".repeat(width), width };
  }
  if (point < 0x20) return { text: String.fromCodePoint(controlPictures + point), width: 1 };
  if (point === 0x7f) return { text: "\u2421", width: 1 };
  if (point === zeroWidthJoiner || /\p{M}/u.test(character)) return { text: character, width: 0 };
  // Other control and format characters could turn the text around or end the line.
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(character)) return { text: "\ufffd", width: 1 };
  return { text: character, width: isWide(character, point) ? 2 : 1 };
}

/** U+2400: pictures of the control characters follow, in their order. */
const controlPictures = 0x2400;
const zeroWidthJoiner = 0x200d;

function isWide(character: string, point: number): boolean {
  if (point < 0x1100) return false;
  return (
    wideRanges.some(([first, last]) => point >= first && point <= last) || /\p{Emoji_Presentation}/u.test(character)
  );
}

/** East Asian wide and full-width characters. */
const wideRanges: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x20000, 0x3fffd],
];
