// SPDX-License-Identifier: Apache-2.0
// The golden whole programs once more, changed in ways that must not matter: statements in another order, all of them
// in a branch, a class or a loop, and formatted. Finds what depends on where a program stands.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { Problems } from "../src/base/problem.ts";
import { formatSource } from "../src/syntax/format.ts";
import { parseFile } from "../src/syntax/parser.ts";
import { resultOf } from "./programs.ts";

interface Program {
  readonly title: string;
  readonly text: string;
  /** Its statements, each as written. */
  readonly statements: readonly string[];
}

/** The same program in another form; undefined where the language does not allow the form. */
type Change = (program: Program) => string | undefined;

const changes: Readonly<Record<string, Change>> = {
  "in reverse": ({ statements }) => `${statements.toReversed().join("\n")}\n`,
  "in a branch": ({ statements }) => `if false {\n} else {\n${statements.join("\n")}\n}\n`,
  "in a class": ({ statements }) => `class zz($z) {\n${statements.join("\n")}\n}\ninclude zz(1) as z\ninclude zz(1)\n`,
  "in a loop": ({ statements }) => inLoop('for $zi, $zv in ["a", "b"]', statements),
  "in a loop over a map": ({ statements }) => inLoop('forkv $zk, $zv in {"a" => 1}', statements),
  formatted: ({ text }) => formatSource({ path: "main.mcl", text }, new Problems()),
};

/** They rely on the order of their text. */
const exceptions = /equal|One sender into two fields|One resource sets a field to its default|quote follows/;

describe("a program comes to the same", () => {
  const programs = allPrograms();
  const names = Object.keys(changes);
  for (const [number, name] of names.entries()) {
    test(name, async () => {
      // Each program in one form, all programs in every form together.
      const chosen = programs.filter((_, index) => index % names.length === number);
      assert.notEqual(chosen.length, 0);
      for (const program of chosen) {
        const changed = changes[name]?.(program);
        if (changed === undefined) continue;
        assert.equal(await outcomeOf(changed), await outcomeOf(program.text), `${program.title}\n${changed}`);
      }
    });
  }
});

function inLoop(head: string, statements: readonly string[]): string | undefined {
  if (statements.some((statement) => statement.startsWith("import"))) return undefined;
  return `${head} {\n${statements.join("\n")}\n}\n`;
}

/** Without the problems, which show the text, and the number of instances, which another place may change. */
async function outcomeOf(text: string): Promise<string> {
  const sections = await resultOf({ title: "", inputs: [{ heading: "source", text }], input: () => text });
  return sections
    .filter(({ heading }) => heading !== "problems" && heading !== "instances")
    .map((section) => `${section.heading}\n${section.text}`)
    .join("");
}

/** Those that parse and need no other file. */
function allPrograms(): readonly Program[] {
  const root = join(import.meta.dirname, "cases/programs");
  return globSync("**/*.md", { cwd: root })
    .filter((path) => !path.startsWith("modules/"))
    .toSorted()
    .flatMap((path) => readFileSync(join(root, path), "utf8").split(/^# /m).slice(1))
    .flatMap((written) => {
      const title = written.slice(0, written.indexOf("\n"));
      const text = /## source\n\n```mcl\n([^]*?)```\n/.exec(written)?.[1];
      if (text === undefined || written.includes("## source ") || exceptions.test(title)) return [];
      const problems = new Problems();
      const file = parseFile({ path: "main.mcl", text }, problems);
      if (file === undefined || problems.any) return [];
      return [{ title, text, statements: file.body.map(({ at }) => text.slice(at.start, at.end)) }];
    });
}
