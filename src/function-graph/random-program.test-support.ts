// SPDX-License-Identifier: Apache-2.0
// Random programs of the language: nested `if`, `for` and `forkv`, functions as values, shared variables, failures that
// are caught and some that are not. Written from a list of choices, so that a shorter list is a smaller program.

import type { Value } from "../values/value.ts";
import { MapValue } from "../values/value.ts";

/** What the programs read; every program may read all of them. */
export const feedNames = ["a", "b", "p", "q", "l", "k", "m"] as const;

/** A value for a feed, or undefined: it fails. */
export function feedValue(name: (typeof feedNames)[number], choice: number): Value | undefined {
  const number = BigInt((choice % 7) - 2);
  switch (name) {
    case "a":
    case "b":
      return choice % 11 === 10 ? undefined : number;
    case "p":
    case "q":
      return choice % 2 === 0;
    case "l":
    case "k":
      return Array.from({ length: choice % 4 }, (_, index) => BigInt(((choice >> index) % 5) - 1));
    case "m":
      return new MapValue(
        ["x", "y", "z"]
          .filter((_, index) => (choice >> index) % 2 === 1)
          .map((key, index) => [key, number + BigInt(index)]),
      );
  }
}

const prelude = `$a = feed.number("a")
$b = feed.number("b")
$p = feed.flag("p")
$q = feed.flag("q")
$l = feed.numbers("l")
$k = feed.numbers("k")
$m = feed.table("m")
`;

export function randomProgram(choices: readonly number[]): string {
  return prelude + new Writer(choices).statements(3, { numbers: ["$a", "$b"], functions: [], lists: ["$l", "$k"] });
}

interface Scope {
  readonly numbers: readonly string[];
  readonly functions: readonly string[];
  readonly lists: readonly string[];
}

class Writer {
  readonly #choices: readonly number[];
  #at = 0;
  #names = 0;

  constructor(choices: readonly number[]) {
    this.#choices = choices;
  }

  statements(depth: number, outer: Scope): string {
    let scope = outer;
    let text = "";
    for (let count = 1 + this.#choose(3); count > 0; count -= 1) {
      switch (this.#choose(5)) {
        case 1: {
          const name = this.#name("v");
          text += `${name} = ${this.#number(3, scope)}\n`;
          scope = { ...scope, numbers: [...scope.numbers, name] };
          break;
        }
        case 2: {
          const name = this.#name("f");
          text += `${name} = ${this.#function(2, scope)}\n`;
          scope = { ...scope, functions: [...scope.functions, name] };
          break;
        }
        case 3: {
          const name = this.#name("s");
          text += `${name} = ${this.#list(2, scope)}\n`;
          scope = { ...scope, lists: [...scope.lists, name] };
          break;
        }
      }
      text += this.#statement(depth, scope);
    }
    return text;
  }

  #statement(depth: number, scope: Scope): string {
    const inner = (more: readonly string[]): string =>
      this.statements(depth - 1, { ...scope, numbers: [...scope.numbers, ...more] });
    switch (depth === 0 ? 0 : this.#choose(5)) {
      case 1:
        return `if ${this.#condition(2, scope)} {\n${inner([])}} else {\n${inner([])}}\n`;
      case 2:
        return `if ${this.#condition(2, scope)} {\n${inner([])}}\n`;
      case 3: {
        const [index, value] = [this.#name("i"), this.#name("v")];
        return `for ${index}, ${value} in ${this.#list(2, scope)} {\n${inner([index, value])}}\n`;
      }
      case 4: {
        const [key, value] = [this.#name("k"), this.#name("v")];
        const map = this.#choose(3) === 0 ? `{"x" => ${this.#number(1, scope)}, "w" => 1}` : "$m";
        return `forkv ${key}, ${value} in ${map} {\ntest [${key}] {}\n${inner([value])}}\n`;
      }
      default: {
        this.#names += 1;
        const condition = this.#choose(3) === 0 ? `${this.#condition(1, scope)} ?: ` : "";
        const name = `fmt.printf("r${this.#names}-%d", ${this.#number(1, scope)})`;
        return `test [${name}] {\nint64 => ${condition}${this.#number(3, scope)},\n}\n`;
      }
    }
  }

  #number(depth: number, scope: Scope): string {
    const some = (): string => this.#pick(scope.numbers) ?? "1";
    const deeper = (): string => this.#number(depth - 1, scope);
    switch (depth === 0 ? this.#choose(2) : this.#choose(10)) {
      case 0:
        return some();
      case 1:
        return String(this.#choose(4));
      case 2:
        return `(${deeper()} + ${deeper()})`;
      case 3:
        return `if ${this.#condition(depth - 1, scope)} { ${deeper()} } else { ${deeper()} }`;
      case 4:
        return `(${this.#list(depth - 1, scope)}[${deeper()}] <|> ${deeper()})`;
      case 5:
        return `len(${this.#list(depth - 1, scope)})`;
      case 6: {
        const callee = this.#pick(scope.functions);
        return callee === undefined ? some() : `${callee}(${deeper()})`;
      }
      case 7:
        return `iter.reduce(${deeper()}, ${this.#list(depth - 1, scope)}, func($x, $y) { $x + $y })`;
      case 8:
        return `(${deeper()} <|> ${deeper()})`;
      default:
        return `($m["x"] <|> ${deeper()})`;
    }
  }

  #condition(depth: number, scope: Scope): string {
    switch (this.#choose(depth === 0 ? 2 : 4)) {
      case 0:
        return "$p";
      case 1:
        return "$q";
      case 2:
        return `(${this.#number(depth - 1, scope)} < ${this.#number(depth - 1, scope)})`;
      default:
        return `(${this.#condition(depth - 1, scope)} and ${this.#condition(depth - 1, scope)})`;
    }
  }

  #list(depth: number, scope: Scope): string {
    switch (depth === 0 ? 0 : this.#choose(6)) {
      case 1:
        return `[${this.#number(depth - 1, scope)}, ${this.#number(depth - 1, scope)}]`;
      case 2:
        return `iter.map(${this.#list(depth - 1, scope)}, ${this.#function(depth - 1, scope)})`;
      case 3: {
        const name = this.#name("x");
        const inner = { ...scope, numbers: [...scope.numbers, name] };
        return `iter.filter(${this.#list(depth - 1, scope)}, func(${name}) { ${this.#condition(1, inner)} })`;
      }
      case 4:
        return `iter.zip(${this.#list(depth - 1, scope)}, ${this.#list(depth - 1, scope)}, func($x, $y) { $x - $y })`;
      default:
        return this.#pick(scope.lists) ?? "$l";
    }
  }

  #function(depth: number, scope: Scope): string {
    if (depth > 0 && this.#choose(3) === 1) {
      const [then, otherwise] = [this.#function(depth - 1, scope), this.#function(depth - 1, scope)];
      return `if ${this.#condition(1, scope)} { ${then} } else { ${otherwise} }`;
    }
    const name = this.#name("x");
    return `func(${name}) { ${this.#number(2, { ...scope, numbers: [...scope.numbers, name] })} }`;
  }

  #name(letter: string): string {
    this.#names += 1;
    return `$${letter}${this.#names}`;
  }

  #pick(from: readonly string[]): string | undefined {
    return from.length === 0 ? undefined : from[this.#choose(from.length)];
  }

  /** 0, the simplest, when there are no more choices. */
  #choose(count: number): number {
    const choice = this.#choices[this.#at] ?? 0;
    this.#at += 1;
    return choice % count;
  }
}
