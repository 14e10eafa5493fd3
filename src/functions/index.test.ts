// SPDX-License-Identifier: Apache-2.0
// What holds for all functions together.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Problems } from "../base/problem.ts";
import { createCatalog } from "../contract/catalog.ts";
import { compile } from "../program/compile.ts";
import { kinds } from "../resources/index.ts";
import { strType } from "../values/type.ts";
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
  // And one whose name is a word of the language: only templates can call it.
  const symbols = new Set([
    ...["int", "_operator", "_lookup", "_struct_lookup", "_struct_lookup_optional", "_collect", "panic_debug"],
  ]);
  for (const { module, name, example } of functions) {
    const short = module.slice(module.lastIndexOf("/") + 1);
    if (!symbols.has(name))
      assert.ok(example?.includes(`${short === "" ? "" : `${short}.`}${name}(`), `${module}.${name}`);
  }
});

test("examples are programs", () => {
  const hostname = { module: "", name: "hostname", type: strType, value: "web1" };
  const catalog = createCatalog({ kinds, functions, constants: [...constants, hostname] });
  for (const { module, example } of functions) {
    const imported = module === "" ? "" : `import "${module}"\n`;
    // What is not used is not checked, so a resource shows the variable.
    const name = /^\$([a-z_0-9]+) /.exec(example ?? "")?.[1];
    const used = name === undefined ? "" : `print "shown" {\n\tmsg => golang.template("{{ . }}", $${name}),\n}\n`;
    const template = used === "" || module === "golang" ? "" : `import "golang"\n`;
    const text = `${imported}${template}${used}${example}\n`;
    const problems = new Problems();
    compile({ path: "example.mcl", text }, catalog, problems);
    assert.deepEqual(
      problems.all.map(({ message }) => message.title),
      [],
      text,
    );
  }
});
