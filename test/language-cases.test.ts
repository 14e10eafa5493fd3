// SPDX-License-Identifier: Apache-2.0
// docs/language-cases.md names cases that exist, and every golden case of the language belongs to one of its rules.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

const root = join(import.meta.dirname, "..");

/** Cases that are not about the language. */
const others = ["engine/", "provisioner/", "values/"];

interface Row {
  readonly line: number;
  readonly rule: string;
  /** Files below test/cases, each with the titles behind its link. */
  readonly proof: readonly { readonly path: string; readonly titles: readonly string[] }[];
}

function rowsOf(text: string): readonly Row[] {
  return text.split("\n").flatMap((line, index): readonly Row[] => {
    const [, rule, proof] = /^\| ((?:\\\||[^|])+?) \| (.+) \|$/.exec(line) ?? [];
    if (rule === undefined || proof === undefined || proof === "Proof" || /^-+$/.test(rule)) return [];
    const linked = [...proof.matchAll(/\[[^\]]*\]\(\.\.\/test\/cases\/([^)]*)\)((?: “[^”]*”)*)/g)];
    assert.equal(linked.map(([whole]) => whole).join(" "), proof, `line ${index + 1}: links and titles alone`);
    const files = linked.map(([, path = "", titles = ""]) => ({
      path,
      titles: [...titles.matchAll(/“([^”]*)”/g)].map(([, title = ""]) => title),
    }));
    return [{ line: index + 1, rule, proof: files }];
  });
}

/** By file, the titles of its cases. What stands in a fence is no title. */
function goldenCases(): ReadonlyMap<string, readonly string[]> {
  const paths = globSync("**/*.md", { cwd: join(root, "test/cases") }).toSorted();
  return new Map(
    paths.map((path) => {
      const text = readFileSync(join(root, "test/cases", path), "utf8").replaceAll(/^(`{3,}).*\n[^]*?^\1$/gm, "");
      return [path, [...text.matchAll(/^# (.*)$/gm)].map(([, title = ""]) => title)];
    }),
  );
}

describe("the page of rules and cases", () => {
  const rows = rowsOf(readFileSync(join(root, "docs/language-cases.md"), "utf8"));
  const cases = goldenCases();

  test("has rules, each with a proof", () => {
    assert.ok(rows.length > 100, String(rows.length));
    for (const { line, rule, proof } of rows) assert.notEqual(proof.length, 0, `line ${line}: ${rule}`);
  });

  test("names files and titles that exist", () => {
    for (const { line, proof } of rows) {
      for (const { path, titles } of proof) {
        const known = cases.get(path);
        assert.ok(known !== undefined, `line ${line}: there is no ${path}`);
        for (const title of titles) assert.ok(known.includes(title), `line ${line}: ${path} has no case “${title}”`);
      }
    }
  });

  test("leaves no case out", () => {
    const groups = new Set(rows.flatMap(({ proof }) => proof.map(({ path }) => path)));
    const left = [...cases.keys()].filter(
      (path) => !groups.has(path) && !others.some((folder) => path.startsWith(folder)),
    );
    assert.deepEqual(left, []);
  });

  test("stands on at least 400 whole programs, no two of them the same", () => {
    const texts = [...cases.keys()]
      .filter((path) => path.startsWith("programs/"))
      .flatMap((path) =>
        readFileSync(join(root, "test/cases", path), "utf8")
          .split(/^# (?=.*\n\n(?:[^#`].*\n\n)*## source)/m)
          .slice(1),
      )
      .map((written) => written.slice(written.indexOf("\n"), written.indexOf("## verdict")));
    assert.ok(new Set(texts).size >= 400, String(new Set(texts).size));
    const doubled = texts.filter((text, index) => texts.indexOf(text) !== index);
    assert.deepEqual(doubled, []);
  });
});
