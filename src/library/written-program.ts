// SPDX-License-Identifier: Apache-2.0
// A program in mcl with the inputs that an embedding program gives it, and the module through which it sees them.

import { type Catalog, withFunctions } from "../contract/catalog.ts";
import { defineFunction, type FunctionDefinition } from "../contract/function.ts";
import { renderType, type Type } from "../values/type.ts";
import { toValue, typeOf } from "./convert.ts";
import { follow } from "./living-values.ts";
import type { Input, Program } from "./program.ts";
import type { Reactive } from "./reactive.ts";
import type { AnyValue } from "./resource.ts";
import { peek, Source, sourceOf } from "./sources.ts";

export class TypedInput implements Input {
  readonly type: string;
  readonly parsed: Type;
  readonly value: AnyValue | Reactive<AnyValue>;

  constructor(type: string, parsed: Type, value: AnyValue | Reactive<AnyValue>) {
    this.type = type;
    this.parsed = parsed;
    this.value = value;
  }
}

export class WrittenProgram implements Program {
  readonly text: string;
  readonly inputs: Readonly<Record<string, TypedInput>>;

  constructor(text: string, inputs: Readonly<Record<string, TypedInput>>) {
    this.text = text;
    this.inputs = inputs;
  }
}

/** An input that says its type by its value. */
export function inputOf(name: string, given: AnyValue | Reactive<AnyValue> | Input): TypedInput {
  if (given instanceof TypedInput) return given;
  const source = sourceOf(given);
  const known = source === undefined ? { value: given } : peek(source);
  const type = known === undefined ? undefined : typeOf(toValue(known.value, "any"));
  if (type === undefined) throw new TypeError(`the input ${name} does not say its type: write input("[]str", …)`);
  // Only a value or a reactive one is left.
  return new TypedInput(renderType(type), type, given as AnyValue | Reactive<AnyValue>);
}

/** What the program can name, with the module `inputs`. */
export function catalogWithInputs(catalog: Catalog, inputs: Readonly<Record<string, TypedInput>>): Catalog {
  if (Object.keys(inputs).length === 0) return catalog;
  return withFunctions(
    catalog,
    Object.entries(inputs).map(([name, given]) => inputFunction(name, given)),
  );
}

function inputFunction(name: string, { parsed, value }: TypedInput): FunctionDefinition {
  const source = sourceOf(value);
  const constant = source ?? new Source<unknown>({ inputs: [], compute: () => value });
  return defineFunction({
    module: "inputs",
    name,
    doc: "A value of the program that runs this one.",
    type: `func() ${renderType(parsed)}`,
    stream: async function* (_args, { signal }) {
      for await (const item of follow(constant, signal)) yield toValue(item, parsed);
    },
  });
}
