// SPDX-License-Identifier: Apache-2.0
// Random programs that are mostly right: every expression is written for the type that its place wants, from what is in
// scope there. Statements come in any order, and now and then something is wrong.

import { listType, mapType, renderType, structType, type Type } from "../../src/values/type.ts";
import type { Chance } from "./chance.ts";

const bool: Type = { kind: "bool" };
const str: Type = { kind: "str" };
const int: Type = { kind: "int" };
const float: Type = { kind: "float" };
const scalars: readonly [Type, ...Type[]] = [bool, str, int, float, int, str];

export function typedProgram(chance: Chance): string {
  const imports = ["fmt", "iter", "math", "strings", "convert", "list", "map", "golang", "regexp", "datetime"];
  const head = imports.map((name) => `import "${name}"`);
  const scope: Scope = { variables: [], functions: [], classes: [], names: [] };
  const lines = new Writer(chance).statements(3, scope);
  return `${chance.shuffled([...head, ...lines]).join("\n")}\n`;
}

interface Scope {
  readonly variables: readonly { readonly name: string; readonly type: Type }[];
  /** `$f` for a value, `f` for a definition, which takes anything where `params` has undefined. */
  readonly functions: readonly { readonly name: string; readonly params: readonly Type[]; readonly result: Type }[];
  readonly classes: readonly {
    readonly name: string;
    readonly params: readonly Type[];
    readonly exports: Scope["variables"];
  }[];
  /** Of resources of the kind test, for edges. */
  readonly names: readonly string[];
}

class Writer {
  readonly #chance: Chance;
  #count = 0;

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  /** Each is one statement, of one or more lines. */
  statements(depth: number, outer: Scope): string[] {
    let scope = outer;
    const lines: string[] = [];
    for (let count = 1 + this.#chance.below(5); count > 0; count -= 1) {
      const [text, next] = this.#statement(depth, scope);
      lines.push(text);
      scope = next;
    }
    return lines;
  }

  #block(depth: number, scope: Scope): string {
    if (depth <= 0 || this.#chance.oneIn(8)) return this.#chance.pick(["{}", "{\n}", "{\n\n# nothing\n}"]);
    return `{\n${this.#chance.shuffled(this.statements(depth - 1, scope)).join("\n")}\n}`;
  }

  #statement(depth: number, scope: Scope): readonly [string, Scope] {
    switch (depth === 0 ? this.#chance.below(4) : this.#chance.below(14)) {
      case 0:
      case 1:
        return this.#bind(depth, scope);
      case 4: {
        const test = this.expression(bool, 2, scope);
        const otherwise = this.#chance.oneIn(2) ? ` else ${this.#block(depth, scope)}` : "";
        return [`if ${test} ${this.#block(depth, scope)}${otherwise}`, scope];
      }
      case 5: {
        const type = this.#type(1);
        const [index, value] = [this.#name("i"), this.#name("v")];
        const inner = this.#withVariable(this.#withVariable(scope, `$${index}`, int), `$${value}`, type);
        const list = this.expression(listType(type), 2, scope);
        return [`for $${index}, $${value} in ${list} ${this.#block(depth, inner)}`, scope];
      }
      case 6: {
        const type = this.#type(1);
        const [key, value] = [this.#name("k"), this.#name("v")];
        const inner = this.#withVariable(this.#withVariable(scope, `$${key}`, str), `$${value}`, type);
        const map = this.expression(mapType(str, type), 2, scope);
        return [`forkv $${key}, $${value} in ${map} ${this.#block(depth, inner)}`, scope];
      }
      case 7:
        return this.#function(scope);
      case 8:
        return this.#class(depth, scope);
      case 9:
      case 10:
        return this.#include(scope);
      case 11:
        return [`panic(${this.expression(bool, 1, scope)} and false, "no")`, scope];
      case 12: {
        const [from, to] = [this.#chance.pick(scope.names), this.#chance.pick(scope.names)];
        if (from === undefined || to === undefined || from === to) return this.#resource(scope);
        return [`Test["${from}"] -> Test["${to}"]`, scope];
      }
      default:
        return this.#resource(scope);
    }
  }

  #bind(depth: number, scope: Scope): readonly [string, Scope] {
    const name = this.#name("x");
    if (this.#chance.oneIn(5)) {
      const params = Array.from({ length: this.#chance.below(3) }, () => this.#type(1));
      const result = this.#type(1);
      const text = `$${name} = ${this.#lambda(params, result, 2, scope)}`;
      return [text, { ...scope, functions: [...scope.functions, { name: `$${name}`, params, result }] }];
    }
    const type = this.#type(2);
    const annotation = this.#chance.oneIn(3) ? ` ${renderType(type)}` : "";
    const text = `$${name}${annotation} = ${this.expression(type, 2 + Math.min(depth, 1), scope)}`;
    return [text, this.#withVariable(scope, `$${name}`, type)];
  }

  #function(scope: Scope): readonly [string, Scope] {
    const name = this.#name("f");
    const params = Array.from({ length: this.#chance.below(3) }, () => this.#type(1));
    const result = this.#type(1);
    const text = this.#lambda(params, result, 3, scope).replace("func", `func ${name}`);
    return [text, { ...scope, functions: [...scope.functions, { name, params, result }] }];
  }

  #class(depth: number, scope: Scope): readonly [string, Scope] {
    const name = this.#name("c");
    const params = Array.from({ length: this.#chance.below(3) }, () => this.#type(1));
    const names = params.map(() => this.#name("p"));
    let inner = scope;
    for (const [index, type] of params.entries()) inner = this.#withVariable(inner, `$${names[index]}`, type);
    const [exported, after] = this.#bind(depth, inner);
    const exports = after.variables.slice(inner.variables.length);
    const written = params.map((type, index) => {
      return `$${names[index]}${this.#chance.oneIn(2) ? ` ${renderType(type)}` : ""}`;
    });
    const rest = depth > 0 ? this.statements(depth - 1, after) : [];
    const body = this.#chance.shuffled([exported, ...rest]).join("\n");
    const head = params.length === 0 && this.#chance.oneIn(2) ? name : `${name}(${written.join(", ")})`;
    return [`class ${head} {\n${body}\n}`, { ...scope, classes: [...scope.classes, { name, params, exports }] }];
  }

  #include(scope: Scope): readonly [string, Scope] {
    const found = this.#chance.pick(scope.classes);
    if (found === undefined) return this.#resource(scope);
    const args = found.params.map((type) => this.expression(type, 2, scope)).join(", ");
    const call = args === "" && this.#chance.oneIn(2) ? found.name : `${found.name}(${args})`;
    if (this.#chance.oneIn(2)) return [`include ${call}`, scope];
    const alias = this.#name("a");
    const variables = found.exports.map(({ name, type }) => ({ name: `$${alias}.${name.slice(1)}`, type }));
    return [`include ${call} as ${alias}`, { ...scope, variables: [...scope.variables, ...variables] }];
  }

  #resource(scope: Scope): readonly [string, Scope] {
    const name = this.#name("r");
    const items: string[] = [];
    const field = (written: string, type: Type): void => {
      if (this.#chance.oneIn(2)) return;
      const condition = this.#chance.oneIn(4) ? `${this.expression(bool, 1, scope)} ?: ` : "";
      items.push(`${written} => ${condition}${this.expression(type, 2, scope)},`);
    };
    field("int64", int);
    field("anotherstr", str);
    field("float64", float);
    field("boolptr", bool);
    field("slicestring", listType(str));
    field("interface", this.#type(2));
    if (this.#chance.oneIn(6)) field("Meta:noop", bool);
    if (this.#chance.oneIn(6)) field("Meta:hidden", bool);
    const other = this.#chance.pick(scope.names);
    if (other !== undefined && this.#chance.oneIn(4)) {
      items.push(`${this.#chance.pick(["Before", "Depend", "Notify", "Listen"])} => Test["${other}"],`);
    }
    const plain = this.#chance.oneIn(2);
    const shown = plain ? `"${name}"` : `[fmt.printf("${name}-%v", ${this.expression(this.#type(1), 1, scope)})]`;
    const body =
      items.length === 0 ? "{}" : this.#chance.oneIn(4) ? `{ ${items.join(" ")} }` : `{\n${items.join("\n")}\n}`;
    // A name is only good for edges where it is sure to be there once.
    return [`test ${shown} ${body}`, plain ? { ...scope, names: [...scope.names, name] } : scope];
  }

  expression(wanted: Type, depth: number, scope: Scope): string {
    // Something of another type: most such programs are wrong.
    const type = this.#chance.oneIn(1500) ? this.#type(1) : wanted;
    const text = this.#expression(type, depth, scope);
    return this.#chance.oneIn(6) ? `(${text})` : text;
  }

  #expression(type: Type, depth: number, scope: Scope): string {
    const known = scope.variables.filter((variable) => sameType(variable.type, type));
    if (depth <= 0)
      return this.#chance.oneIn(2)
        ? this.#literal(type, 0, scope)
        : (this.#chance.pick(known)?.name ?? this.#literal(type, 0, scope));
    const next = (wanted: Type): string => this.expression(wanted, depth - 1, scope);
    switch (this.#chance.below(12)) {
      case 0:
      case 1:
        return this.#chance.pick(known)?.name ?? this.#literal(type, depth, scope);
      case 2:
        return `if ${next(bool)} { ${next(type)} } else { ${next(type)} }`;
      case 3:
        return `(${next(listType(type))}[${next(int)}] <|> ${next(type)})`;
      case 4:
        return `(${next(mapType(str, type))}[${next(str)}] <|> ${next(type)})`;
      case 5: {
        const callable = this.#chance.pick(scope.functions.filter(({ result }) => sameType(result, type)));
        if (callable === undefined) return this.#literal(type, depth, scope);
        return `${callable.name}(${this.#separated(callable.params.map(next))})`;
      }
      case 6: {
        const argument = this.#type(1);
        return `${this.#lambda([argument], type, depth - 1, scope)}(${next(argument)})`;
      }
      case 7:
        return `struct{a => ${next(type)}, b => ${next(int)}}->a`;
      case 8:
        return `(struct{a => ${next(int)}}->${this.#chance.pick(["b", "c"])} <|> ${next(type)})`;
      default:
        return this.#operation(type, depth, scope);
    }
  }

  /** Something that only gives this type. */
  #operation(type: Type, depth: number, scope: Scope): string {
    const next = (wanted: Type): string => this.expression(wanted, depth - 1, scope);
    const pick = (...ways: readonly [() => string, ...(() => string)[]]): string => this.#chance.pick(ways)();
    switch (type.kind) {
      case "bool":
        return pick(
          () => `not (${next(bool)})`,
          () => `(${next(bool)}) ${this.#chance.pick(["and", "or"])} (${next(bool)})`,
          () => `(${next(int)}) ${this.#chance.pick(["<", ">", "<=", ">=", "==", "!="])} (${next(int)})`,
          () => {
            const both = this.#type(1);
            return `(${next(both)}) ${this.#chance.pick(["==", "!="])} (${next(both)})`;
          },
          () => `(${next(str)}) in ${next(listType(str))}`,
          () => `strings.has_prefix(${next(str)}, ${next(str)})`,
          () => `regexp.match("^[a-z]+$", ${next(str)})`,
        );
      case "int":
        return pick(
          () => `(${next(int)}) ${this.#chance.pick(["+", "-", "*"])} (${next(int)})`,
          () => `len(${next(this.#chance.pick([str, listType(int), mapType(str, int)]))})`,
          () => `iter.reduce(${next(int)}, ${next(listType(int))}, ${this.#lambda([int, int], int, depth - 1, scope)})`,
          () => `math.minus1(${next(int)})`,
          () => `(convert.str_to_int(${next(str)}) <|> ${next(int)})`,
          () => `history(${next(int)}, 1000)`,
        );
      case "float":
        return pick(
          () => `(((${next(int)}) / (${next(int)})) <|> ${next(float)})`,
          () => `(${next(float)}) * (${next(float)})`,
          () => `convert.to_float(${next(int)})`,
        );
      case "str":
        return pick(
          () => `(${next(str)}) + (${next(str)})`,
          () => this.#interpolated(scope),
          () => `fmt.printf("%v and %d", ${next(this.#type(1))}, ${next(int)})`,
          () => `strings.to_upper(${next(str)})`,
          () => `golang.template("{{ . }}", ${next(scalars[this.#chance.below(scalars.length)] ?? int)})`,
          () => `(strings.substr(${next(str)}, 0, 1) <|> ${next(str)})`,
        );
      case "list": {
        const { element } = type;
        const argument = this.#type(0);
        return pick(
          () => `iter.map(${next(listType(argument))}, ${this.#lambda([argument], element, depth - 1, scope)})`,
          () => `iter.filter(${next(type)}, ${this.#lambda([element], bool, depth - 1, scope)})`,
          () => `list.concat(${next(type)}, ${next(type)})`,
          () => `map.values(${next(mapType(str, element))})`,
        );
      }
      default:
        return this.#literal(type, depth, scope);
    }
  }

  #interpolated({ variables }: Scope): string {
    const known = variables.filter(({ type }) => type.kind === "str").map(({ name }) => name.slice(1));
    const part = this.#chance.pick(known);
    return part === undefined ? '"\\${x}$ "' : `"a \${${part}}\\n"`;
  }

  #lambda(params: readonly Type[], result: Type, depth: number, scope: Scope): string {
    const names = params.map(() => this.#name("p"));
    let inner = scope;
    for (const [index, type] of params.entries()) inner = this.#withVariable(inner, `$${names[index]}`, type);
    const written = params.map((type, index) => {
      return `$${names[index]}${this.#chance.oneIn(2) ? ` ${renderType(type)}` : ""}`;
    });
    const annotation = this.#chance.oneIn(3) ? ` ${renderType(result)}` : "";
    const body = this.expression(result, depth, inner);
    const braced = this.#chance.oneIn(4) ? `{\n${body}\n}` : `{ ${body} }`;
    return `func(${written.join(", ")})${annotation} ${braced}`;
  }

  #literal(type: Type, depth: number, scope: Scope): string {
    const next = (wanted: Type): string => this.expression(wanted, depth - 1, scope);
    // Of an empty one the type is not always told.
    const length = this.#chance.oneIn(40) ? 0 : 1 + this.#chance.below(2);
    const some = <Item>(make: () => Item): Item[] => Array.from({ length }, make);
    switch (type.kind) {
      case "bool":
        return this.#chance.pick(["true", "false"]);
      case "int":
        return this.#chance.pick(["0", "1", "2", "-1", "42", "9223372036854775807", "-9223372036854775808", "007"]);
      case "float":
        return this.#chance.pick(["0.0", "1.5", "-2.25", "100000000000000000000.0", "0.1"]);
      case "str":
        return this.#chance.pick(['""', '"a"', '"hello"', '"é"', '"two\nlines"', '"\\"\\t"', '"7"']);
      case "list":
        return `[${this.#separated(some(() => next(type.element)))}]`;
      case "map": {
        const entries = some(() => next(type.value)).map((value, at) => `"k${at}" => ${value}`);
        return `{${this.#separated(entries)}}`;
      }
      case "struct":
        return `struct{${this.#separated(type.fields.map((field) => `${field.name} => ${next(field.type)}`))}}`;
      default:
        return "1";
    }
  }

  /** On one line, or one to a line. */
  #separated(parts: readonly string[]): string {
    if (parts.length === 0 || !this.#chance.oneIn(5)) return parts.join(", ");
    return `\n${parts.map((part) => `${part},${this.#chance.oneIn(6) ? " # why" : ""}\n`).join(this.#chance.oneIn(6) ? "\n" : "")}`;
  }

  #type(depth: number): Type {
    switch (depth === 0 ? 0 : this.#chance.below(8)) {
      case 5:
        return listType(this.#type(depth - 1));
      case 6:
        return mapType(str, this.#type(depth - 1));
      case 7:
        return structType([
          { name: "a", type: this.#type(depth - 1) },
          { name: "b", type: this.#type(depth - 1) },
        ]);
      default:
        return this.#chance.pick(scalars);
    }
  }

  #withVariable(scope: Scope, name: string, type: Type): Scope {
    return { ...scope, variables: [...scope.variables, { name, type }] };
  }

  #name(letter: string): string {
    this.#count += 1;
    return `${letter}${this.#count}`;
  }
}

function sameType(left: Type, right: Type): boolean {
  return renderType(left) === renderType(right);
}
