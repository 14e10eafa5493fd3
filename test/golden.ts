// SPDX-License-Identifier: Apache-2.0
// Golden files: cases kept as markdown, read by people and compared by tests. Knows nothing of what a case is about.
//
// A file holds one or more cases. `# Title` starts a case; prose may follow. `## heading` starts a section, whose text
// stands in one fence. Sections that the caller names as inputs are given to `produce`; all others are what it must give.
//
//     # A bind needs a value                     <- the case, and the name of the test
//     ## source
//     ```mcl
//     $x =
//     ```
//     ## problems
//     ```
//     …
//     ```
//
// An input heading may carry more words: `## source lib/main.mcl` is a second file for an input named `source`.
// The word `no-final-newline` behind the language of a fence takes the last newline away.
// `UPDATE=1 npm test` writes what was produced into the files; a reviewer reads the difference.

import assert from "node:assert/strict";
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";

/** One section: `text` is the inside of the fence, with its final newline. */
export interface GoldenSection {
  readonly heading: string;
  /** The language behind the fence, for highlighting. */
  readonly language?: string;
  readonly text: string;
}

export interface GoldenCase {
  readonly title: string;
  readonly inputs: readonly GoldenSection[];
  /** The text of the input of exactly this heading; a case without one is a mistake in the golden file. */
  readonly input: (heading: string) => string;
}

export interface GoldenOptions {
  /** First words of the headings that are inputs. */
  readonly inputs?: readonly string[];
  /** Gives all sections that follow from the inputs, in order. One with an empty text is left out. */
  readonly produce: (given: GoldenCase) => readonly GoldenSection[] | Promise<readonly GoldenSection[]>;
}

/** Makes a test of every case below `folder`, which is relative to the repository: `test/cases/syntax`. */
export function testGoldenFiles(folder: string, options: GoldenOptions): void {
  const root = join(dirname(fileURLToPath(import.meta.url)), "..");
  const paths = globSync("**/*.md", { cwd: join(root, folder) }).toSorted();
  assert.notEqual(paths.length, 0, `no golden files in ${folder}`);
  for (const path of paths) testGoldenFile(join(root, folder, path), path, options);
}

function testGoldenFile(path: string, name: string, { inputs = ["source"], produce }: GoldenOptions): void {
  const cases = parseGoldenFile(readFileSync(path, "utf8"), name);
  const isInput = (section: WrittenSection) => inputs.includes(section.heading.split(" ")[0] ?? "");
  const update = process.env["UPDATE"] === "1";
  describe(name, () => {
    for (const written of cases) {
      test(written.title, async () => {
        const given = written.sections.filter(isInput);
        const produced = await produce(goldenCase(written.title, given));
        const expected = written.sections.filter((section) => !isInput(section));
        const found = produced.filter(({ text }) => text !== "").map(writtenSection);
        if (update) {
          written.sections = [...given, ...found];
          writeFileSync(path, renderGoldenFile(cases));
        } else {
          assert.notEqual(expected.length, 0, "this case has no expectation yet: run with UPDATE=1 and review it");
          assert.equal(renderSections(found), renderSections(expected));
        }
      });
    }
  });
}

function goldenCase(title: string, inputs: readonly WrittenSection[]): GoldenCase {
  const input = (heading: string): string => {
    const section = inputs.find((candidate) => candidate.heading === heading);
    assert.ok(section, `the case has no section "${heading}"`);
    return section.text;
  };
  return { title, inputs, input };
}

// ---- The text of a golden file ----

interface WrittenCase {
  readonly title: string;
  readonly prose: readonly string[];
  sections: readonly WrittenSection[];
}

interface WrittenSection extends GoldenSection {
  readonly fenceInfo: string;
}

function writtenSection(section: GoldenSection): WrittenSection {
  const language = section.language ?? "";
  if (section.text.endsWith("\n")) return { ...section, fenceInfo: language };
  return { ...section, fenceInfo: `${language === "" ? "text" : language} no-final-newline` };
}

function parseGoldenFile(text: string, name: string): readonly WrittenCase[] {
  const cases: WrittenCase[] = [];
  const lines = text.split("\n");
  let prose: string[] = [];
  let sections: WrittenSection[] = [];
  let heading: string | undefined;
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    const fence = line.match(/^(`{3,})(.*)$/);
    if (line.startsWith("# ")) {
      prose = [];
      sections = [];
      heading = undefined;
      cases.push({ title: line.slice(2), prose, sections });
    } else if (line.startsWith("## ")) {
      heading = line.slice(3).trim();
    } else if (fence !== null && heading !== undefined) {
      const [, ticks = "", fenceInfo = ""] = fence;
      const end = lines.indexOf(ticks, at + 1);
      assert.notEqual(end, -1, `${name}:${at + 1}: this fence is never closed`);
      const inside = lines.slice(at + 1, end);
      const closing = fenceInfo.split(" ").includes("no-final-newline") || inside.length === 0 ? "" : "\n";
      const language = fenceInfo.split(" ")[0] ?? "";
      sections.push({ heading, language, fenceInfo, text: inside.join("\n") + closing });
      heading = undefined;
      at = end;
    } else if (heading === undefined && sections.length === 0) {
      prose.push(line);
    } else {
      assert.equal(line.trim(), "", `${name}:${at + 1}: only a fence may follow a section's heading`);
    }
  }
  const titles = cases.map(({ title }) => title);
  assert.deepEqual(titles, [...new Set(titles)], `${name}: every case has its own title`);
  assert.notEqual(cases.length, 0, `${name}: a golden file has at least one "# Title"`);
  return cases;
}

function renderGoldenFile(cases: readonly WrittenCase[]): string {
  return cases
    .map(({ title, prose, sections }) => {
      const text = prose.join("\n").trim();
      const intro = text === "" ? "" : `${text}\n\n`;
      return `# ${title}\n\n${intro}${renderSections(sections)}`;
    })
    .join("\n");
}

function renderSections(sections: readonly WrittenSection[]): string {
  return sections
    .map(({ heading, fenceInfo, text }) => {
      const longest = Math.max(2, ...[...text.matchAll(/`{3,}/g)].map(([ticks]) => ticks.length));
      const fence = "`".repeat(longest + 1);
      const closing = text === "" || text.endsWith("\n") ? "" : "\n";
      return `## ${heading}\n\n${fence}${fenceInfo}\n${text}${closing}${fence}\n`;
    })
    .join("\n");
}
