// SPDX-License-Identifier: Apache-2.0
// Properties of unification over random types.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { functionType, listType, mapType, renderType, sameType, structType, type Type } from "../../values/type.ts";
import { parseSignature } from "../../values/parse-type.ts";
import { Solver } from "./unify.ts";

/** Types over `count` variables; a number stands for a variable. */
function types(count: number): fc.Arbitrary<Type> {
  const scalar = fc.constantFrom<Type>({ kind: "bool" }, { kind: "str" }, { kind: "int" }, { kind: "float" });
  const variable = fc.nat({ max: count - 1 }).map((id): Type => ({ kind: "variable", id }));
  return fc.letrec<{ type: Type }>((tie) => ({
    type: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.oneof(scalar, variable),
      tie("type").map(listType),
      fc.tuple(tie("type"), tie("type")).map(([key, value]) => mapType(key, value)),
      fc
        .array(tie("type"), { maxLength: 3 })
        .map((parts) => structType(parts.map((type, index) => ({ name: `f${index}`, type })))),
      fc.tuple(fc.array(tie("type"), { maxLength: 2 }), tie("type")).map(([params, result]) =>
        functionType(
          params.map((type) => ({ type })),
          result,
        ),
      ),
    ),
  })).type;
}

const variableCount = 4;

/** Both types over variables of one new solver, the same in each call. */
function given(left: Type, right: Type): { solver: Solver<string>; left: Type; right: Type } {
  const solver = new Solver<string>();
  const pair = solver.instantiate(functionType([{ type: left }], right));
  return { solver, left: pair.params[0]?.type ?? pair.result, right: pair.result };
}

/** Variables renamed by their first appearance, so that types can be compared over solvers. */
function shown(solver: Solver<string>, type: Type): string {
  const names = new Map<string, string>();
  return renderType(solver.resolve(type)).replaceAll(/\?\d+/g, (name) => {
    const known = names.get(name) ?? `?${names.size}`;
    names.set(name, known);
    return known;
  });
}

describe("unification", () => {
  test("makes both types equal when it succeeds, and once more changes nothing", () => {
    fc.assert(
      fc.property(types(variableCount), types(variableCount), (leftType, rightType) => {
        const { solver, left, right } = given(leftType, rightType);
        if (solver.unify(left, right, "first") !== undefined) return;
        assert.ok(sameType(solver.resolve(left), solver.resolve(right)));
        const before = shown(solver, left);
        assert.equal(solver.unify(left, right, "again"), undefined);
        assert.equal(shown(solver, left), before);
      }),
      { numRuns: 500 },
    );
  });

  test("does not depend on which type stands left", () => {
    fc.assert(
      fc.property(types(variableCount), types(variableCount), (leftType, rightType) => {
        const one = given(leftType, rightType);
        const other = given(leftType, rightType);
        const oneFound = one.solver.unify(one.left, one.right, "one");
        const otherFound = other.solver.unify(other.right, other.left, "other");
        assert.equal(oneFound === undefined, otherFound === undefined);
        if (oneFound === undefined) assert.equal(shown(one.solver, one.left), shown(other.solver, other.left));
      }),
      { numRuns: 500 },
    );
  });

  test("accepts a type with itself", () => {
    fc.assert(
      fc.property(types(variableCount), (type) => {
        const { solver, left, right } = given(type, type);
        assert.equal(solver.unify(left, right, ""), undefined);
      }),
    );
  });

  test("never makes a type that contains itself, whatever is unified in whatever order", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(types(3), types(3)), { maxLength: 6 }), (pairs) => {
        const solver = new Solver<string>();
        const all = solver.instantiate(
          functionType(
            pairs.flat().map((type) => ({ type })),
            { kind: "bool" },
          ),
        );
        for (let at = 0; at + 1 < all.params.length; at += 2) {
          const left = all.params[at]?.type;
          const right = all.params[at + 1]?.type;
          if (left !== undefined && right !== undefined) solver.unify(left, right, "");
        }
        for (const param of all.params) solver.resolve(param.type); // Would not end.
      }),
    );
  });
});

describe("a mismatch", () => {
  test("names the innermost parts and the reason that determined a variable", () => {
    const solver = new Solver<string>();
    const type = solver.fresh();
    solver.unify(type, { kind: "int" }, "the first item");
    const found = solver.unify(listType(type), listType({ kind: "str" }), "now");
    assert.deepEqual(found, {
      kind: "different",
      left: { kind: "int" },
      right: { kind: "str" },
      leftSince: "the first item",
      rightSince: undefined,
    });
  });

  test("is found when a variable would contain itself", () => {
    const solver = new Solver<string>();
    const type = solver.fresh();
    assert.equal(solver.unify(type, listType(type), "")?.kind, "endless");
    assert.equal(solver.unify(listType(type), type, "")?.kind, "endless");
  });

  test("is found when fields have another order, and when a function takes more", () => {
    const solver = new Solver<string>();
    const type = (text: string) => parseSignature(`func() ${text}`).result;
    const differs = (left: string, right: string) => solver.unify(type(left), type(right), "") !== undefined;
    assert.ok(differs("struct{a int; b str}", "struct{b str; a int}"));
    assert.ok(differs("struct{a int}", "struct{a int; b str}"));
    assert.ok(differs("func(int) int", "func(int, int) int"));
    assert.ok(!differs("func(a int) int", "func(b int) int"));
    assert.ok(differs("variant", "int"));
  });
});

describe("poison", () => {
  test("fits everything and spreads into what is not determined", () => {
    const solver = new Solver<string>();
    const poison = solver.poison();
    const open = solver.fresh();
    assert.equal(solver.unify(poison, { kind: "int" }, ""), undefined);
    assert.equal(solver.unify(poison, listType(open), ""), undefined);
    assert.ok(solver.isPoison(open));
    assert.equal(solver.unify(open, { kind: "str" }, ""), undefined);
  });
});

describe("a type that is built of itself many times", () => {
  test("is unified and resolved without walking it as a tree", () => {
    const solver = new Solver<string>();
    const tower = (bottom: Type): Type => {
      let type = bottom;
      for (let level = 0; level < 60; level += 1) {
        type = structType([
          { name: "left", type },
          { name: "right", type },
        ]);
      }
      return type;
    };
    const open = solver.fresh();
    const left = tower(open);
    solver.resolve(left);
    assert.equal(solver.unify(left, tower({ kind: "int" }), ""), undefined);
    assert.deepEqual(solver.resolve(open), { kind: "int" });
    assert.ok(solver.isClosed(left));
    solver.resolve(left);
  });

  test("stays one object in the instance of a signature", () => {
    const solver = new Solver<string>();
    let type: Type = { kind: "int" };
    for (let level = 0; level < 60; level += 1)
      type = structType([
        { name: "a", type },
        { name: "b", type },
      ]);
    const { params } = solver.instantiate(
      functionType([{ type }, { type: listType(type) }], { kind: "variable", id: 1 }),
    );
    assert.equal(params[0]?.type, type);
  });
});
