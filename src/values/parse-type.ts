// SPDX-License-Identifier: Apache-2.0
// Reads the type texts that our own tables are written in: `func(format str, ?1) []?1`. Not for users' programs.

import { invariant } from "../base/invariant.ts";
import { type FunctionType, functionType, listType, mapType, structType, type Type } from "./type.ts";

/** A wrong text is a bug in one of our tables, so it throws. */
export function parseType(text: string): Type {
  const reader = new Reader(text);
  const type = reader.type();
  reader.end();
  return type;
}

/** Like `parseType`, for signatures. */
export function parseSignature(text: string): FunctionType {
  const type = parseType(text);
  invariant(type.kind === "func", `${text} is a function type`);
  return type;
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  type(): Type {
    if (this.#take("[]")) return listType(this.type());
    if (this.#take("?")) return { kind: "variable", id: Number(this.#word()) };
    const word = this.#word();
    switch (word) {
      case "bool":
      case "str":
      case "int":
      case "float":
      case "variant":
        return { kind: word };
      case "map":
        return this.#map();
      case "struct":
        return this.#struct();
      case "func":
        return this.#function();
      default:
        throw this.#wrong(`no type is called "${word}"`);
    }
  }

  end(): void {
    this.#blank();
    if (this.#at !== this.#text.length) throw this.#wrong("text follows the type");
  }

  #map(): Type {
    this.#expect("{");
    const key = this.type();
    this.#expect(":");
    const value = this.type();
    this.#expect("}");
    return mapType(key, value);
  }

  #struct(): Type {
    this.#expect("{");
    const fields: { name: string; type: Type }[] = [];
    while (!this.#take("}")) {
      if (fields.length > 0) this.#expect(";");
      const name = this.#word();
      fields.push({ name, type: this.type() });
    }
    return structType(fields);
  }

  #function(): Type {
    this.#expect("(");
    const params: { name?: string; type: Type }[] = [];
    while (!this.#take(")")) {
      if (params.length > 0) this.#expect(",");
      params.push(this.#parameter());
    }
    return functionType(params, this.type());
  }

  /** `type` or `name type`: a word followed by a comma or a parenthesis was the type itself. */
  #parameter(): { name?: string; type: Type } {
    const start = this.#at;
    if (!this.#take("[]") && !this.#take("?")) {
      const name = this.#word();
      this.#blank();
      const next = this.#text[this.#at];
      if (next !== "," && next !== ")" && next !== "{" && next !== "(") return { name, type: this.type() };
    }
    this.#at = start;
    return { type: this.type() };
  }

  #word(): string {
    this.#blank();
    const start = this.#at;
    while (/[a-z0-9_]/.test(this.#text[this.#at] ?? "")) this.#at += 1;
    if (this.#at === start) throw this.#wrong("a word is missing");
    return this.#text.slice(start, this.#at);
  }

  #take(token: string): boolean {
    this.#blank();
    if (!this.#text.startsWith(token, this.#at)) return false;
    this.#at += token.length;
    return true;
  }

  #expect(token: string): void {
    if (!this.#take(token)) throw this.#wrong(`"${token}" is missing`);
  }

  #blank(): void {
    while (this.#text[this.#at] === " ") this.#at += 1;
  }

  #wrong(what: string): Error {
    return new Error(`type text "${this.#text}", at ${this.#at}: ${what}`);
  }
}
