// SPDX-License-Identifier: Apache-2.0
// The page of a problem: what it means, a wrong program with the message as it is printed, and the right program.

import type { Explanation } from "./explanation.ts";
import { type Block, code, heading, type Page, program, text } from "./page.ts";

export interface DocumentedProblem {
  readonly code: string;
  readonly explanation: Explanation;
  /** What is printed for the wrong program; undefined when there is none. */
  readonly message: string | undefined;
}

export function pageOfProblem({ code: name, explanation, message }: DocumentedProblem): Page {
  const { meaning, wrong, right } = explanation;
  return {
    path: `problems/${name}`,
    title: name,
    summary: firstSentence(meaning),
    words: [name],
    blocks: [
      text(meaning),
      ...(wrong === undefined ? [] : [heading("Wrong"), ...filesOf(wrong)]),
      ...(message === undefined ? [] : [code("text", message)]),
      ...(right === undefined ? [] : [heading("Right"), ...filesOf(right)]),
    ],
  };
}

/** A program of one file is shown without the name of the file. */
function filesOf(files: Explanation["right"]): readonly Block[] {
  const all = Object.entries(typeof files === "string" ? { "main.mcl": files } : (files ?? {}));
  return all.flatMap(([path, content]) => [
    ...(all.length === 1 ? [] : [text(`\`${path}\``)]),
    path.endsWith(".mcl") ? program(content) : code("yaml", content),
  ]);
}

function firstSentence(meaning: string): string {
  return /^.*?[.](?= |$)/.exec(meaning)?.[0] ?? meaning;
}
