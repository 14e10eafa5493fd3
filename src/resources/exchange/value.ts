// SPDX-License-Identifier: Apache-2.0
// `value`: a value of any type that others can receive. It is kept in the local store, where functions read it, and over
// restarts.

import { field, type Want } from "../../contract/field.ts";
import { defineResource, type Step } from "../../contract/resource.ts";
import { printValue } from "../../values/print.ts";
import { storedTextOf } from "../../values/stored.ts";
import { FunctionValue, type Value } from "../../values/value.ts";
import { onceArmed } from "../armed.ts";

const fields = {
  any: field.any({ doc: "The value, of any one type.", example: '["a", "b"]' }),
};

type ValueWant = Want<typeof fields>;

interface Keep extends Step {
  readonly do: "keep";
  /** Undefined when there is no value any more. */
  readonly value: Value | undefined;
  readonly before: Value | undefined;
}

const shownLength = 60;

export const value = defineResource({
  kind: "value",
  summary: "A value of any type that other resources can receive; a new value is a change.",
  fields,
  traits: { sends: { any: { kind: "variant" } }, receives: true },
  watchedFields: [],
  check: (want: ValueWant) =>
    want.any instanceof FunctionValue ? [{ field: "any", title: "a resource cannot hold a function" }] : [],
  observe: async (want: ValueWant, env) => {
    env.send({ any: want.any });
    return { kept: await env.local.values.get(env.name, env.signal) };
  },
  plan: (want: ValueWant, have: { readonly kept: Value | undefined }): readonly Keep[] =>
    sameStored(want.any, have.kept) ? [] : [{ do: "keep", value: want.any, before: have.kept }],
  explain: ({ value: next, before }) => {
    if (next === undefined) return { mark: "-", text: "forget the value" };
    if (before === undefined) return { mark: "+", text: `set the value ${shown(next)}` };
    return { mark: "~", text: `set the value ${shown(next)} (was ${shown(before)})` };
  },
  apply: (step, _want, env) => env.local.values.set(env.name, step.value, env.signal),
  watch: (_want, env) => onceArmed(env.signal),
});

/** As what is kept: not-a-number equals itself, and the int 1 is not the float 1. */
function sameStored(left: Value | undefined, right: Value | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  return storedTextOf(left) === storedTextOf(right);
}

/** In a list a text is quoted, so that it cannot be taken for a value of another type. */
function shown(any: Value): string {
  const text = printValue([any]).slice(1, -1);
  return text.length > shownLength ? `${text.slice(0, shownLength)}…` : text;
}
