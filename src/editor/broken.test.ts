// SPDX-License-Identifier: Apache-2.0
// Texts as they are while they are typed: whatever is asked about any of them, nothing goes wrong on our side.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import fc from "fast-check";
import { aloneFile } from "../program/modules/module-file.ts";
import { Analysis } from "./analysis.ts";
import { completionsAt } from "./completion.ts";
import { diagnosticsOf } from "./diagnostics.ts";
import { hoverAt } from "./hover.ts";
import { Indexer } from "./index-file.ts";
import { catalog } from "./marked.test-support.ts";
import { outlineOf } from "./outline.ts";
import { definedAt, definitionAt, placesOf, renameable, renameTo } from "./references.ts";
import { signatureHelpAt } from "./signature-help.ts";

const root = `${import.meta.dirname}/../..`;
const programs = globSync("test/cases/{names,types,programs,problems}/**/*.md", { cwd: root })
  .toSorted()
  .flatMap((path) =>
    [...readFileSync(`${root}/${path}`, "utf8").matchAll(/```mcl\n(.*?)```/gs)].map((match) => match[1] ?? ""),
  )
  .filter((text) => text.length < 5000);

const indexer = new Indexer(catalog);

/** Asks everything there is to ask about a place. */
function askAll(text: string, offset: number): void {
  const source = { path: "/main.mcl", text };
  const analysis = new Analysis(source, aloneFile(source), indexer);
  hoverAt(analysis, offset);
  completionsAt(analysis, offset);
  signatureHelpAt(analysis, offset);
  definitionAt(analysis, offset);
  outlineOf(analysis.tree.body);
  renameable(analysis, offset);
  const definition = definedAt(analysis, offset);
  if (definition !== undefined) {
    const places = placesOf(definition, [analysis.index], { withDeclaration: true });
    assert.ok(places.every(({ start, end }) => start < end && end <= text.length));
    renameTo(definition, "something_else", [analysis.index]);
  }
  for (const { range } of diagnosticsOf(analysis)) {
    assert.ok(analysis.lines.offsetOf(range.start) <= analysis.lines.offsetOf(range.end));
  }
}

const place = fc.record({
  text: fc.constantFrom(...programs),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  typed: fc.constantFrom("", "$", "$a", ".", "{", "}", "(", '"', '"${', "\n", "=>", "->", "Meta:", "F", "import ", "x"),
});

describe("any question about any place has an answer", () => {
  test("in a text that ends while it is typed", () => {
    fc.assert(
      fc.property(place, ({ text, at, typed }) => {
        const offset = Math.floor(at * text.length);
        const begun = text.slice(0, offset) + typed;
        askAll(begun, begun.length);
      }),
      { numRuns: 300 },
    );
  });

  test("in the middle of a text in which something is typed", () => {
    fc.assert(
      fc.property(place, ({ text, at, typed }) => {
        const offset = Math.floor(at * text.length);
        askAll(text.slice(0, offset) + typed + text.slice(offset), offset + typed.length);
      }),
      { numRuns: 300 },
    );
  });
});
