// SPDX-License-Identifier: Apache-2.0
// Writes formatted text, and puts comments and blank lines back where they were. Knows no statement or expression.
//
// Comments are not in the tree: they come out at line breaks. Before a line break each comment that stood before what
// follows it is written: behind the code when code stood before it on its line, else on a line of its own.

import type { Span } from "../base/span.ts";
import type { Comment, File } from "./tree.ts";

export class FormatWriter {
  readonly #source: string;
  readonly #comments: readonly Comment[];
  #nextComment = 0;
  /** Offset in the source up to which all is written: blank lines are looked for behind it. */
  #seen = 0;
  #output = "";
  #hasMovedComments = false;

  constructor(file: File) {
    this.#source = file.at.file.text;
    this.#comments = file.comments;
  }

  /** Writes text as it is. `end` is the offset in the source behind what the text stands for. */
  write(text: string, end?: number): void {
    this.#output += text;
    if (end !== undefined) this.#seen = Math.max(this.#seen, end);
  }

  /**
   * Ends the line and begins the one of what stands at `next` in the source. `commentDepth` is how deep comments between
   * are indented: before a closing bracket, one level deeper than the bracket.
   */
  breakLine(next: number, depth: number, commentDepth = depth): void {
    this.#writeComments(next, commentDepth);
    this.#beginLine(next, depth);
  }

  /** The whole text. */
  finish(): string {
    this.#writeComments(Number.POSITIVE_INFINITY, 0);
    return this.#output === "" ? "" : `${this.#output}\n`;
  }

  /** Whether a comment stands in another place now: what was on one line around it may have to be broken up. */
  get hasMovedComments(): boolean {
    return this.#hasMovedComments;
  }

  /** Whether a line ends between two places of the source. */
  hasLineBreak(start: number, end: number): boolean {
    const at = this.#source.indexOf("\n", start);
    return at !== -1 && at < end;
  }

  hasComment(span: Span): boolean {
    let low = 0;
    let high = this.#comments.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#comments[middle]?.at.start ?? 0) < span.start) low = middle + 1;
      else high = middle;
    }
    const first = this.#comments[low];
    return first !== undefined && first.at.start < span.end;
  }

  #writeComments(next: number, depth: number): void {
    let isBehindCode = this.#output !== "";
    for (;;) {
      const comment = this.#comments[this.#nextComment];
      if (comment === undefined || comment.at.start >= next) return;
      this.#nextComment += 1;
      this.#hasMovedComments ||= comment.at.start < this.#seen;
      if (isBehindCode && this.#followsCode(comment)) this.#output += " ";
      else this.#beginLine(comment.at.start, depth);
      this.write(`#${comment.text}`, comment.at.end);
      isBehindCode = false;
    }
  }

  #followsCode(comment: Comment): boolean {
    const { start } = comment.at;
    const lineStart = start === 0 ? 0 : this.#source.lastIndexOf("\n", start - 1) + 1;
    return this.#source.slice(lineStart, start).trim() !== "";
  }

  #beginLine(next: number, depth: number): void {
    if (this.#output === "") return;
    const first = this.#source.indexOf("\n", this.#seen);
    const hasBlankLine = first !== -1 && this.hasLineBreak(first + 1, next);
    this.#output += (hasBlankLine ? "\n\n" : "\n") + "\t".repeat(depth);
  }
}
