// SPDX-License-Identifier: Apache-2.0
// `test`: a field of every type, for trying out the language and the engine. It shows what it was given.

import { Failure } from "../../contract/failure.ts";
import { field, optional, type Want } from "../../contract/field.ts";
import { defineResource, type ResourceEnv, type Step, type WantProblem } from "../../contract/resource.ts";
import { printValue } from "../../values/print.ts";
import { boolType, floatType, functionType, intType, mapType, strType, structType } from "../../values/type.ts";
import { onceArmed } from "../armed.ts";

const mixed = structType([
  { name: "somebool", type: boolType },
  { name: "somestr", type: strType },
  { name: "someint", type: intType },
  { name: "somefloat", type: floatType },
]);

const fields = {
  bool: field.bool({ doc: "A bool.", example: "true" }),
  str: field.str({ doc: "A str.", example: '"hello"' }),
  int: field.int64({ doc: "An int.", example: "42" }),
  int8: field.int({ bits: 8, doc: "An int of 8 bits.", example: "-128" }),
  int16: field.int({ bits: 16, doc: "An int of 16 bits." }),
  int32: field.int({ bits: 32, doc: "An int of 32 bits." }),
  int64: field.int64({ doc: "An int of 64 bits." }),
  uint: field.int64({ unsigned: true, doc: "An int that is not negative." }),
  uint8: field.int({ bits: 8, unsigned: true, doc: "An int from 0 to 255." }),
  uint16: field.int({ bits: 16, unsigned: true, doc: "An int from 0 to 65535." }),
  uint32: field.int({ bits: 32, unsigned: true, doc: "An int from 0 to 4294967295." }),
  uint64: field.int64({ unsigned: true, doc: "An int that is not negative." }),
  byte: field.int({ bits: 8, unsigned: true, doc: "An int from 0 to 255." }),
  rune: field.int({ bits: 32, doc: "An int of 32 bits, the number of a character." }),
  float32: field.float({ single: true, doc: "A float that fits into 32 bits." }),
  float64: field.float({ doc: "A float.", example: "3.14" }),
  boolptr: optional(field.bool({ doc: "A bool, or nothing." })),
  stringptr: optional(field.str({ doc: "A str, or nothing." })),
  int64ptr: optional(field.int64({ doc: "An int, or nothing." })),
  int8ptr: optional(field.int({ bits: 8, doc: "An int of 8 bits, or nothing." })),
  uint8ptr: optional(field.int({ bits: 8, unsigned: true, doc: "An int from 0 to 255, or nothing." })),
  int8ptrptrptr: optional(field.int({ bits: 8, doc: "An int of 8 bits, or nothing." })),
  slicestring: field.strings({ doc: "A list of strs.", example: '["a", "b"]' }),
  mapintfloat: field.value(mapType(intType, floatType), { doc: "A map from int to float.", example: "{1 => 0.5}" }),
  mixedstruct: field.value(mixed, {
    doc: "A struct of several types.",
    example: 'struct{somebool => true, somestr => "a", someint => 1, somefloat => 0.5}',
  }),
  interface: field.any({ doc: "A value of any one type." }),
  anotherstr: field.str({ doc: "A second str." }),
  func1: field.value(functionType([{ type: intType }], strType), {
    doc: "A function. It is checked for its type, but a resource cannot hold one.",
  }),
  validatebool: field.bool({ doc: "Makes the check of this resource fail." }),
  validateerror: field.str({ doc: "Makes the check of this resource fail with this text." }),
  alwaysgroup: field.bool({ doc: "Lets it be grouped with any other." }),
  comparefail: field.bool({ doc: "Makes it different from every other, itself included." }),
  sendvalue: field.str({ doc: "What it sends as `hello`." }),
  expectrecv: optional(
    field.strings({ doc: "The fields that it must receive; it fails when their number is another." }),
  ),
  onlyshow: field.strings({ doc: "The fields that it shows; when not given, those that differ from their defaults." }),
  waitforerror: field.int64({ doc: "Milliseconds after which it fails; 0: it does not.", example: "1000" }),
  comment: field.str({ doc: "A note for the reader of the program." }),
};

type TestWant = Want<typeof fields>;

interface Fail extends Step {
  readonly do: "fail";
  readonly message: string;
}

/** Set once the first observation is over; only then are all received values new. */
const seen = "seen";

export const test = defineResource({
  kind: "test",
  summary: "Has a field of every type and shows what it is given; for trying out programs.",
  fields,
  traits: { sends: { hello: strType, answer: intType }, receives: true, refresh: true },
  watchedFields: [],
  unequalBy: "comparefail",
  grouping: { reads: ["alwaysgroup"], alike: (want: TestWant) => (want.alwaysgroup ? "" : undefined), run: "each" },
  check: checkTest,
  observe: observeTest,
  plan: (want: TestWant, have: { readonly first: boolean }, hints): readonly Fail[] => {
    const { expectrecv } = want;
    if (expectrecv === undefined || !have.first || hints.received.size === expectrecv.length) return [];
    const received = hints.received.size === 0 ? "none" : [...hints.received].sort().join(", ");
    return [{ do: "fail", message: `expected to receive ${expectrecv.length} values, but received ${received}` }];
  },
  explain: (step) => ({ mark: "!", text: step.message }),
  apply: async (step) => {
    throw new Failure(step.message, { code: "invalid" });
  },
  watch: (_want, env) => onceArmed(env.signal),
});

function checkTest(want: TestWant): readonly WantProblem[] {
  const found: WantProblem[] = [];
  if (want.validatebool) found.push({ field: "validatebool", title: "the check fails, as `validatebool` asks" });
  if (want.validateerror !== "") found.push({ field: "validateerror", title: want.validateerror });
  if (want.func1 !== undefined) found.push({ field: "func1", title: "a resource cannot hold a function" });
  return found;
}

async function observeTest(want: TestWant, env: ResourceEnv): Promise<{ readonly first: boolean }> {
  if (want.waitforerror > 0n) {
    await env.host.clock.sleep(Number(want.waitforerror), env.signal);
    throw new Failure(`failed after ${want.waitforerror} ms, as \`waitforerror\` asks`, { code: "unexpected" });
  }
  show(want, env);
  env.send({ hello: want.sendvalue, answer: 42n });
  const first = !env.memory.has(seen);
  env.memory.set(seen, true);
  return { first };
}

function show(want: TestWant, env: ResourceEnv): void {
  const lines: (readonly [name: string, text: string])[] = [];
  for (const [name, declared] of Object.entries(fields)) {
    const value = want[name as keyof TestWant];
    const listed = want.onlyshow.includes(name);
    if (listed || (want.onlyshow.length === 0 && !isDefault(value, declared.initial)))
      lines.push([name, textFor(value)]);
  }
  const width = Math.max(0, ...lines.map(([name]) => name.length)) + 1;
  for (const [name, text] of lines) env.say(`${`${name}:`.padEnd(width)} ${text}`);
}

function isDefault(value: unknown, initial: unknown): boolean {
  return value === initial || (Array.isArray(value) && value.length === 0);
}

function textFor(value: TestWant[keyof TestWant]): string {
  return value === undefined ? "<not given>" : printValue(value);
}
