// SPDX-License-Identifier: Apache-2.0
// The parser's place in the tokens, and what happens to it at a problem. Knows no production of the grammar.
//
// After a problem that leaves no way to go on, the reader is *lost*: every token looks like `lost`, nothing is reported,
// so every loop of the parser ends and every function returns, with a node that nobody will see. The loop over
// statements then drops the statement and calls `recover`. So a parse function never asks whether the one it called
// has succeeded.

import type { ProblemDefinition, Problems } from "../base/problem.ts";
import type { SourceFile, Span } from "../base/span.ts";
import { hintForSign } from "./habits.ts";
import {
  minusJoinedToNumber,
  neverClosed,
  nestedTooDeep,
  upperCaseInName,
  wrongNumber,
  unexpectedToken,
} from "./problems.ts";
import { renderToken, startsStatement, type TokenKind, type Tokens } from "./tokens.ts";

/** How deep brackets and blocks may nest, so that recursion has stack enough. A hand-written program stays below 30. */
const deepestNesting = 300;

/** How deep the tree may become, since later walks over it recurse: chains like `1 + 1 + 1` nest only in the tree. */
const deepestTree = 1000;

/** After so many problems nobody reads on, and each costs a look at the rest of the file. */
const mostTimesLost = 100;

export class TokenReader {
  readonly source: SourceFile;
  readonly #tokens: Tokens;
  readonly #problems: Problems;
  #index = 0;
  #lost = false;
  /** Of the current token; `lost` in place of its own when the reader is lost. */
  kind: TokenKind;
  /** Depth of the node being parsed. */
  #depth = 0;
  /** Depth of the deepest node of the expression being parsed: chains grow to the left, above what they contain. */
  #bottom = 0;
  #suspect: Span | undefined;
  #timesLost = 0;

  constructor(tokens: Tokens, problems: Problems) {
    this.source = tokens.source;
    this.#tokens = tokens;
    this.#problems = problems;
    this.kind = tokens.kinds[0] ?? "end";
  }

  get isLost(): boolean {
    return this.#lost;
  }

  /** Offset of the current token. */
  get start(): number {
    return this.#tokens.starts[this.#index] ?? this.source.text.length;
  }

  /** Span of the current token. */
  get here(): Span {
    return this.#spanOfToken(this.#index);
  }

  /** Offset behind the token before. */
  get previousEnd(): number {
    return this.#tokens.ends[this.#index - 1] ?? 0;
  }

  get previousKind(): TokenKind | undefined {
    return this.#tokens.kinds[this.#index - 1];
  }

  /** The token before; its place where it is about what stands, or should stand, behind it. */
  get previous(): Span {
    return this.#spanOfToken(Math.max(0, this.#index - 1));
  }

  /** The kind of the token behind the current one. */
  get nextKind(): TokenKind {
    return this.#lost ? "lost" : (this.#tokens.kinds[this.#index + 1] ?? "end");
  }

  get text(): string {
    return this.#textOfToken(this.#index);
  }

  /** Asks again each time: unlike `kind`, the compiler does not believe that the answer stays. */
  at(kind: TokenKind): boolean {
    return this.kind === kind;
  }

  advance(): void {
    if (this.#lost) return;
    this.#index += 1;
    this.kind = this.#tokens.kinds[this.#index] ?? "end";
  }

  /** Goes over the token if it is this one. */
  tryToken(kind: TokenKind): boolean {
    if (this.kind !== kind) return false;
    this.advance();
    return true;
  }

  /** Goes over the token, which must be this one; `expected` says in words what should stand here. */
  expectToken(kind: TokenKind, expected: string, hint?: string | (() => string)): void {
    if (this.kind === kind) this.advance();
    else this.unexpected(expected, typeof hint === "function" ? hint() : hint);
  }

  /** Goes over the ends of any number of lines. */
  skipNewlines(): void {
    while (this.kind === "newline") this.advance();
  }

  spanFrom(start: number): Span {
    return { file: this.source, start, end: Math.max(start, this.previousEnd) };
  }

  // ---- Problems ----

  /** Reports and goes on: what was meant is clear. */
  report<Facts>(definition: ProblemDefinition<Facts>, at: Span, facts: Facts): void {
    if (!this.#lost) this.#problems.report(definition, at, facts);
  }

  /** How many problems there are by now; for `explain`. */
  get problemCount(): number {
    return this.#problems.all.length;
  }

  /** Puts one problem that tells what was meant in the place of those found since there were `count`, if there are any. */
  explain<Facts>(count: number, definition: ProblemDefinition<Facts>, at: Span, facts: Facts): void {
    if (this.problemCount > count) this.#problems.replaceSince(count, definition, at, facts);
  }

  /** Reports and is lost: nothing that follows can be trusted. */
  fail<Facts>(definition: ProblemDefinition<Facts>, at: Span, facts: Facts): void {
    // A token that is none was reported by the lexer, and is reason enough.
    if (this.kind !== "unrecognised") this.report(definition, at, facts);
    this.#timesLost += 1;
    this.#lost = true;
    this.kind = "lost";
  }

  /** Reports, and reads no more of the file. */
  #giveUp<Facts>(definition: ProblemDefinition<Facts>, at: Span, facts: Facts): void {
    this.fail(definition, at, facts);
    this.#timesLost = mostTimesLost;
  }

  /** The current token cannot stand here. */
  unexpected(expected: string, hint?: string): void {
    if (this.#lost) return;
    const isJoined = this.start === this.previousEnd;
    if (this.kind === "capitalised" && isJoined && this.previousKind === "name") {
      this.fail(upperCaseInName, this.here, undefined);
      return;
    }
    if (isJoined && (this.previousKind === "integer" || this.previousKind === "decimal") && /^[a-z.]/.test(this.text)) {
      this.fail(wrongNumber, this.here, undefined);
      return;
    }
    if ((this.kind === "integer" || this.kind === "decimal") && this.text.startsWith("-")) {
      this.fail(minusJoinedToNumber, this.here, { number: this.text });
      return;
    }
    const found = renderToken(this.kind, this.text);
    const better = this.#quoteHint(isJoined) ?? hintForSign(this.source.text, this.start) ?? hint;
    this.fail(unexpectedToken, this.here, { found, expected, hint: better, brokenString: this.#brokenString() });
  }

  /**
   * What stands right at a string was meant to be in it.
   *
   *     "say "hello" to all"
   *           ^
   */
  #quoteHint(isJoined: boolean): string | undefined {
    const isWord = /^[A-Za-z0-9"]/.test(this.text);
    return isJoined && isWord && this.previousKind === "text"
      ? 'A quote inside of a string is written `\\"`.'
      : undefined;
  }

  /** The bracket at `opener` has no partner: the file ends, or something stands here that cannot be inside it. */
  neverClosed(opener: Span, close: string): void {
    let last = this.#index;
    while (last > 0 && (this.#tokens.kinds[last] === "end" || this.#tokens.kinds[last] === "newline")) last -= 1;
    const end = this.#tokens.ends[last] ?? 0;
    const isEnd = this.kind === "end";
    const found = isEnd ? { file: this.source, start: end, end } : this.here;
    const open = this.source.text.slice(opener.start, opener.end);
    const suspect = close === "}" ? this.#suspect : undefined;
    this.fail(neverClosed, opener, { open, close, found, isEnd, suspect });
  }

  /** Notes a pair of braces. The first that is indented unlike a pair is the suspect when one is missing in the end. */
  closed(opener: Span): void {
    const closer = this.#index - 1;
    if (this.#suspect !== undefined || this.#lost || this.#tokens.kinds[closer - 1] !== "newline") return;
    const closerIndentation = this.#indentationAt(this.#tokens.starts[closer] ?? 0);
    if (closerIndentation < this.#indentationAt(opener.start)) this.#suspect = opener;
  }

  /** Whether the current token begins a line that is indented no deeper than the one of this place. */
  isOutside(place: Span): boolean {
    return this.previousKind === "newline" && this.#indentationAt(this.start) <= this.#indentationAt(place.start);
  }

  /** The string just before, when it spans lines or was kept open by a backslash: perhaps not what was meant. */
  #brokenString(): Span | undefined {
    for (const index of [this.#index, this.#index - 1]) {
      if (this.#tokens.kinds[index] !== "text") continue;
      const text = this.#textOfToken(index);
      if (text.includes("\n") || text.includes('\\\\"')) return this.#spanOfToken(index);
    }
    return undefined;
  }

  // ---- Depth ----

  /** Begins a node one level down; give the result to `leave`. */
  enter(): number {
    const outside = this.#bottom;
    this.#depth += 1;
    this.#bottom = this.#depth;
    if (this.#depth > deepestNesting) this.#giveUp(nestedTooDeep, this.here, { deepest: deepestNesting });
    return outside;
  }

  /** What was parsed since `enter` becomes the left part of a node in its place. */
  wrap(): void {
    this.#bottom += 1;
    if (this.#bottom > deepestTree) this.#giveUp(nestedTooDeep, this.here, { deepest: deepestTree });
  }

  leave(outside: number): void {
    this.#depth -= 1;
    this.#bottom = Math.max(this.#bottom, outside);
  }

  // ---- Finding the way again ----

  /** A mark to recover to: the start of a statement or of a resource's item. */
  mark(): number {
    return this.#index;
  }

  /**
   * Ends being lost: goes to the end of the line where the statement that began at `mark` ends, or to the bracket that
   * closes the block around it. A line that is indented deeper, or begins as no statement does, still belongs to the
   * statement. When brackets do not pair up, the indentation decides alone. After many problems it stays lost.
   */
  recover(mark: number): void {
    if (!this.#lost || this.#timesLost >= mostTimesLost) return;
    const failed = this.#index;
    this.#lost = false;
    this.#index = this.#endByBrackets(mark, failed) ?? this.#endByIndentation(mark, failed);
    this.kind = this.#tokens.kinds[this.#index] ?? "end";
  }

  /** Index of the token that ends the statement, if the brackets from `mark` on pair up until there. */
  #endByBrackets(mark: number, failed: number): number | undefined {
    const open: TokenKind[] = [];
    for (let index = mark; ; index += 1) {
      const kind = this.#tokens.kinds[index] ?? "end";
      const closer = closerOf(kind);
      if (kind === "end") return open.length === 0 ? index : undefined;
      if (kind === "newline" && open.length === 0 && index >= failed && !this.#isContinued(mark, index)) return index;
      if (closer !== undefined) open.push(closer);
      else if (isCloser(kind)) {
        if (open.length === 0) return index >= failed && kind === "}" ? index : undefined;
        if (open.pop() !== kind) return undefined;
      }
    }
  }

  #endByIndentation(mark: number, failed: number): number {
    const own = this.#indentation(mark);
    // The token that cannot stand here may be the first of the next statement.
    for (let index = failed > mark ? failed - 1 : failed; ; index += 1) {
      const kind = this.#tokens.kinds[index] ?? "end";
      if (kind === "end") return index;
      if (kind !== "newline") continue;
      const next = this.#tokens.kinds[index + 1] ?? "end";
      if (next === "newline") continue;
      const indentation = this.#indentation(index + 1);
      if (isCloser(next) ? indentation < own : indentation <= own) return index;
    }
  }

  /** Whether the line behind this line's end goes on with the statement. */
  #isContinued(mark: number, newline: number): boolean {
    const next = this.#tokens.kinds[newline + 1] ?? "end";
    if (next === "newline" || next === "end" || isCloser(next)) return false;
    return !startsStatement(next) || this.#indentation(newline + 1) > this.#indentation(mark);
  }

  #indentation(index: number): number {
    return this.#indentationAt(this.#tokens.starts[index] ?? 0);
  }

  /** Columns before the first token of the line in which this offset is. */
  #indentationAt(start: number): number {
    const lineStart = start === 0 ? 0 : this.source.text.lastIndexOf("\n", start - 1) + 1;
    let at = lineStart;
    while (this.source.text.charAt(at) === " " || this.source.text.charAt(at) === "\t") at += 1;
    return at - lineStart;
  }

  #spanOfToken(index: number): Span {
    return { file: this.source, start: this.#tokens.starts[index] ?? 0, end: this.#tokens.ends[index] ?? 0 };
  }

  #textOfToken(index: number): string {
    return this.source.text.slice(this.#tokens.starts[index] ?? 0, this.#tokens.ends[index] ?? 0);
  }
}

function closerOf(kind: TokenKind): TokenKind | undefined {
  if (kind === "{") return "}";
  if (kind === "(") return ")";
  return kind === "[" ? "]" : undefined;
}

function isCloser(kind: TokenKind): boolean {
  return kind === "}" || kind === ")" || kind === "]";
}
