// SPDX-License-Identifier: Apache-2.0
// The golden files of the function graph: a program and what happens to its feeds, then its output after each turn, its
// problems, or its picture.
//
// `## events` has a line `name = value` for each write, the value as JSON, or `name fails: why`; an empty line ends a turn.

import assert from "node:assert/strict";
import { type GoldenCase, type GoldenSection, testGoldenFiles } from "../../test/golden.ts";
import { renderProblem } from "../base/render-problem.ts";
import { MapValue, type Value } from "../values/value.ts";
import { renderFunctionGraph } from "./dot.ts";
import { Feeds } from "./feeds.test-support.ts";
import { compiled, quiet, Running } from "./running.test-support.ts";

testGoldenFiles("test/cases/function-graph/outputs", {
  inputs: ["source", "events"],
  async produce(given) {
    const { sections, running } = await play(given, ({ lines }) =>
      lines.length === 0 ? "(nothing)\n" : `${lines.join("\n")}\n`,
    );
    const text = running.problems.all.map((problem) => renderProblem(problem, { colour: false })).join("\n");
    return [...sections, { heading: "problems", text }];
  },
});

testGoldenFiles("test/cases/function-graph/pictures", {
  inputs: ["source", "events"],
  async produce(given) {
    const { sections } = await play(given, ({ graph }) => renderFunctionGraph(graph.roots, given.title));
    return sections.map((section) => ({ ...section, language: "dot" }));
  },
});

/** A section for each turn in which the output changed, with what `show` gives then. */
async function play(
  given: GoldenCase,
  show: (running: Running) => string,
): Promise<{ readonly sections: readonly GoldenSection[]; readonly running: Running }> {
  const feeds = new Feeds();
  const program = compiled(given.input("source"), feeds);
  const events = given.inputs.find(({ heading }) => heading === "events")?.text ?? "";
  const sections: GoldenSection[] = [];
  const running = new Running(program, feeds);
  const turns = events.split("\n\n").map((turn) => turn.split("\n").filter((line) => line !== ""));
  for (const [index, turn] of turns.entries()) {
    for (const event of turn) write(feeds, event);
    const before = running.deltas.length;
    await quiet();
    if (running.deltas.length === before) continue;
    const heading = turns.length === 1 ? "output" : `output ${index + 1}`;
    sections.push({ heading, text: show(running) });
  }
  await running.stop();
  return { sections, running };
}

function write(feeds: Feeds, event: string): void {
  const [, name = "", kind, rest = ""] = event.match(/^(\w+) ?(=|fails:) (.*)$/) ?? [];
  assert.notEqual(name, "", `not an event: ${event}`);
  if (kind === "=") feeds.set(name, valueOf(JSON.parse(rest)));
  else feeds.fail(name, rest);
}

function valueOf(json: unknown): Value {
  if (typeof json === "number") return BigInt(json);
  if (typeof json === "string" || typeof json === "boolean") return json;
  if (Array.isArray(json)) return json.map(valueOf);
  assert.ok(typeof json === "object" && json !== null);
  return new MapValue(Object.entries(json).map(([key, value]) => [key, valueOf(value)]));
}
