// SPDX-License-Identifier: Apache-2.0
// The named tree as text, for golden files and for looking at it: the statements, then everything that is used in them.

import { printValue, quote } from "../../values/print.ts";
import { renderType } from "../../values/type.ts";
import type {
  Block,
  ClassDeclaration,
  Declaration,
  EdgeHalf,
  Expression,
  FunctionDeclaration,
  Include,
  Lambda,
  NamedProgram,
  Parameter,
  Path,
  Resource,
  Statement,
} from "./tree.ts";

/** Names of which there are several get a number: `$x`, `$x'2`. A path is the includes it goes through: `c#1/$x`. */
export function printNamed(program: NamedProgram): string {
  return new Printer().program(program);
}

class Printer {
  readonly #labels = new Map<object, string>();
  readonly #counts = new Map<string, number>();
  /** Declarations that were mentioned, in that order; each is printed once. */
  readonly #mentioned: (Declaration | FunctionDeclaration | ClassDeclaration)[] = [];

  program({ main }: NamedProgram): string {
    const lines = this.#block(main, "");
    for (const declaration of this.#mentioned) lines.push(...this.#declaration(declaration));
    return lines.map((line) => `${line}\n`).join("");
  }

  // ---- Declarations ----

  #declaration(declaration: Declaration | FunctionDeclaration | ClassDeclaration): string[] {
    const label = this.#label(declaration);
    switch (declaration.kind) {
      case "bind": {
        const type = declaration.annotation === undefined ? "" : ` ${renderType(declaration.annotation.type)}`;
        return [`${label}${type} = ${this.#expression(declaration.value)} (${declaration.scope.kind})`];
      }
      case "loop-variable":
        return [`${label} is the ${declaration.role} of a loop`];
      case "parameter":
        return []; // Shown by its owner.
      case "function":
        return [`${label} = ${this.#expression(declaration.lambda)} (${declaration.scope.kind})`];
      case "class": {
        const { parameters, body, scope } = declaration;
        const lines = body === undefined ? ["  never included"] : this.#block(body, "  ");
        return [`${label}(${parameters.map((each) => this.#parameter(each)).join(", ")}) (${scope.kind}):`, ...lines];
      }
    }
  }

  #mention(declaration: Declaration | FunctionDeclaration | ClassDeclaration): string {
    if (!this.#labels.has(declaration)) this.#mentioned.push(declaration);
    return this.#label(declaration);
  }

  #label(named: Declaration | FunctionDeclaration | ClassDeclaration | Include): string {
    const known = this.#labels.get(named);
    if (known !== undefined) return known;
    const base =
      named.kind === "include"
        ? `${named.class.name}#`
        : named.kind === "function"
          ? named.name
          : named.kind === "class"
            ? `class ${named.name}`
            : `$${named.name}`;
    const number = (this.#counts.get(base) ?? 0) + 1;
    this.#counts.set(base, number);
    const label = named.kind === "include" ? `${base}${number}` : number === 1 ? base : `${base}'${number}`;
    this.#labels.set(named, label);
    return label;
  }

  #path(path: Path): string {
    return path.map((step) => (step.kind === "include" ? `${this.#label(step)}/` : "module/")).join("");
  }

  // ---- Statements ----

  #block(block: Block, indent: string): string[] {
    return block.statements.flatMap((statement) => this.#statement(statement).map((line) => indent + line));
  }

  #statement(statement: Statement): string[] {
    switch (statement.kind) {
      case "resource":
        return this.#resource(statement);
      case "edge":
        return [statement.halves.map((half) => this.#half(half)).join(" -> ")];
      case "if": {
        const then = [`if ${this.#expression(statement.condition)}`, ...this.#block(statement.then, "  ")];
        if (statement.otherwise === undefined) return then;
        return [...then, "else", ...this.#block(statement.otherwise, "  ")];
      }
      case "for": {
        const subject = this.#expression(statement.subject);
        const first = this.#mention(statement.first);
        const value = this.#mention(statement.value);
        return [`for ${first}, ${value} in ${statement.over} ${subject}`, ...this.#block(statement.body, "  ")];
      }
      case "include": {
        const label = this.#label(statement);
        const args = statement.args.map((argument) => this.#expression(argument)).join(", ");
        return [`include ${this.#path(statement.path)}${this.#mention(statement.class)}(${args}) as ${label}`];
      }
      case "panic":
        return [`stop if ${this.#expression(statement.call)}`];
    }
  }

  #resource(resource: Resource): string[] {
    const condition = (given: Expression | undefined) => (given === undefined ? "" : `${this.#expression(given)} ?: `);
    return [
      `${resource.collects === undefined ? "" : "collect "}${resource.type} ${this.#expression(resource.name)}`,
      ...resource.fields.map(
        (field) => `  ${field.name} => ${condition(field.condition)}${this.#expression(field.value)}`,
      ),
      ...resource.meta.map((meta) => {
        const name = meta.parameter === undefined ? "Meta" : `Meta:${meta.parameter}`;
        return `  ${name} => ${condition(meta.condition)}${this.#expression(meta.value)}`;
      }),
      ...resource.edges.map((edge) => `  ${edge.relation} => ${condition(edge.condition)}${this.#half(edge.target)}`),
    ];
  }

  #half({ type, name, field }: EdgeHalf): string {
    return `${type}[${this.#expression(name)}]${field === undefined ? "" : `.${field.name}`}`;
  }

  // ---- Expressions ----

  #expression(expression: Expression): string {
    const list = (items: readonly Expression[]) => items.map((item) => this.#expression(item)).join(", ");
    switch (expression.kind) {
      case "literal":
        return typeof expression.value === "string" ? quote(expression.value) : printValue(expression.value);
      case "list":
        return `[${list(expression.items)}]`;
      case "map": {
        const entries = expression.entries.map(
          ({ key, value }) => `${this.#expression(key)} => ${this.#expression(value)}`,
        );
        return `{${entries.join(", ")}}`;
      }
      case "struct": {
        const fields = expression.fields.map(({ name, value }) => `${name} => ${this.#expression(value)}`);
        return `struct{${fields.join(", ")}}`;
      }
      case "reference":
        return this.#path(expression.path) + this.#mention(expression.to);
      case "forced-text":
        return `text(${this.#expression(expression.inner)})`;
      case "call-builtin": {
        const { module, name } = expression.function;
        return `${module === "" ? "" : `${module}.`}${name}(${list(expression.args)})`;
      }
      case "call-function":
        return `${this.#path(expression.path)}own ${this.#mention(expression.function)}(${list(expression.args)})`;
      case "call-value":
        return `call ${this.#expression(expression.callee)}(${list(expression.args)})`;
      case "lambda":
        return this.#lambda(expression);
      case "if-expression": {
        const { condition, then, otherwise } = expression;
        return `if ${this.#expression(condition)} { ${this.#expression(then)} } else { ${this.#expression(otherwise)} }`;
      }
      case "except":
        return `(${this.#expression(expression.main)} <|> ${this.#expression(expression.fallback)})`;
      case "broken":
        return "broken";
    }
  }

  #lambda({ parameters, result, body }: Lambda): string {
    const names = parameters.map((parameter) => this.#parameter(parameter)).join(", ");
    const type = result === undefined ? "" : ` ${renderType(result.type)}`;
    return `func(${names})${type} { ${this.#expression(body)} }`;
  }

  #parameter(parameter: Parameter): string {
    const label = this.#mention(parameter);
    return parameter.annotation === undefined ? label : `${label} ${renderType(parameter.annotation.type)}`;
  }
}
