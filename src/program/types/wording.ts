// SPDX-License-Identifier: Apache-2.0
// How types, and the reasons for expecting them, read in messages. For problems.ts alone.

import { renderOpenType, type StructType, type Type } from "../../values/type.ts";
import type { Reason } from "./reason.ts";

/** `an int`, `a []str`, `a list`, `a value of a type that is not known`. */
export function aType(type: Type): string {
  if (type.kind === "variable") return "a value of a type that is not known";
  const text = listsOf(type) ?? showType(type);
  return `${/^[aeiou]/.test(text) ? "an" : "a"} ${text}`;
}

/** What can be said without a word of the parts that are not known. */
function listsOf(type: Type): string | undefined {
  if (type.kind === "map" && type.key.kind === "variable" && type.value.kind === "variable") return "map";
  if (type.kind !== "list") return undefined;
  if (type.element.kind === "variable") return "list";
  const inner = listsOf(type.element);
  return inner === undefined ? undefined : `list of ${inner}s`;
}

/** Unknown parts are `…`, and so is what is nested deep. */
export function showType(type: Type): string {
  const cut: Type = { kind: "variable", id: 0 };
  const shorten = (part: Type, depth: number): Type => {
    if (depth > 4) return cut;
    switch (part.kind) {
      case "variable":
        return cut;
      case "list":
        return { kind: "list", element: shorten(part.element, depth + 1) };
      case "map":
        return { kind: "map", key: shorten(part.key, depth + 1), value: shorten(part.value, depth + 1) };
      case "struct":
        return {
          kind: "struct",
          fields: part.fields.map((field) => ({ name: field.name, type: shorten(field.type, depth + 1) })),
        };
      case "func":
        return {
          kind: "func",
          params: part.params.map((param) => ({ type: shorten(param.type, depth + 1) })),
          result: shorten(part.result, depth + 1),
        };
      case "bool":
      case "str":
      case "int":
      case "float":
      case "variant":
        return part;
    }
  };
  return renderOpenType(shorten(type, 0));
}

/** The first half of the sentence: why the type is expected. Ends where ", but this is …" can follow. */
export function becauseOf(reason: Reason, expected: Type): string {
  const is = `is ${aType(expected)}`;
  switch (reason.kind) {
    case "field":
      return `The field \`${reason.field}\` of \`${reason.resource}\` ${is}`;
    case "condition":
      return "A condition is a bool";
    case "meta":
      return `\`Meta:${reason.parameter}\` ${is}`;
    case "meta-struct":
      return "The struct of `Meta` has all meta parameters in their order";
    case "resource-name":
      return "The name of a resource is a str or a list of them";
    case "collected-names":
      return "What is collected is told by a str, a []str or a []struct{name str; host str}";
    case "items":
      return "All items of a list have one type";
    case "keys":
      return "All keys of a map have one type";
    case "values":
      return "All values of a map have one type";
    case "branches":
      return "Both branches of an `if` have one type";
    case "fallback":
      return "Both sides of `<|>` have one type";
    case "annotation":
      return `\`${reason.name}\` is declared as ${showType(expected)}`;
    case "result":
      return `${reason.name === undefined ? "The function" : `The function \`${reason.name}\``} is declared to return ${aType(expected)}`;
    case "argument": {
      const name = reason.name === undefined ? "" : ` (${reason.name})`;
      const verb = reason.verb === undefined ? "" : `, for \`${reason.verb}\` in the format`;
      return `Argument ${reason.index + 1}${name} of \`${reason.shownAs}\` ${is}${verb}`;
    }
    case "operand":
      return reason.first ? `What \`${reason.sign}\` works on ${is}` : `Both sides of \`${reason.sign}\` have one type`;
    case "lookup":
      return reason.container
        ? `What is looked into ${is}`
        : expected.kind === "int"
          ? "The position in a list is an int"
          : `The key of this map ${is}`;
    case "struct-lookup":
      return reason.fallback
        ? `What stands for a missing field has the type of the field, which ${is}`
        : `What is left of \`->\` ${is}`;
    case "membership":
      return reason.needle ? `What \`in\` looks for ${is}` : "`in` looks through a list of what stands left of it";
    case "text":
      return "Only a str can be part of a text";
    case "loop":
      return reason.over === "list" ? "`for` goes through a list" : "`forkv` goes through a map";
    case "called":
      return `This is called here as ${aType(expected)}`;
  }
}

/** What to say at the place of the reason, when it is another place than the caret's. */
export function placeOfReason(reason: Reason, expected: Type): string | undefined {
  switch (reason.kind) {
    case "items":
    case "keys":
    case "values":
      return `the first is ${aType(expected)}`;
    case "branches":
    case "fallback":
      return `this is ${aType(expected)}`;
    case "annotation":
    case "result":
      return "declared here";
    case "operand":
      return reason.first ? undefined : `this is ${aType(expected)}`;
    case "membership":
      return reason.needle || expected.kind !== "list" ? undefined : `this is ${aType(expected.element)}`;
    case "called":
      return "called here";
    case "field":
    case "condition":
    case "meta":
    case "meta-struct":
    case "resource-name":
    case "collected-names":
    case "argument":
    case "lookup":
    case "struct-lookup":
    case "text":
    case "loop":
      return undefined;
  }
}

/** What a value of a type that is not fully known could be. */
export function partlyKnown(type: Type): string {
  if (type.kind === "variable") return "could be of any type";
  if (type.kind === "list" && type.element.kind === "variable") return "could be a list of anything";
  if (type.kind === "map" && type.value.kind === "variable") return "could be a map of anything";
  return `${showType(type)}, where … could be anything`;
}

/** The verb of a format that fits what was given. */
export function verbHint(reason: Reason, found: Type): string | undefined {
  if (reason.kind !== "argument" || reason.verb === undefined) return undefined;
  const fitting = { str: "%s", int: "%d", float: "%f", bool: "%t" }[found.kind as string] ?? "%v";
  return fitting === "%v"
    ? "`%v` in the format takes a value of any type."
    : `\`${fitting}\` in the format takes ${aType(found)}, and \`%v\` a value of any type.`;
}

/** What is written instead in this place for what was given. */
export function placeHint(reason: Reason, found: Type): string | undefined {
  switch (reason.kind) {
    case "condition":
      if (found.kind === "list" || found.kind === "map") return "`len(…) > 0` tells whether there is something in it.";
      if (found.kind === "str") return '`… != ""` tells whether a text is empty.';
      return found.kind === "int" ? "`… != 0` tells whether a number is zero." : undefined;
    case "loop":
      if (reason.over === "list" && found.kind === "map") return "`forkv $key, $value in … {` goes through a map.";
      if (reason.over === "map" && found.kind === "list") return "`for $index, $value in … {` goes through a list.";
      return found.kind === "int" ? 'The numbers below it are the list `iter.range(…)` of `import "iter"`.' : undefined;
    case "argument":
      return reason.shownAs === "contains" && reason.index === 1 && found.kind !== "list"
        ? 'What is looked for stands first, then the list; `"a" in ["a", "b"]` says the same.'
        : undefined;
    default:
      return undefined;
  }
}

const conversions: Readonly<Record<string, string>> = {
  "int to str":
    '`convert.int_to_str(…)` of `import "convert"` makes a text of an int, and so does `fmt.printf("%d", …)` of `import "fmt"`.',
  "float to str": '`fmt.printf("%f", …)` of `import "fmt"` makes a text of a float.',
  "bool to str": '`convert.format_bool(…)` of `import "convert"` makes a text of a bool.',
  "str to int": '`convert.str_to_int(…)` of `import "convert"` reads an int from a text.',
  "str to float": '`convert.str_to_float(…)` of `import "convert"` reads a float from a text.',
  "str to bool": '`convert.parse_bool(…)` of `import "convert"` reads a bool from a text.',
  "int to float": '`convert.to_float(…)` of `import "convert"` makes a float of an int.',
  "float to int": '`convert.to_int(…)` of `import "convert"` makes an int of a float; `/` gives a float also for ints.',
};

/** How to get from what was found to what was expected. */
export function conversionHint(expected: Type, found: Type, literal: string | undefined): string | undefined {
  if (literal !== undefined) return rewriteHint(expected, found, literal);
  const known = conversions[`${found.kind} to ${expected.kind}`];
  if (known !== undefined) return known;
  if (expected.kind === "str" && (found.kind === "list" || found.kind === "map" || found.kind === "struct")) {
    return '`fmt.printf("%v", …)` of `import "fmt"` makes a text of any value.';
  }
  if (expected.kind === "list" && expected.element.kind === found.kind) return "Write brackets around it: `[…]`.";
  return undefined;
}

/** How a constant is written as another type. */
function rewriteHint(expected: Type, found: Type, literal: string): string | undefined {
  if (expected.kind === "str") return `A text stands in quotes: \`"${literal}"\`.`;
  if (expected.kind === "float" && found.kind === "int") return `A float has a point: \`${literal}.0\`.`;
  if (expected.kind === "int" && found.kind === "float") {
    return 'An int has no point. To calculate with both, write floats alone, as `2.0`, or use `convert.to_float(…)` of `import "convert"`.';
  }
  const inside = literal.slice(1, -1);
  const isMeant =
    found.kind === "str" &&
    ((expected.kind === "int" && /^-?\d+$/.test(inside)) ||
      (expected.kind === "bool" && /^(true|false)$/.test(inside)));
  if (isMeant) return `Only texts stand in quotes: \`${inside}\`.`;
  return expected.kind === "list" && expected.element.kind === found.kind
    ? `Write brackets around it: \`[${literal}]\`.`
    : undefined;
}

/** In what two structs or functions differ, when that is not seen at once. */
export function structDifference(expected: Type, found: Type): string | undefined {
  if (expected.kind === "func" && found.kind === "func" && expected.params.length !== found.params.length) {
    const { length } = expected.params;
    return `It is called with ${length} argument${length === 1 ? "" : "s"}, and takes ${found.params.length}.`;
  }
  if (expected.kind !== "struct" || found.kind !== "struct") return undefined;
  const missing = namesWithout(expected, found);
  const extra = namesWithout(found, expected);
  const parts = [
    ...(missing.length === 0 ? [] : [`${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} missing`]),
    ...(extra.length === 0 ? [] : [`${extra.join(", ")} ${extra.length === 1 ? "does" : "do"} not belong to it`]),
  ];
  if (parts.length > 0) return `The fields differ: ${parts.join("; ")}.`;
  const names = (type: StructType) => type.fields.map((field) => field.name).join(", ");
  if (names(expected) === names(found)) return undefined;
  return `The order of the fields counts, and it is: ${names(expected)}.`;
}

function namesWithout(type: StructType, other: StructType): readonly string[] {
  return type.fields.map((field) => field.name).filter((name) => !other.fields.some((field) => field.name === name));
}
