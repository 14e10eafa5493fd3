// SPDX-License-Identifier: Apache-2.0
// The reference is complete, what is committed of it is fresh, and every program in it is what it is said to be.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { catalogFor } from "../src/agent/catalog.ts";
import { judgeProgram } from "../src/agent/judge-program.ts";
import { ownKindsAndModules, problemCodes } from "../src/agent/reference.ts";
import { Problems } from "../src/base/problem.ts";
import { renderProblem } from "../src/base/render-problem.ts";
import { commands } from "../src/cli/commands.ts";
import { execute } from "../src/cli/docs.ts";
import { exitStatus, statuses } from "../src/cli/exit-status.ts";
import { memoryHost } from "../src/host/memory/index.ts";
import { compile } from "../src/program/compile.ts";
import { filesOfProgram, type Program } from "../src/reference/explanation.ts";
import { explanations } from "../src/reference/explanations.ts";
import { kindExamples } from "../src/reference/kind-examples.ts";
import { exampleOfField } from "../src/reference/kinds.ts";
import { metaExample } from "../src/reference/language.ts";
import { findPage, referencePages } from "../src/reference/reference.ts";
import { recordingTerminal } from "./recording-terminal.ts";
import { referenceFiles } from "./reference-files.ts";

const root = join(import.meta.dirname, "..");
const hostname = "web1";
const catalog = catalogFor(hostname);
const { kinds, modules } = ownKindsAndModules();

function checkCompiles(text: string): void {
  const problems = new Problems();
  compile({ path: "example.mcl", text }, catalog, problems);
  assert.deepEqual(
    problems.all.map(({ message }) => message.title),
    [],
    text,
  );
}

async function checkJudged(program: Program, codes: readonly string[]): Promise<void> {
  const judging = { catalog, host: memoryHost({ hostname }), hostname };
  const problems = await judgeProgram(filesOfProgram(program), judging, AbortSignal.timeout(30_000));
  assert.deepEqual(
    problems.map(({ code }) => code),
    codes,
    [...filesOfProgram(program).values()].join("\n"),
  );
}

test("the committed pages are what `npm run docs` writes", async () => {
  const folder = join(root, "docs/reference");
  const written = await referenceFiles();
  const committed = globSync("**/*.md", { cwd: folder }).toSorted();
  const hint = "run `npm run docs`";
  assert.deepEqual(committed, [...written.keys()].toSorted(), hint);
  for (const [path, text] of written) assert.equal(readFileSync(join(folder, path), "utf8"), text, `${path}: ${hint}`);
});

test("every problem has a code of its own and a page", () => {
  assert.equal(new Set(problemCodes).size, problemCodes.length);
  assert.deepEqual(Object.keys(explanations).toSorted(), problemCodes.toSorted());
});

describe("the page of a problem", () => {
  /** The text of a program cannot have them: an earlier phase finds it under another code. */
  const ofOtherSources = [
    ...["resource-kind-unknown", "resource-field-unknown", "resource-meta-unknown"],
    ...["send-key-unknown", "receive-impossible", "send-type-mismatch"],
  ];
  /** What has them is too long to be read. */
  const tooLong = ["nested-too-deep", "float-too-large", "imports-too-deep", "calls-too-deep", "type-too-deep"];
  for (const [code, { wrong, right }] of Object.entries(explanations)) {
    if (tooLong.includes(code)) continue;
    test(`${code} shows a program that has it alone, and a right one`, async () => {
      if (ofOtherSources.includes(code)) {
        assert.equal(wrong ?? right, undefined);
        return;
      }
      assert.ok(wrong !== undefined && right !== undefined);
      await checkJudged(wrong, [code]);
      await checkJudged(right, []);
    });
  }
});

describe("the page of a kind", () => {
  for (const { kind, summary, fields } of kinds) {
    test(`${kind} has examples that are programs`, () => {
      assert.match(summary, /^[A-Z].*\.$/);
      checkCompiles(kindExamples[kind] ?? "there is no example");
      for (const [name, field] of Object.entries(fields)) {
        assert.match(field.doc, /^[A-Z`].*\.$/, `${kind}.${name}`);
        // A word of the language can be the name of a field, but no program can write it.
        const example = /^(?:bool|str|int|float)$/.test(name) ? undefined : exampleOfField(kind, name, fields);
        if (example !== undefined) checkCompiles(example);
      }
    });
  }
});

test("every example belongs to a kind", () => {
  assert.deepEqual(
    Object.keys(kindExamples).toSorted(),
    kinds.map(({ kind }) => kind),
  );
});

test("programs in the pages of the language and in the README are programs", () => {
  checkCompiles(metaExample);
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const programs = [...readme.matchAll(/^```mcl\n([^]*?)^```$/gm)].map(([, text = ""]) => text);
  assert.notEqual(programs.length, 0);
  for (const text of programs) checkCompiles(text);
});

test("the README shows the message that its wrong program has", async () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const [, wrong = "", message] = /^```mcl wrong\n([^]*?)^```\n\n```text\n([^]*?)^```$/m.exec(readme) ?? [];
  const judging = { catalog, host: memoryHost({ hostname }), hostname };
  const problems = await judgeProgram(filesOfProgram(wrong), judging, AbortSignal.timeout(30_000));
  assert.equal(problems.map((problem) => renderProblem(problem, { colour: false })).join("\n"), message);
});

describe("mgmt docs", () => {
  const show = async (...words: string[]) => {
    const terminal = recordingTerminal();
    const status = await execute({ arguments: words, options: {}, terminal });
    return { status, shown: terminal.written() };
  };

  test("finds every page by each of its words", () => {
    const pages = referencePages({ kinds, modules, commands, statuses, messages: new Map() });
    for (const page of pages.slice(1)) {
      assert.notEqual(page.words.length, 0, page.path);
      for (const word of page.words) assert.ok(findPage(pages, word).page, word);
    }
  });

  test("lists all without a word", async () => {
    const { status, shown } = await show();
    assert.equal(status, exitStatus.good);
    for (const word of ["file", "strings", "meta", "mgmt run", "unknown-field"]) {
      assert.match(shown, new RegExp(`^  ${word}  `, "m"));
    }
  });

  test("shows a kind, a function, a meta parameter, a command and a problem with its message", async () => {
    assert.match((await show("file")).shown, /^ {2}content {2}str, default none$/m);
    assert.match((await show("strings.split")).shown, /^strings\.split$/m);
    assert.match((await show("to_upper")).shown, /^strings\.to_upper$/m);
    assert.match((await show("Meta:noop")).shown, /^ {2}Meta:noop {2}bool, default false$/m);
    assert.match((await show("mgmt", "check")).shown, /^mgmt check$/m);
    assert.match((await show("unknown-field")).shown, /^ {4}error\[unknown-field\]: /m);
  });

  test("says what may be meant when there is nothing", async () => {
    assert.deepEqual(await show("fiel"), {
      status: exitStatus.wrong,
      shown: "mgmt: the reference has nothing on fiel\n  hint: did you mean mgmt docs file?\n",
    });
    assert.match((await show("xyzzy")).shown, /mgmt docs lists all/);
  });
});
