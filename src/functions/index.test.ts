// SPDX-License-Identifier: Apache-2.0
// What holds for all functions together.

import assert from "node:assert/strict";
import { test } from "node:test";
import { constants, functions } from "./index.ts";

test("every function has a name of its own", () => {
  const names = [...functions, ...constants].map(({ module, name }) => `${module}.${name}`);
  // A function and a variable may share a name: they are used differently.
  const shared = names.filter((name, index) => names.indexOf(name) !== index);
  assert.deepEqual(shared, ["example.test1"]);
});

test("every function is documented in a sentence or more, with an example", () => {
  for (const { module, name, doc, example } of functions) {
    assert.match(doc, /^.+\.$/, `${module}.${name}`);
    assert.ok(example !== undefined && example !== "", `${module}.${name}`);
  }
});

test("examples call the function that they are for", () => {
  const symbols = new Set(["_operator", "_lookup", "_struct_lookup", "_struct_lookup_optional", "panic_debug"]);
  for (const { module, name, example } of functions) {
    const short = module.slice(module.lastIndexOf("/") + 1);
    if (!symbols.has(name))
      assert.ok(example?.includes(`${short === "" ? "" : `${short}.`}${name}(`), `${module}.${name}`);
  }
});
