// SPDX-License-Identifier: Apache-2.0
// Fields of structs: what `s->field` and `s->field <|> default` stand for. Both are decided by the type alone.

import { invariant } from "../../base/invariant.ts";
import { nearest } from "../../base/nearest.ts";
import { type CallSite, defineFunction, type Inferred, type SolvedCall } from "../../contract/function.ts";
import { functionType, renderOpenType, renderType, sameType, strType, type Type } from "../../values/type.ts";
import type { Value } from "../../values/value.ts";
import { fatal, structAt, textAt, valueAt, type Arguments } from "../arguments.ts";

export const structLookup = defineFunction({
  module: "",
  name: "_struct_lookup",
  type: "func(struct ?1, field str) ?2",
  doc: "What `s->field` stands for: the value of a field of a struct.",
  example: '$port = struct{host => "a", port => 80}->port',
  infer: (call) => infer(call, []),
  check: (call) => checkField(call, "required"),
  pure: fieldOf,
  specialise: (call) => atKnownPosition(call),
});

export const structLookupOptional = defineFunction({
  module: "",
  name: "_struct_lookup_optional",
  type: "func(struct ?1, field str, optional ?2) ?2",
  doc: "What `s->field <|> default` stands for: the value of a field, or the default when structs of this type have no such field.",
  example: '$port = struct{host => "a"}->port <|> 80',
  infer: (call) => {
    const result = call.fresh();
    return infer(call, [{ type: result }], result);
  },
  check: (call) => checkField(call, "optional"),
  pure: (args) => structAt(args, 0).get(textAt(args, 1)) ?? valueAt(args, 2),
  specialise: (call) => atKnownPosition(call) ?? ((args) => valueAt(args, 2)),
});

function infer(call: CallSite, more: readonly { type: Type }[], wanted?: Type): Inferred {
  const field = call.argumentValues[1];
  if (call.argumentTypes.length !== 2 + more.length || typeof field !== "string" || field === "") {
    return { kind: "wrong", message: "the name of a field is written in the program, it is not computed", argument: 1 };
  }
  const from = call.argumentTypes[0];
  const own = from ?? call.fresh();
  if (own.kind !== "struct" && own.kind !== "variable") {
    return { kind: "wrong", message: onlyStructs(own, field), argument: 0 };
  }
  const known = own.kind === "struct" ? own.fields.find((entry) => entry.name === field)?.type : undefined;
  if (known === undefined && own.kind === "struct" && wanted === undefined) {
    return { kind: "wrong", message: noSuchField(own, field), argument: 1 };
  }
  const result = known ?? wanted ?? call.fresh();
  return functionType([{ type: own }, { type: strType }, ...more.map(() => ({ type: result }))], result);
}

/** What is looked into is something else. */
function onlyStructs(type: Type, field: string): string {
  const text = renderOpenType(type);
  const how = type.kind === "map" ? `; the value for a key of a map is read with \`["${field}"]\`` : "";
  return `only a struct has fields behind an arrow, and this is ${/^[aeiou]/.test(text) ? "an" : "a"} ${text}${how}`;
}

function checkField(call: SolvedCall, presence: "required" | "optional"): string | undefined {
  const from = call.type.params[0]?.type;
  const name = fieldName(call.argumentValues[1]);
  invariant(from !== undefined, "a call of this has a first argument");
  if (from.kind !== "struct") return onlyStructs(from, name);
  const field = from.fields.find((entry) => entry.name === name);
  if (field === undefined) return presence === "optional" ? undefined : noSuchField(from, name);
  if (sameType(field.type, call.type.result)) return undefined;
  return `the field ${field.name} is ${renderType(field.type)}, but ${renderType(call.type.result)} is wanted here`;
}

/** `infer` has seen that it is a constant. */
function fieldName(value: Value | undefined): string {
  invariant(typeof value === "string", "the name of a field is a constant text");
  return value;
}

function fieldOf(args: Arguments): Value {
  const from = structAt(args, 0);
  const found = from.get(textAt(args, 1));
  if (found === undefined) throw fatal(`the struct has no field ${textAt(args, 1)}, it has: ${from.names.join(", ")}`);
  return found;
}

function atKnownPosition(call: SolvedCall): ((args: Arguments) => Value) | undefined {
  const from = call.type.params[0]?.type;
  invariant(from?.kind === "struct", "only structs have fields: check saw to it");
  const position = from.fields.findIndex((entry) => entry.name === call.argumentValues[1]);
  return position === -1 ? undefined : (args) => valueAt(structAt(args, 0).values, position);
}

function noSuchField(from: Type & { readonly kind: "struct" }, field: string): string {
  const names = from.fields.map((entry) => entry.name);
  if (names.length === 0) return `the struct has no field \`${field}\`, it has none at all`;
  const near = nearest(field, names);
  const list = `the struct has no field \`${field}\`, it has: ${names.join(", ")}`;
  return near === undefined ? list : `${list}; did you mean \`${near}\`?`;
}
