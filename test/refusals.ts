// SPDX-License-Identifier: Apache-2.0
// The sentences with which kinds refuse values, as their sources have them: found by the texts of `title:` and of `say(…)`.

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Sentence {
  /** `src/resources/…:line` */
  readonly place: string;
  readonly written: string;
  /** Of the whole title of a problem. */
  readonly pattern: RegExp;
}

const text = /"(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`/.source;
const sentence = new RegExp(String.raw`(?:\btitle:\s*|\bsay\(\s*"[a-z_]+",\s*)(${text})`, "g");

export function sentencesOf(root: string): readonly Sentence[] {
  const paths = globSync("src/resources/**/*.ts", { cwd: root }).filter(
    (path) => !/\.test(?:-support)?\.ts$/.test(path),
  );
  return paths.toSorted().flatMap((path) => {
    const source = readFileSync(join(root, path), "utf8");
    return [...source.matchAll(sentence)].map((match) => {
      const [, written = ""] = match;
      const line = source.slice(0, match.index).split("\n").length;
      return { place: `${path}:${line}`, written, pattern: patternOf(written) };
    });
  });
}

/** What is inserted may be anything. */
function patternOf(written: string): RegExp {
  const parts = written.slice(1, -1).split(/\$\{(?:[^{}]|\{[^{}]*\})*\}/);
  const literal = parts.map((part) => RegExp.escape(part.replaceAll(/\\(.)/g, "$1")));
  return new RegExp(`^${literal.join("[^]*")}$`);
}
