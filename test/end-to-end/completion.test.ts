// SPDX-License-Identifier: Apache-2.0
// What shells complete of command lines, asked of the shells themselves.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { test, type TestContext } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { programs, type Program, World } from "./program.ts";

/** What is typed, and the words that may follow from it. */
const completions: readonly (readonly [line: string, expected: readonly string[]])[] = [
  ["mgmt chec", ["check"]],
  ["mgmt help build", ["build-tool"]],
  ["mgmt check --js", ["--json"]],
  ["mgmt r --converged-sc", ["--converged-scope"]],
  ["mgmt run --converged-scope cl", ["cluster"]],
  ["mgmt graph --format=sv", ["svg"]],
  ["mgmt check si", ["site.mcl"]],
  ["mgmt run --prefix s", ["sub"]],
  ["mgmt cluster inv", ["invite"]],
  ["mgmt completion fi", ["fish"]],
  ["mgmt cluster r", ["remove", "rotate"]],
  ["mgmt cluster kv pu", ["put"]],
  ["mgmt cluster kv w", ["watch"]],
  ["mgmt graph --format ", ["dot", "svg", "text"]],
];

testShell("bash", (world, line) => {
  const script = `compopt() { :; }; source ./script
COMP_WORDS=(); read -ra typed <<< "\${1//=/ = }"; COMP_WORDS=("\${typed[@]}"); [[ $1 == *" " ]] && COMP_WORDS+=("")
COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _mgmt; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return run(world, "bash", ["--norc", "-c", script, "bash", line]).split("\n");
});

testShell("fish", (world, line) =>
  run(world, "fish", ["--no-config", "-c", "source ./script; complete -C $argv[1]", line])
    .split("\n")
    // What it is stands behind a tab.
    .map((found) => found.replace(/\t.*/, "").replace(/^--\w+=/, "")),
);

testShell("zsh", (world, line) => {
  // A terminal in which somebody types the line, asks for what fits, and for what stands there then.
  const script = `zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'autoload -U compinit; compinit -u -D; source ./script; PS1=; LISTMAX=1000
show() { zle -I; print -r -- "<<$BUFFER>>"; }; zle -N show; bindkey "^X" show; print re""ady'
while zpty -r shell said; do [[ $said == *ready* ]] && break; done
zpty -w -n shell "$1"$'\\t\\x18'
while zpty -r shell said; do print -r -- $said; [[ $said == *">>"* ]] && break; done
zpty -d shell`;
  const said = stripVTControlCharacters(run(world, "zsh", ["-f", "-c", script, "zsh", line]).replaceAll("\r", ""));
  const completed = /<<(.*?)=?\s*>>/.exec(said)?.[1] ?? "";
  if (completed !== line.trimEnd()) return [completed.replace(/^.*[ =]/, "")];
  // The rest are controls, and what is left of the line.
  return said.replaceAll(/<<.*>>|mgmt.*/g, "").match(/\b[a-z]{2,}\b/g) ?? [];
});

function testShell(shell: string, complete: (world: World, line: string) => readonly string[]): void {
  for (const program of programs) {
    test(`${shell} completes commands, options, values and paths (${program.name})`, (context) => {
      if (!isThere(shell, context)) return;
      const world = worldWith(program, shell);
      try {
        for (const [line, expected] of completions) {
          const found = complete(world, line).map((word) => word.trim().replace(/\/$/, ""));
          assert.deepEqual([...new Set(found.filter((word) => word !== ""))].sort(), expected, line);
        }
      } finally {
        world.end();
      }
    });
  }
}

function worldWith(program: Program, shell: string): World {
  const world = new World(program);
  world.write("site.mcl", "");
  mkdirSync(world.path("sub"));
  world.write("script", execFileSync(program.path, ["completion", shell], { encoding: "utf8" }));
  return world;
}

function run(world: World, shell: string, args: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync(shell, args, {
    cwd: world.directory,
    encoding: "utf8",
    env: { ...process.env, HOME: world.directory },
    timeout: 60_000,
  });
  assert.equal(status, 0, stderr);
  return stdout;
}

function isThere(shell: string, context: TestContext): boolean {
  if (spawnSync(shell, ["-c", "exit 0"]).status === 0) return true;
  context.diagnostic(`not tried: ${shell} is not here`);
  return false;
}

test("a shell that there is nothing for is bad usage, and told which there are", () => {
  for (const { path } of programs) {
    const { status, stderr } = spawnSync(path, ["completion", "tcsh"], { encoding: "utf8" });
    assert.equal(status, 2);
    assert.match(stderr, /bash, zsh, fish/);
  }
});
