// SPDX-License-Identifier: Apache-2.0
// A real editor with `mgmt lsp` and with the files of `editor/`: what it shows is what the server says.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { programs, World } from "./program.ts";

const here = import.meta.dirname;
const vimFiles = join(here, "../../editor/vim");
const text = `import "fmt"

$count = 1 + 2 # how many
test "a" {
	int64 => $count,
	anotherstr => $count,
}
`;

interface Told {
  readonly failed?: string;
  readonly filetype: string;
  readonly colours: readonly string[];
  readonly marks: readonly (readonly [line: number, code: string, message: string])[];
  readonly hover: string;
  readonly definition: number;
  readonly renamed: readonly string[];
  readonly marksWhenMended: unknown;
  readonly formatted: string;
}

for (const program of programs) {
  test(`Neovim shows mistakes and types, goes to a definition, renames and formats (${program.name})`, {
    timeout: 180_000,
  }, (context) => {
    if (!isThere("nvim")) {
      context.diagnostic("not tried: nvim is not here");
      return;
    }
    const world = new World(program);
    try {
      world.write("main.mcl", text);
      const { stdout, stderr } = spawnSync(
        "nvim",
        ["--headless", "--clean", "--cmd", `set runtimepath+=${vimFiles}`, "-c", `luafile ${here}/neovim.lua`],
        {
          cwd: world.directory,
          encoding: "utf8",
          timeout: 170_000,
          env: {
            ...process.env,
            HOME: world.directory,
            MGMT_EDITOR_ARGUMENTS: `${program.path}\n${world.directory}`,
          },
        },
      );
      const line = /^told (.*)$/m.exec(stdout + stderr)?.[1];
      assert.ok(line !== undefined, stdout + stderr);
      const told = JSON.parse(line) as Told;
      assert.equal(told.failed, undefined);
      assert.equal(told.filetype, "mcl");
      assert.deepEqual(told.colours, ["mclStatement", "mclVariable", "mclKind", "mclField", "mclVariable", "mclField"]);
      assert.deepEqual(
        told.marks.map(([at, code]) => [at, code]),
        [[5, "type-mismatch"]],
      );
      assert.match(told.hover, /int/);
      assert.equal(told.definition, 2);
      assert.deepEqual(told.renamed, ["$size = 1 + 2 # how many", "\tint64 => $size,"]);
      assert.deepEqual(told.marksWhenMended, []);
      assert.equal(told.formatted, '\tanotherstr => fmt.printf("%d", $size),');
    } finally {
      world.end();
    }
  });
}

test("Vim colours a program by the files of editor/vim", (context) => {
  if (!isThere("vim")) {
    context.diagnostic("not tried: vim is not here");
    return;
  }
  const [program] = programs;
  assert.ok(program !== undefined);
  const world = new World(program);
  try {
    world.write("main.mcl", text);
    const names = [
      [1, 1],
      [1, 8],
      [3, 1],
      [3, 20],
      [4, 1],
    ].map(([line, column]) => `synIDattr(synID(${line}, ${column}, 1), "name")`);
    const { stderr } = spawnSync(
      "vim",
      [
        ...["-es", "-u", "NONE", "--cmd", `set nocompatible runtimepath+=${vimFiles}`],
        ...["-c", "filetype on", "-c", "syntax on", "-c", "edit main.mcl"],
        ...["-c", `call writefile([&filetype, ${names.join(", ")}], "told")`, "-c", "qall!"],
      ],
      { cwd: world.directory, encoding: "utf8", timeout: 60_000, env: { ...process.env, HOME: world.directory } },
    );
    assert.deepEqual(
      readFileSync(world.path("told"), "utf8").trimEnd().split("\n"),
      [...["mcl", "mclStatement", "mclString", "mclVariable", "mclComment", "mclKind"]],
      stderr,
    );
  } finally {
    world.end();
  }
});

function isThere(editor: string): boolean {
  return spawnSync(editor, ["--version"]).status === 0;
}
