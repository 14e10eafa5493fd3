// SPDX-License-Identifier: Apache-2.0
// The resources that a program declares whatever the world is like, as far as that can be told without running it. What
// stands in a branch counts only when its condition is known, in a loop when what it goes over is.

import type { Span } from "../base/span.ts";
import type { ResourceDeclaration } from "../contract/declaration.ts";
import { FunctionFailure } from "../contract/function.ts";
import type { Expression, For, Resource, Statement, TypedProgram } from "../program/types/tree.ts";
import { MapValue, StructValue, type Value } from "../values/value.ts";
import { type Known, KnownFrame, KnownValues } from "./known-values.ts";

export interface KnownResource {
  readonly declaration: ResourceDeclaration;
  /** False: some field or meta parameter is missing in the declaration, because only a run can tell it. */
  readonly isWhole: boolean;
}

export function knownResources(program: TypedProgram): readonly KnownResource[] {
  const found: KnownResource[] = [];
  new Walk(found).statements(program.statements, new KnownFrame(program.activation, undefined));
  return found;
}

class Walk {
  readonly #values = new KnownValues();
  readonly #found: KnownResource[];

  constructor(found: KnownResource[]) {
    this.#found = found;
  }

  statements(statements: readonly Statement[], frame: KnownFrame): void {
    for (const statement of statements) this.#statement(statement, frame);
  }

  #statement(statement: Statement, frame: KnownFrame): void {
    switch (statement.kind) {
      case "resource":
        return this.#resource(statement, frame);
      case "if": {
        const condition = this.#values.valueOf(statement.condition, frame);
        const branch = condition === true ? statement.then : condition === false ? statement.otherwise : undefined;
        if (branch !== undefined) this.statements(branch.statements, new KnownFrame(branch.activation, frame));
        return;
      }
      case "for":
        return this.#for(statement, frame);
      case "edge":
      case "panic":
        return;
    }
  }

  #for(statement: For, frame: KnownFrame): void {
    const subject = this.#values.valueOf(statement.subject, frame);
    for (const [first, value] of turnsOf(subject)) {
      if (!this.#values.goesOn) return;
      const inside = new KnownFrame(statement.body.activation, frame);
      inside.values.set(statement.first, first);
      inside.values.set(statement.value, value);
      this.statements(statement.body.statements, inside);
    }
  }

  #resource(statement: Resource, frame: KnownFrame): void {
    const { definition, collected, at, type } = statement;
    if (definition === undefined || collected !== undefined || isMetaGivenTwice(statement)) return;
    const names = namesIn(this.#values.valueOf(statement.name.value, frame));
    const parts = new Parts(this.#values, frame);
    for (const field of statement.fields)
      parts.add(field.condition, field.value, (value) => parts.fields.set(field.name, value));
    for (const { parameter, condition, value } of statement.meta) {
      parts.add(condition, value, (known) => setMeta(parts, parameter, known, value.at));
    }
    // What fails ends the program before anybody looks at the resource.
    if (parts.fails) return;
    const { fields, meta, metaAt, isWhole } = parts;
    const fieldsAt = new Map(
      statement.fields.filter(({ name }) => fields.has(name)).map(({ name, value }) => [name, value.at]),
    );
    for (const name of names) {
      const declaration = { kind: type, name, fields, meta, at, fieldsAt, metaAt };
      this.#found.push({ declaration, isWhole });
    }
  }
}

/** What is known of the fields and meta parameters of one resource. */
class Parts {
  readonly fields = new Map<string, Value>();
  readonly meta = new Map<string, Value>();
  readonly metaAt = new Map<string, Span>();
  isWhole = true;
  fails = false;
  readonly #values: KnownValues;
  readonly #frame: KnownFrame;

  constructor(values: KnownValues, frame: KnownFrame) {
    this.#values = values;
    this.#frame = frame;
  }

  /** The value is made also when the condition does not hold. */
  add(condition: Expression | undefined, value: Expression, set: (value: Value) => void): void {
    const holds = condition === undefined || this.#known(condition);
    const known = this.#known(value);
    if (holds === true && known !== undefined) set(known);
  }

  #known(expression: Expression): Value | undefined {
    const known = this.#values.valueOf(expression, this.#frame);
    if (known === undefined) this.isWhole = false;
    if (!(known instanceof FunctionFailure)) return known;
    this.fails = true;
    return undefined;
  }
}

/** A problem of its own, which a run finds first. */
function isMetaGivenTwice({ meta }: Resource): boolean {
  return meta.length > 1 && meta.some(({ parameter }) => parameter === undefined);
}

function setMeta({ meta, metaAt }: Parts, parameter: string | undefined, value: Value, at: Span): void {
  if (parameter !== undefined) {
    meta.set(parameter, value);
    metaAt.set(parameter, at);
  } else if (value instanceof StructValue) {
    value.names.forEach((name, index) => meta.set(name, value.values[index] as Value));
  }
}

function namesIn(known: Known): readonly string[] {
  if (typeof known === "string") return [known];
  return Array.isArray(known) ? [...new Set(known as readonly string[])] : [];
}

function* turnsOf(subject: Known): Iterable<readonly [first: Value, value: Value]> {
  if (subject instanceof MapValue) yield* subject.entries();
  else if (Array.isArray(subject)) {
    let index = 0n;
    for (const value of subject as readonly Value[]) {
      yield [index, value];
      index += 1n;
    }
  }
}
