// SPDX-License-Identifier: Apache-2.0
// JSON as a document that somebody else has written: numbers stay as they are spelled, keys in their order. Pure.

/** A number is kept by its digits: no number of the runtime can hold all of them. */
export type Json = null | boolean | string | JsonNumber | readonly Json[] | JsonObject;
export interface JsonNumber {
  readonly digits: string;
}
export type JsonObject = ReadonlyMap<string, Json>;

export function isObject(value: Json | undefined): value is JsonObject {
  return value instanceof Map;
}

/** Deeper ones are nobody's configuration. */
const deepest = 500;

/** `wrong` says what is not JSON about it, and where. */
export function parseJson(text: string): { readonly value: Json } | { readonly wrong: string } {
  try {
    return { value: new Parser(text).document() };
  } catch (reason) {
    if (reason instanceof NotJson) return { wrong: reason.message };
    throw reason;
  }
}

/** With tabs, each member on a line of its own, and a line end. */
export function renderJson(value: Json): string {
  return `${render(value, "\n")}\n`;
}

/** On one line. */
export function compactJson(value: Json): string {
  return render(value, undefined);
}

/** Whether both mean the same: the order of keys is none of it, the spelling of numbers is. */
export function isSameJson(one: Json, other: Json): boolean {
  if (isObject(one) && isObject(other)) {
    if (one.size !== other.size) return false;
    return [...one].every(([key, value]) => {
      const beside = other.get(key);
      return beside !== undefined && isSameJson(value, beside);
    });
  }
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((value: Json, at) => isSameJson(value, other[at] as Json));
  }
  if (isNumber(one) && isNumber(other)) return one.digits === other.digits;
  return one === other;
}

function isNumber(value: Json): value is JsonNumber {
  return typeof value === "object" && value !== null && "digits" in value;
}

function render(value: Json, newline: string | undefined): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (isNumber(value)) return value.digits;
  const inner = newline === undefined ? undefined : `${newline}\t`;
  const parts = isObject(value)
    ? [...value].map(
        ([key, member]) => `${JSON.stringify(key)}:${newline === undefined ? "" : " "}${render(member, inner)}`,
      )
    : value.map((member: Json) => render(member, inner));
  const [open, close] = isObject(value) ? ["{", "}"] : ["[", "]"];
  if (parts.length === 0) return open + close;
  return inner === undefined
    ? open + parts.join(",") + close
    : open + inner + parts.join(`,${inner}`) + newline + close;
}

class NotJson extends Error {}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): Json {
    const value = this.#value(0);
    this.#space();
    if (this.#at < this.#text.length) throw this.#wrong("there is more after the value");
    return value;
  }

  #value(depth: number): Json {
    if (depth > deepest) throw this.#wrong("it is nested too deeply");
    this.#space();
    const next = this.#text[this.#at];
    if (next === "{") return this.#object(depth);
    if (next === "[") return this.#array(depth);
    if (next === '"') return this.#string();
    const word = this.#match(/(?:true|false|null)(?![A-Za-z0-9_])/y);
    if (word !== undefined) return word === "null" ? null : word === "true";
    const digits = this.#match(/-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![A-Za-z0-9_.])/y);
    if (digits !== undefined) return { digits };
    throw this.#wrong(next === undefined ? "it ends where a value should be" : "there is no value");
  }

  #object(depth: number): Json {
    const members = new Map<string, Json>();
    this.#at += 1;
    this.#space();
    if (this.#take("}")) return members;
    for (;;) {
      this.#space();
      if (this.#text[this.#at] !== '"') throw this.#wrong("there is no key in double quotes");
      const key = this.#string();
      this.#space();
      if (!this.#take(":")) throw this.#wrong("there is no colon after the key");
      members.set(key, this.#value(depth + 1));
      this.#space();
      if (this.#take("}")) return members;
      if (!this.#take(",")) throw this.#wrong("there is neither a comma nor a closing brace");
    }
  }

  #array(depth: number): Json {
    const items: Json[] = [];
    this.#at += 1;
    this.#space();
    if (this.#take("]")) return items;
    for (;;) {
      items.push(this.#value(depth + 1));
      this.#space();
      if (this.#take("]")) return items;
      if (!this.#take(",")) throw this.#wrong("there is neither a comma nor a closing bracket");
    }
  }

  #string(): string {
    const start = this.#at;
    for (let at = start + 1; at < this.#text.length; at += 1) {
      if (this.#text[at] === "\\") at += 1;
      else if (this.#text[at] === '"') {
        try {
          const value: unknown = JSON.parse(this.#text.slice(start, at + 1));
          this.#at = at + 1;
          return String(value);
        } catch {
          break;
        }
      }
    }
    throw this.#wrong("the text in quotes is not right, or has no end");
  }

  #space(): void {
    this.#match(/[ \t\r\n]*/y);
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const [found] = pattern.exec(this.#text) ?? [];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #wrong(what: string): NotJson {
    const before = this.#text.slice(0, this.#at).split("\n");
    return new NotJson(`${what} (line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1})`);
  }
}
