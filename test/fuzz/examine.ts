// SPDX-License-Identifier: Apache-2.0
// One text through the whole front end: what it comes to, and a complaint for each promise that does not hold. Whatever a
// text is, it is read, judged, formatted and evaluated without anything worse than a problem.

import assert from "node:assert/strict";
import { inspect } from "node:util";
import { catalogFor } from "../../src/agent/catalog.ts";
import { evaluateProgram } from "../../src/agent/evaluate-program.ts";
import { type Problem, Problems } from "../../src/base/problem.ts";
import { renderProblem } from "../../src/base/render-problem.ts";
import type { SourceFile } from "../../src/base/span.ts";
import { Failure } from "../../src/contract/failure.ts";
import { type MemoryHost, memoryHost } from "../../src/host/memory/index.ts";
import { compile } from "../../src/program/compile.ts";
import type { Vertex } from "../../src/resource-graph/vertex.ts";
import { formatSource } from "../../src/syntax/format.ts";

const catalog = catalogFor("here");
const wordsOfOurs = /undefined|\[object|_operator|_lookup|_struct_lookup|\?[0-9]/;
const { signal } = new AbortController();

/** How far a text came, for the figures: "accepted" or the phase of its first problem. */
export type Outcome = string;

/** Throws an `AssertionError` when something is wrong with us. */
export async function examine(text: string): Promise<Outcome> {
  // Formatting adds the end of the last line, which is a mistake without.
  if (!text.endsWith("\n")) await verdictOf(text);
  const before = await verdictOf(text.endsWith("\n") ? text : `${text}\n`);
  const problems = new Problems();
  const formatted = formatSource({ path: "main.mcl", text }, problems);
  if (formatted === undefined) {
    assert.ok(problems.any, "what cannot be formatted has a problem");
    return before.outcome;
  }
  if (formatted === text) return before.outcome;
  assert.equal(
    formatSource({ path: "main.mcl", text: formatted }, new Problems()),
    formatted,
    "formatting is idempotent",
  );
  const after = await verdictOf(formatted);
  assert.equal(after.meaning, before.meaning, `formatting keeps the meaning:\n${formatted}`);
  return before.outcome;
}

interface Verdict {
  readonly outcome: Outcome;
  /** Equal for texts that mean the same. */
  readonly meaning: string;
}

async function verdictOf(text: string): Promise<Verdict> {
  const source = { path: "main.mcl", text };
  const problems = new Problems();
  const program = compile(source, catalog, problems);
  assert.equal(program === undefined, problems.any, "a program or a problem");
  if (program === undefined) return rejected(problems.all, source);
  const host = memoryHost();
  const options = { program, name: "main", catalog, host, hostname: "here", timeoutMs: 20_000 };
  try {
    const { graph, problems: found } = await withTimePassing(evaluateProgram(options, signal), host);
    if (graph === undefined) return rejected(found, source);
    const vertices = graph.resources.vertices.map(renderVertex).toSorted();
    return { outcome: "accepted", meaning: [...vertices, ...graph.edges].join("\n") };
  } catch (reason) {
    // A function that waits for ever.
    if (reason instanceof Failure && reason.code === "timed-out") return { outcome: "waits", meaning: "waits" };
    throw reason;
  }
}

function rejected(problems: readonly Problem[], source: SourceFile): Verdict {
  assert.ok(problems.length > 0, "what is rejected has a problem");
  for (const problem of problems) {
    const { start, end, file } = problem.at;
    assert.equal(file, source, "problems stand in the text");
    assert.ok(start >= 0 && start <= end && end <= source.text.length, "problems stand inside of the text");
    const rendered = renderProblem(problem, { colour: false });
    assert.match(rendered, /^error\[[a-z-]+\]: \S[^]*\n$/);
    const { title, label = "", hint = "", related = [] } = problem.message;
    const said = [title, label, hint, ...related.map((other) => other.label)].join("\n");
    // What stands in quotes is the user's.
    assert.doesNotMatch(said.replaceAll(/`[^`]*`|"[^]*"/g, ""), wordsOfOurs, "no word of ours is shown");
  }
  const codes = problems.map(({ code, phase }) => `${phase} ${code}`);
  return { outcome: problems[0]?.phase ?? "", meaning: codes.toSorted().join("\n") };
}

/** With all that it sets. */
function renderVertex({ reference, given, want, meta }: Vertex): string {
  const shown = given.map((name) => [name, inspect(want[name], { depth: null })]);
  return `${reference} ${JSON.stringify(shown)} ${inspect(meta)}`;
}

/** The clock goes on whenever nothing else does. */
async function withTimePassing<Result>(work: Promise<Result>, { clock }: MemoryHost): Promise<Result> {
  let isDone = false;
  const end = () => {
    isDone = true;
  };
  work.then(end, end);
  for (await clock.settle(); !isDone; await clock.settle()) await clock.advance(clock.nextTimerInMs ?? 0);
  return work;
}
