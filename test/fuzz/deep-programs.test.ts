// SPDX-License-Identifier: Apache-2.0
// However deep a program goes, it is judged, formatted and evaluated, and nothing worse.

import assert from "node:assert/strict";
import { test } from "node:test";
import { deepProgram, deepShapes } from "./deep-programs.ts";
import { examine } from "./examine.ts";

/** Each layer of these is computed again for each of the next, so that very many take long. */
const slow = ["lambdas that are applied"];

for (const [name, shape] of Object.entries(deepShapes)) {
  test(`${name}: 50 deep are accepted, and any number is judged`, async () => {
    assert.equal(await examine(deepProgram(shape, 50)), "accepted");
    const depths = slow.includes(name) ? [400] : [400, 3000];
    for (const depth of depths) {
      assert.match(await examine(deepProgram(shape, depth)), /^(?:accepted|lexparse|unify)$/, `${depth} deep`);
    }
  });
}

test("3,000 lambdas that call each other are evaluated", async () => {
  for (const name of ["lambdas", "lambdas with arguments", "lambdas with what changes"]) {
    const shape = deepShapes[name];
    assert.ok(shape !== undefined);
    assert.equal(await examine(deepProgram(shape, 3000)), "accepted", name);
  }
});

test("a text that doubles a hundred times ends the run, and the machine keeps its memory", async () => {
  for (const twice of ["$v + $v", '"${v}${v}"', 'fmt.printf("%s%s", $v, $v)']) {
    const lines = Array.from(
      { length: 100 },
      (_, index) => `$v${index + 1} = ${twice.replaceAll(/\bv\b/g, `v${index}`)}`,
    );
    const text = `import "fmt"\n$v0 = "a"\n${lines.join("\n")}\ntest "a" {\n\tanotherstr => $v100,\n}\n`;
    assert.equal(await examine(text), "stream", twice);
  }
});
