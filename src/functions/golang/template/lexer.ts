// SPDX-License-Identifier: Apache-2.0
// Cuts a template into texts and actions, and actions into tokens.

import { bytesOf, textOf } from "../../../values/bytes.ts";
import { TemplateError } from "./tree.ts";

export interface Token {
  readonly kind: "name" | "field" | "variable" | "dot" | "string" | "number" | "sign";
  /** Of a field or variable: its name alone; of a string: what it stands for. */
  readonly text: string;
  readonly at: number;
  readonly end: number;
}

export type Segment =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "action"; readonly at: number; readonly tokens: readonly Token[] };

const space = " \t\r\n";

/** Texts come trimmed as the actions beside them ask for; comments are gone. */
export function lex(source: string): readonly Segment[] {
  const segments: Segment[] = [];
  let trimNext = false;
  for (let at = 0; at < source.length; ) {
    const open = source.indexOf("{{", at);
    const end = open === -1 ? source.length : open;
    const trimsLeft = open !== -1 && source.charAt(open + 2) === "-" && isSpace(source.charAt(open + 3));
    const text = trimmed(source.slice(at, end), trimNext, trimsLeft);
    if (text !== "") segments.push({ kind: "text", text });
    if (open === -1) break;
    const inside = open + 2 + (trimsLeft ? 2 : 0);
    const comment = source.startsWith("/*", skipSpace(source, inside, trimsLeft));
    const lexer = new ActionLexer(source, open, inside);
    if (comment) lexer.comment();
    else segments.push({ kind: "action", at: open, tokens: lexer.tokens() });
    trimNext = lexer.trimsRight;
    at = lexer.end;
  }
  return segments;
}

function skipSpace(source: string, at: number, trims: boolean): number {
  let next = at;
  while (trims && isSpace(source.charAt(next))) next += 1;
  return next;
}

function trimmed(text: string, atStart: boolean, atEnd: boolean): string {
  let start = 0;
  let end = text.length;
  while (atStart && start < end && isSpace(text.charAt(start))) start += 1;
  while (atEnd && end > start && isSpace(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isSpace(character: string): boolean {
  return character !== "" && space.includes(character);
}

const word = /[\p{L}_][\p{L}\p{Nd}_]*/uy;
const wordRest = /[\p{L}\p{Nd}_]*/uy;
const number =
  /[+-]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9_]+)?)/y;
const simpleEscapes: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  "\\": 92,
  '"': 34,
  "'": 39,
};

class ActionLexer {
  readonly #source: string;
  readonly #open: number;
  #at: number;
  trimsRight = false;

  constructor(source: string, open: number, inside: number) {
    this.#source = source;
    this.#open = open;
    this.#at = inside;
  }

  /** After the closing braces. */
  get end(): number {
    return this.#at;
  }

  comment(): void {
    const close = this.#source.indexOf("*/", this.#source.indexOf("/*", this.#at) + 2);
    if (close === -1) throw new TemplateError(this.#open, "a comment is not closed with */");
    this.#at = close + 2;
    if (!this.#takeEnd())
      throw new TemplateError(this.#open, "a comment is closed with */}}, and nothing stands between");
  }

  tokens(): readonly Token[] {
    const tokens: Token[] = [];
    while (!this.#takeEnd()) {
      if (isSpace(this.#source.charAt(this.#at))) this.#at += 1;
      else tokens.push(this.#token());
    }
    return tokens;
  }

  /** `}}`, or ` -}}` which trims. */
  #takeEnd(): boolean {
    const [, blanks, dash] = /^([ \t\r\n]*)(-?)\}\}/.exec(this.#source.slice(this.#at, this.#at + 1000)) ?? [];
    if (blanks === undefined || (dash === "-" && blanks === "")) return false;
    this.trimsRight = dash === "-";
    this.#at += blanks.length + (dash === "-" ? 3 : 2);
    return true;
  }

  #token(): Token {
    const at = this.#at;
    const first = this.#source.charAt(at);
    if (first === "") throw new TemplateError(this.#open, "an action is not closed with }}");
    if (first === '"') return this.#made("string", this.#quoted('"'), at);
    if (first === "`") return this.#made("string", this.#raw(), at);
    if (first === "'") return this.#made("number", String(this.#character()), at);
    if (first === "$") {
      this.#at += 1;
      return this.#made("variable", this.#match(wordRest) ?? "", at);
    }
    if (first === "." && !/[0-9]/.test(this.#source.charAt(at + 1))) {
      this.#at += 1;
      const name = this.#match(word);
      return name === undefined ? this.#made("dot", "", at) : this.#made("field", name, at);
    }
    const digits = this.#match(number);
    if (digits !== undefined) {
      if (this.#match(word) !== undefined)
        throw new TemplateError(at, `${this.#source.slice(at, this.#at)} is no number`);
      return this.#made("number", digits, at);
    }
    const name = this.#match(word);
    if (name !== undefined) return this.#made("name", name, at);
    const sign = this.#source.startsWith(":=", at) ? ":=" : first;
    if (!":=|(),".includes(sign) || sign === ":") throw new TemplateError(at, `${first} means nothing here`);
    this.#at += sign.length;
    return this.#made("sign", sign, at);
  }

  #made(kind: Token["kind"], text: string, at: number): Token {
    return { kind, text, at, end: this.#at };
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#source)?.[0];
    this.#at += text?.length ?? 0;
    return text;
  }

  #raw(): string {
    const close = this.#source.indexOf("`", this.#at + 1);
    if (close === -1) throw new TemplateError(this.#at, "a text in backquotes does not end");
    const text = this.#source.slice(this.#at + 1, close).replaceAll("\r", "");
    this.#at = close + 1;
    return text;
  }

  #quoted(mark: string): string {
    const start = this.#at;
    const bytes: number[] = [];
    this.#at += 1;
    for (;;) {
      const character = String.fromCodePoint(this.#source.codePointAt(this.#at) ?? 10);
      if (character === "\n") throw new TemplateError(start, `a text does not end with ${mark} in its line`);
      this.#at += character.length;
      if (character === mark) return textOf(Uint8Array.from(bytes));
      bytes.push(...(character === "\\" ? this.#escape(start) : bytesOf(character)));
    }
  }

  #character(): number {
    const start = this.#at;
    const [character, ...more] = this.#quoted("'");
    if (character === undefined || more.length > 0)
      throw new TemplateError(start, "there is one character in single quotes");
    return character.codePointAt(0) ?? 0;
  }

  #escape(start: number): readonly number[] | Uint8Array {
    const letter = this.#source.charAt(this.#at);
    const simple = simpleEscapes[letter];
    if (simple !== undefined) {
      this.#at += 1;
      return [simple];
    }
    const [all, , hex, octal, short, long] =
      /^(x([0-9a-fA-F]{2})|([0-3][0-7]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/.exec(
        this.#source.slice(this.#at, this.#at + 9),
      ) ?? [];
    const code = Number.parseInt(hex ?? octal ?? short ?? long ?? "", octal === undefined ? 16 : 8);
    if (all === undefined || code > 0x10ffff) throw new TemplateError(start, `\\${letter} means nothing in a text`);
    this.#at += all.length;
    return short === undefined && long === undefined ? [code] : bytesOf(String.fromCodePoint(code));
  }
}
