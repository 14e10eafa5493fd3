// SPDX-License-Identifier: Apache-2.0
// Bad values are problems when a program is checked, not failures when it runs: for each limited field of each kind there is a
// program below test/cases/values/ that is refused for it, and for each sentence with which kinds refuse values.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { showProblems } from "../src/cli/problem-output.ts";
import { kindExamples } from "../src/reference/kind-examples.ts";
import { kinds } from "../src/resources/index.ts";
import { judge, limitedFields } from "./bad-values.ts";
import { testGoldenFiles } from "./golden.ts";
import { recordingTerminal } from "./recording-terminal.ts";
import { sentencesOf } from "./refusals.ts";

/** What the schema says first, where there is one: kinds are also asked by those who have none. */
const saidBefore = ['"a resource cannot hold a function"'];

const root = join(import.meta.dirname, "..");
/** Of all cases. */
const blamed = new Set<string>();
const misfits = new Set<string>();
const titles = new Set<string>();

testGoldenFiles("test/cases/values", {
  inputs: ["program"],
  async produce(given) {
    const found = await judge(given.input("program"));
    assert.notEqual(found.problems.length, 0, "a bad value is refused without running the program");
    for (const each of found.blamed) blamed.add(each);
    for (const each of found.misfits) misfits.add(each);
    for (const title of found.titles) titles.add(title);
    const terminal = recordingTerminal();
    showProblems(found.problems, terminal);
    return [{ heading: "message", text: terminal.written() }];
  },
});

const advice = "write a program with a bad value into test/cases/values/, and run `UPDATE=1 npm test` on this file";

test("each limited field of each kind is blamed by some case", async () => {
  const left: string[] = [];
  for (const kind of kinds) {
    // As if what is read from the machine were known.
    const example = (kindExamples[kind.kind] ?? "").replaceAll(/\bos\.readfile\([^)]*\)/g, '"secret"');
    const sound = (await judge(example)).sound.get(kind.kind);
    assert.ok(sound !== undefined, `the example of ${kind.kind} is good`);
    for (const field of limitedFields(kind, sound)) {
      const name = field === "" ? kind.kind : `${kind.kind}.${field}`;
      if (!blamed.has(name)) left.push(name);
    }
  }
  assert.deepEqual(left, [], advice);
});

test("each field with a list of words has a case with another word", () => {
  const lists = kinds.flatMap(({ kind, fields }) =>
    Object.keys(fields).flatMap((name) => (fields[name]?.choices === undefined ? [] : [`${kind}.${name}`])),
  );
  assert.deepEqual(
    lists.filter((name) => !misfits.has(name)),
    [],
    advice,
  );
});

test("each number that has bits to fit into is refused beyond them", async () => {
  for (const { kind, fields } of kinds) {
    for (const [name, { type, bits }] of Object.entries(fields)) {
      // A word of the language can be the name of a field, but no program can write it.
      if (type === "any" || type.kind !== "int" || (bits ?? 64) === 64 || /^(?:int|rune)$/.test(name)) continue;
      const { problems } = await judge(`${kind} "x" {\n\t${name} => ${2 ** 40},\n}\n`);
      assert.match(
        problems[0]?.message.title ?? "",
        /^The field `[^`]+` of .* must be from -?\d+ to \d+, but is \d+$/,
        name,
      );
    }
  }
});

test("each sentence with which a kind refuses a value is said by some case", () => {
  const sentences = sentencesOf(root);
  assert.ok(sentences.length > 200, "sentences are found in the sources");
  const left = sentences.filter(
    ({ written, pattern }) => !saidBefore.includes(written) && !titles.values().some((title) => pattern.test(title)),
  );
  assert.deepEqual(
    left.map(({ place, written }) => `${place}: ${written}`),
    [],
    advice,
  );
});
