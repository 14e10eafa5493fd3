// SPDX-License-Identifier: Apache-2.0
// Reads one JSON value as a value of a given type. What is wrong is thrown as a sentence in a `Mismatch`.

import { type StructType, type Type, renderType } from "../../values/type.ts";
import { MapValue, type Value } from "../../values/value.ts";
import { parseFloat64, parseInt64 } from "../convert/parse-number.ts";
import { type Fields, Mismatch, structOf, superfluous, unwanted } from "./mismatch.ts";

/** What follows the first value is not looked at. */
export function readJson(text: string, type: Type, fields: Fields): Value {
  return new Reader(text, fields).value(type, "");
}

const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const word = /[a-z]+/y;
const depthLimit = 1000;

class Reader {
  readonly #text: string;
  readonly #fields: Fields;
  #at = 0;
  #depth = 0;

  constructor(text: string, fields: Fields) {
    this.#text = text;
    this.#fields = fields;
  }

  /** `path` says where we are: `.hosts[2].name`. */
  value(type: Type, path: string): Value {
    const found = this.#kind();
    switch (type.kind) {
      case "bool":
        if (found === "bool") return this.#word() === "true";
        break;
      case "str":
        if (found === "string") return this.#string();
        break;
      case "int":
      case "float":
        if (found === "number") return this.#number(type.kind, path);
        break;
      case "list":
        if (found === "array") return this.#array((index) => this.value(type.element, `${path}[${index}]`));
        break;
      case "map":
        if (type.key.kind !== "str") throw new Mismatch(`the keys of ${renderType(type)} are not str`);
        if (found === "object") return this.#map(type.value, path);
        break;
      case "struct":
        if (found === "object") return this.#struct(type, path);
        break;
      case "func":
      case "variant":
      case "variable":
        throw new Mismatch(`JSON cannot hold ${renderType(type)}`);
    }
    throw unwanted(found, type, path);
  }

  #map(type: Type, path: string): Value {
    const entries: [Value, Value][] = [];
    this.#object((key) => {
      entries.push([key, this.value(type, `${path}.${key}`)]);
    });
    return new MapValue(entries);
  }

  #struct(type: StructType, path: string): Value {
    const found = new Map<string, Value>();
    this.#object((key) => {
      const field = type.fields.find(({ name }) => name === key);
      if (field !== undefined) found.set(key, this.value(field.type, `${path}.${key}`));
      else if (this.#fields === "flexible") this.#skip();
      else throw superfluous(type, key, path);
    });
    return structOf(type, found, this.#fields, path);
  }

  #number(kind: "int" | "float", path: string): Value {
    const text = this.#token(number, "a number");
    const parsed = kind === "int" ? parseInt64(text) : parseFloat64(text);
    if (parsed.kind === "number") return parsed.value;
    throw new Mismatch(`${text} is no ${kind}${path === "" ? "" : `, at ${path}`}`);
  }

  #object(entry: (key: string) => void): void {
    this.#enter("{");
    if (!this.#take("}")) {
      do {
        if (this.#kind() !== "string") throw this.#malformed("the name of a field is missing");
        const key = this.#string();
        this.#expect(":");
        entry(key);
      } while (this.#take(","));
      this.#expect("}");
    }
    this.#depth -= 1;
  }

  #array(element: (index: number) => Value): readonly Value[] {
    const elements: Value[] = [];
    this.#enter("[");
    if (!this.#take("]")) {
      do elements.push(element(elements.length));
      while (this.#take(","));
      this.#expect("]");
    }
    this.#depth -= 1;
    return elements;
  }

  /** Over a value of any kind. */
  #skip(): void {
    switch (this.#kind()) {
      case "object":
        this.#object(() => this.#skip());
        break;
      case "array":
        this.#array(() => {
          this.#skip();
          return false;
        });
        break;
      case "string":
        this.#string();
        break;
      case "number":
        this.#token(number, "a number");
        break;
      case "bool":
      case "null":
        this.#word();
    }
  }

  #kind(): "object" | "array" | "string" | "number" | "bool" | "null" {
    this.#blank();
    const first = this.#text.charAt(this.#at);
    if (first === "{") return "object";
    if (first === "[") return "array";
    if (first === '"') return "string";
    if (first === "-" || (first >= "0" && first <= "9")) return "number";
    if (first === "t" || first === "f") return "bool";
    if (first === "n") return "null";
    throw this.#malformed(first === "" ? "the text ends too early" : `nothing begins with ${first}`);
  }

  #word(): string {
    const text = this.#token(word, "a word");
    if (text !== "true" && text !== "false" && text !== "null") throw this.#malformed(`${text} means nothing`);
    return text;
  }

  #string(): string {
    let text = "";
    this.#at += 1;
    for (;;) {
      const character = this.#text.charAt(this.#at);
      this.#at += 1;
      if (character === '"') return text.toWellFormed();
      if (character === "" || character < " ") throw this.#malformed("a string does not end");
      text += character === "\\" ? this.#escape() : character;
    }
  }

  #escape(): string {
    const letter = this.#text.charAt(this.#at);
    this.#at += 1;
    const simple = escapes[letter];
    if (simple !== undefined) return simple;
    const digits = this.#text.slice(this.#at, this.#at + 4);
    if (letter !== "u" || !/^[0-9a-fA-F]{4}$/.test(digits))
      throw this.#malformed(`\\${letter} means nothing in a string`);
    this.#at += 4;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }

  #token(pattern: RegExp, what: string): string {
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#text)?.[0];
    if (text === undefined) throw this.#malformed(`${what} is malformed`);
    this.#at += text.length;
    return text;
  }

  #enter(bracket: string): void {
    this.#expect(bracket);
    this.#depth += 1;
    if (this.#depth > depthLimit) throw this.#malformed("it is nested too deeply");
  }

  #take(token: string): boolean {
    this.#blank();
    if (this.#text.charAt(this.#at) !== token) return false;
    this.#at += 1;
    return true;
  }

  #expect(token: string): void {
    if (!this.#take(token)) throw this.#malformed(`${token} is missing`);
  }

  #blank(): void {
    while (/[ \t\r\n]/.test(this.#text.charAt(this.#at))) this.#at += 1;
  }

  #malformed(what: string): Mismatch {
    return new Mismatch(`${what}, after ${this.#at} characters`);
  }
}
