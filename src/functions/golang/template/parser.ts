// SPDX-License-Identifier: Apache-2.0
// Template text → tree. Knows the names of functions, not what they do.

import { quote } from "../../../values/print.ts";
import { lex, type Segment, type Token } from "./lexer.ts";
import { GoInt } from "../value.ts";
import { numberFrom } from "./number.ts";
import {
  type Branch,
  type Command,
  type Node,
  type Operand,
  type Pipeline,
  type Template,
  TemplateError,
} from "./tree.ts";

/** Throws a `TemplateError`. */
export function parseTemplate(source: string, isFunction: (name: string) => boolean): Template {
  const bodies = new Map<string, readonly Node[]>();
  const parser = new Parser(source, isFunction, bodies);
  bodies.set("", parser.main());
  return { source, bodies };
}

/** Far beyond what people write, and well within the stack. */
const depthLimit = 300;

type Action = Segment & { readonly kind: "action" };

class Parser {
  readonly #source: string;
  readonly #isFunction: (name: string) => boolean;
  readonly #bodies: Map<string, readonly Node[]>;
  readonly #segments: readonly Segment[];
  #next = 0;
  #action: Action = { kind: "action", at: 0, tokens: [] };
  #token = 0;
  /** Names of the variables that can be seen here. */
  #variables: string[] = [""];
  #rangeDepth = 0;
  /** Of actions and parentheses in each other. */
  #depth = 0;

  constructor(source: string, isFunction: (name: string) => boolean, bodies: Map<string, readonly Node[]>) {
    this.#source = source;
    this.#isFunction = isFunction;
    this.#bodies = bodies;
    this.#segments = lex(source);
  }

  main(): readonly Node[] {
    const nodes = this.#list();
    if (this.#next < this.#segments.length) {
      throw this.#wrong(this.#action.at, `{{${this.#peek()?.text ?? ""}}} has nothing to belong to`);
    }
    return nodes;
  }

  /** Up to an `end` or `else`, which stays the present action, with its first token ahead; or up to the end. */
  #list(): readonly Node[] {
    const nodes: Node[] = [];
    while (this.#next < this.#segments.length) {
      const segment = this.#segments[this.#next];
      if (segment?.kind === "text") {
        nodes.push({ kind: "text", text: segment.text });
        this.#next += 1;
        continue;
      }
      if (segment === undefined) break;
      this.#action = segment;
      this.#token = 0;
      const keyword = this.#peek()?.kind === "name" ? this.#peek()?.text : undefined;
      if (keyword === "end" || keyword === "else") return nodes;
      this.#next += 1;
      const node = this.#node(keyword);
      if (node !== undefined) nodes.push(node);
    }
    return nodes;
  }

  #node(keyword: string | undefined): Node | undefined {
    const at = this.#action.at;
    switch (keyword) {
      case "if":
      case "with":
      case "range":
        this.#token += 1;
        return this.#branch(keyword, at);
      case "define":
        this.#token += 1;
        this.#define(at);
        return undefined;
      case "block": {
        this.#token += 1;
        const name = this.#templateName();
        const data = this.#pipeline("the data of the block");
        this.#finish();
        this.#add(name, this.#body(at), at);
        return { kind: "template", at, name, data };
      }
      case "template": {
        this.#token += 1;
        const name = this.#templateName();
        const data = this.#peek() === undefined ? undefined : this.#pipeline("the data of the template");
        this.#finish();
        return { kind: "template", at, name, data };
      }
      case "break":
      case "continue":
        this.#token += 1;
        this.#finish();
        if (this.#rangeDepth === 0) throw this.#wrong(at, `{{${keyword}}} stands outside of a {{range}}`);
        return { kind: keyword };
      default: {
        const pipeline = this.#pipeline("a command");
        this.#finish();
        return { kind: "action", pipeline };
      }
    }
  }

  #branch(kind: Branch["kind"], at: number): Branch {
    const visible = this.#variables.length;
    const pipeline = this.#pipeline(`what follows ${kind}`, kind === "range" ? 2 : 1);
    this.#finish();
    const declared = this.#variables.length;
    if (kind === "range") this.#rangeDepth += 1;
    const then = this.#nested(at, () => this.#list());
    if (kind === "range") this.#rangeDepth -= 1;
    this.#variables.length = declared;
    const otherwise = this.#nested(at, () => this.#otherwise(kind, at));
    this.#variables.length = visible;
    return { kind, at, pipeline, then, otherwise };
  }

  /** `else`, `else if` and `else with` up to the `end` that closes all of them. */
  #otherwise(kind: Branch["kind"], at: number): readonly Node[] {
    if (this.#take("end", at)) return [];
    this.#take("else", at);
    const follows = this.#peek();
    if (follows !== undefined && follows.kind === "name" && follows.text === kind && kind !== "range") {
      this.#token += 1;
      return [this.#branch(kind, follows.at)];
    }
    this.#finish();
    const nodes = this.#list();
    if (!this.#take("end", at)) throw this.#wrong(this.#action.at, "there is a second {{else}}");
    return nodes;
  }

  /** Whether the present action is this keyword; then goes on after it. */
  #take(keyword: "end" | "else", opened: number): boolean {
    if (this.#next >= this.#segments.length) throw this.#wrong(opened, "there is no {{end}} to it");
    if (this.#peek()?.text !== keyword) return false;
    this.#token += 1;
    this.#next += 1;
    if (keyword === "end") this.#finish();
    return true;
  }

  #define(at: number): void {
    if (this.#depth > 0) {
      throw this.#wrong(at, "{{define}} stands at the top, not within another action");
    }
    const name = this.#templateName();
    this.#finish();
    this.#add(name, this.#body(at), at);
  }

  /** One without anything in it may be defined again, and does not define another one anew. */
  #add(name: string, body: readonly Node[], at: number): void {
    const known = this.#bodies.get(name);
    if (known === undefined || isEmpty(known)) this.#bodies.set(name, body);
    else if (!isEmpty(body)) throw this.#wrong(at, `there is another template called ${quote(name)}`);
  }

  /** Of a template of its own: it sees none of our variables. */
  #body(at: number): readonly Node[] {
    const [variables, depth] = [this.#variables, this.#rangeDepth];
    this.#variables = [""];
    this.#rangeDepth = 0;
    const nodes = this.#nested(at, () => this.#list());
    if (!this.#take("end", at)) throw this.#wrong(this.#action.at, "{{else}} has nothing to belong to");
    this.#variables = variables;
    this.#rangeDepth = depth;
    return nodes;
  }

  #nested<Parsed>(at: number, parse: () => Parsed): Parsed {
    if (this.#depth >= depthLimit) throw this.#wrong(at, "it is nested too deeply");
    this.#depth += 1;
    const parsed = parse();
    this.#depth -= 1;
    return parsed;
  }

  #templateName(): string {
    const token = this.#peek();
    if (token?.kind !== "string") throw this.#wrong(this.#place(), "the name of a template is missing");
    this.#token += 1;
    return token.text;
  }

  /** Up to the end of the action, or to a closing parenthesis. */
  #pipeline(what: string, mostVariables: 0 | 1 | 2 = 1): Pipeline {
    const at = this.#place();
    const { variables, binding } = this.#binding(mostVariables);
    const commands: Command[] = [];
    do {
      const command = this.#command(what);
      if (commands.length > 0 && !isExecutable(command)) {
        throw this.#wrong(command.at, "what stands after | has to be a function or a field");
      }
      commands.push(command);
    } while (this.#takeSign("|"));
    if (binding === "declare") this.#variables.push(...variables);
    return { at, variables, binding, commands };
  }

  #binding(most: 0 | 1 | 2): Pick<Pipeline, "variables" | "binding"> {
    const [first, second, third, fourth] = this.#action.tokens.slice(this.#token);
    const isPair = most === 2 && second?.text === "," && second.kind === "sign" && third?.kind === "variable";
    const sign = isPair ? fourth : second;
    if (
      first?.kind !== "variable" ||
      sign?.kind !== "sign" ||
      (sign.text !== ":=" && sign.text !== "=") ||
      most === 0
    ) {
      return { variables: [], binding: "declare" };
    }
    const variables = isPair ? [first.text, third.text] : [first.text];
    const binding = sign.text === ":=" ? "declare" : "assign";
    if (binding === "assign") for (const name of variables) this.#see(name, first.at);
    this.#token += isPair ? 4 : 2;
    return { variables, binding };
  }

  #command(what: string): Command {
    const at = this.#place();
    const operands: Operand[] = [];
    for (let token = this.#peek(); token !== undefined && !isEnd(token); token = this.#peek()) {
      if (operands.length > 0 && token.at === operands.at(-1)?.end) {
        throw this.#wrong(token.at, `a space is missing before ${this.#source.slice(token.at, token.end)}`);
      }
      operands.push(this.#operand(token));
    }
    const [first, ...more] = operands;
    if (first === undefined) throw this.#wrong(at, `${what} is missing`);
    if (first.kind === "nil" && more.length === 0) throw this.#wrong(at, "nil is no command");
    return { at, first, more };
  }

  #operand(token: Token): Operand {
    this.#token += 1;
    const { at } = token;
    switch (token.kind) {
      case "dot":
        return { kind: "dot", at, end: token.end };
      case "string":
        return this.#whole({ kind: "constant", value: token.text, at, end: token.end });
      case "number": {
        const value = numberFrom(token.text);
        if (value === undefined) throw this.#wrong(at, `${token.text} is no number that we can hold`);
        const typed = typeof value === "bigint" ? new GoInt(value) : value;
        return this.#whole({ kind: "constant", value: typed, at, end: token.end });
      }
      case "field":
        return { kind: "field", at, ...this.#fields(token.end, [token.text]) };
      case "variable":
        this.#see(token.text, at);
        return { kind: "variable", name: token.text, at, ...this.#fields(token.end, []) };
      case "name":
        return this.#named(token);
      case "sign": {
        if (token.text !== "(") throw this.#wrong(at, `${token.text} has no place here`);
        const pipeline = this.#nested(at, () => this.#pipeline("what stands in parentheses", 0));
        const close = this.#peek();
        if (!this.#takeSign(")") || close === undefined) throw this.#wrong(at, "a parenthesis is not closed");
        return { kind: "pipeline", pipeline, at, ...this.#fields(close.end, []) };
      }
    }
  }

  #named({ text, at, end }: Token): Operand {
    if (text === "true" || text === "false") return this.#whole({ kind: "constant", value: text === "true", at, end });
    if (text === "nil") return { kind: "nil", at, end };
    if (!this.#isFunction(text)) throw this.#wrong(at, `there is no function called ${text}`);
    return { kind: "function", name: text, at, end };
  }

  /** `.a.b` right behind an operand. */
  #fields(from: number, first: readonly string[]): { readonly names: readonly string[]; readonly end: number } {
    const names = [...first];
    let end = from;
    for (let token = this.#peek(); token?.kind === "field" && token.at === end; token = this.#peek()) {
      names.push(token.text);
      end = token.end;
      this.#token += 1;
    }
    return { names, end };
  }

  #whole(operand: Operand): Operand {
    const token = this.#peek();
    if (token?.kind === "field" && token.at === operand.end) throw this.#wrong(token.at, "a constant has no fields");
    return operand;
  }

  #see(name: string, at: number): void {
    if (!this.#variables.includes(name)) throw this.#wrong(at, `there is no variable called $${name}`);
  }

  #takeSign(sign: string): boolean {
    const token = this.#peek();
    if (token?.kind !== "sign" || token.text !== sign) return false;
    this.#token += 1;
    return true;
  }

  /** Of the next token; at the end of an action, of its last one. */
  #place(): number {
    return (this.#peek() ?? this.#action.tokens.at(-1) ?? this.#action).at;
  }

  #peek(): Token | undefined {
    return this.#action.tokens[this.#token];
  }

  #finish(): void {
    const token = this.#peek();
    if (token !== undefined) {
      throw this.#wrong(token.at, `${this.#source.slice(token.at, token.end)} has no place here`);
    }
  }

  #wrong(at: number, message: string): TemplateError {
    return new TemplateError(at, message);
  }
}

function isEnd(token: Token): boolean {
  return token.kind === "sign" && (token.text === "|" || token.text === ")");
}

function isExecutable({ first }: Command): boolean {
  return first.kind === "function" || first.kind === "field" || first.kind === "variable" || first.kind === "pipeline";
}

function isEmpty(body: readonly Node[]): boolean {
  return body.every((node) => node.kind === "text" && node.text.trim() === "");
}
