// SPDX-License-Identifier: Apache-2.0
// fmt.printf: a text with values in it. Its signature follows from its format when that is a constant.

import { invariant } from "../../base/invariant.ts";
import { type CallSite, defineFunction, type Inferred, type SolvedCall } from "../../contract/function.ts";
import { printValue, quote } from "../../values/print.ts";
import { boolType, floatType, functionType, intType, renderType, strType, type Type } from "../../values/type.ts";
import type { Value } from "../../values/value.ts";
import { fatal, textAt, valueAt, type Arguments, joinTexts } from "../arguments.ts";
import { type Format, parseFormat, type Piece, type Verb } from "./format-text.ts";

export const printf = defineFunction({
  module: "fmt",
  name: "printf",
  type: "func(format str, value ?1) str",
  doc: "The format with each verb replaced by the next argument: %d int, %s str, %q quoted str, %t bool, %f float, %v any value, %T its type, %% a percent sign. When the format is a constant, the arguments are checked against it.",
  example: '$text = fmt.printf("%s has %d letters", $hostname, len($hostname))',
  infer,
  pure: (args, call) => render(understood(parseFormat(textAt(args, 0))), args, call),
  specialise: (call) => {
    const format = call.argumentValues[0];
    if (typeof format !== "string") return undefined;
    const pieces = understood(parseFormat(format));
    return (args) => render(pieces, args, call);
  },
});

function infer(call: CallSite): Inferred {
  const types = call.argumentTypes;
  if (types.length === 0) return { kind: "wrong", message: "printf takes a format, and then the values for it" };
  const text = call.argumentValues[0];
  const unchecked = types.slice(1).map((type) => ({ type: type ?? call.fresh() }));
  if (typeof text !== "string") return functionType([{ type: strType }, ...unchecked], strType);
  const format = parseFormat(text);
  if (format.kind === "wrong") return { kind: "wrong", message: format.message, argument: 0 };
  if (format.verbs.length !== types.length - 1) {
    return {
      kind: "wrong",
      message: `the format has ${count(format.verbs.length, "verb")}, but there ${types.length === 2 ? "is" : "are"} ${count(types.length - 1, "value")} behind it`,
      argument: 0,
    };
  }
  const params = format.verbs.map((verb, index) => ({ type: typeOf(verb) ?? types[index + 1] ?? call.fresh() }));
  return functionType([{ type: strType }, ...params], strType);
}

function understood(format: Format): readonly Piece[] {
  if (format.kind === "wrong") throw fatal(format.message);
  return format.pieces;
}

/** Values beyond the verbs are left out: only a computed format can come to that. */
function render(pieces: readonly Piece[], args: Arguments, call: SolvedCall): string {
  let text = "";
  let index = 0;
  for (const piece of pieces) {
    if (typeof piece === "string") {
      text = joinTexts(text, piece);
    } else {
      index += 1;
      if (index >= args.length) throw fatal(`the format has more verbs than there are values: ${args.length - 1}`);
      text = joinTexts(text, renderOne(piece.verb, valueAt(args, index), call.type.params[index]?.type));
    }
  }
  return text;
}

function renderOne(verb: Verb, value: Value, type: Type | undefined): string {
  invariant(type !== undefined, "every argument has a type");
  const wanted = typeOf(verb);
  if (wanted !== undefined && wanted.kind !== type.kind) {
    throw fatal(`the format has %${verb}, which takes ${wanted.kind}, for a value that is ${renderType(type)}`);
  }
  if (verb === "T") return renderType(type);
  return verb === "q" && typeof value === "string" ? quote(value) : printValue(value);
}

/** Undefined when any type will do. */
function typeOf(verb: Verb): Type | undefined {
  switch (verb) {
    case "t":
      return boolType;
    case "s":
    case "q":
      return strType;
    case "d":
      return intType;
    case "f":
      return floatType;
    case "v":
    case "T":
      return undefined;
  }
}

function count(number: number, noun: string): string {
  return `${number === 0 ? "no" : number} ${noun}${number === 1 ? "" : "s"}`;
}
