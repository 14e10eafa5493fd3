// SPDX-License-Identifier: Apache-2.0
// `value`: a value of any type that others can receive. It keeps the last one, so that it knows a change from a restart.

import { Failure } from "../../contract/failure.ts";
import { field, type Want } from "../../contract/field.ts";
import { defineResource, type ResourceEnv, type Step } from "../../contract/resource.ts";
import { bytesOf, textOf } from "../../values/bytes.ts";
import { printValue } from "../../values/print.ts";
import { FunctionValue, type Value } from "../../values/value.ts";
import { onceArmed } from "../armed.ts";

const fields = {
  any: field.any({ doc: "The value, of any one type.", example: '["a", "b"]' }),
};

type ValueWant = Want<typeof fields>;

interface Keep extends Step {
  readonly do: "keep";
  /** What is shown and kept; undefined when there is no value any more. */
  readonly text: string | undefined;
  readonly before: string | undefined;
}

const kept = "kept";
const fileName = "value";
const sizeLimit = 64 * 1024 * 1024;
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
    return { kept: await recall(env) };
  },
  plan: (want: ValueWant, have: { readonly kept: string | undefined }): readonly Keep[] => {
    const text = want.any === undefined ? undefined : textFor(want.any);
    return text === have.kept ? [] : [{ do: "keep", text, before: have.kept }];
  },
  explain: ({ text, before }) => {
    if (text === undefined) return { mark: "-", text: "forget the value" };
    if (before === undefined) return { mark: "+", text: `set the value ${shown(text)}` };
    return { mark: "~", text: `set the value ${shown(text)} (was ${shown(before)})` };
  },
  apply: async ({ text }, _want, env) => {
    const path = `${await env.stateDirectory()}/${fileName}`;
    if (text === undefined) await env.host.files.remove(path, {}, env.signal);
    else await env.host.files.write(path, bytesOf(text), { mode: 0o600 }, env.signal);
    env.memory.set(kept, text ?? "");
  },
  watch: (_want, env) => onceArmed(env.signal),
});

/** Undefined when nothing is kept. No value has an empty text. */
async function recall(env: ResourceEnv): Promise<string | undefined> {
  const known = env.memory.get(kept);
  if (typeof known === "string") return known === "" ? undefined : known;
  const path = `${await env.stateDirectory()}/${fileName}`;
  try {
    const text = textOf(await env.host.files.read(path, sizeLimit, env.signal));
    env.memory.set(kept, text);
    return text === "" ? undefined : text;
  } catch (reason) {
    if (!(reason instanceof Failure) || reason.code !== "not-found") throw reason;
    env.memory.set(kept, "");
    return undefined;
  }
}

/** In a list a text is quoted, so that it cannot be taken for a value of another type. */
function textFor(any: Value): string {
  return printValue([any]).slice(1, -1);
}

function shown(text: string): string {
  return text.length > shownLength ? `${text.slice(0, shownLength)}…` : text;
}
