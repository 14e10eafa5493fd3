// SPDX-License-Identifier: Apache-2.0
// Every example and every module that ships: formatted, checked and graphed, all of them in one process each.

import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { join } from "node:path";
import { testPrograms } from "./program.ts";

const root = join(import.meta.dirname, "../..");
const found = (pattern: string) =>
  globSync(pattern, { cwd: root })
    .toSorted()
    .map((path) => join(root, path));

const programs = found("examples/*/main.mcl").map((path) => path.slice(0, -"main.mcl".length));
const modules = found("modules/**/main.mcl").map((path) => path.slice(0, -"main.mcl".length));

interface Line {
  readonly path: string;
  readonly ok: boolean;
  readonly changed?: boolean;
  readonly problems: readonly unknown[];
  readonly vertices?: readonly string[];
}

function linesOf(stdout: string): readonly Line[] {
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
}

testPrograms("every example and module is formatted", async (world) => {
  const directories = ["examples", "modules"].map((name) => join(root, name));
  const { status, stdout } = await world.run(["fmt", "--test", "--json", ...directories]);
  const lines = linesOf(stdout);
  assert.deepEqual(
    lines.filter(({ ok, changed }) => !ok || changed === true),
    [],
  );
  assert.deepEqual(lines.map(({ path }) => path).toSorted(), found("{examples,modules}/**/*.mcl").toSorted());
  assert.equal(status, 0);
});

testPrograms("every example and module is checked", async (world) => {
  const { status, stdout } = await world.run(["check", "--json", ...programs, ...modules]);
  const lines = linesOf(stdout);
  assert.deepEqual(
    lines.filter(({ ok }) => !ok),
    [],
  );
  assert.deepEqual(
    lines.map(({ path }) => path),
    [...programs, ...modules],
  );
  assert.equal(status, 0);
});

testPrograms("every example is graphed, and has resources", async (world) => {
  const { status, stdout } = await world.run(["graph", "--json", ...programs]);
  const lines = linesOf(stdout);
  assert.deepEqual(
    lines.filter(({ ok, vertices = [] }) => !ok || vertices.length === 0),
    [],
  );
  assert.equal(lines.length, programs.length);
  assert.equal(status, 0);
});
