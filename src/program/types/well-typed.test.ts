// SPDX-License-Identifier: Apache-2.0
// Random programs: what is built to have a type is found to have it, and nothing at all makes inference fall over.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Problems } from "../../base/problem.ts";
import { createCatalog } from "../../contract/catalog.ts";
import { constants, functions } from "../../functions/index.ts";
import { kinds } from "../../resources/index.ts";
import { renderType, type Type } from "../../values/type.ts";
import { compile } from "../compile.ts";

const catalog = createCatalog({ kinds, functions, constants });

const prelude = [
  "func same($x) { $x }",
  "func pick($c bool, $x, $y) { if $c { $x } else { $y } }",
  "$apply = func($f, $n) { $f($n) + 1 }",
  "$inc = func($n) { $apply(func($m) { $m * 2 }, $n) }",
];

type Generator = (type: Type, depth: number) => string;

/** Writes expressions of a given type with the choices that fast-check makes. */
function generator(choose: (count: number) => number): Generator {
  const write: Generator = (type, depth) => {
    if (depth <= 0) return leaf(type);
    const deeper = (inner: Type) => write(inner, depth - 1);
    const bool: Type = { kind: "bool" };
    switch (choose(9)) {
      case 0:
        return `same(${deeper(type)})`;
      case 1:
        return `if ${deeper(bool)} { ${deeper(type)} } else { ${deeper(type)} }`;
      case 2:
        return `pick(${deeper(bool)}, ${deeper(type)}, ${deeper(type)})`;
      case 3:
        return `(${deeper(type)} <|> ${deeper(type)})`;
      case 4:
        return `[${deeper(type)}, ${deeper(type)}][0]`;
      case 5:
        return `struct{a => ${deeper(type)}, b => ${deeper(bool)}}->a`;
      case 6:
        return `func($p, $q) { $q }(${deeper(bool)}, ${deeper(type)})`;
      default:
        return leaf(type, deeper);
    }
  };
  const leaf = (type: Type, deeper: (inner: Type) => string = (inner) => leaf(inner)): string => {
    switch (type.kind) {
      case "bool":
        return ["true", "(1 < 2)", "not false"][choose(3)] ?? "true";
      case "int":
        return ["7", "$inc(1)", "len([true])"][choose(3)] ?? "7";
      case "float":
        return ["1.5", "4 / 2"][choose(2)] ?? "1.5";
      case "str":
        return ['"s"', '"a" + "b"'][choose(2)] ?? '"s"';
      case "list":
        return `[${deeper(type.element)}]`;
      case "map":
        return `{${deeper(type.key)} => ${deeper(type.value)}}`;
      case "struct":
        return `struct{${type.fields.map((field) => `${field.name} => ${deeper(field.type)}`).join(", ")}}`;
      case "func":
      case "variant":
      case "variable":
        return "false";
    }
  };
  return write;
}

const scalars: fc.Arbitrary<Type> = fc.constantFrom<Type>({ kind: "str" }, { kind: "int" }, { kind: "float" });

const types = fc.letrec<{ type: Type }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 2 },
    scalars,
    tie("type").map((element): Type => ({ kind: "list", element })),
    fc.tuple(scalars, tie("type")).map(([key, value]): Type => ({ kind: "map", key, value })),
    fc
      .array(tie("type"), { minLength: 1, maxLength: 3 })
      .map((parts): Type => ({ kind: "struct", fields: parts.map((type, index) => ({ name: `f${index}`, type })) })),
  ),
})).type;

function compiled(value: string) {
  const problems = new Problems();
  const text = [...prelude, `$value = ${value}`, 'test "t" {', "\tinterface => $value,", "}", ""].join("\n");
  return { program: compile({ path: "main.mcl", text }, catalog, problems), problems };
}

describe("a random expression", () => {
  test("that is built to have a type is found to have it", () => {
    fc.assert(
      fc.property(types, fc.infiniteStream(fc.nat()), fc.nat({ max: 3 }), (type, choices, depth) => {
        const value = generator((count) => Number(choices.next().value) % count)(type, depth);
        const { program, problems } = compiled(value);
        const [statement] = program?.statements ?? [];
        assert.deepEqual(
          problems.all.map((problem) => problem.message.title),
          [],
          value,
        );
        assert.ok(statement?.kind === "resource");
        assert.equal(renderType(statement.fields[0]?.value.type ?? { kind: "variant" }), renderType(type), value);
      }),
      { numRuns: 300 },
    );
  });

  test("whose types are at random is accepted with closed types or refused, and never more", () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat()), types, types, types, (choices, one, two, three) => {
        const kindsOfType = [one, two, three];
        const choose = (count: number) => Number(choices.next().value) % count;
        const write = generator(choose);
        // Now and then another type than the one that fits.
        const mixed: Generator = (type, depth) =>
          write(choose(4) === 0 ? (kindsOfType[choose(3)] ?? type) : type, depth);
        const value = `pick(${mixed({ kind: "bool" }, 1)}, [${mixed(one, 2)}, ${mixed(one, 1)}], same([${mixed(one, 1)}]))`;
        const { program, problems } = compiled(value);
        assert.equal(program === undefined, problems.any, value);
        const [statement] = program?.statements ?? [];
        if (statement?.kind === "resource") {
          assert.doesNotMatch(renderType(statement.fields[0]?.value.type ?? { kind: "variant" }), /\?/, value);
        }
      }),
      { numRuns: 300 },
    );
  });
});
