// SPDX-License-Identifier: Apache-2.0
// The package as embedding programs see it: its names, its types, and that both are those of the sources.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ownKindsAndModules } from "../src/agent/reference.ts";
import * as library from "mgmt";
import { constructorName, libraryDeclarations, libraryKinds } from "./library-files.ts";

const root = join(import.meta.dirname, "..");
const forgotten = "run `npm run docs` and commit what it writes";

test("the functions of kinds are those of their schemas", () => {
  assert.equal(readFileSync(join(root, "src/library/kinds.ts"), "utf8"), libraryKinds(), forgotten);
});

test("the declarations are those of the sources, and show no type from elsewhere", async () => {
  const files = await libraryDeclarations();
  const there = globSync("*", { cwd: join(root, "types") }).toSorted();
  assert.deepEqual(there, [...files.keys()].toSorted(), forgotten);
  for (const [path, text] of files) assert.equal(readFileSync(join(root, "types", path), "utf8"), text, forgotten);
});

test("the package exports these names and no others", () => {
  const kinds = ownKindsAndModules().kinds.map(({ kind }) => constructorName(kind));
  const own = ["MgmtError", "ProgramError", "RefusedError", "cell", "combine", "engine", "input", "program", "stream"];
  assert.deepEqual(Object.keys(library).toSorted(), [...own, ...kinds].toSorted());
});

test("everything in the declarations is explained", async () => {
  for (const [path, text] of await libraryDeclarations()) {
    const lines = text.split("\n");
    const bare = lines.flatMap((line, at) => {
      const declared =
        /^(?:export (?:declare (?:class|function)|interface|type) (\w+)|export declare const (\w+))/.exec(line);
      return declared === null || lines[at - 1]?.trimEnd().endsWith("*/") ? [] : [declared[1] ?? declared[2]];
    });
    assert.deepEqual(bare, [], `without a word: types/${path}`);
  }
});
